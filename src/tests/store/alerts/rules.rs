//! Who wants to be told of what, and the links that end it.

use pilotlight::domain::id::{UserId, WorkspaceId};
use pilotlight::domain::notify::{AlertKind, Days};
use pilotlight::domain::role::Role;
use pilotlight::server::store::alert_rules::{self, Rule};
use pilotlight::server::store::people::{self, UserRow};
use pilotlight::server::store::unsubscribes::{self, Unsubscribe};
use pilotlight::server::store::{Db, StoreError};

use super::{house, in_tx};
use crate::support::db::{both_databases, execute, member};

async fn join(db: &Db, workspace: &WorkspaceId, name: &str, role: Role) -> UserId {
    let email = format!("{name}@b.example");
    let user = UserRow { id: name.into(), email, name: name.into(), password_hash: "none".into() };
    let id = UserId::new(name);
    let mut tx = db.begin().await.expect("a transaction");
    assert!(people::insert_user(&mut tx, &user, 1).await.expect("a user"));
    people::insert_membership(&mut tx, workspace, &id, role, 1).await.expect("a membership");
    tx.commit().await.expect("a commit");
    id
}

// SPEC A-4: configurable, each kind by itself, in one workspace
both_databases!(a_rule_is_the_default_until_somebody_sets_it, |test| async move {
    let (_, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let (_, foreign) = member(&test.db, "c@d.example", Role::Owner).await;
    let rule = async |workspace: &WorkspaceId, kind| {
        let rule = alert_rules::rule(&test.db, workspace, kind).await.expect("the store");
        assert_eq!(in_tx!(test.db, |tx| alert_rules::rule_in(&mut tx, workspace, kind)), rule);
        rule
    };
    for kind in AlertKind::ALL {
        assert_eq!(rule(&workspace, kind).await, Rule { enabled: true, days: kind.default_days() });
    }
    let days = Days::read(AlertKind::Expiring, "30, 3").expect("days");
    for enabled in [false, true] {
        let new = Rule { enabled, days: Some(days.clone()) };
        in_tx!(test.db, |tx| alert_rules::set_rule(&mut tx, &workspace, AlertKind::Expiring, &new));
        assert_eq!(rule(&workspace, AlertKind::Expiring).await, new);
    }
    let off = Rule { enabled: false, days: None };
    in_tx!(test.db, |tx| alert_rules::set_rule(&mut tx, &workspace, AlertKind::Broken, &off));
    assert_eq!(rule(&workspace, AlertKind::Broken).await, off);
    assert_eq!(rule(&workspace, AlertKind::StillBroken).await.days, AlertKind::StillBroken.default_days());
    assert_eq!(rule(&foreign, AlertKind::Expiring).await.days, AlertKind::Expiring.default_days());
    // What nobody understands any more counts as the default.
    execute(&test.db, "update alert_rules set days = 'soon'").await;
    assert_eq!(rule(&workspace, AlertKind::Expiring).await.days, AlertKind::Expiring.default_days());
});

// SPEC A-3: the members chosen in the settings
both_databases!(told_are_the_chosen_members, |test| async move {
    let (_, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let (_, foreign) = member(&test.db, "c@d.example", Role::Owner).await;
    let viewer = join(&test.db, &workspace, "vera", Role::Viewer).await;
    let admin = join(&test.db, &workspace, "adam", Role::Admin).await;
    join(&test.db, &foreign, "stranger", Role::Admin).await;
    let told = async |kind| {
        let told = in_tx!(test.db, |tx| alert_rules::told(&mut tx, &workspace, kind));
        let all = alert_rules::members(&test.db, &workspace, kind).await.expect("the store");
        assert_eq!(all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Ann", "adam", "vera"]);
        told.into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(told(AlertKind::Broken).await, ["Ann", "adam"]);
    let set = async |user: &UserId, wanted| {
        in_tx!(test.db, |tx| alert_rules::set_member(&mut tx, &workspace, user, AlertKind::Broken, wanted));
    };
    set(&viewer, true).await;
    set(&admin, false).await;
    assert_eq!(
        (told(AlertKind::Broken).await, told(AlertKind::Recovered).await.len()),
        (vec!["Ann".into(), "vera".into()], 2)
    );
    set(&admin, true).await;
    let all = alert_rules::members(&test.db, &workspace, AlertKind::Broken).await.expect("the store");
    let vera = all.iter().find(|one| one.user == viewer).expect("vera");
    assert_eq!((all.len(), vera.email.as_str(), vera.role, vera.wanted), (3, "vera@b.example", Role::Viewer, true));
    assert_eq!(told(AlertKind::Broken).await.len(), 3);
    let off = Rule { enabled: false, days: None };
    in_tx!(test.db, |tx| alert_rules::set_rule(&mut tx, &workspace, AlertKind::Broken, &off));
    assert!(told(AlertKind::Broken).await.is_empty() && told(AlertKind::Recovered).await.len() == 2);
});

both_databases!(a_workspace_has_a_zone, |test| async move {
    let (_, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let (_, foreign) = member(&test.db, "c@d.example", Role::Owner).await;
    in_tx!(test.db, |tx| alert_rules::set_zone(&mut tx, &workspace, "Asia/Tokyo"));
    assert_eq!(alert_rules::zone(&test.db, &workspace).await.expect("the store"), "Asia/Tokyo");
    assert_eq!(alert_rules::zone(&test.db, &foreign).await.expect("the store"), "UTC");
    let gone = alert_rules::zone(&test.db, &WorkspaceId::new("gone")).await;
    assert!(matches!(gone, Err(StoreError::Inconsistent { .. })));
});

both_databases!(a_link_ends_what_it_was_made_for, |test| async move {
    let (one, two) = (house(&test.db, "one").await, house(&test.db, "two").await);
    for (hash, house, kind, now) in [("h1", &one, AlertKind::Broken, 10), ("h2", &two, AlertKind::Expiring, 20)] {
        let what = Unsubscribe { workspace: house.workspace.clone(), user: house.user.clone(), kind };
        in_tx!(test.db, |tx| unsubscribes::put(&mut tx, hash, &what, now));
        assert_eq!(unsubscribes::find(&test.db, hash).await.expect("the store"), Some(what));
    }
    assert_eq!(unsubscribes::find(&test.db, "h3").await.expect("the store"), None);
    in_tx!(test.db, |tx| unsubscribes::sweep(&mut tx, 20));
    assert_eq!(unsubscribes::find(&test.db, "h1").await.expect("the store"), None);
    assert!(unsubscribes::find(&test.db, "h2").await.expect("the store").is_some());
});
