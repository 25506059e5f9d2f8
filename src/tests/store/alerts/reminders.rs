//! What somebody may have to be reminded of: each reminder is taken once.

use pilotlight::domain::health::{Cause, Health, Standing};
use pilotlight::domain::platform::Platform;
use pilotlight::server::store::{Db, accounts, alert_rules, incidents, reminders};

use super::{house, in_tx};
use crate::support::db::{both_databases, execute};

// SPEC A-4: two servers, one reminder
both_databases!(a_step_is_taken_once, |test| async move {
    let house = house(&test.db, "one").await;
    let incident = house.incident(&test.db, "i", 7).await;
    let take = async |step| in_tx!(test.db, |tx| reminders::take_step(&mut tx, &incident, step));
    let tries = [0; 4].map(|_| {
        let (db, incident) = (test.db.clone(), incident.clone());
        tokio::spawn(async move { in_tx!(db, |tx| reminders::take_step(&mut tx, &incident, 1)) })
    });
    let mut taken = 0;
    for one in tries {
        taken += usize::from(one.await.expect("no panic"));
    }
    assert_eq!(taken, 1);
    assert!(!take(1).await && take(3).await && !take(2).await, "what was missed is not made up for");
    in_tx!(test.db, |tx| incidents::close(&mut tx, &house.account, 9));
    assert!(!take(4).await, "it is over");
});

both_databases!(open_incidents_come_page_by_page, |test| async move {
    let (one, two) = (house(&test.db, "one").await, house(&test.db, "two").await);
    let (three, four) = (house(&test.db, "three").await, house(&test.db, "four").await);
    for (house, id, from) in [(&one, "i1", 100), (&two, "i2", 50), (&three, "i3", 101), (&four, "i4", 10)] {
        house.incident(&test.db, id, from).await;
    }
    in_tx!(test.db, |tx| alert_rules::set_zone(&mut tx, &two.workspace, "Asia/Tokyo"));
    let ids = async |after: &str, limit| {
        let found = reminders::open_incidents(&test.db, 100, after, limit).await.expect("the store");
        found.iter().map(|open| open.incident.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids("", 10).await, ["i1", "i2", "i4"]);
    assert_eq!(
        (ids("", 1).await, ids("i1", 1).await, ids("i4", 9).await),
        (vec!["i1".into()], vec!["i2".into()], vec![])
    );
    in_tx!(test.db, |tx| incidents::close(&mut tx, &one.account, 120));
    in_tx!(test.db, |tx| accounts::disconnect(&mut tx, &four.account));
    assert_eq!(ids("", 10).await, ["i2"]);
    let incident = pilotlight::domain::id::IncidentId::new("i2");
    assert!(in_tx!(test.db, |tx| reminders::take_step(&mut tx, &incident, 2)));
    let open = reminders::open_incidents(&test.db, 100, "", 9).await.expect("the store").remove(0);
    assert_eq!((open.workspace, open.account, open.opened_at), (two.workspace, two.account, 50));
    assert_eq!((open.step, open.zone.as_str()), (2, "Asia/Tokyo"));
});

async fn endings(db: &Db, now: i64, until: i64, after: &str) -> Vec<(String, i64, bool)> {
    let found = reminders::endings(db, now, until, after, 9).await.expect("the store");
    found.iter().map(|one| (one.account.to_string(), one.ends_at, one.has_refresh)).collect()
}

// SPEC A-4: what ends is the refresh token where there is one
both_databases!(an_end_that_comes_is_found, |test| async move {
    let house = house(&test.db, "one").await;
    // An access token that ends at 1000, a refresh token that does not.
    assert!(endings(&test.db, 0, 9_000, "").await.is_empty());
    execute(&test.db, "update grants set refresh_ends_at = 5000").await;
    let ending = |at, refresh| vec![(house.account.to_string(), at, refresh)];
    assert_eq!(endings(&test.db, 4_999, 5_000, "").await, ending(5_000, true));
    assert!(endings(&test.db, 5_000, 9_000, "").await.is_empty() && endings(&test.db, 0, 4_999, "").await.is_empty());
    execute(&test.db, "update grants set refresh_token = null").await;
    assert_eq!(endings(&test.db, 999, 1_000, "").await, ending(1_000, false));
    assert!(endings(&test.db, 1_000, 9_000, "").await.is_empty());
    assert!(endings(&test.db, 0, 9_000, house.account.as_str()).await.is_empty(), "the page after it");
    let found = reminders::endings(&test.db, 0, 9_000, "", 1).await.expect("the store").remove(0);
    assert_eq!((found.workspace, found.platform, found.issued_at), (house.workspace.clone(), Platform::X, 10));
    assert_eq!((found.zone.as_str(), found.reminded), ("UTC", None));
    assert!(reminders::endings(&test.db, 0, 9_000, "", 0).await.expect("the store").is_empty());
    let amber = Standing { health: Health::NeedsReconnect, cause: Some(Cause::Revoked), refused: 0 };
    in_tx!(test.db, |tx| accounts::set_standing(&mut tx, &house.account, &amber, &[], Some(3)));
    assert!(endings(&test.db, 0, 9_000, "").await.is_empty(), "broken already");
    in_tx!(test.db, |tx| accounts::set_standing(&mut tx, &house.account, &Standing::FRESH, &[], None));
    in_tx!(test.db, |tx| accounts::disconnect(&mut tx, &house.account));
    assert!(endings(&test.db, 0, 9_000, "").await.is_empty(), "given up");
});

both_databases!(a_reminder_of_an_end_is_taken_once, |test| async move {
    let house = house(&test.db, "one").await;
    let tries = [0; 4].map(|_| {
        let (db, account) = (test.db.clone(), house.account.clone());
        tokio::spawn(async move { in_tx!(db, |tx| reminders::take_ending(&mut tx, &account, 5_000, 7)) })
    });
    let mut taken = 0;
    for one in tries {
        taken += usize::from(one.await.expect("no panic"));
    }
    assert_eq!(taken, 1);
    let take = async |end, days| in_tx!(test.db, |tx| reminders::take_ending(&mut tx, &house.account, end, days));
    assert!(take(5_000, 1).await && !take(5_000, 1).await && !take(5_000, 7).await, "the nearer one is the last");
    assert!(take(9_000, 7).await && !take(9_000, 7).await, "a new end begins anew");
    execute(&test.db, "update grants set refresh_token = null, access_ends_at = 9000").await;
    let found = reminders::endings(&test.db, 0, 9_000, "", 1).await.expect("the store").remove(0);
    assert_eq!(found.reminded, Some((9_000, 7)));
});
