//! Claiming what is due: a million grants of which 1 % are due, against as many due in a table that holds no others.

use std::time::Duration;

use pilotlight::server::clock::{Moment, Randomness};
use pilotlight::server::store::Db;
use pilotlight::server::store::leases::{self, Claim};

use crate::fill::{self, MONTH_MS, PLATFORMS};
use crate::ground::{Engine, Ground, START};
use crate::process;
use crate::report::{Report, median};

const ALL: usize = 1_000_000;
const DUE: usize = 10_000;
/// Passes of each kind, after one that warms everything.
const PASSES: usize = 9;
/// As many as a lane of the dispatcher claims at once.
const BATCH: i64 = 32;
const MOST: f64 = 1.3;
const FLAT: f64 = 1.10;

pub async fn run(engine: Engine, report: &mut Report) {
    let (few_ground, many_ground) = (Ground::new(engine).await, Ground::new(engine).await);
    let (few, many) = (few_ground.open().await, many_ground.open().await);
    fill::grants(&few, DUE, START + MONTH_MS).await;
    fill::grants(&many, ALL, START + MONTH_MS).await;
    // In both the order of their due times has nothing to do with the order of the rows.
    let few_due = shuffled(DUE, DUE);
    let many_due = shuffled(ALL, DUE);
    let (mut few_ms, mut many_ms) = (Vec::new(), Vec::new());
    let mut memory = Memory::default();
    fill::caches(&few).await;
    fill::caches(&many).await;
    for pass in 0..=PASSES {
        let floor = work_through(&few, &few_due, &mut Memory::default()).await;
        let mut seen = Memory::default();
        let measured = work_through(&many, &many_due, &mut seen).await;
        if pass > 0 {
            few_ms.push(floor.as_secs_f64() * 1_000.0);
            many_ms.push(measured.as_secs_f64() * 1_000.0);
            memory.add(&seen);
        }
    }
    few.close().await;
    many.close().await;
    let (floor, measured) = (median(&few_ms), median(&many_ms));
    let ratio = measured / floor;
    report.promise(
        &format!("due {}", engine.key()),
        format!("{DUE} claimed in {measured:.0} ms among {ALL}, in {floor:.0} ms among {DUE}: {ratio:.2} times (at most {MOST})"),
        ratio <= MOST,
    );
    let (low, high) = (memory.low, memory.high);
    report.promise(
        &format!("memory {}", engine.key()),
        format!("{low:.1} to {high:.1} MiB while it works through them: {:.2} times (at most {FLAT:.2})", high / low),
        high / low <= FLAT,
    );
}

/// `count` different numbers from 1 to `all`, in no order.
fn shuffled(all: usize, count: usize) -> Vec<usize> {
    let random = Randomness::seeded(5);
    let mut numbers: Vec<usize> = (1..=all).collect();
    for index in 0..count {
        let other = index + (random.roll() * (all - index) as f64) as usize;
        numbers.swap(index, other);
    }
    numbers.truncate(count);
    numbers
}

/// Least and most memory that was seen.
struct Memory {
    low: f64,
    high: f64,
}

impl Default for Memory {
    fn default() -> Self {
        Self { low: f64::INFINITY, high: 0.0 }
    }
}

impl Memory {
    fn look(&mut self) {
        let now = process::memory_mib(std::process::id());
        self.add(&Self { low: now, high: now });
    }

    fn add(&mut self, other: &Self) {
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
    }
}

/// Claims all that is due, batch by batch, and lets go of each batch as the keeper does. Answers how long the claims took.
async fn work_through(db: &Db, due: &[usize], memory: &mut Memory) -> Duration {
    fill::make_due(db, due).await;
    let mut took = Duration::ZERO;
    let mut seen = 0;
    for platform in PLATFORMS {
        loop {
            let claim = Claim { owner: "bench", now: START, lease_ms: 60_000 };
            let began = Moment::now();
            let claimed = leases::claim(db, platform, claim, BATCH, |_| true).await.expect("a claim");
            took += began.elapsed();
            if claimed.is_empty() {
                break;
            }
            seen += claimed.len();
            let mut tx = db.begin().await.expect("a transaction");
            for one in &claimed {
                leases::give_back(&mut tx, one, START + MONTH_MS).await.expect("given back");
            }
            tx.commit().await.expect("a commit");
            memory.look();
        }
    }
    assert_eq!(seen, due.len(), "every due grant was claimed once");
    took
}
