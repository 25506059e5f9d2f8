//! `pilotlight doctor`: a healthy house is all ok, and each fault is named once it is there.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use pilotlight::domain::id::{AccountId, GrantId, WorkspaceId};
use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use pilotlight::server::clock::{Clock as _, ManualClock, Randomness, SystemClock};
use pilotlight::server::config::Config;
use pilotlight::server::service::doctor::{Level, Report, examine};
use pilotlight::server::store::accounts::{self, Described};
use pilotlight::server::store::grants::{self, Key, SealedTokens, TokenRow};
use pilotlight::server::store::{Db, keys};
use pilotlight::server::vault::{Place, Vault};

use crate::support::db::{self, TestDb, both_databases, execute};

/// Twenty minutes: longer than what may happen while a server is restarted.
const LONG: i64 = 20 * 60_000;

fn config(test: &TestDb, more: &[(&str, &str)]) -> Config {
    let mut settings = vec![("PILOTLIGHT_DATA".to_owned(), test.dir.path().to_string_lossy().into_owned())];
    settings.extend(test.config.url.clone().map(|url| ("DATABASE_URL".to_owned(), url)));
    settings.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Config::from_layers(None, settings).expect("valid settings")
}

async fn report(test: &TestDb) -> Report {
    examine(&config(test, &[]), &SystemClock).await
}

/// The finding with these words must be there, with this level.
#[track_caller]
fn named(report: &Report, level: Level, words: &[&str]) {
    let found =
        report.findings.iter().any(|one| one.level == level && words.iter().all(|word| one.text.contains(word)));
    assert!(found, "{level:?} {words:?} is missing in\n{report}");
}

/// The only finding that is not ok.
#[track_caller]
fn only(report: &Report, level: Level, words: &[&str]) {
    named(report, level, words);
    let others: Vec<_> = report.findings.iter().filter(|one| one.level != Level::Ok).collect();
    assert_eq!(others.len(), 1, "more than one finding in\n{report}");
    assert_eq!(report.is_well(), level == Level::Note, "{report}");
}

/// A key, and one grant with one account, as a server leaves them.
async fn furnish(test: &TestDb) -> WorkspaceId {
    let now = SystemClock.now();
    chmod(test.dir.path(), 0o700);
    let vault = vault(test).await;
    let (user, workspace) = db::member(&test.db, "ann@example.org", Role::Owner).await;
    let id = GrantId::new("grant-1");
    let place = Place { table: "grants", column: "access_token", row: id.as_str(), workspace: workspace.as_str() };
    let access = vault.seal_bytes(place, b"token").expect("sealed");
    let tokens = TokenRow {
        sealed: SealedTokens { access: Some(access), refresh: None, binding: None },
        issued_at: now,
        access_ends_at: None,
        refresh_ends_at: None,
        scopes: None,
    };
    let mut tx = test.db.begin().await.expect("a transaction");
    let key = Key { workspace: &workspace, platform: Platform::X, host: "", identity_id: "ann" };
    grants::find_or_create(&mut tx, key, &id, &user, now).await.expect("a grant");
    grants::consented(&mut tx, &id, "Ann", &tokens, None, &user, now + 86_400_000).await.expect("tokens");
    grants::set_up_done(&mut tx, &id, now + 86_400_000).await.expect("set up");
    let grant = grants::get_in(&mut tx, &id).await.expect("the store").expect("a grant");
    let what = Described { external_id: "ann", name: "Ann", handle: None, link: None, unusable: None };
    accounts::insert(&mut tx, &AccountId::new("account-1"), &grant, &what, &user, now).await.expect("an account");
    tx.commit().await.expect("a commit");
    workspace
}

async fn vault(test: &TestDb) -> Vault {
    let config = config(test, &[]);
    Vault::load(&config.vault, &config.server.data, &test.db, 1, Randomness::system()).await.expect("a vault")
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("changed");
}

both_databases!(a_healthy_house_is_all_ok_while_a_server_uses_it, |test| async move {
    furnish(&test).await;
    let report = report(&test).await;
    assert!(report.is_well() && report.count(Level::Note) == 0, "{report}");
    assert!(report.count(Level::Ok) >= 16, "{report}");
    for line in report.to_string().lines() {
        assert!(line.starts_with("ok    ") || line.starts_with("sum   "), "{line}");
    }
    assert!(report.to_string().ends_with(" ok, 0 note, 0 warn, 0 fail"), "{report}");
});

both_databases!(nothing_is_made_and_nothing_is_changed, |test| async move {
    chmod(test.dir.path(), 0o700);
    // No key yet: a server would make one.
    let report = report(&test).await;
    only(&report, Level::Note, &["No server has used this database yet"]);
    assert!(!test.dir.path().join("key").exists());
    assert!(keys::list(&test.db).await.expect("rows").is_empty());

    let nowhere = test.dir.path().join("nowhere");
    let settings = [("PILOTLIGHT_DATA", nowhere.to_str().expect("text"))];
    let report = examine(&config(&test, &settings), &SystemClock).await;
    named(&report, Level::Note, &["no data directory", "nowhere"]);
    if test.config.url.is_none() {
        named(&report, Level::Fail, &["no database at", "Start the server once"]);
    }
    assert!(!nowhere.exists());
});

both_databases!(a_schema_that_is_not_ours_is_told_and_left_alone, |test| async move {
    furnish(&test).await;
    let note = |version: i64| {
        format!(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
             select {version}, 'later', success, checksum, 0 from _sqlx_migrations where version = 1"
        )
    };
    execute(&test.db, note(9_999)).await;
    only(&report(&test).await, Level::Fail, &["newer version", "9999"]);
    execute(&test.db, "delete from _sqlx_migrations where version = 9999").await;

    execute(&test.db, "delete from _sqlx_migrations where version = 2").await;
    only(&report(&test).await, Level::Warn, &["1 migration has not run yet", "start this version"]);

    execute(&test.db, note(2)).await;
    only(&report(&test).await, Level::Fail, &["another migration 2"]);
    execute(&test.db, "drop table _sqlx_migrations").await;
    only(&report(&test).await, Level::Warn, &["empty"]);
});

both_databases!(the_key_is_looked_at_without_being_touched, |test| async move {
    furnish(&test).await;
    let file = test.dir.path().join("key");
    let right = fs::read(&file).expect("a key");
    chmod(&file, 0o640);
    only(&report(&test).await, Level::Warn, &["key file", "chmod 600"]);
    chmod(&file, 0o600);

    fs::remove_file(&file).expect("removed");
    only(&report(&test).await, Level::Fail, &["read-only", "backup"]);
    assert!(!file.exists(), "no new key is made");
    let mut wrong = right.clone();
    wrong[0] = if wrong[0] == b'A' { b'B' } else { b'A' };
    fs::write(&file, &wrong).expect("written");
    chmod(&file, 0o600);
    only(&report(&test).await, Level::Fail, &["read-only", "not the one"]);
    fs::write(&file, &right).expect("written");
    only_ok(&report(&test).await);

    let vault = vault(&test).await;
    let rotation = vault.begin_rotation(&test.db, 2).await.expect("begun");
    let words = ["rotation", "not finished", "pilotlight rotate-key"];
    only(&report(&test).await, Level::Warn, &words);
    // The crash between the two last steps: the database has let go of the old key, the file has not.
    let both = fs::read(&file).expect("two keys");
    vault.end_rotation(&test.db, &rotation).await.expect("ended");
    // What is sealed with the old key is lost now: no server would have ended it before sealing that again.
    named(&report(&test).await, Level::Fail, &["1 sealed value is of a key", "grants.access_token"]);
    fs::write(&file, &both).expect("written");
    named(&report(&test).await, Level::Warn, &words);
});

#[track_caller]
fn only_ok(report: &Report) {
    assert_eq!(report.count(Level::Ok), report.findings.len(), "{report}");
}

both_databases!(surroundings_that_are_unsafe_are_named, |test| async move {
    furnish(&test).await;
    chmod(test.dir.path(), 0o755);
    only(&report(&test).await, Level::Warn, &["data directory", "chmod 700"]);
    chmod(test.dir.path(), 0o700);
    if test.config.url.is_none() {
        let file = test.dir.path().join("pilotlight.db");
        chmod(&file, 0o644);
        only(&report(&test).await, Level::Warn, &["database file", "chmod 600"]);
        chmod(&file, 0o600);
    }
    let exposed = config(&test, &[("PILOTLIGHT_PUBLIC_URL", "http://social.example.org")]);
    only(&examine(&exposed, &SystemClock).await, Level::Warn, &["http://social.example.org", "https"]);
    let safe = config(&test, &[("PILOTLIGHT_PUBLIC_URL", "https://social.example.org")]);
    only_ok(&examine(&safe, &SystemClock).await);

    for (by, way) in [(-10_000, "ahead of"), (10_000, "behind")] {
        let clock = ManualClock::new(SystemClock.now() + by);
        only(&examine(&config(&test, &[]), &clock).await, Level::Warn, &["clock is", "seconds", way, "NTP"]);
    }
});

both_databases!(grants_in_trouble_are_named, |test| async move {
    furnish(&test).await;
    let now = SystemClock.now();
    let grant = |set: String| format!("update grants set {set} where id = 'grant-1'");
    execute(&test.db, grant(format!("due_at = {}", now - LONG))).await;
    let words = ["1 grant has been due for more than 15 minutes", "for 20 minutes", "grant-1", "server is running"];
    only(&report(&test).await, Level::Warn, &words);
    execute(&test.db, grant(format!("lease_owner = 'o', lease_ends_at = {}", now + LONG))).await;
    only_ok(&report(&test).await);

    execute(&test.db, grant(format!("due_at = {}, lease_ends_at = {}", now + LONG, now - 60_000))).await;
    only(&report(&test).await, Level::Note, &["1 lease has ended and was never given back"]);
    execute(&test.db, grant("lease_owner = null, lease_ends_at = null".into())).await;

    let sent = "insert into refresh_journal (grant_id, epoch, instance, sent_at, state) values ('grant-1', 1, 'i'";
    execute(&test.db, format!("{sent}, {}, 'sent')", now - 60_000)).await;
    only(&report(&test).await, Level::Note, &["1 refresh was sent and never cleanly answered"]);
    execute(&test.db, format!("update refresh_journal set sent_at = {}", now - LONG)).await;
    only(&report(&test).await, Level::Warn, &["1 refresh was sent and never cleanly answered", "for 20 minutes"]);
    execute(&test.db, "delete from refresh_journal").await;

    let token = db::bytes(&test.db, "select access_token from grants").await.expect("a token");
    execute(&test.db, grant("access_token = null".into())).await;
    only(&report(&test).await, Level::Warn, &["1 active grant holds no access token", "reconnect"]);

    // The first byte is the format, the next eight are the key's id.
    let mut other = token;
    other[3] ^= 0xff;
    set_token(&test.db, &other).await;
    only(
        &report(&test).await,
        Level::Fail,
        &["1 sealed value is of a key this database does not know", "grants.access_token"],
    );
    set_token(&test.db, b"not sealed at all").await;
    only(&report(&test).await, Level::Fail, &["1 sealed value"]);
});

async fn set_token(db: &Db, bytes: &[u8]) {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let literal = if matches!(db, Db::Sqlite(..)) { format!("x'{hex}'") } else { format!("'\\x{hex}'") };
    execute(db, format!("update grants set access_token = {literal}")).await;
}

both_databases!(accounts_that_contradict_their_incidents_are_named, |test| async move {
    let workspace = furnish(&test).await;
    let now = SystemClock.now();
    let amber =
        format!("update accounts set health = 'needs-reconnect', cause = 'revoked', amber_since = {}", now - LONG);
    execute(&test.db, amber.clone()).await;
    let words = ["1 amber account has no open incident", "for 20 minutes", "account-1"];
    only(&report(&test).await, Level::Warn, &words);

    let open = |id: &str| {
        format!(
            "insert into incidents (id, workspace_id, account_id, cause, opened_at) \
             values ('{id}', '{workspace}', 'account-1', 'revoked', {now})"
        )
    };
    execute(&test.db, open("first")).await;
    only_ok(&report(&test).await);
    execute(&test.db, "drop index one_open_incident").await;
    execute(&test.db, open("second")).await;
    only(&report(&test).await, Level::Warn, &["1 account has two open incidents", "one_open_incident"]);
    execute(&test.db, "delete from incidents where id = 'second'").await;
    execute(&test.db, "update accounts set health = 'healthy', cause = null, amber_since = null").await;
    only(&report(&test).await, Level::Warn, &["1 healthy account has an open incident"]);
    execute(&test.db, "delete from incidents").await;

    execute(&test.db, format!("update accounts set checked_at = {}", now - 4 * 86_400_000)).await;
    only(&report(&test).await, Level::Warn, &["1 connected account was not looked at for three days", "for 4 days"]);
    execute(&test.db, "update grants set state = 'given-up'").await;
    only(&report(&test).await, Level::Warn, &["1 connected account stands on a grant that was given up", "reconnect"]);
    execute(&test.db, "update accounts set state = 'disconnected'").await;
    only_ok(&report(&test).await);
});

both_databases!(alerts_that_do_not_leave_are_named, |test| async move {
    let workspace = furnish(&test).await;
    let now = SystemClock.now();
    let mail = format!(
        "insert into outbox (id, workspace_id, channel, kind, user_id, body, state, due_at, created_at) \
         select 'mail-1', '{workspace}', 'mail', 'broken', id, '{{}}', 'waiting', {now}, {} from users",
        now - 50 * 60_000
    );
    execute(&test.db, mail).await;
    only_ok(&report(&test).await);
    execute(&test.db, format!("update outbox set created_at = {}", now - 2 * 3_600_000)).await;
    let words = ["1 alert has waited to be sent for more than an hour", "for 2 hours", "mail-1", "test mail"];
    only(&report(&test).await, Level::Warn, &words);
    execute(&test.db, "update outbox set state = 'dead'").await;
    only(&report(&test).await, Level::Note, &["1 alert was given up", "send it again"]);
    execute(&test.db, "update outbox set state = 'sent'").await;
    only_ok(&report(&test).await);
});

both_databases!(platforms_that_refuse_our_app_are_named_with_their_words, |test| async move {
    furnish(&test).await;
    let fault = |platform: &str, host: &str| {
        let since = SystemClock.now() - LONG;
        format!("insert into platform_faults values ('{platform}', '{host}', {since}, 'invalid_client: no\n such app')")
    };
    execute(&test.db, fault("facebook", "")).await;
    let words =
        ["Facebook has refused our own app for 20 minutes", "(invalid_client: no such app)", "[platforms.facebook]"];
    only(&report(&test).await, Level::Warn, &words);
    execute(&test.db, fault("mastodon", "social.example")).await;
    let both = report(&test).await;
    named(&both, Level::Warn, &["Mastodon at social.example has refused"]);
    assert_eq!(both.count(Level::Warn), 2, "one line each:\n{both}");
});

#[tokio::test]
async fn a_password_of_the_database_is_not_told() {
    for url in ["postgres://ann:s3cret@127.0.0.1:1/none", "postgres://ann:s3cret@[bad"] {
        let dir = tempfile::tempdir().unwrap();
        let settings = [("PILOTLIGHT_DATA", dir.path().to_str().unwrap()), ("DATABASE_URL", url)];
        let report = examine(&Config::from_layers(None, settings).unwrap(), &SystemClock).await;
        assert_eq!(report.count(Level::Fail), 1, "{report}");
        assert!(!format!("{report} {report:?}").contains("s3cret"), "{report}");
    }
}
