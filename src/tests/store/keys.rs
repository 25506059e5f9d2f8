//! Notes of the vault's keys.

use pilotlight::server::store::keys::{self, KeyRow, KeyState};

use crate::support::db::both_databases;

fn row(id: &str, state: KeyState) -> KeyRow {
    KeyRow { id: id.into(), fingerprint: format!("print of {id}"), state }
}

// DESIGN rule 3
both_databases!(the_first_key_stays_the_first, |test| async move {
    assert_eq!(keys::list(&test.db).await.unwrap(), []);
    for id in ["a", "b"] {
        let mut tx = test.db.begin().await.unwrap();
        keys::put_first(&mut tx, id, &format!("print of {id}"), 1).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(keys::list(&test.db).await.unwrap(), [row("a", KeyState::Active)]);
});

both_databases!(of_many_first_starts_one_wins, |test| async move {
    let starts = (0..8).map(|i| {
        let db = test.db.clone();
        tokio::spawn(async move {
            let mut tx = db.begin().await.unwrap();
            keys::put_first(&mut tx, &format!("key {i}"), "print", i).await.unwrap();
            tx.commit().await.unwrap();
        })
    });
    for start in starts.collect::<Vec<_>>() {
        start.await.unwrap();
    }
    assert_eq!(keys::list(&test.db).await.unwrap().len(), 1);
});

both_databases!(a_rotation_can_be_written_down_twice, |test| async move {
    let mut tx = test.db.begin().await.unwrap();
    keys::put_first(&mut tx, "a", "print of a", 1).await.unwrap();
    keys::begin_rotation(&mut tx, "b", "print of b", 2).await.unwrap();
    keys::begin_rotation(&mut tx, "b", "print of b", 3).await.unwrap();
    // A key that still seals is not forgotten.
    keys::end_rotation(&mut tx, "b").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(keys::list(&test.db).await.unwrap(), [row("a", KeyState::Retiring), row("b", KeyState::Active)]);

    let mut tx = test.db.begin().await.unwrap();
    keys::end_rotation(&mut tx, "a").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(keys::list(&test.db).await.unwrap(), [row("b", KeyState::Active)]);
});
