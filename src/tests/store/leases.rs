//! Leases, the journal of refreshes, and refusals of our app, on both databases.

use pilotlight::domain::id::GrantId;
use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use pilotlight::server::store::Db;
use pilotlight::server::store::grants::{self, SealedTokens};
use pilotlight::server::store::journal::{self, Doubt};
use pilotlight::server::store::leases::{self, Claim, Claimed};
use pilotlight::server::store::outages::{self, Outage};

use super::connections::{grant, pair};
use crate::support::db::{both_databases, execute, member};

/// Grants of these tests are due at 100.
fn claim(owner: &str, lease_ms: i64) -> Claim<'_> {
    Claim { owner, now: 100, lease_ms }
}

const LONG: i64 = 600_000;

async fn due(db: &Db, owner: &str, now: i64) -> Vec<Claimed> {
    leases::claim(db, Platform::X, Claim { now, ..claim(owner, LONG) }, 10, |_| false).await.expect("the store")
}

// SPEC T-5
both_databases!(of_many_who_want_a_lease_one_gets_it, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let id = grant(&test.db, &user, &workspace, "one").await;
    let tries = (0..16).map(|n| {
        let (db, id) = (test.db.clone(), id.clone());
        tokio::spawn(
            async move { leases::take(&db, &id, claim(&format!("owner-{n}"), LONG)).await.expect("the store") },
        )
    });
    let mut held = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        held.extend(one.await.expect("no panic"));
    }
    assert_eq!(held.len(), 1);
    assert!(due(&test.db, "late", 100).await.is_empty(), "a leased grant is not claimed");
});

// SPEC T-5: many servers claim at once, and every grant goes to one of them.
both_databases!(every_due_grant_is_claimed_once, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    for n in 0..60 {
        grant(&test.db, &user, &workspace, &format!("g{n:02}")).await;
    }
    assert!(due(&test.db, "early", 99).await.is_empty());
    let of_another = leases::claim(&test.db, Platform::Mastodon, claim("other", LONG), 10, |_| true).await;
    assert!(of_another.expect("the store").is_empty());
    let servers = (0..6).map(|n| {
        let db = test.db.clone();
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let owner = format!("server-{n}");
                let some =
                    leases::claim(&db, Platform::X, claim(&owner, LONG), 7, |grant| grant.identity_id.as_str() > "g29")
                        .await;
                let some = some.expect("the store");
                if some.is_empty() {
                    return mine;
                }
                assert!(some.len() <= 7 && some.iter().all(|one| one.lease.owner == owner));
                mine.extend(some);
            }
        })
    });
    let mut all = Vec::new();
    for server in servers.collect::<Vec<_>>() {
        all.extend(server.await.expect("no panic"));
    }
    all.sort_by(|a, b| a.grant.identity_id.cmp(&b.grant.identity_id));
    let names: Vec<_> = all.iter().map(|one| one.grant.identity_id.clone()).collect();
    assert_eq!(names, (0..60).map(|n| format!("g{n:02}")).collect::<Vec<_>>());
    for one in &all {
        // One for the consent, one for the claim.
        assert_eq!((one.lease.epoch, one.doubt, one.grant.epoch), (2, None, 2));
        let noted = journal::of_grant(&test.db, &one.grant.id).await.expect("the store");
        assert_eq!(one.sending, noted.is_some(), "the journal knows of those that are refreshed");
    }
    assert_eq!(all.iter().filter(|one| one.sending).count(), 30);
});

// SPEC T-5: a holder that comes back too late writes nothing.
both_databases!(a_late_writer_is_fenced, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let id = grant(&test.db, &user, &workspace, "one").await;
    let late = leases::take(&test.db, &id, claim("late", LONG)).await.expect("the store").expect("a lease").lease;
    assert!(leases::renew(&test.db, &late, LONG).await.expect("the store"));
    assert!(leases::take(&test.db, &id, claim("early", LONG)).await.expect("the store").is_none());
    // The lease ends now, by the database's clock.
    assert!(leases::sending(&test.db, &late, 0, false).await.expect("the store"));
    let own = leases::take(&test.db, &id, claim("late", LONG)).await.expect("the store");
    assert!(own.is_none(), "a process does not fence off what it still has to write");
    let next = leases::take(&test.db, &id, claim("next", LONG)).await.expect("the store").expect("a lease");
    assert_eq!(
        next.doubt,
        Some(Doubt { unanswered: 0, sendings: 1 }),
        "nobody knows what became of the late one's refresh"
    );
    let next = next.lease;
    assert!(!leases::renew(&test.db, &late, LONG).await.expect("the store"));
    assert!(!leases::sending(&test.db, &late, LONG, false).await.expect("the store"));
    let mut tx = test.db.begin().await.expect("a transaction");
    assert!(!leases::hold(&mut tx, &late).await.expect("the store"));
    assert!(!leases::write_tokens(&mut tx, &late, &pair(b"stale", Some(b"stale"))).await.expect("the store"));
    leases::release(&mut tx, &late, 9_999, 7).await.expect("no effect");
    leases::learnt(&mut tx, &late, Some(1), Some(&[])).await.expect("no effect");
    assert!(leases::hold(&mut tx, &next).await.expect("the store"));
    tx.commit().await.expect("a commit");
    assert!(leases::sending(&test.db, &next, LONG, false).await.expect("the store"));
    let mut tx = test.db.begin().await.expect("a transaction");
    journal::unanswered(&mut tx, &late).await.expect("no effect");
    journal::answered(&mut tx, &late).await.expect("no effect");
    tx.commit().await.expect("a commit");
    assert_eq!(journal::of_grant(&test.db, &id).await.expect("the store"), Some(Doubt { unanswered: 0, sendings: 2 }));
    let mut tx = test.db.begin().await.expect("a transaction");
    assert!(leases::write_tokens(&mut tx, &next, &pair(b"a2", None)).await.expect("the store"));
    leases::learnt(&mut tx, &next, Some(2_000), None).await.expect("learnt");
    leases::release(&mut tx, &next, 500, 1).await.expect("released");
    tx.commit().await.expect("a commit");
    assert_eq!(
        journal::of_grant(&test.db, &id).await.expect("the store"),
        None,
        "a pair that is stored leaves no doubt"
    );
    let row = grants::get(&test.db, &id).await.expect("the store").expect("a grant");
    assert_eq!(row.sealed, SealedTokens { access: Some(b"a2".to_vec()), refresh: Some(b"r1".to_vec()), binding: None });
    assert_eq!((row.due_at, row.attempts, row.access_ends_at), (500, 1, Some(2_000)));
    assert!(due(&test.db, "x", 499).await.is_empty());
    assert_eq!(due(&test.db, "x", 500).await.len(), 1);
});

// SPEC T-5: a refresh of somebody who had lost the lease leaves a doubt, once nobody holds the grant any more.
both_databases!(a_stray_refresh_is_noted_when_the_grant_is_free, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let id = grant(&test.db, &user, &workspace, "one").await;
    let late = leases::take(&test.db, &id, claim("late", 0)).await.expect("the store").expect("a lease").lease;
    let next = leases::take(&test.db, &id, claim("next", LONG)).await.expect("the store").expect("a lease").lease;
    let stray = async || {
        let mut tx = test.db.begin().await.expect("a transaction");
        let noted = journal::strayed(&mut tx, &late, 7).await.expect("the store");
        tx.commit().await.expect("a commit");
        (noted, journal::of_grant(&test.db, &id).await.expect("the store"))
    };
    assert_eq!(stray().await, (false, None), "somebody holds it");
    let mut tx = test.db.begin().await.expect("a transaction");
    leases::release(&mut tx, &next, 9_999, 0).await.expect("released");
    tx.commit().await.expect("a commit");
    let twice = |unanswered, sendings| Some(Doubt { unanswered, sendings });
    assert_eq!(stray().await, (true, twice(1, 2)), "as if it had been sent a second time");
    assert_eq!(grants::get(&test.db, &id).await.expect("the store").expect("a grant").due_at, 7);
    assert_eq!(stray().await, (true, twice(1, 3)));
    execute(&test.db, "update grants set state = 'given-up'").await;
    assert!(!stray().await.0, "nobody would ever settle it");
});

both_databases!(the_journal_keeps_what_is_in_doubt, |test| async move {
    let (user, workspace) = member(&test.db, "a@b.example", Role::Owner).await;
    let id = grant(&test.db, &user, &workspace, "one").await;
    let first = leases::claim(&test.db, Platform::X, claim("a", 0), 1, |_| true).await.expect("the store").remove(0);
    assert!(first.sending && first.doubt.is_none());
    let mut tx = test.db.begin().await.expect("a transaction");
    journal::unanswered(&mut tx, &first.lease).await.expect("noted");
    tx.commit().await.expect("a commit");
    let second = leases::claim(&test.db, Platform::X, claim("b", 0), 1, |_| true).await.expect("the store").remove(0);
    assert_eq!(second.doubt, Some(Doubt { unanswered: 1, sendings: 1 }));
    // Given back unsent: the older doubt stays.
    let mut tx = test.db.begin().await.expect("a transaction");
    leases::give_back(&mut tx, &second, 77).await.expect("given back");
    tx.commit().await.expect("a commit");
    assert_eq!(grants::get(&test.db, &id).await.expect("the store").expect("a grant").due_at, 77);
    assert_eq!(journal::of_grant(&test.db, &id).await.expect("the store"), Some(Doubt { unanswered: 1, sendings: 1 }));
    // A new consent settles it.
    let mut tx = test.db.begin().await.expect("a transaction");
    grants::consented(&mut tx, &id, "Ann", &pair(b"a3", Some(b"r3")), None, &user, 100).await.expect("tokens");
    tx.commit().await.expect("a commit");
    assert_eq!(journal::of_grant(&test.db, &id).await.expect("the store"), None);
    // Without an older doubt nothing is left of what was not sent.
    let third = leases::claim(&test.db, Platform::X, claim("c", LONG), 1, |_| true).await.expect("the store").remove(0);
    let mut tx = test.db.begin().await.expect("a transaction");
    leases::give_back(&mut tx, &third, 88).await.expect("given back");
    tx.commit().await.expect("a commit");
    assert_eq!(journal::of_grant(&test.db, &id).await.expect("the store"), None);
    let mut tx = test.db.begin().await.expect("a transaction");
    journal::settled(&mut tx, &GrantId::new("nobody")).await.expect("no effect");
    journal::not_sent(&mut tx, &third.lease).await.expect("no effect");
    tx.commit().await.expect("a commit");
});

// SPEC T-4: the operator is told once, whichever server notices.
both_databases!(a_refusal_of_our_app_has_one_first_witness, |test| async move {
    let mut tx = test.db.begin().await.expect("a transaction");
    assert!(outages::begin(&mut tx, Platform::X, "", 5, "invalid_client").await.expect("the store"));
    assert!(!outages::begin(&mut tx, Platform::X, "", 6, "again").await.expect("the store"));
    assert!(outages::begin(&mut tx, Platform::Mastodon, "a.example", 7, "gone").await.expect("the store"));
    tx.commit().await.expect("a commit");
    let first = Outage { platform: "x".into(), host: String::new(), since: 5, detail: "invalid_client".into() };
    let all = outages::all(&test.db).await.expect("the store");
    assert_eq!((all.len(), &all[0]), (2, &first));
    let mut tx = test.db.begin().await.expect("a transaction");
    assert!(outages::end(&mut tx, Platform::X, "").await.expect("the store"));
    assert!(!outages::end(&mut tx, Platform::X, "").await.expect("the store"));
    tx.commit().await.expect("a commit");
});
