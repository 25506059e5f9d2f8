//! Messages: who may send one, and how it ends.

use std::collections::BTreeSet;

use pilotlight::domain::id::{MessageId, WebhookId, WorkspaceId};
use pilotlight::server::store::deliveries;
use pilotlight::server::store::outbox::{self, Channel, Copies, End, To};

use super::{LONG, claim, claim_one, end, hook, house, in_tx, write};
use crate::support::db::{both_databases, execute, number};

const CERTAIN: Copies = Copies { in_doubt: false, resent: false };

// SPEC A-5: many servers claim at once, and every mail goes to one of them.
both_databases!(every_due_mail_is_claimed_once, |test| async move {
    let house = house(&test.db, "one").await;
    for n in 0..40 {
        house.mail(&test.db, &format!("m{n:02}"), "broken", 100 - n).await;
    }
    house.mail(&test.db, "later", "broken", 101).await;
    let servers = (0..6).map(|n| {
        let db = test.db.clone();
        tokio::spawn(async move {
            let (owner, mut mine) = (format!("server-{n}"), Vec::new());
            loop {
                let some = outbox::claim(&db, Channel::Mail, &owner, 100, LONG, 3).await.expect("the store");
                if some.is_empty() {
                    return mine;
                }
                assert!(some.len() <= 3 && some.iter().all(|one| one.lease.owner == owner && one.attempts == 1));
                mine.extend(some.into_iter().map(|one| one.lease.message.to_string()));
            }
        })
    });
    let mut all = Vec::new();
    for server in servers.collect::<Vec<_>>() {
        all.extend(server.await.expect("no panic"));
    }
    let different: BTreeSet<_> = all.iter().cloned().collect();
    assert_eq!((all.len(), different.len()), (40, 40));
    assert!(!different.contains("later"));
});

both_databases!(the_oldest_is_claimed_first_and_each_channel_by_itself, |test| async move {
    let house = house(&test.db, "one").await;
    let hook = hook(&test.db, &house.workspace, "h").await;
    assert!(!outbox::any_due(&test.db, Channel::Mail, 100).await.expect("the store"));
    house.mail(&test.db, "young", "broken", 90).await;
    house.mail(&test.db, "old", "broken", 80).await;
    write(&test.db, &house.workspace, To::Webhook(hook.clone()), "call", "account.recovered", 70).await;
    let due = async |channel, now| outbox::any_due(&test.db, channel, now).await.expect("the store");
    assert!(!due(Channel::Mail, 79).await && due(Channel::Mail, 80).await);
    assert!(!due(Channel::Webhook, 69).await && due(Channel::Webhook, 70).await);
    let first = outbox::claim(&test.db, Channel::Mail, "a", 100, LONG, 1).await.expect("the store").remove(0);
    assert_eq!((first.lease.message.as_str(), &first.to), ("old", &To::Member(house.user.clone())));
    assert_eq!((first.workspace, first.kind.as_str(), first.created_at), (house.workspace.clone(), "broken", 50));
    assert_eq!((first.in_doubt, first.resent, first.lease.epoch), (false, false, 1));
    assert_eq!(claim_one(&test.db, "a", LONG).await.lease.message.as_str(), "young");
    assert!(!due(Channel::Mail, 100).await, "what is held is not due");
    let call = outbox::claim(&test.db, Channel::Webhook, "a", 100, LONG, 9).await.expect("the store").remove(0);
    assert_eq!((call.to, call.kind.as_str()), (To::Webhook(hook), "account.recovered"));
});

// SPEC A-5: a lease ends by the database's clock; who held it before writes nothing any more.
both_databases!(a_late_sender_is_fenced, |test| async move {
    let house = house(&test.db, "one").await;
    house.mail(&test.db, "m", "broken", 100).await;
    let late = claim_one(&test.db, "late", LONG).await.lease;
    assert!(claim(&test.db, "next", LONG).await.is_empty());
    assert!(in_tx!(test.db, |tx| outbox::finishing(&mut tx, &late, 0, false)), "its lease ends now");
    let next = claim_one(&test.db, "next", LONG).await;
    assert_eq!((next.in_doubt, next.resent, next.attempts, next.lease.epoch), (true, false, 2, 2));
    for stale in [late, outbox::Lease { owner: "other".into(), ..next.lease.clone() }] {
        assert!(!in_tx!(test.db, |tx| outbox::finishing(&mut tx, &stale, LONG, true)));
        assert!(!in_tx!(test.db, |tx| outbox::retry(&mut tx, &stale, 7, CERTAIN, "no")));
        assert!(!end(&test.db, &stale, End::Sent, 7).await);
    }
    assert!(claim(&test.db, "third", LONG).await.is_empty(), "nothing of that ended the lease");
    // The end is noted under a lease that is made longer.
    let next = next.lease;
    execute(&test.db, "update outbox set lease_ends_at = 0").await;
    assert!(in_tx!(test.db, |tx| outbox::finishing(&mut tx, &next, LONG, true)));
    assert!(claim(&test.db, "third", LONG).await.is_empty());
    execute(&test.db, "update outbox set lease_ends_at = 0").await;
    let third = claim_one(&test.db, "third", LONG).await;
    assert!(third.in_doubt && third.resent, "it went out twice");
});

both_databases!(what_is_tried_again_keeps_what_is_known_of_its_copies, |test| async move {
    let house = house(&test.db, "one").await;
    let id = house.mail(&test.db, "m", "broken", 100).await;
    let cases = [
        (false, CERTAIN, (false, false)),
        (false, Copies { in_doubt: true, resent: false }, (true, false)),
        // Sent a second time and deferred: only the first is in doubt.
        (true, Copies { in_doubt: true, resent: false }, (true, false)),
        (true, Copies { in_doubt: true, resent: true }, (true, true)),
        (true, CERTAIN, (false, false)),
    ];
    for (nth, (resent, copies, expected)) in cases.into_iter().enumerate() {
        let lease = claim_one(&test.db, "a", LONG).await.lease;
        assert!(in_tx!(test.db, |tx| outbox::finishing(&mut tx, &lease, LONG, resent)));
        assert!(in_tx!(test.db, |tx| outbox::retry(&mut tx, &lease, 100, copies, "451 later")));
        assert!(!in_tx!(test.db, |tx| outbox::retry(&mut tx, &lease, 100, copies, "again")), "once");
        let next = claim_one(&test.db, "b", LONG).await;
        assert_eq!((next.in_doubt, next.resent), expected, "case {nth}");
        assert!(in_tx!(test.db, |tx| outbox::retry(&mut tx, &next.lease, 100, copies, "451 later")));
    }
    let lease = claim_one(&test.db, "a", LONG).await.lease;
    assert!(in_tx!(test.db, |tx| outbox::retry(&mut tx, &lease, 101, CERTAIN, "451 full")));
    assert!(claim(&test.db, "b", LONG).await.is_empty(), "not before its time");
    let row = deliveries::one(&test.db, &house.workspace, id.as_str()).await.expect("the store").expect("the mail");
    assert_eq!(
        (row.state.as_str(), row.answer.as_deref(), row.due_at, row.attempts),
        ("waiting", Some("451 full"), 101, 11)
    );
});

both_databases!(an_end_is_an_end, |test| async move {
    let house = house(&test.db, "one").await;
    for (how, name) in [(End::Sent, "sent"), (End::Dropped, "dropped"), (End::Dead, "dead")] {
        let id = house.mail(&test.db, name, "broken", 100).await;
        let lease = claim_one(&test.db, "a", LONG).await.lease;
        assert!(end(&test.db, &lease, how, 77).await);
        assert!(!end(&test.db, &lease, how, 78).await && claim(&test.db, "b", 0).await.is_empty());
        let row = deliveries::one(&test.db, &house.workspace, id.as_str()).await.expect("the store").expect("the mail");
        assert_eq!((row.state.as_str(), row.answer.as_deref(), row.done_at), (name, Some("said"), Some(77)));
    }
    let listed = deliveries::newest(&test.db, &house.workspace, "mail", None, 10).await.expect("the store");
    let names: Vec<_> = listed.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(names, ["dead", "sent"], "who was told nothing is not listed");
    assert_eq!(deliveries::dead(&test.db, &house.workspace).await.expect("the store"), 1);
    // Only what ended long ago is forgotten.
    house.mail(&test.db, "waits", "broken", 1_000).await;
    in_tx!(test.db, |tx| outbox::sweep(&mut tx, 77));
    assert_eq!(number(&test.db, "select count(*) from outbox").await, 4);
    in_tx!(test.db, |tx| outbox::sweep(&mut tx, 78));
    assert_eq!(number(&test.db, "select count(*) from outbox").await, 1);
});

// SPEC A-5: an admin sends the dead again; the doubt about older copies stays.
both_databases!(only_what_ended_badly_is_sent_again, |test| async move {
    let (house, foreign) = (house(&test.db, "one").await, house(&test.db, "two").await);
    let id = house.mail(&test.db, "m", "broken", 100).await;
    let again = async |workspace: &WorkspaceId, id: &MessageId| {
        in_tx!(test.db, |tx| outbox::again(&mut tx, workspace, id, 100))
    };
    assert!(!again(&house.workspace, &id).await, "it waits");
    let lease = claim_one(&test.db, "a", LONG).await.lease;
    assert!(!again(&house.workspace, &id).await, "it is on its way");
    assert!(in_tx!(test.db, |tx| outbox::finishing(&mut tx, &lease, LONG, false)));
    assert!(end(&test.db, &lease, End::Dead, 5).await);
    assert!(!again(&foreign.workspace, &id).await && !again(&house.workspace, &MessageId::new("none")).await);
    assert!(again(&house.workspace, &id).await && !again(&house.workspace, &id).await);
    let next = claim_one(&test.db, "a", LONG).await;
    assert_eq!((next.attempts, next.in_doubt, next.resent), (1, false, false), "it was refused: nothing is in doubt");
    assert!(in_tx!(test.db, |tx| outbox::finishing(&mut tx, &next.lease, LONG, true)));
    assert!(end(&test.db, &next.lease, End::Dead, 5).await && again(&house.workspace, &id).await);
    let next = claim_one(&test.db, "a", LONG).await;
    assert_eq!((next.attempts, next.in_doubt, next.resent), (1, true, false), "one copy more, which says so");
    assert!(end(&test.db, &next.lease, End::Sent, 5).await);
    assert!(!again(&house.workspace, &id).await, "a mail that arrived");

    let hook = hook(&test.db, &house.workspace, "h").await;
    let call = write(&test.db, &house.workspace, To::Webhook(hook), "call", "account.recovered", 70).await;
    let lease = outbox::claim(&test.db, Channel::Webhook, "a", 100, LONG, 9).await.expect("the store").remove(0).lease;
    assert!(end(&test.db, &lease, End::Sent, 5).await && again(&house.workspace, &call).await, "calls may be repeated");
});

// SPEC A-7: what an endpoint missed while it was off is listed and may be sent again; what was over is neither
both_databases!(what_an_endpoint_missed_is_kept, |test| async move {
    let house = house(&test.db, "one").await;
    let hook = hook(&test.db, &house.workspace, "h").await;
    for (id, answer) in [("missed", outbox::ENDPOINT_OFF), ("over", "said")] {
        write(&test.db, &house.workspace, To::Webhook(hook.clone()), id, "account.recovered", 70).await;
        let claimed = outbox::claim(&test.db, Channel::Webhook, "a", 100, LONG, 9).await.expect("the store").remove(0);
        assert!(in_tx!(test.db, |tx| outbox::end(&mut tx, &claimed.lease, End::Dropped, answer, 5)));
    }
    let listed = deliveries::newest(&test.db, &house.workspace, "webhook", Some(&hook), 10).await.expect("the store");
    assert_eq!(listed.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["missed"]);
    for (id, expected) in [("missed", true), ("over", false)] {
        let id = MessageId::new(id);
        assert_eq!(in_tx!(test.db, |tx| outbox::again(&mut tx, &house.workspace, &id, 100)), expected, "{id}");
    }
    let claimed = outbox::claim(&test.db, Channel::Webhook, "a", 100, LONG, 9).await.expect("the store").remove(0);
    assert_eq!((claimed.attempts, claimed.created_at), (1, 100), "as if it were new");
});

both_databases!(deliveries_are_of_one_workspace_channel_and_webhook, |test| async move {
    let (house, foreign) = (house(&test.db, "one").await, house(&test.db, "two").await);
    let hooks = [hook(&test.db, &house.workspace, "h1").await, hook(&test.db, &house.workspace, "h2").await];
    house.mail(&test.db, "m1", "broken", 1).await;
    house.mail(&test.db, "m2", "recovered", 1).await;
    foreign.mail(&test.db, "m3", "broken", 1).await;
    for (id, hook) in ["c1", "c2"].into_iter().zip(&hooks) {
        write(&test.db, &house.workspace, To::Webhook(hook.clone()), id, "account.recovered", 1).await;
    }
    let ids = async |channel: &str, hook: Option<&WebhookId>, limit| {
        let rows = deliveries::newest(&test.db, &house.workspace, channel, hook, limit).await.expect("the store");
        rows.into_iter().map(|row| (row.id, row.to_name)).collect::<Vec<_>>()
    };
    let named = |id: &str, name: &str| (id.to_owned(), name.to_owned());
    assert_eq!(ids("mail", None, 10).await, [named("m2", "Ann"), named("m1", "Ann")]);
    assert_eq!(ids("mail", None, 1).await, [named("m2", "Ann")]);
    assert_eq!(ids("webhook", None, 10).await, [named("c2", "Chat h2"), named("c1", "Chat h1")]);
    assert_eq!(ids("webhook", Some(&hooks[0]), 10).await, [named("c1", "Chat h1")]);
    assert!(deliveries::one(&test.db, &foreign.workspace, "m1").await.expect("the store").is_none());
    assert_eq!(deliveries::dead(&test.db, &house.workspace).await.expect("the store"), 0);
});
