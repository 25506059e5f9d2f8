//! Webhooks: their secrets, their state, and since when they fail.

use pilotlight::domain::id::WebhookId;
use pilotlight::server::store::outbox::To;
use pilotlight::server::store::webhooks;

use super::{hook, house, in_tx, write};
use crate::support::db::{both_databases, number};

both_databases!(a_webhook_belongs_to_one_workspace, |test| async move {
    let (one, two) = (house(&test.db, "one").await, house(&test.db, "two").await);
    let id = hook(&test.db, &one.workspace, "a").await;
    hook(&test.db, &one.workspace, "b").await;
    hook(&test.db, &two.workspace, "c").await;
    let found = webhooks::get(&test.db, &one.workspace, &id).await.expect("the store").expect("the webhook");
    assert_eq!(
        (found.name.as_str(), found.format.as_str(), found.host.as_str()),
        ("Chat a", "standard", "chat.example")
    );
    assert_eq!(
        (found.url.as_slice(), found.secret.as_deref(), found.created_at),
        (&b"sealed"[..], Some(&b"first"[..]), 10)
    );
    assert!(webhooks::get(&test.db, &two.workspace, &id).await.expect("the store").is_none());
    let all = webhooks::list(&test.db, &one.workspace).await.expect("the store");
    assert_eq!(all.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    write(&test.db, &one.workspace, To::Webhook(id.clone()), "call", "account.recovered", 1).await;
    assert!(!in_tx!(test.db, |tx| webhooks::delete(&mut tx, &two.workspace, &id)));
    assert!(in_tx!(test.db, |tx| webhooks::delete(&mut tx, &one.workspace, &id)));
    assert!(!in_tx!(test.db, |tx| webhooks::delete(&mut tx, &one.workspace, &id)));
    assert_eq!(number(&test.db, "select count(*) from outbox").await, 0, "its deliveries go with it");
    assert_eq!(number(&test.db, "select count(*) from webhooks").await, 2);
});

both_databases!(a_state_is_entered_once, |test| async move {
    let house = house(&test.db, "one").await;
    let (id, other) = (hook(&test.db, &house.workspace, "a").await, hook(&test.db, &house.workspace, "b").await);
    let on = async || in_tx!(test.db, |tx| webhooks::on(&mut tx, &house.workspace));
    let standard = |id: &WebhookId| (id.clone(), "standard".to_owned());
    assert_eq!(on().await, [standard(&id), standard(&other)]);
    assert_eq!(in_tx!(test.db, |tx| webhooks::failed(&mut tx, &id, 70)), 70);
    // Of two servers that give it up, one does.
    let tries = [0, 1].map(|_| {
        let (db, id) = (test.db.clone(), id.clone());
        tokio::spawn(async move { in_tx!(db, |tx| webhooks::set_state(&mut tx, &id, "given-up")) })
    });
    let mut entered = 0;
    for one in tries {
        entered += usize::from(one.await.expect("no panic"));
    }
    assert_eq!((entered, on().await), (1, vec![standard(&other)]));
    assert!(in_tx!(test.db, |tx| webhooks::set_state(&mut tx, &id, "on")));
    assert_eq!(on().await.len(), 2);
    let row = webhooks::get(&test.db, &house.workspace, &id).await.expect("the store").expect("the webhook");
    assert_eq!((row.state.as_str(), row.failing_since), ("on", None), "old failures are forgotten");
});

both_databases!(failing_is_counted_from_the_first_failure, |test| async move {
    let house = house(&test.db, "one").await;
    let (id, other) = (hook(&test.db, &house.workspace, "a").await, hook(&test.db, &house.workspace, "b").await);
    let failed = async |now| in_tx!(test.db, |tx| webhooks::failed(&mut tx, &id, now));
    assert_eq!((failed(70).await, failed(90).await), (70, 70));
    assert_eq!(in_tx!(test.db, |tx| webhooks::failed(&mut tx, &other, 95)), 95);
    in_tx!(test.db, |tx| webhooks::worked(&mut tx, &id));
    assert_eq!(failed(100).await, 100);
    assert_eq!(in_tx!(test.db, |tx| webhooks::failed(&mut tx, &other, 110)), 95, "each by itself");
    assert_eq!(in_tx!(test.db, |tx| webhooks::failed(&mut tx, &WebhookId::new("gone"), 120)), 120);
});

both_databases!(an_old_secret_signs_for_a_while, |test| async move {
    let house = house(&test.db, "one").await;
    let (id, other) = (hook(&test.db, &house.workspace, "a").await, hook(&test.db, &house.workspace, "b").await);
    in_tx!(test.db, |tx| webhooks::rotate(&mut tx, &id, b"second", Some(b"first"), 500));
    let row = webhooks::get(&test.db, &house.workspace, &id).await.expect("the store").expect("the webhook");
    assert_eq!((row.secret.as_deref(), row.old_secret.as_deref()), (Some(&b"second"[..]), Some(&b"first"[..])));
    assert_eq!(row.old_secret_ends_at, Some(500));
    let row = webhooks::get(&test.db, &house.workspace, &other).await.expect("the store").expect("the webhook");
    assert_eq!((row.secret.as_deref(), row.old_secret, row.old_secret_ends_at), (Some(&b"first"[..]), None, None));
});
