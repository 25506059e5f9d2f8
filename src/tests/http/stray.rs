//! A server that stood still with a refresh on its lips, and sends it when somebody else has long done it (SPEC T-5).

use std::sync::Arc;
use std::time::Duration;

use pilotlight::domain::health::{Cause, Health};
use pilotlight::sandbox::{Fault, FaultKind, RefreshOutcome};
use pilotlight::server::clock::{Clock, ManualClock};
use pilotlight::server::service::keeper;

use super::lifecycle::x;
use crate::support::{TestApp, db};

// SPEC T-5, T-6: what a spent token did to its successor is found out at once, and has its right name.
#[tokio::test]
async fn a_refresh_that_arrives_after_somebody_elses_is_no_revocation() {
    let app = TestApp::new().await;
    let mut browser = x(&app).await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    app.advance(Duration::from_secs(2 * 3_600));

    // The late one's call is held up on its way, and its lease ends.
    app.twin.fault(Fault::on("x", FaultKind::Late(500), Some(1)).at("/2/oauth2/token"));
    let late = app.state.clone();
    let late = tokio::spawn(async move { keeper::run_due(&late).await });
    while app.twin.faults_left() > 0 {
        tokio::task::yield_now().await;
    }
    db::execute(&app.state.db, "update grants set lease_ends_at = 0").await;
    let mut quick = app.state.clone();
    quick.instance = "quick".into();
    assert_eq!(keeper::run_due(&quick).await.expect("the keeper runs"), 1);
    assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy);

    late.await.expect("no panic").expect("the keeper runs");
    let outcomes: Vec<_> = app.twin.refreshes().iter().map(|refresh| refresh.outcome).collect();
    assert_eq!(outcomes, [RefreshOutcome::Renewed, RefreshOutcome::Replayed]);
    // Nothing is due by the clock for most of an hour, and the one that asks is ten minutes behind.
    let mut slow = app.state.clone();
    slow.instance = "slow".into();
    slow.clock = Arc::new(ManualClock::new(app.clock.now() - 600_000));
    assert_eq!(keeper::run_due(&slow).await.expect("the keeper runs"), 1);
    let card = app.card(&mut browser, &card.id).await;
    assert_eq!((card.health, card.cause), (Health::NeedsReconnect, Some(Cause::RefreshFailed)));
}

// SPEC T-5: what stood still between the note and the wire sends nothing, and leaves no doubt that nothing could settle.
#[tokio::test]
async fn a_refresh_whose_lease_ran_out_before_it_was_sent_leaves_no_doubt() {
    let app = TestApp::new().await;
    let mut browser = x(&app).await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    app.advance(Duration::from_secs(2 * 3_600));
    let mut config = (*app.state.config).clone();
    config.keeper.lease_seconds = 0;
    let mut late = app.state.clone();
    late.config = Arc::new(config);
    assert_eq!(keeper::run_due(&late).await.expect("the keeper runs"), 1);
    assert_eq!(app.twin.refreshes(), []);
    assert_eq!(db::number(&app.state.db, "select count(*) from refresh_journal").await, 0);
    assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy);
}
