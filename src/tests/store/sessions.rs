//! Sessions.

use pilotlight::domain::role::Role;
use pilotlight::server::store::Db;
use pilotlight::server::store::sessions::{self, NewSession};

use crate::support::db::{both_databases, execute, member};

const FOREVER: i64 = 1_000;

// DESIGN rule 16
both_databases!(a_session_ends_by_age_and_by_idleness, |test| async move {
    let (user, workspace) = member(&test.db, "ann@example.org", Role::Editor).await;
    let mut tx = test.db.begin().await.unwrap();
    let new = NewSession { hash: "h", user: &user, workspace: &workspace, now: 100, ends_at: 200 };
    sessions::insert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();

    let found = sessions::find(&test.db, "h", 150, 50).await.unwrap().unwrap();
    assert_eq!((&found.user, &found.workspace, found.role), (&user, &workspace, Role::Editor));
    assert_eq!((found.name.as_str(), found.email.as_str(), found.seen_at), ("Ann", "ann@example.org", 100));
    assert!(sessions::find(&test.db, "other", 150, 50).await.unwrap().is_none());
    assert!(sessions::find(&test.db, "h", 200, 50).await.unwrap().is_none(), "too old");
    assert!(sessions::find(&test.db, "h", 150, 100).await.unwrap().is_none(), "idle for too long");

    let mut tx = test.db.begin().await.unwrap();
    sessions::touch(&mut tx, "h", 140).await.unwrap();
    sessions::touch(&mut tx, "h", 130).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(sessions::find(&test.db, "h", 150, 100).await.unwrap().unwrap().seen_at, 140);
});

// SPEC W-1
both_databases!(who_is_no_member_any_more_has_no_session, |test| async move {
    let (user, workspace) = member(&test.db, "ann@example.org", Role::Editor).await;
    let mut tx = test.db.begin().await.unwrap();
    let new = NewSession { hash: "h", user: &user, workspace: &workspace, now: 1, ends_at: FOREVER };
    sessions::insert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    execute(&test.db, "delete from memberships").await;
    assert!(sessions::find(&test.db, "h", 2, 0).await.unwrap().is_none());
});

// DESIGN rule 16: listed and revocable
both_databases!(sessions_are_listed_revoked_and_swept, |test| async move {
    let (ann, workspace) = member(&test.db, "ann@example.org", Role::Owner).await;
    let (bob, _) = member(&test.db, "bob@example.org", Role::Owner).await;
    let mut tx = test.db.begin().await.unwrap();
    for (hash, now, ends_at) in [("old", 10, 50), ("new", 20, FOREVER), ("newest", 30, FOREVER)] {
        let new = NewSession { hash, user: &ann, workspace: &workspace, now, ends_at };
        sessions::insert(&mut tx, &new).await.unwrap();
    }
    assert!(!sessions::revoke(&mut tx, &bob, "new").await.unwrap(), "not Bob's");
    tx.commit().await.unwrap();
    assert_eq!(hashes(&test.db, &ann, 40, 0).await, ["newest", "new", "old"]);
    assert_eq!(hashes(&test.db, &ann, 60, 0).await, ["newest", "new"]);
    assert_eq!(hashes(&test.db, &ann, 60, 25).await, ["newest"]);
    assert!(hashes(&test.db, &bob, 40, 0).await.is_empty());

    let mut tx = test.db.begin().await.unwrap();
    assert!(sessions::revoke(&mut tx, &ann, "new").await.unwrap());
    sessions::sweep(&mut tx, 60, 0).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(hashes(&test.db, &ann, 0, 0).await, ["newest"], "the old one was swept");

    let mut tx = test.db.begin().await.unwrap();
    sessions::sweep(&mut tx, 60, 30).await.unwrap();
    tx.commit().await.unwrap();
    assert!(hashes(&test.db, &ann, 0, 0).await.is_empty(), "idle ones are swept as well");
});

both_databases!(a_browser_ends_its_own_session, |test| async move {
    let (ann, workspace) = member(&test.db, "ann@example.org", Role::Owner).await;
    let mut tx = test.db.begin().await.unwrap();
    for hash in ["here", "there"] {
        let new = NewSession { hash, user: &ann, workspace: &workspace, now: 1, ends_at: FOREVER };
        sessions::insert(&mut tx, &new).await.unwrap();
    }
    sessions::end(&mut tx, "here").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(hashes(&test.db, &ann, 2, 0).await, ["there"]);
});

async fn hashes(db: &Db, user: &pilotlight::domain::id::UserId, now: i64, idle_since: i64) -> Vec<String> {
    let rows = sessions::list(db, user, now, idle_since).await.unwrap();
    rows.into_iter().map(|row| row.id_hash).collect()
}
