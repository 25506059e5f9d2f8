//! The vault, its key and the rotation.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use pilotlight::domain::role::Role;
use pilotlight::server::clock::{ManualClock, Randomness};
use pilotlight::server::config::{Config, VaultConfig};
use pilotlight::server::service::rotate::{RotateError, Rotated, rotate};
use pilotlight::server::store::{Db, keys, reseal};
use pilotlight::server::vault::{Place, Vault, VaultError};
use secrecy::{ExposeSecret, SecretString};

use crate::support::db::{TestDb, both_databases, bytes, execute, member};

const FILE: VaultConfig = VaultConfig { key: None, old_key: None };
const PLACE: Place<'_> = Place { table: "grants", column: "access_token", row: "1", workspace: "w" };

fn key(letter: &str) -> SecretString {
    SecretString::from(letter.repeat(42) + "A")
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

impl TestDb {
    async fn vault(&self) -> Vault {
        self.vault_with(&FILE).await.expect("a vault")
    }

    async fn vault_with(&self, config: &VaultConfig) -> Result<Vault, VaultError> {
        Vault::load(config, self.dir.path(), &self.db, 0, Randomness::system()).await
    }

    fn key_file(&self) -> std::path::PathBuf {
        self.dir.path().join("key")
    }

    async fn rotate(&self, key: Option<&str>, old_key: Option<&str>) -> Result<Rotated, RotateError> {
        self.rotate_after(key, old_key, Duration::ZERO).await
    }

    async fn rotate_after(
        &self,
        key: Option<&str>,
        old_key: Option<&str>,
        settle: Duration,
    ) -> Result<Rotated, RotateError> {
        let mut variables = vec![("PILOTLIGHT_DATA", self.dir.path().to_str().unwrap())];
        variables.extend(self.config.url.as_deref().map(|url| ("DATABASE_URL", url)));
        variables.extend(key.map(|key| ("PILOTLIGHT_KEY", key)));
        variables.extend(old_key.map(|key| ("PILOTLIGHT_KEY_OLD", key)));
        let config = Config::from_layers(None, variables).unwrap();
        rotate(&config, &ManualClock::new(5), &Randomness::system(), settle).await
    }

    /// One row for every sealed column, each value being `table.column`.
    async fn fill(&self, vault: &Vault) {
        let (user, workspace) = member(&self.db, "ann@example.org", Role::Owner).await;
        let seal = |table, column, row| {
            let workspace = if table == "host_apps" { "" } else { workspace.as_str() };
            let blob =
                vault.seal(Place { table, column, row, workspace }, &secret(&format!("{table}.{column}"))).unwrap();
            self.literal(&blob)
        };
        let grant = ["access_token", "refresh_token", "binding", "offered"]
            .map(|column| seal("grants", column, "g"))
            .join(", ");
        let token = seal("accounts", "token", "a");
        let flow = ["verifier", "binding"].map(|column| seal("flows", column, "f")).join(", ");
        let app = seal("host_apps", "client_secret", "mastodon|example.org|http://here/back");
        let hook = ["url", "secret", "old_secret"].map(|column| seal("webhooks", column, "h")).join(", ");
        execute(&self.db, format!(
            "insert into webhooks (id, workspace_id, name, format, host, url, secret, old_secret, state, created_at) \
                values ('h', '{workspace}', 'Chat', 'standard', 'chat.example', {hook}, 'on', 1); \
             insert into grants (id, workspace_id, platform, identity_id, identity_name, setup, state, access_token, refresh_token, binding, offered, \
                access_issued_at, created_at, due_at) values ('g', '{workspace}', 'x', '1', 'Ann', 'done', 'active', {grant}, 1, 1, 1); \
             insert into accounts (id, workspace_id, grant_id, platform, external_id, name, token, state, health, connected_at) \
                values ('a', '{workspace}', 'g', 'x', '1', 'Ann', {token}, 'connected', 'healthy', 1); \
             insert into flows (id, state_hash, browser_hash, workspace_id, user_id, platform, redirect_uri, verifier, binding, back, created_at) \
                values ('f', 's', 'b', '{workspace}', '{user}', 'x', 'http://here/back', {flow}, '/', 1); \
             insert into host_apps (platform, host, redirect_uri, client_id, client_secret, created_at) \
                values ('mastodon', 'example.org', 'http://here/back', 'id', {app}, 1)"
        )).await;
    }

    fn literal(&self, blob: &[u8]) -> String {
        let hex: String = blob.iter().map(|byte| format!("{byte:02x}")).collect();
        if matches!(self.db, Db::Sqlite(..)) { format!("x'{hex}'") } else { format!("'\\x{hex}'::bytea") }
    }

    /// Every sealed value opens and is what [`TestDb::fill`] wrote.
    async fn assert_all_open(&self, vault: &Vault) {
        for column in &reseal::SEALED {
            let (table, name) = (column.table, column.column);
            let rows = reseal::batch(&self.db, column, "").await.unwrap();
            assert_eq!(rows.len(), 1, "{table}.{name}");
            let place = Place { table, column: name, row: &rows[0].row_key, workspace: &rows[0].workspace };
            assert_eq!(vault.open(place, &rows[0].blob).unwrap().expose_secret(), format!("{table}.{name}"));
        }
    }
}

async fn access_token(test: &TestDb) -> Vec<u8> {
    bytes(&test.db, "select access_token from grants").await.unwrap()
}

// DESIGN rule 2
both_databases!(a_sealed_value_opens_in_its_place_only, |test| async move {
    let vault = test.vault().await;
    let blob = vault.seal(PLACE, &secret("token")).unwrap();
    assert_eq!(vault.open(PLACE, &blob).unwrap().expose_secret(), "token");
    assert_ne!(vault.seal(PLACE, &secret("token")).unwrap(), blob, "two seals never look alike");
    assert!(!blob.windows(5).any(|part| part == b"token"));

    let elsewhere = [
        Place { table: "accounts", ..PLACE },
        Place { column: "refresh_token", ..PLACE },
        Place { row: "2", ..PLACE },
        Place { workspace: "v", ..PLACE },
        // The parts together read the same, only the borders differ.
        Place { row: "1w", workspace: "", ..PLACE },
    ];
    for place in elsewhere {
        assert!(matches!(vault.open(place, &blob), Err(VaultError::Damaged)), "{place:?}");
    }
});

#[tokio::test]
async fn a_changed_value_does_not_open() {
    let test = crate::support::db::sqlite().await;
    let vault = test.vault().await;
    let blob = vault.seal_bytes(PLACE, &[0xff, 0x00]).unwrap();
    assert_eq!(*vault.open_bytes(PLACE, &blob).unwrap(), [0xff, 0x00]);
    assert!(matches!(vault.open(PLACE, &blob), Err(VaultError::Damaged)), "not text");
    for at in 0..blob.len() {
        let mut changed = blob.clone();
        changed[at] ^= 1;
        assert!(vault.open_bytes(PLACE, &changed).is_err(), "byte {at}");
        assert!(vault.open_bytes(PLACE, &blob[..at]).is_err(), "cut at {at}");
    }
}

// DESIGN rule 3
both_databases!(the_first_start_makes_a_key_and_the_next_one_finds_it, |test| async move {
    let first = test.vault().await;
    assert_eq!(fs::metadata(test.key_file()).unwrap().permissions().mode() & 0o777, 0o600);
    let blob = first.seal(PLACE, &secret("token")).unwrap();
    let second = test.vault().await;
    assert_eq!(first.key_id(), second.key_id());
    assert_eq!(second.is_read_only(), None);
    assert_eq!(second.open(PLACE, &blob).unwrap().expose_secret(), "token");
    let left: Vec<_> = fs::read_dir(test.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("new")), "{left:?}");
});

// DESIGN rule 3
both_databases!(a_wrong_or_lost_key_is_read_only_until_the_right_one_is_back, |test| async move {
    let vault = test.vault().await;
    let blob = vault.seal(PLACE, &secret("token")).unwrap();
    let right = fs::read(test.key_file()).unwrap();
    let known = keys::list(&test.db).await.unwrap();

    let wrong = key("w").expose_secret().to_owned();
    for broken in [Some(wrong.as_str()), Some("no key"), Some(""), None] {
        match broken {
            Some(text) => fs::write(test.key_file(), text).unwrap(),
            None => fs::remove_file(test.key_file()).unwrap(),
        }
        let later = test.vault().await;
        let why = later.is_read_only().expect("read-only");
        assert!(!why.contains(&wrong));
        assert!(matches!(later.seal(PLACE, &secret("new")), Err(VaultError::ReadOnly(_))), "{broken:?}");
        assert!(matches!(later.open(PLACE, &blob), Err(VaultError::UnknownKey(_))), "{broken:?}");
        assert_eq!(fs::read_to_string(test.key_file()).ok().as_deref(), broken, "the key file is never overwritten");
        assert_eq!(keys::list(&test.db).await.unwrap(), known);
        // The server that was running before keeps on reading, and stops sealing.
        assert!(vault.open(PLACE, &blob).is_ok());
        assert!(matches!(vault.seal(PLACE, &secret("new")), Err(VaultError::ReadOnly(_))), "{broken:?}");

        fs::write(test.key_file(), &right).unwrap();
        fs::set_permissions(test.key_file(), Permissions::from_mode(0o600)).unwrap();
        heal(&later, &test.db).await;
        assert_eq!(later.open(PLACE, &blob).unwrap().expose_secret(), "token");
        heal(&vault, &test.db).await;
    }
});

/// Follows the key until the vault seals again.
async fn heal(vault: &Vault, db: &Db) {
    let healthy = async {
        while vault.seal(PLACE, &secret("new")).is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = healthy => {}
        () = vault.follow(db) => {}
        () = tokio::time::sleep(Duration::from_secs(20)) => panic!("still read-only: {:?}", vault.is_read_only()),
    }
}

both_databases!(a_key_from_the_environment_needs_no_file, |test| async move {
    let config = VaultConfig { key: Some(key("a")), old_key: None };
    let vault = test.vault_with(&config).await.unwrap();
    let blob = vault.seal(PLACE, &secret("token")).unwrap();
    assert!(!test.key_file().exists());
    assert!(test.vault_with(&config).await.unwrap().open(PLACE, &blob).is_ok());

    let other = VaultConfig { key: Some(key("b")), old_key: None };
    let vault = test.vault_with(&other).await.unwrap();
    assert!(vault.is_read_only().unwrap().contains("PILOTLIGHT_KEY_OLD"));
    // Not even the file may be made now: the database knows a key.
    assert!(test.vault().await.is_read_only().is_some());
    assert!(!test.key_file().exists());
});

#[tokio::test]
async fn a_bad_key_stops_the_first_start_without_being_shown() {
    let test = crate::support::db::sqlite().await;
    let bad = VaultConfig { key: Some(secret("hunter2")), old_key: None };
    let error = test.vault_with(&bad).await.err().expect("refused");
    assert!(error.to_string().contains("PILOTLIGHT_KEY") && !format!("{error} {error:?}").contains("hunter2"));
    fs::write(test.key_file(), "hunter2").unwrap();
    let error = test.vault_with(&FILE).await.err().expect("refused");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    assert!(keys::list(&test.db).await.unwrap().is_empty());
}

// DESIGN rule 3: online
both_databases!(a_rotation_reaches_every_column_and_the_running_server, |test| async move {
    let running = test.vault().await;
    test.fill(&running).await;
    let old = running.key_id();
    let before = access_token(&test).await;
    let old_file = fs::read_to_string(test.key_file()).unwrap();

    let done = test.rotate(None, None).await.unwrap();
    assert_eq!(done, Rotated { values: 11, resumed: false });

    // Nobody told the running server, and it slept through all of it: it finds out by itself.
    heal(&running, &test.db).await;
    test.assert_all_open(&running).await;
    let sealed_now = running.seal(PLACE, &secret("fresh")).unwrap();
    assert_ne!(running.key_id(), old);
    assert_eq!(running.is_read_only(), None);

    let fresh = test.vault().await;
    assert_eq!(fresh.is_read_only(), None);
    assert_eq!(fresh.key_id(), running.key_id());
    assert_eq!(fresh.open(PLACE, &sealed_now).unwrap().expose_secret(), "fresh");
    test.assert_all_open(&fresh).await;
    assert!(matches!(fresh.open(PLACE, &before), Err(VaultError::UnknownKey(id)) if id == old));
    assert_eq!(keys::list(&test.db).await.unwrap().len(), 1);
    let file = fs::read_to_string(test.key_file()).unwrap();
    assert!(file.lines().count() == 1 && file != old_file);
    assert_eq!(fs::metadata(test.key_file()).unwrap().permissions().mode() & 0o777, 0o600);
});

// DESIGN rule 3: both keys readable meanwhile
both_databases!(during_a_rotation_servers_read_both_keys_and_seal_with_the_new_one, |test| async move {
    let running = test.vault().await;
    test.fill(&running).await;
    let rotating = test.vault().await;
    rotating.begin_rotation(&test.db, 1).await.unwrap();
    for vault in [&running, &test.vault().await] {
        test.assert_all_open(vault).await;
        vault.seal(PLACE, &secret("x")).unwrap();
        assert_eq!(vault.key_id(), rotating.key_id());
    }
});

// DESIGN rule 3: resumable
both_databases!(a_rotation_goes_on_wherever_it_was_cut_off, |test| async move {
    let vault = test.vault().await;
    test.fill(&vault).await;
    let first = fs::read_to_string(test.key_file()).unwrap();

    // Cut off right after the key file was written.
    fs::write(test.key_file(), format!("{}\n{first}", key("n").expose_secret())).unwrap();
    let started = test.vault().await;
    assert_eq!(started.is_read_only(), None);
    test.assert_all_open(&started).await;

    // Cut off after the first value.
    let rotation = started.begin_rotation(&test.db, 1).await.unwrap();
    assert!(rotation.resumed);
    let column = &reseal::SEALED[0];
    let row = reseal::batch(&test.db, column, "").await.unwrap().remove(0);
    let place = Place { table: column.table, column: column.column, row: &row.row_key, workspace: &row.workspace };
    let new = started.seal_again(&rotation, place, &row.blob).unwrap().expect("still under the old key");
    let mut tx = test.db.begin().await.unwrap();
    assert!(reseal::replace(&mut tx, column, &row, &new).await.unwrap());
    tx.commit().await.unwrap();
    test.assert_all_open(&test.vault().await).await;

    assert_eq!(test.rotate(None, None).await.unwrap(), Rotated { values: 10, resumed: true });
    let file = fs::read_to_string(test.key_file()).unwrap();
    assert_eq!(file.trim(), key("n").expose_secret());

    // Cut off between the database and the key file at the very end.
    fs::write(test.key_file(), format!("{file}{first}")).unwrap();
    assert_eq!(test.vault().await.is_read_only(), None);
    assert_eq!(test.rotate(None, None).await.unwrap(), Rotated { values: 0, resumed: true });
    assert_eq!(fs::read_to_string(test.key_file()).unwrap(), file);
    test.assert_all_open(&test.vault().await).await;
});

both_databases!(a_rotation_overtaken_by_a_writer_does_not_undo_it, |test| async move {
    let vault = test.vault().await;
    test.fill(&vault).await;
    let rotation = vault.begin_rotation(&test.db, 1).await.unwrap();
    let column = &reseal::SEALED[0];
    let row = reseal::batch(&test.db, column, "").await.unwrap().remove(0);
    let place = Place { table: column.table, column: column.column, row: &row.row_key, workspace: &row.workspace };
    let stale = vault.seal_again(&rotation, place, &row.blob).unwrap().unwrap();
    // A refresh stores a newer token in between.
    let newer = vault.seal(place, &secret("newer")).unwrap();
    execute(&test.db, format!("update grants set access_token = {}", test.literal(&newer))).await;
    let mut tx = test.db.begin().await.unwrap();
    assert!(!reseal::replace(&mut tx, column, &row, &stale).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(vault.open(place, &access_token(&test).await).unwrap().expose_secret(), "newer");
});

both_databases!(what_cannot_be_opened_keeps_the_old_key_alive, |test| async move {
    let vault = test.vault().await;
    test.fill(&vault).await;
    let mut damaged = access_token(&test).await;
    *damaged.last_mut().unwrap() ^= 1;
    execute(&test.db, format!("update grants set access_token = {}", test.literal(&damaged))).await;
    let error = test.rotate(None, None).await.unwrap_err();
    assert!(matches!(error, RotateError::Unreadable(1)), "{error}");
    assert_eq!(fs::read_to_string(test.key_file()).unwrap().lines().count(), 2);
    assert_eq!(access_token(&test).await, damaged, "not touched");

    execute(&test.db, "update grants set access_token = null").await;
    assert_eq!(test.rotate(None, None).await.unwrap(), Rotated { values: 0, resumed: true });
});

both_databases!(keys_from_the_environment_rotate_in_two_starts, |test| async move {
    let (old, new) = (key("o").expose_secret().to_owned(), key("n").expose_secret().to_owned());
    let vault = test.vault_with(&VaultConfig { key: Some(key("o")), old_key: None }).await.unwrap();
    test.fill(&vault).await;
    let error = test.rotate(Some(&old), None).await.unwrap_err();
    assert!(error.to_string().contains("PILOTLIGHT_KEY_OLD"), "{error}");
    assert!(matches!(test.rotate(Some(&new), None).await, Err(RotateError::Vault(VaultError::ReadOnly(_)))));

    let both = VaultConfig { key: Some(key("n")), old_key: Some(key("o")) };
    let restarted = test.vault_with(&both).await.unwrap();
    assert_eq!(restarted.is_read_only(), None);
    test.assert_all_open(&restarted).await;
    assert_eq!(test.rotate(Some(&new), Some(&old)).await.unwrap().values, 11);
    let after = test.vault_with(&VaultConfig { key: Some(key("n")), old_key: None }).await.unwrap();
    assert_eq!(after.is_read_only(), None);
    test.assert_all_open(&after).await;
});

#[tokio::test]
async fn only_one_rotation_runs_and_never_on_an_unused_database() {
    let test = crate::support::db::sqlite().await;
    assert!(matches!(test.rotate(None, None).await, Err(RotateError::Unused)));
    assert!(!test.key_file().exists());
    test.vault().await;
    let lock = fs::File::create(test.dir.path().join("rotation.lock")).unwrap();
    lock.lock().unwrap();
    assert!(matches!(test.rotate(None, None).await, Err(RotateError::Running)));
    drop(lock);
    assert!(test.rotate(None, None).await.is_ok());
}

// DESIGN rule 3: whoever writes while the key changes loses nothing
both_databases!(values_written_during_a_rotation_are_readable_after_it, |test| async move {
    let vault = Arc::new(test.vault().await);
    test.fill(&vault).await;
    let old = vault.key_id();
    let verifier = reseal::SEALED.iter().find(|column| column.column == "verifier").unwrap();
    let workspace = reseal::batch(&test.db, verifier, "").await.unwrap().remove(0).workspace;
    let place = Place { table: "flows", column: "verifier", row: "f", workspace: &workspace };
    let mut written = 0;
    let writing = async {
        for _ in 0..u64::MAX {
            written += 1;
            let blob = vault.seal(place, &secret(&format!("value {written}"))).unwrap();
            execute(&test.db, format!("update flows set verifier = {}", test.literal(&blob))).await;
            tokio::task::yield_now().await;
        }
    };
    // Long enough for a server that looks every second; the real one waits longer.
    let rotating = test.rotate_after(None, None, Duration::from_millis(2_500));
    tokio::select! {
        () = writing => unreachable!("it writes for ever"),
        () = vault.follow(&test.db) => unreachable!("it follows for ever"),
        done = rotating => assert!(done.unwrap().values >= 5),
    }
    assert!(written > 10);
    let last = bytes(&test.db, "select verifier from flows").await.unwrap();
    let fresh = test.vault().await;
    assert_ne!(fresh.key_id(), old);
    let value = fresh.open(place, &last).unwrap().expose_secret().to_owned();
    assert!(value == format!("value {written}") || value == format!("value {}", written - 1), "{value} of {written}");
});
