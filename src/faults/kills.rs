//! One server, killed again and again (issue: "at random points and at every write and every network call in turn").

use std::collections::BTreeMap;
use std::time::Duration;

use pilotlight::sandbox::RefreshModel;
use pilotlight::server::clock::{Clock, SystemClock};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::relay::Relay;
use super::rig::Rig;
use super::server::{Server, Start};
use super::strike::{Hit, Strike, Watch};
use super::support::db::{self, TestDb};
use super::verdict::{self, Record, Vendor};
use super::{eventually, knob, look};

/// How long the vendor of that model takes a spent refresh token. It passes in real time: on a busy machine one kill with
/// its look takes seconds, and a lease of the dead server has to end as well.
pub const GRACE_SECONDS: i64 = 20;
/// After so long without an answer stored, the server is left in peace until it is: killing it for longer than the vendor's
/// grace would prove nothing.
const PATIENCE_MS: i64 = 4_000;

const CROWD: usize = 12;
/// A token is replaced when half of its life is over, so everybody is refreshed about once a second.
pub const ACCESS_SECONDS: i64 = 2;
/// How long the last server may take until everybody was refreshed or reported.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

pub async fn run(test: TestDb, name: &str, model: RefreshModel) {
    let vendor = if matches!(model, RefreshModel::Strict) { Vendor::Strict } else { Vendor::Kind };
    let graceful = matches!(model, RefreshModel::Grace { .. });
    let rig = Rig::new(test, name, model, ACCESS_SECONDS, CROWD).await;
    let began = SystemClock.now();
    let relay = Relay::to(rig.twin_address).await;
    let mut work = Work { dice: dice(&rig.name), rig, relay, record: Record::default(), doubtful: BTreeMap::new() };
    for kill in 0..knob("KILLS", 20) {
        work.one(kill).await;
        if graceful && work.is_pressed() {
            work.rest().await;
        }
    }
    work.last().await;
    let Work { rig, mut record, .. } = work;
    record.figures.seconds = (SystemClock.now() - began) / 1_000;
    verdict::give(&rig, vendor, record).await;
}

/// Other dice for each test, the same ones each time.
pub fn dice(name: &str) -> StdRng {
    let seed = knob("SEED", 1) as u64;
    StdRng::seed_from_u64(name.bytes().fold(seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))))
}

struct Work {
    rig: Rig,
    relay: Relay,
    dice: StdRng,
    record: Record,
    /// Whose answer was not stored, and since when.
    doubtful: BTreeMap<String, i64>,
}

impl Work {
    /// Starts a server, lets it work, kills it, and looks at what it left.
    async fn one(&mut self, kill: usize) {
        let strike = Strike::of(kill, &mut self.dice);
        Strike::slow_down(&self.rig.twin, &mut self.dice);
        let watch = Watch::start(&self.rig.twin, strike);
        let server = self.start(strike.crash_at(), Some(&watch)).await;
        let hit = strike.kill(&watch, server).await;
        self.record.did(format!("killed ({strike:?})"));
        match hit {
            Hit::Point => self.record.figures.points += 1,
            Hit::Time => {}
            Hit::Missed => {
                let left = look::work(self.rig.db()).await;
                self.record.complaints.push(format!("kill {kill}: the server never came to {strike:?} ({left})"));
            }
        }
        self.record.figures.kills += 1;
        self.relay.quiet().await;
        self.look().await;
        // Where tokens can be used once, the next server finds that those in doubt are lost, and has the others to work on.
        let doubtful = &self.doubtful;
        self.rig.top_up(CROWD / 2, |one| doubtful.contains_key(&one.person)).await;
        if self.dice.random_range(0..8) > 0 {
            // As if the next start came when the leases have ended. One time in eight they have not.
            db::execute(self.rig.db(), "update grants set lease_ends_at = 0 where lease_ends_at is not null").await;
        }
    }

    async fn start(&mut self, crash_at: Option<usize>, watch: Option<&Watch>) -> Server {
        let start = Start { upstream: Some(self.relay.address), crash_at, watch, ..Start::default() };
        let server = Server::start(&self.rig, start).await;
        self.record.figures.starts.push(server.up_after.as_millis());
        server
    }

    /// Remembers who was struck between the vendor's processing and the storing of its answer.
    async fn look(&mut self) {
        let (unstored, now) = (look::unstored(&self.rig).await, SystemClock.now());
        self.doubtful.retain(|person, _| unstored.contains(person));
        for person in unstored {
            self.doubtful.entry(person.clone()).or_insert(now);
            self.record.window.insert(person);
        }
    }

    fn is_pressed(&self) -> bool {
        self.doubtful.values().any(|since| SystemClock.now() - since > PATIENCE_MS)
    }

    /// A server that is not killed before every answer is stored.
    async fn rest(&mut self) {
        self.rig.twin.clear_faults();
        let server = self.start(None, None).await;
        let doubtful = std::mem::take(&mut self.doubtful);
        let stored = eventually(Duration::from_secs(10), async || {
            let unstored = look::unstored(&self.rig).await;
            !doubtful.keys().any(|person| unstored.contains(person))
        });
        if !stored.await {
            self.record.complaints.push(format!("in doubt for over 10 seconds of peace: {:?}", doubtful.keys()));
        }
        server.kill().await;
        self.relay.quiet().await;
        self.look().await;
    }

    /// A server that is left in peace until everybody was refreshed once more, or is known to be lost.
    async fn last(&mut self) {
        self.rig.twin.clear_faults();
        let server = self.start(None, None).await;
        let settled = eventually(SETTLED_WITHIN, async || {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let rows = look::all(&self.rig).await;
            rows.values().all(|row| row.amber || row.refreshed_at > server.started_at)
        });
        if !settled.await {
            self.record.complaints.push(format!("not everybody was refreshed or reported within {SETTLED_WITHIN:?}"));
        }
        if let Err(what) = server.stop().await {
            self.record.complaints.push(what);
        }
        self.relay.quiet().await;
    }
}
