//! A day of weather: thousands of connections of every kind, vendors that fail as vendors do, connections that really die
//! now and then, and the keeper in the middle. It must tell the one from the other.
//!
//! `CROWD=10000 cargo test --release --test house weather:: -- --nocapture` is the large form; without `CROWD` a small one
//! runs with all other tests.

mod crowd;
mod figures;
mod sky;
mod truth;

use std::time::Duration;

use pilotlight::domain::platform::Platform;
use pilotlight::server::service::keeper;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::support::TestApp;
use crowd::Crowd;
use sky::Sky;
use truth::{End, Truth};

/// The clock goes on in steps; within one it stands still.
pub const STEP_MS: i64 = 5 * 60_000;
pub const DAY_MS: i64 = 86_400_000;
/// Connections without the variable `CROWD`.
const SMALL: usize = 600;
/// Connections that die in the day: two in a hundred, but enough to tell something.
const DEATHS_PER_HUNDRED: usize = 2;
const LEAST_DEATHS: usize = 60;

/// The vendors, in the order in which people are dealt to them.
pub const VENDORS: [Platform; 4] = [Platform::X, Platform::Bluesky, Platform::Facebook, Platform::Mastodon];

fn size() -> usize {
    let told = std::env::var_os("CROWD").map(|text| text.to_string_lossy().parse().expect("CROWD is a number"));
    told.unwrap_or(SMALL)
}

// SPEC T-3, T-4, H-1; DESIGN rule 8.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_of_weather_raises_every_alarm_and_no_false_one() {
    let mut dice = StdRng::seed_from_u64(24);
    let size = size();
    let app = server().await;
    let crowd = Crowd::plant(&app, size, &mut dice).await;
    let deaths = (size * DEATHS_PER_HUNDRED / 100).max(LEAST_DEATHS.min(size / 4));
    let mut fates = crowd.fates(deaths, &mut dice);
    let mut truth = Truth::new(&app);
    let mut sky = Sky::new(dice.random());
    let began = truth.began;
    loop {
        app.advance(Duration::from_millis(STEP_MS.unsigned_abs()));
        let now = app.state.clock.now();
        sky.turn(now - began, &app.twin);
        while let Some(fate) = fates.pop_if(|fate| began + fate.after_ms <= now) {
            if crowd.die(&app.twin, &fate) {
                truth.died(&crowd.people[fate.person], End::Made(fate.how), now);
            }
        }
        while keeper::run_due(&app.state).await.expect("the keeper runs") > 0 {}
        truth.compare(&app, &crowd, &sky).await;
        if now - began >= DAY_MS && fates.is_empty() && truth.is_settled(&crowd, &sky, now) {
            break;
        }
    }
    let verdict = truth.verdict(&app, &crowd, &sky).await;
    println!("{verdict}");
    verdict.assert();
}

/// The whole server over the stand-in platforms, with a database in memory where there is such a place: this test is about
/// judgement, not about disks.
async fn server() -> TestApp {
    let memory = std::path::Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let dir = dir.expect("a directory");
    let url = format!("sqlite:{}", dir.path().join("weather.db").display());
    TestApp::with(
        Some(url),
        Box::new(dir),
        &[
            ("PILOTLIGHT_KEEPER__PARALLEL", "32"),
            ("PILOTLIGHT_KEEPER__PLATFORM_PARALLEL", "16"),
            // The day takes a minute.
            ("PILOTLIGHT_KEEPER__PLATFORM_PER_SECOND", "100000"),
        ],
    )
    .await
}
