//! The fault rig: the real server binary against the sandbox, killed, frozen and cut off on purpose (DESIGN rules 4 to 6).
//!
//! `cargo test --test faults` is the short form, `make faults` the long one. `KILLS` says how often each server is killed,
//! `CROWD` how many grants several servers share, `SEED` which dice are rolled. Each test prints a line of figures, and
//! adds it to the file that `FAULTS_FIGURES` names (`outbox` to `FAULTS_MAIL_FIGURES`). What the servers said lies in the build's `tmp/faults`.

mod crowd;
mod cut;
mod figures;
mod kills;
mod look;
mod outbox;
mod relay;
mod rig;
mod seed;
mod server;
mod stalls;
mod strike;
mod support;
mod verdict;

use std::time::Duration;

use pilotlight::sandbox::RefreshModel;
use support::db::{TestDb, both_databases};

both_databases!(stable, |test| kills::run(test, "stable", RefreshModel::Stable));
both_databases!(strict, |test| kills::run(test, "strict", RefreshModel::Strict));
both_databases!(grace, |test| kills::run(test, "grace", RefreshModel::Grace { seconds: kills::GRACE_SECONDS }));
both_databases!(until_used, |test| kills::run(test, "until used", RefreshModel::UntilUsed));
both_databases!(extended, |test| kills::run(test, "extended", RefreshModel::Extended));

/// A database on PostgreSQL for what only several servers can show.
async fn on_postgres(name: &str) -> Option<TestDb> {
    let test = support::db::postgres().await;
    if test.is_none() {
        eprintln!("skipped: {name} needs {}", support::db::POSTGRES);
    }
    test
}

// The vendor must not stand still while ten thousand rows are looked at: it has threads of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers() {
    if let Some(test) = on_postgres("two servers").await {
        crowd::run(test, "two servers", &[-300, 300]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_servers() {
    if let Some(test) = on_postgres("four servers").await {
        crowd::run(test, "four servers", &[0, -300, 300, 0]).await;
    }
}

#[tokio::test]
async fn a_database_that_goes_away() {
    if let Some(test) = on_postgres("a database that goes away").await {
        cut::run(test).await;
    }
}

// A mail server that fails, and servers that are killed while they send. One at a time where only one can be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outbox_with_one_server() {
    outbox::run(support::db::sqlite().await, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outbox_with_two_servers() {
    if let Some(test) = on_postgres("the outbox of two servers").await {
        outbox::run(test, true).await;
    }
}

/// A number from the environment.
fn knob(name: &str, otherwise: usize) -> usize {
    let Some(text) = std::env::var_os(name) else { return otherwise };
    text.to_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{name} must be a whole number"))
}

/// Waits until something is true; asks every few milliseconds. `false` when the time is over.
async fn eventually(within: Duration, mut is_true: impl AsyncFnMut() -> bool) -> bool {
    let asking = async {
        while !is_true().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(within, asking).await.is_ok()
}
