//! Users, workspaces, the set-up token.

use pilotlight::domain::id::{UserId, WorkspaceId};
use pilotlight::domain::plan::Plan;
use pilotlight::domain::role::Role;
use pilotlight::server::store::people::{self, UserRow, Workspace};

use crate::support::db::{both_databases, member};

// SPEC W-1
both_databases!(a_person_is_found_by_e_mail_once, |test| async move {
    assert!(!people::any_user(&test.db).await.unwrap());
    let (id, workspace) = member(&test.db, "ann@example.org", Role::Owner).await;
    assert!(people::any_user(&test.db).await.unwrap());

    let found = people::user_by_email(&test.db, "ann@example.org").await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.name.as_str(), found.password_hash.as_str()), (id.as_str(), "Ann", "hash"));
    assert!(people::user_by_email(&test.db, "bob@example.org").await.unwrap().is_none());
    assert_eq!(people::name_of(&test.db, &id).await.unwrap().as_deref(), Some("Ann"));
    assert_eq!(people::name_of(&test.db, &UserId::new("nobody")).await.unwrap(), None);
    assert_eq!(people::workspaces_of(&test.db, &id).await.unwrap(), [workspace]);

    let again = UserRow { id: "other".into(), ..found };
    let mut tx = test.db.begin().await.unwrap();
    assert!(!people::insert_user(&mut tx, &again, 2).await.unwrap());
});

// SPEC W-2, W-3
both_databases!(a_workspace_has_a_plan_and_one_owner, |test| async move {
    let (_, id) = member(&test.db, "ann@example.org", Role::Owner).await;
    let expected = Workspace { id: id.clone(), name: "Agency".into(), plan: Plan::Starter };
    assert_eq!(people::workspace(&test.db, &id).await.unwrap(), Some(expected));
    assert_eq!(people::workspace(&test.db, &WorkspaceId::new("none")).await.unwrap(), None);
    assert!(people::plan_of(&test.db, &WorkspaceId::new("none")).await.is_err());

    let mut tx = test.db.begin().await.unwrap();
    assert_eq!(people::workspace_named(&mut tx, "Agency").await.unwrap(), Some(id.clone()));
    assert_eq!(people::workspace_named(&mut tx, "agency").await.unwrap(), None);
    people::set_plan(&mut tx, &id, Plan::Free).await.unwrap();
    assert_eq!(people::plan_of_in(&mut tx, &id).await.unwrap(), Plan::Free);
    tx.commit().await.unwrap();
    assert_eq!(people::plan_of(&test.db, &id).await.unwrap(), Plan::Free);

    let (bob, _) = member(&test.db, "bob@example.org", Role::Viewer).await;
    let mut tx = test.db.begin().await.unwrap();
    assert!(people::insert_membership(&mut tx, &id, &bob, Role::Owner, 3).await.is_err());
});

// SPEC W-1: first start creates the owner
both_databases!(a_set_up_token_is_taken_once, |test| async move {
    for hash in ["first", "second"] {
        let mut tx = test.db.begin().await.unwrap();
        people::put_setup_token(&mut tx, hash, 1).await.unwrap();
        tx.commit().await.unwrap();
    }
    let take = async |hash: &str| {
        let mut tx = test.db.begin().await.unwrap();
        let taken = people::take_setup_token(&mut tx, hash).await.unwrap();
        tx.commit().await.unwrap();
        taken
    };
    assert!(!take("first").await, "a newer token voids the older one");
    let tries = (0..8).map(|_| {
        let db = test.db.clone();
        tokio::spawn(async move {
            let mut tx = db.begin().await.unwrap();
            let taken = people::take_setup_token(&mut tx, "second").await.unwrap();
            tx.commit().await.unwrap();
            usize::from(taken)
        })
    });
    let mut taken = 0;
    for one in tries.collect::<Vec<_>>() {
        taken += one.await.unwrap();
    }
    assert_eq!(taken, 1);
    assert!(!take("second").await);
});
