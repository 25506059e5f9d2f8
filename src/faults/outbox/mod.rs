//! The outbox over a mail server that fails at every step, with servers that are killed while they send (SPEC A-5).
//!
//! `MAILS` says how many incidents there are, `MAIL_KILLS` how often a server is killed.

mod deeds;
mod office;
mod seed;
mod verdict;

use std::collections::BTreeSet;
use std::time::Duration;

use pilotlight::sandbox::RefreshModel;
use pilotlight::server::clock::{Clock, SystemClock};
use rand::Rng;
use rand::rngs::StdRng;

use super::rig::Rig;
use super::server::{Server, Start};
use super::support::db::TestDb;
use super::{eventually, kills, knob};
use deeds::Impatience;
use office::Office;

/// Mails for which one server life is long enough, whatever else happens: each passes about eight crash points.
const POINTS_A_MAIL: usize = 8;
/// How long a server may take until it does what the strike waits for.
const WITHIN: Duration = Duration::from_secs(20);

/// What is known before the verdict.
#[derive(Default)]
struct Record {
    kills: usize,
    points: usize,
    /// Where the servers stood that were struck at a point in their code.
    places: std::collections::BTreeMap<String, usize>,
    /// Mails whose end was noted, but not what became of it, when their server was killed.
    window: BTreeSet<String>,
    complaints: Vec<String>,
    seconds: i64,
}

/// When to kill.
enum Strike {
    /// At the n-th point in the code.
    Point(usize),
    /// So long after it listened.
    After(Duration),
}

/// With one server at a time, or with two that share the work.
pub async fn run(test: TestDb, pair: bool) {
    let Some(python) = office::python() else {
        eprintln!("skipped: the outbox needs {}", office::PYTHON);
        return;
    };
    let (count, kills) = (knob("MAILS", 200), knob("MAIL_KILLS", 10));
    let rig = Rig::new(test, "outbox", RefreshModel::Stable, kills::ACCESS_SECONDS, 0).await;
    seed::incidents(&rig, count).await;
    let dice = kills::dice(&rig.name);
    let office = Office::open(&python, &rig.log).await;
    let began = SystemClock.now();
    let impatience = Impatience::begin(rig.db().clone());
    let mut work =
        Work { settings: office.settings(), rig, dice, record: Record::default(), budget: count / kills.max(1) };
    while work.record.kills < kills && work.left().await > 0 {
        if pair { work.one_of_two().await } else { work.one().await }
    }
    if work.record.kills < kills / 2 {
        work.record.complaints.push(format!("all was sent after {} kills only", work.record.kills));
    }
    work.last(count).await;
    drop(impatience);
    let Work { rig, mut record, .. } = work;
    record.seconds = (SystemClock.now() - began) / 1_000;
    verdict::give(&rig, &office, record, count).await;
}

struct Work {
    rig: Rig,
    dice: StdRng,
    record: Record,
    settings: Vec<(&'static str, String)>,
    /// How many mails there are for each kill.
    budget: usize,
}

impl Work {
    /// One server that is struck.
    async fn one(&mut self) {
        let strike = self.strike();
        self.struck(strike).await;
        self.after_death(None).await;
    }

    /// Two servers; one is struck, the other goes on with what is left and is killed at any time.
    async fn one_of_two(&mut self) {
        let steady = self.start(None).await;
        let name = deeds::owner(self.rig.db()).await;
        let strike = self.strike();
        self.struck(strike).await;
        self.after_death(name.as_deref()).await;
        let pause = self.dice.random_range(1..=400);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        steady.kill().await;
        self.record.kills += 1;
        self.after_death(None).await;
    }

    fn strike(&mut self) -> Strike {
        match self.dice.random_range(0..2) {
            0 => Strike::Point(self.dice.random_range(1..=(self.budget * POINTS_A_MAIL).max(40))),
            _ => Strike::After(Duration::from_millis(self.dice.random_range(20..=(10 * self.budget as u64).max(600)))),
        }
    }

    async fn start(&self, crash_at: Option<usize>) -> Server {
        Server::start(&self.rig, Start { crash_at, more: &self.settings, ..Start::default() }).await
    }

    /// Starts a server and kills it.
    async fn struck(&mut self, strike: Strike) {
        let server = match strike {
            Strike::After(pause) => {
                let server = self.start(None).await;
                tokio::time::sleep(pause).await;
                server
            }
            Strike::Point(number) => {
                let mut server = self.start(Some(number)).await;
                let place = tokio::select! {
                    place = server.crash_point(WITHIN) => place,
                    () = self.nothing_left() => None,
                };
                if let Some(place) = place {
                    self.record.points += 1;
                    *self.record.places.entry(place).or_default() += 1;
                }
                server
            }
        };
        server.kill().await;
        self.record.kills += 1;
    }

    /// Notes what the dead left in doubt, and lets their leases end as they do in five minutes.
    async fn after_death(&mut self, living: Option<&str>) {
        let unknown = deeds::unsettled(self.rig.db(), living).await;
        self.record.window.extend(unknown);
        deeds::end_leases(self.rig.db(), living).await;
    }

    async fn left(&self) -> i64 {
        super::look::count(self.rig.db(), "select count(*) from outbox where state = 'waiting'").await
    }

    async fn nothing_left(&self) {
        while self.left().await > 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// A server that is left in peace until nothing waits.
    async fn last(&mut self, count: usize) {
        let server = self.start(None).await;
        let within = Duration::from_secs(60 + count as u64 / 5);
        let done = eventually(within, async || {
            tokio::time::sleep(Duration::from_millis(100)).await;
            self.left().await == 0
        });
        if !done.await {
            self.record.complaints.push(format!("{} mails wait after {within:?} of peace", self.left().await));
        }
        if let Err(what) = server.stop().await {
            self.record.complaints.push(what);
        }
    }
}
