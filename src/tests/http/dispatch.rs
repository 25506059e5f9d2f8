//! How due accounts share the keeper's places (SPEC T-1, T-5).

use std::sync::Arc;
use std::time::Duration;

use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Fault, FaultKind};
use pilotlight::server::clock::Clock;
use pilotlight::server::service::keeper;
use tokio_util::sync::CancellationToken;

use crate::support::crowd::{self, Seed};
use crate::support::{TestApp, db};

/// One at a time, and each answer takes a while: such a crowd keeps the keeper busy for two to three seconds.
const CROWD: usize = 30;
const LATENCY_MS: u64 = 80;

/// A crowd at X and one account at Mastodon; all of X is due, Mastodon not for a long time.
async fn crowded() -> TestApp {
    let mut app = TestApp::new().await;
    let mut config = (*app.state.config).clone();
    config.keeper.platform_parallel = 1;
    config.keeper.poll_seconds = 1;
    app.state.config = Arc::new(config);
    let owner = crowd::owner(&app.state).await;
    let now = app.clock.now();
    let mut tx = app.state.db.begin().await.expect("a transaction");
    for number in 0..CROWD {
        let seed = Seed::mint(&app.twin, Platform::X, &format!("crowd-{number}"), now);
        crowd::plant(&mut tx, &app.state, &owner, &seed).await;
    }
    crowd::plant(&mut tx, &app.state, &owner, &Seed::mint(&app.twin, Platform::Mastodon, "crowd-0", now)).await;
    tx.commit().await.expect("a commit");
    // Tokens of two hours are near their end: each look is a refresh.
    app.advance(Duration::from_secs(110 * 60));
    db::execute(&app.state.db, "update grants set due_at = 9000000000000 where platform = 'mastodon'").await;
    app.twin.fault(Fault::on("x", FaultKind::Delay(LATENCY_MS), None));
    app
}

/// Waits until the keeper has done with some of the crowd.
async fn until_busy(app: &TestApp) {
    const SQL: &str = "select count(*) from grants where platform = 'x' and epoch > 1 and lease_owner is null";
    while db::number(&app.state.db, SQL).await < 3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

// SPEC T-1: an account that comes due while another platform has a crowd waits for a free place of its own platform only.
#[tokio::test]
async fn a_crowd_at_one_platform_does_not_keep_another_waiting() {
    let app = crowded().await;
    let state = app.state.clone();
    let round = tokio::spawn(async move { keeper::run_due(&state).await });
    until_busy(&app).await;
    db::execute(&app.state.db, "update grants set due_at = 0 where platform = 'mastodon'").await;
    assert_eq!(round.await.expect("no panic").expect("the keeper runs"), CROWD + 1, "in the same round");
}

// SPEC T-5: what was claimed ahead and not begun goes back when the server stops.
#[tokio::test]
async fn a_server_that_stops_leaves_no_lease_behind() {
    let mut app = crowded().await;
    app.state.stop = CancellationToken::new();
    let state = app.state.clone();
    let round = tokio::spawn(async move { keeper::run_due(&state).await });
    until_busy(&app).await;
    app.state.stop.cancel();
    let looked = round.await.expect("no panic").expect("the keeper runs");
    assert!((3..CROWD).contains(&looked), "{looked} were looked at");
    assert_eq!(db::number(&app.state.db, "select count(*) from grants where lease_owner is not null").await, 0);
    assert_eq!(db::number(&app.state.db, "select count(*) from refresh_journal").await, 0);
}
