//! What messages are about: a subject reaches an addressee once.

use pilotlight::domain::health::Cause;
use pilotlight::domain::id::{AccountId, IncidentId, MessageId};
use pilotlight::domain::role::Role;
use pilotlight::server::store::outbox::{self, Copies, End, NewMessage, To};
use pilotlight::server::store::outbox_items::{self, NewItem};
use pilotlight::server::store::{Db, incidents};

use super::{LONG, claim, claim_one, end, house, in_tx};
use crate::support::db::{both_databases, execute, member, number};

async fn add(db: &Db, to: &str, subject: &str, message: &MessageId, of: (&AccountId, Option<&IncidentId>)) -> bool {
    let item = NewItem { addressee: to, subject, message, account: of.0, incident: of.1 };
    in_tx!(db, |tx| outbox_items::add(&mut tx, &item))
}

// SPEC A-3, DESIGN rule 12: one incident, one alert per addressee
both_databases!(a_subject_reaches_an_addressee_once, |test| async move {
    let house = house(&test.db, "one").await;
    let (first, second) =
        (house.mail(&test.db, "m1", "broken", 1).await, house.mail(&test.db, "m2", "broken", 1).await);
    let incident = house.incident(&test.db, "i", 7).await;
    let of = (&house.account, Some(&incident));
    // Two writers at once: one of them tells it.
    let tries = [first.clone(), second.clone()].map(|message| {
        let (db, account, incident) = (test.db.clone(), house.account.clone(), incident.clone());
        tokio::spawn(async move { add(&db, "ann", "broken:i", &message, (&account, Some(&incident))).await })
    });
    let mut told = 0;
    for one in tries {
        told += usize::from(one.await.expect("no panic"));
    }
    assert_eq!(told, 1);
    assert!(
        add(&test.db, "bob", "broken:i", &first, of).await && add(&test.db, "ann", "recovered:i", &first, of).await
    );
    assert!(!add(&test.db, "bob", "broken:i", &second, of).await);
    assert!(add(&test.db, "ann", "expiring:x:1:7", &second, (&house.account, None)).await);
    let of_second = outbox_items::of_message(&test.db, &second).await.expect("the store");
    let expiring = of_second.iter().find(|item| item.subject == "expiring:x:1:7").expect("the item");
    assert_eq!((&expiring.account, expiring.incident), (&house.account, None));
    in_tx!(test.db, |tx| incidents::close(&mut tx, &house.account, 9));
    let of_first = outbox_items::of_message(&test.db, &first).await.expect("the store");
    let recovered = of_first.iter().find(|item| item.subject == "recovered:i").expect("the item");
    assert_eq!(recovered.incident, Some((7, Some(9), Cause::Revoked)));
});

// SPEC A-3: several accounts breaking within a minute make one mail
both_databases!(a_mail_is_open_until_somebody_took_it, |test| async move {
    let house = house(&test.db, "one").await;
    let open = async |kind: &str, from, to| {
        in_tx!(test.db, |tx| outbox_items::open_mail(&mut tx, &house.workspace, &house.user, kind, from, to))
    };
    assert_eq!(open("broken", 0, 200).await, None);
    let late = house.mail(&test.db, "late", "broken", 100).await;
    let early = house.mail(&test.db, "early", "broken", 90).await;
    assert_eq!(open("broken", 0, 200).await, Some(early));
    assert_eq!(open("broken", 91, 100).await, Some(late));
    assert_eq!(
        (open("broken", 101, 200).await, open("broken", 0, 89).await, open("recovered", 0, 200).await),
        (None, None, None)
    );
    let (other, _) = member(&test.db, "c@d.example", Role::Owner).await;
    assert_eq!(
        in_tx!(test.db, |tx| outbox_items::open_mail(&mut tx, &house.workspace, &other, "broken", 0, 200)),
        None
    );
    // Who holds one, and who was tried, takes nothing in any more.
    execute(&test.db, "update outbox set lease_owner = 'a', lease_ends_at = 0 where id = 'early'").await;
    execute(&test.db, "update outbox set attempts = 1 where id = 'late'").await;
    assert_eq!(open("broken", 0, 200).await, None);
    execute(&test.db, "update outbox set lease_owner = null, attempts = 0, state = 'sent'").await;
    assert_eq!(open("broken", 0, 200).await, None);
});

// SPEC A-3: two that break in the same moment make one mail, also where two servers see them
both_databases!(two_events_of_the_same_moment_find_one_mail, |test| async move {
    let house = house(&test.db, "one").await;
    let writers = ["first", "second"].map(|name| {
        let (db, workspace, user) = (test.db.clone(), house.workspace.clone(), house.user.clone());
        tokio::spawn(async move {
            let mut tx = db.begin().await.expect("a transaction");
            outbox_items::hold_member(&mut tx, &workspace, &user).await.expect("held");
            let open = outbox_items::open_mail(&mut tx, &workspace, &user, "broken", 0, 200).await.expect("the store");
            if open.is_none() {
                // Long enough for the other to look as well, were it not kept waiting.
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                let (id, to) = (MessageId::new(name), To::Member(user));
                let new =
                    NewMessage { id, workspace: &workspace, to, kind: "broken", body: "{}", due_at: 100, now: 50 };
                outbox::insert(&mut tx, &new).await.expect("written");
            }
            tx.commit().await.expect("a commit");
            usize::from(open.is_none())
        })
    });
    let mut made = 0;
    for writer in writers {
        made += writer.await.expect("no panic");
    }
    assert_eq!(made, 1);
});

// What takes something in is not sent meanwhile.
both_databases!(an_open_mail_is_kept_until_the_end_of_the_transaction, |test| async move {
    let house = house(&test.db, "one").await;
    let id = house.mail(&test.db, "m", "broken", 100).await;
    let mut tx = test.db.begin().await.expect("a transaction");
    let open = outbox_items::open_mail(&mut tx, &house.workspace, &house.user, "broken", 0, 200).await;
    assert_eq!(open.expect("the store"), Some(id.clone()));
    let db = test.db.clone();
    let other = tokio::spawn(async move { claim(&db, "other", LONG).await.len() });
    // On PostgreSQL the row is passed over; SQLite has one writer at a time, who comes later.
    let shared = test.db.is_shared();
    let early = if shared { Some(other.await.expect("no panic")) } else { None };
    assert!(early.is_none_or(|claimed| claimed == 0), "it was claimed while something was written into it");
    let item = NewItem { addressee: "ann", subject: "s", message: &id, account: &house.account, incident: None };
    assert!(outbox_items::add(&mut tx, &item).await.expect("the store"));
    tx.commit().await.expect("a commit");
    assert_eq!(outbox_items::of_message(&test.db, &id).await.expect("the store").len(), 1);
});

// SPEC A-3: an account that flickers does not flood
both_databases!(who_was_told_lately_is_told_later, |test| async move {
    let house = house(&test.db, "one").await;
    let before = async |kind: &str, since| {
        in_tx!(test.db, |tx| outbox_items::not_before(&mut tx, "ann", &house.account, kind, since, 1_000))
    };
    let of = (&house.account, None);
    assert_eq!(before("broken", 0).await, None);
    let id = house.mail(&test.db, "m", "broken", 90).await;
    add(&test.db, "ann", "broken:1", &id, of).await;
    assert_eq!(before("broken", 0).await, Some(90), "what waits leaves then");
    assert_eq!((before("recovered", 0).await, before("broken", 51).await), (None, None));
    let lease = claim_one(&test.db, "a", LONG).await.lease;
    assert!(end(&test.db, &lease, End::Sent, 95).await);
    assert_eq!(before("broken", 50).await, Some(1_095), "a pause after what was sent");
    for how in [End::Dropped, End::Dead] {
        let name = how.key();
        let id = house.mail(&test.db, name, "broken", 99).await;
        add(&test.db, "ann", &format!("broken:{name}"), &id, of).await;
        let lease = claim_one(&test.db, "a", LONG).await.lease;
        assert!(end(&test.db, &lease, how, 5_000).await);
    }
    execute(&test.db, "update outbox set due_at = 9000 where state in ('dropped', 'dead')").await;
    assert_eq!(before("broken", 0).await, Some(1_095), "what told nobody counts nothing");
});

// SPEC A-3: in a pause too, several accounts make one mail; nobody waits for others much longer than their pause
both_databases!(a_mail_is_put_off_only_for_those_who_were_told_lately, |test| async move {
    let house = house(&test.db, "one").await;
    let put_off = async |after, to, told| {
        let (workspace, user) = (&house.workspace, &house.user);
        in_tx!(test.db, |tx| outbox_items::put_off(&mut tx, workspace, user, "broken", after, to, told))
    };
    let of = (&house.account, None);
    let first = house.mail(&test.db, "first", "broken", 90).await;
    add(&test.db, "ann", "broken:1", &first, of).await;
    let lease = claim_one(&test.db, "a", LONG).await.lease;
    assert!(end(&test.db, &lease, End::Sent, 1_000).await);
    let held = house.mail(&test.db, "held", "broken", 2_000).await;
    add(&test.db, "ann", "broken:2", &held, of).await;
    assert_eq!(put_off(2_000, 2_300, 1_000).await, None, "it leaves too soon");
    assert_eq!(put_off(1_900, 2_000, 1_000).await, None, "it leaves late enough");
    assert_eq!(put_off(1_900, 2_300, 1_001).await, None, "its own account would wait too long");
    assert_eq!(put_off(1_900, 2_300, 1_000).await, Some(held));
    assert_eq!(number(&test.db, "select due_at from outbox where id = 'held'").await, 2_300);
    execute(&test.db, "update outbox set state = 'dropped' where id = 'first'").await;
    assert_eq!(put_off(1_900, 2_400, 1_000).await, None, "a first alarm");
});

both_databases!(told_are_those_who_may_have_heard_of_it, |test| async move {
    let house = house(&test.db, "one").await;
    let incident = house.incident(&test.db, "i", 7).await;
    let told = async || {
        let mut told = in_tx!(test.db, |tx| outbox_items::told(&mut tx, &incident, "broken"));
        told.sort();
        told
    };
    let of = (&house.account, Some(&incident));
    let id = house.mail(&test.db, "m", "broken", 90).await;
    add(&test.db, "ann", "broken:i", &id, of).await;
    assert!(told().await.is_empty(), "it has not left");
    let lease = claim_one(&test.db, "a", LONG).await.lease;
    assert_eq!(told().await, ["ann"], "it is on its way");
    let certain = Copies { in_doubt: false, resent: false };
    assert!(in_tx!(test.db, |tx| outbox::retry(&mut tx, &lease, 100, certain, "451")));
    assert!(told().await.is_empty(), "nothing of it was taken");
    let lease = claim_one(&test.db, "a", LONG).await.lease;
    assert!(in_tx!(test.db, |tx| outbox::finishing(&mut tx, &lease, LONG, false)));
    let doubt = Copies { in_doubt: true, resent: false };
    assert!(in_tx!(test.db, |tx| outbox::retry(&mut tx, &lease, 100, doubt, "no answer")));
    assert_eq!(told().await, ["ann"], "it may have arrived");
    let lease = claim_one(&test.db, "a", LONG).await.lease;
    assert!(end(&test.db, &lease, End::Dropped, 5).await);
    assert!(told().await.is_empty(), "nobody was told");
    let reminder = house.mail(&test.db, "r", "still-broken", 90).await;
    add(&test.db, "bob", "still-broken:i:1", &reminder, of).await;
    claim_one(&test.db, "a", LONG).await;
    assert!(told().await.is_empty(), "by another kind");
    assert_eq!(in_tx!(test.db, |tx| outbox_items::told(&mut tx, &incident, "still-broken")), ["bob"]);
});

// SPEC A-3: who was told of a break is told of its end, however long it takes
both_databases!(what_told_of_an_open_incident_is_kept, |test| async move {
    let house = house(&test.db, "one").await;
    let incident = house.incident(&test.db, "i", 7).await;
    let id = house.mail(&test.db, "m", "broken", 90).await;
    add(&test.db, "ann", "broken:i", &id, (&house.account, Some(&incident))).await;
    let lease = claim_one(&test.db, "a", LONG).await.lease;
    assert!(end(&test.db, &lease, End::Sent, 8).await);
    in_tx!(test.db, |tx| outbox::sweep(&mut tx, 1_000));
    assert_eq!(in_tx!(test.db, |tx| outbox_items::told(&mut tx, &incident, "broken")), ["ann"]);
    assert_eq!(outbox_items::told_of_open(&test.db, &house.account).await.expect("the store").len(), 1);
    in_tx!(test.db, |tx| incidents::close(&mut tx, &house.account, 9));
    in_tx!(test.db, |tx| outbox::sweep(&mut tx, 1_000));
    assert!(outbox_items::of_message(&test.db, &id).await.expect("the store").is_empty(), "it has ended");
});

both_databases!(an_open_incident_names_who_was_told, |test| async move {
    let house = house(&test.db, "one").await;
    let incident = house.incident(&test.db, "i", 7).await;
    let of = (&house.account, Some(&incident));
    for (id, at) in [("m1", 500), ("m2", 400)] {
        let message = house.mail(&test.db, id, "broken", 90).await;
        add(&test.db, id, "broken:i", &message, of).await;
        let lease = claim_one(&test.db, "a", LONG).await.lease;
        assert!(end(&test.db, &lease, End::Sent, at).await);
    }
    let waits = house.mail(&test.db, "m3", "broken", 900).await;
    add(&test.db, "m3", "broken:i", &waits, of).await;
    let told = outbox_items::told_of_open(&test.db, &house.account).await.expect("the store");
    let told: Vec<_> = told.iter().map(|one| (one.name.as_str(), one.channel.as_str(), one.at, one.last)).collect();
    assert_eq!(told, [("Ann", "mail", 400, 500)], "once, with the first time and the last");
    in_tx!(test.db, |tx| incidents::close(&mut tx, &house.account, 9));
    assert!(outbox_items::told_of_open(&test.db, &house.account).await.expect("the store").is_empty());
});
