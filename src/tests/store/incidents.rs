//! Incidents as the overview lists them, and the figure beside "Connections", on both databases.

use pilotlight::domain::health::{Cause, Health, Standing};
use pilotlight::domain::id::{AccountId, IncidentId, WorkspaceId};
use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use pilotlight::server::store::{Db, accounts, incidents};

use super::connections::{account, grant};
use crate::support::db::{both_databases, execute, member};

async fn broke(db: &Db, workspace: &WorkspaceId, account: &AccountId, number: u32, from: i64, to: Option<i64>) {
    let mut tx = db.begin().await.expect("a transaction");
    let id = IncidentId::new(format!("incident-{number}"));
    incidents::open(&mut tx, &id, workspace, account, Cause::Revoked, from).await.expect("opened");
    if let Some(to) = to {
        incidents::close(&mut tx, account, to).await.expect("closed");
    }
    tx.commit().await.expect("a commit");
}

// SPEC 1, 9, W-2
both_databases!(recent_incidents_are_of_one_workspace_and_open_ones_come_first, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let (rival, foreign) = member(&test.db, "c@d.example", Role::Owner).await;
    let of = grant(&test.db, &user, &workspace, "one").await;
    let first = account(&test.db, &user, &of, "first").await;
    let second = account(&test.db, &user, &of, "second").await;
    let theirs = grant(&test.db, &rival, &foreign, "two").await;
    let hidden = account(&test.db, &rival, &theirs, "hidden").await;
    broke(&test.db, &workspace, &first, 1, 10, Some(99)).await;
    broke(&test.db, &workspace, &first, 2, 110, Some(400)).await;
    broke(&test.db, &workspace, &second, 3, 120, Some(200)).await;
    broke(&test.db, &workspace, &first, 4, 500, None).await;
    broke(&test.db, &workspace, &second, 5, 300, None).await;
    broke(&test.db, &foreign, &hidden, 6, 300, None).await;

    let recent = |limit| incidents::recent(&test.db, &workspace, 100, limit);
    let found = recent(10).await.expect("incidents");
    let times: Vec<_> = found.iter().map(|one| (one.opened_at, one.closed_at)).collect();
    assert_eq!(times, [(500, None), (300, None), (110, Some(400)), (120, Some(200))], "not the one of long ago");
    assert_eq!((&found[0].account, found[0].name.as_str()), (&first, "first"));
    assert_eq!((found[0].platform, found[0].cause), (Platform::X, Cause::Revoked));
    assert_eq!(recent(3).await.expect("incidents").len(), 3);
    let others = incidents::recent(&test.db, &foreign, 100, 10).await.expect("incidents");
    assert_eq!(others.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["hidden"]);
});

// SPEC A-3: what an outage puts at risk is what waited when it began
both_databases!(an_incident_counts_the_posts_that_wait, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let of = grant(&test.db, &user, &workspace, "one").await;
    let first = account(&test.db, &user, &of, "first").await;
    let second = account(&test.db, &user, &of, "second").await;
    execute(
        &test.db,
        format!(
            "insert into posts (id, workspace_id, body, created_at) values ('p', '{workspace}', 'x', 0), ('q', '{workspace}', 'x', 0);
             insert into targets (id, post_id, account_id, state, due_at) values ('t', 'p', '{first}', 'scheduled', 9), \
             ('u', 'q', '{first}', 'held', 0), ('v', 'p', '{second}', 'published', 0)"
        ),
    )
    .await;
    broke(&test.db, &workspace, &first, 1, 500, None).await;
    broke(&test.db, &workspace, &second, 2, 400, None).await;
    let waited = || async {
        let recent = incidents::recent(&test.db, &workspace, 0, 9).await.expect("incidents");
        recent.iter().map(|one| one.posts).collect::<Vec<_>>()
    };
    assert_eq!(waited().await, [2, 0]);
    execute(&test.db, "update targets set state = 'scheduled' where id = 'v'").await;
    assert_eq!(waited().await, [2, 0], "what is planned later was not at risk then");
    let mut tx = test.db.begin().await.expect("a transaction");
    incidents::recount(&mut tx, &second).await.expect("counted");
    tx.commit().await.expect("a commit");
    assert_eq!(waited().await, [2, 1]);
});

// SPEC 9, W-2
both_databases!(amber_accounts_are_counted_while_they_are_connected, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let (_, foreign) = member(&test.db, "c@d.example", Role::Owner).await;
    let of = grant(&test.db, &user, &workspace, "one").await;
    let first = account(&test.db, &user, &of, "first").await;
    account(&test.db, &user, &of, "second").await;
    assert_eq!(accounts::count_amber(&test.db, &workspace).await.expect("a count"), 0);
    let amber = Standing { health: Health::NeedsReconnect, cause: Some(Cause::Expired), refused: 0 };
    let mut tx = test.db.begin().await.expect("a transaction");
    accounts::set_standing(&mut tx, &first, &amber, &[], Some(5)).await.expect("a standing");
    tx.commit().await.expect("a commit");
    assert_eq!(accounts::count_amber(&test.db, &workspace).await.expect("a count"), 1);
    assert_eq!(accounts::count_amber(&test.db, &foreign).await.expect("a count"), 0);
    let mut tx = test.db.begin().await.expect("a transaction");
    accounts::disconnect(&mut tx, &first).await.expect("disconnected");
    tx.commit().await.expect("a commit");
    assert_eq!(accounts::count_amber(&test.db, &workspace).await.expect("a count"), 0);
});
