//! What the operator's figures count, and that it is found by way of an index.

use pilotlight::domain::health::Health;
use pilotlight::domain::id::{AccountId, GrantId, UserId, WorkspaceId};
use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use pilotlight::server::store::accounts::{self, Described};
use pilotlight::server::store::grants::{self, Key};
use pilotlight::server::store::outbox::Channel;
use pilotlight::server::store::{Db, doctor, figures};

use super::alerts::hook;
use crate::support::db::{both_databases, execute, member};

async fn grant(
    db: &Db,
    user: &UserId,
    workspace: &WorkspaceId,
    platform: Platform,
    name: &str,
    due_at: i64,
) -> GrantId {
    let mut tx = db.begin().await.unwrap();
    let key = Key { workspace, platform, host: "", identity_id: name };
    let (id, _) = grants::find_or_create(&mut tx, key, &GrantId::new(format!("g-{name}")), user, due_at).await.unwrap();
    let grant = grants::get_in(&mut tx, &id).await.unwrap().unwrap();
    let what = Described { external_id: name, name, handle: None, link: None, unusable: None };
    accounts::insert(&mut tx, &AccountId::new(format!("a-{name}")), &grant, &what, user, 1).await.unwrap();
    tx.commit().await.unwrap();
    id
}

both_databases!(due_grants_are_those_that_nobody_holds, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    for (name, platform, due_at) in
        [("1", Platform::X, 50), ("2", Platform::X, 70), ("3", Platform::X, 101), ("4", Platform::Bluesky, 10)]
    {
        grant(&test.db, &user, &workspace, platform, name, due_at).await;
    }
    assert_eq!(figures::due(&test.db, Platform::X, 100).await.unwrap(), (2, Some(50)));
    assert_eq!(figures::due(&test.db, Platform::X, 101).await.unwrap(), (3, Some(50)));
    assert_eq!(figures::due(&test.db, Platform::Mastodon, 100).await.unwrap(), (0, None));
    // A lease that lives by the database's clock, and one that does not.
    let theirs = doctor::clock(&test.db).await.unwrap();
    let lease =
        |ends_at: i64| format!("update grants set lease_owner = 'o', lease_ends_at = {ends_at} where id = 'g-1'");
    execute(&test.db, lease(theirs + 600_000)).await;
    assert_eq!(figures::due(&test.db, Platform::X, 100).await.unwrap(), (1, Some(70)));
    execute(&test.db, lease(theirs - 1)).await;
    assert_eq!(figures::due(&test.db, Platform::X, 100).await.unwrap(), (2, Some(50)));
    execute(&test.db, "update grants set state = 'given-up'").await;
    assert_eq!(figures::due(&test.db, Platform::X, 100).await.unwrap(), (0, None));
});

both_databases!(a_refresh_is_under_way_or_in_doubt, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    assert_eq!(figures::refreshes(&test.db).await.unwrap(), (0, 0));
    let theirs = doctor::clock(&test.db).await.unwrap();
    for (name, ends_at, state) in [
        ("under-way", Some(theirs + 600_000), "sent"),
        ("no-lease", None, "sent"),
        ("lease-ended", Some(theirs - 1), "sent"),
        ("unanswered", Some(theirs + 600_000), "unanswered"),
    ] {
        let id = grant(&test.db, &user, &workspace, Platform::X, name, 0).await;
        let ends_at = ends_at.map_or("null".into(), |at: i64| at.to_string());
        execute(&test.db, format!("update grants set lease_ends_at = {ends_at} where id = '{id}'")).await;
        let row = format!(
            "insert into refresh_journal (grant_id, epoch, instance, sent_at, state) values ('{id}', 1, 'i', 5, '{state}')"
        );
        execute(&test.db, row).await;
    }
    assert_eq!(figures::refreshes(&test.db).await.unwrap(), (1, 3));
    let doubts = doctor::ask(&test.db, &doctor::IN_DOUBT).await.unwrap();
    assert_eq!((doubts.count, doubts.since), (3, Some(5)), "the doctor and the figures agree");
});

both_databases!(accounts_incidents_and_faults_are_counted, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    for (name, platform) in [("1", Platform::X), ("2", Platform::X), ("3", Platform::X), ("4", Platform::Bluesky)] {
        grant(&test.db, &user, &workspace, platform, name, 0).await;
    }
    execute(&test.db, "update accounts set health = 'needs-reconnect', cause = 'revoked' where id = 'a-2'").await;
    execute(&test.db, "update accounts set state = 'disconnected' where id = 'a-3'").await;
    let mut counted = figures::accounts(&test.db).await.unwrap();
    counted.sort_by_key(|(platform, health, _)| (platform.key(), health.key()));
    let expected = [
        (Platform::Bluesky, Health::Healthy, 1),
        (Platform::X, Health::Healthy, 1),
        (Platform::X, Health::NeedsReconnect, 1),
    ];
    assert_eq!(counted, expected);

    let incident = |id: &str, closed: &str| {
        format!(
            "insert into incidents (id, workspace_id, account_id, cause, opened_at, closed_at) \
             values ('{id}', '{workspace}', 'a-2', 'revoked', 1, {closed})"
        )
    };
    execute(&test.db, incident("closed", "2")).await;
    assert_eq!(figures::open_incidents(&test.db).await.unwrap(), 0);
    execute(&test.db, incident("open", "null")).await;
    assert_eq!(figures::open_incidents(&test.db).await.unwrap(), 1);

    assert_eq!(figures::platform_faults(&test.db).await.unwrap(), 0);
    execute(&test.db, "insert into platform_faults (platform, since, detail) values ('x', 1, 'd')").await;
    assert_eq!(figures::platform_faults(&test.db).await.unwrap(), 1);
});

both_databases!(messages_are_counted_by_channel, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let hook = hook(&test.db, &workspace, "h").await;
    assert_eq!(figures::waiting(&test.db, Channel::Mail).await.unwrap(), (0, None));
    for (id, channel, state, created_at) in [
        ("1", "mail", "waiting", 70),
        ("2", "mail", "waiting", 50),
        ("3", "mail", "dead", 40),
        ("4", "mail", "sent", 30),
        ("5", "webhook", "dead", 20),
        ("6", "webhook", "dropped", 10),
    ] {
        let to = if channel == "mail" { format!("'{user}', null") } else { format!("null, '{hook}'") };
        let row = format!(
            "insert into outbox (id, workspace_id, channel, kind, user_id, webhook_id, body, state, due_at, created_at) \
             values ('{id}', '{workspace}', '{channel}', 'broken', {to}, '{{}}', '{state}', 0, {created_at})"
        );
        execute(&test.db, row).await;
    }
    assert_eq!(figures::waiting(&test.db, Channel::Mail).await.unwrap(), (2, Some(50)));
    assert_eq!(figures::waiting(&test.db, Channel::Webhook).await.unwrap(), (0, None));
    assert_eq!(figures::dead(&test.db, Channel::Mail).await.unwrap(), 1);
    assert_eq!(figures::dead(&test.db, Channel::Webhook).await.unwrap(), 1);
    let dead = doctor::ask(&test.db, &doctor::DEAD).await.unwrap();
    assert_eq!((dead.count, dead.since), (2, Some(20)), "the doctor and the figures agree");
    assert_eq!(doctor::unsent(&test.db, 50).await.unwrap().count, 1);
});

// A reader asks every few seconds, whatever the number of rows.
#[tokio::test]
async fn no_figure_reads_a_whole_table() {
    let test = crate::support::db::sqlite().await;
    let Db::Sqlite(pool, _) = &test.db else { unreachable!("SQLite only") };
    let source = include_str!("../../server/store/figures.rs");
    let mut questions = 0;
    for text in source.split("const SQL: &str =").skip(1) {
        let text = text.split_once('"').unwrap().1.split_once("\";").unwrap().0.replace("\\\n", "");
        questions += 1;
        let plan = sqlx::AssertSqlSafe(format!("explain query plan {text}"));
        let steps: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(plan).bind("x").bind(1_i64).fetch_all(pool).await.unwrap();
        for (.., step) in &steps {
            let whole = step.starts_with("SCAN grants")
                || step.starts_with("SCAN accounts")
                || step.starts_with("SCAN incidents")
                || step.starts_with("SCAN outbox");
            assert!(!whole || step.contains("INDEX"), "{step} for {text}");
        }
    }
    assert_eq!(questions, 7);
}
