//! The weather: what goes wrong at the vendors, by seeded dice, at the rates of real life.

use pilotlight::domain::platform::Platform;
use pilotlight::domain::refresh::back_off;
use pilotlight::sandbox::{Fault, FaultKind, Sandbox};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng, SeedableRng};

use super::{DAY_MS, STEP_MS, VENDORS};

const HOUR_MS: i64 = 3_600_000;

/// How often a burst begins, for each vendor and step: some four a day.
const BURSTS: f64 = 4.0 * STEP_MS as f64 / DAY_MS as f64;

/// From a share of failing answers on a vendor counts as out of reach.
const OUT_OF_REACH: f64 = 0.5;

/// What always goes wrong now and then, with its share of all answers.
fn drizzle() -> Vec<(FaultKind, f64)> {
    vec![
        (FaultKind::Status(500), 0.010),
        (FaultKind::Status(502), 0.005),
        (FaultKind::Status(503), 0.005),
        (FaultKind::DropConnection, 0.010),
        (FaultKind::LoseAnswer, 0.003),
        (FaultKind::RateLimited { seconds: None }, 0.002),
        (FaultKind::RateLimited { seconds: Some(90) }, 0.002),
        (FaultKind::Html, 0.003),
        (FaultKind::Empty, 0.001),
        (FaultKind::WrongJson, 0.002),
        (FaultKind::Delay(20), 0.010),
        (FaultKind::Late(20), 0.010),
        (FaultKind::Hang, 0.000_2),
    ]
}

/// What a burst is made of.
fn storms() -> Vec<FaultKind> {
    vec![
        FaultKind::Status(500),
        FaultKind::Status(502),
        FaultKind::Status(503),
        FaultKind::Html,
        FaultKind::Empty,
        FaultKind::WrongJson,
        FaultKind::DropConnection,
        FaultKind::RateLimited { seconds: Some(900) },
    ]
}

/// Something that goes wrong for a while.
#[derive(Clone)]
struct Front {
    kind: FaultKind,
    share: f64,
    /// Milliseconds since the day began.
    until: i64,
}

/// One vendor's weather.
struct Region {
    vendor: Platform,
    front: Option<Front>,
    bursts: usize,
    /// Spans in which it was out of reach, in milliseconds since the day began.
    closed: Vec<(i64, i64)>,
}

/// All vendors' weather.
pub struct Sky {
    dice: StdRng,
    regions: Vec<Region>,
}

impl Sky {
    pub fn new(seed: u64) -> Self {
        let regions = VENDORS.map(|vendor| Region { vendor, front: None, bursts: 0, closed: Vec::new() });
        Self { dice: StdRng::seed_from_u64(seed), regions: regions.into() }
    }

    /// The weather of the step that ends `since` milliseconds after the day began.
    pub fn turn(&mut self, since: i64, twin: &Sandbox) {
        twin.clear_faults();
        for region in &mut self.regions {
            region.front = region.front.take().filter(|front| since < front.until);
            if let Some(planned) = planned(region.vendor, since) {
                region.front = Some(planned);
            } else if region.front.is_none() && self.dice.random_bool(BURSTS) {
                let kind = storms().choose(&mut self.dice).cloned().expect("there are storms");
                let minutes = self.dice.random_range(10..=40);
                region.front =
                    Some(Front { kind, share: self.dice.random_range(0.6..=1.0), until: since + minutes * 60_000 });
                region.bursts += 1;
            }
            if let Some(front) = &region.front {
                twin.fault(Fault::on(region.vendor.key(), front.kind.clone(), None).for_share(front.share));
                if front.share >= OUT_OF_REACH {
                    region.close(since);
                }
            }
            for (kind, share) in drizzle() {
                twin.fault(Fault::on(region.vendor.key(), kind, None).for_share(share));
            }
        }
    }

    /// How much of a span the vendor could be asked, in milliseconds. What it was out of reach, and the longest wait that
    /// such a time leaves behind, does not count.
    pub fn reachable(&self, vendor: Platform, from: i64, until: i64) -> i64 {
        let wait = longest_wait();
        let region = self.regions.iter().find(|region| region.vendor == vendor).expect("a region");
        let mut open = 0;
        let mut at = from;
        for (begin, end) in &region.closed {
            open += (begin.min(&until) - at).max(0);
            at = at.max(end + wait);
        }
        open + (until - at).max(0)
    }

    /// Bursts that there were at a vendor, and how long it was out of reach, in milliseconds.
    pub fn seen(&self, vendor: Platform) -> (usize, i64) {
        let region = self.regions.iter().find(|region| region.vendor == vendor).expect("a region");
        (region.bursts, region.closed.iter().map(|(begin, end)| end - begin).sum())
    }
}

/// The longest that the keeper waits after a failure.
pub fn longest_wait() -> i64 {
    back_off(u32::MAX, None, 1.0)
}

impl Region {
    fn close(&mut self, since: i64) {
        match self.closed.last_mut() {
            Some((_, end)) if *end >= since - STEP_MS => *end = since,
            _ => self.closed.push((since - STEP_MS, since)),
        }
    }
}

/// What happens to one vendor on this day for certain: an hour in which X takes our app for a stranger, and six hours in
/// which Bluesky is away.
fn planned(vendor: Platform, since: i64) -> Option<Front> {
    let during = |from: i64, hours: i64| (from * HOUR_MS..(from + hours) * HOUR_MS).contains(&since);
    let (kind, share) = match vendor {
        Platform::X if during(8, 1) => (FaultKind::AppRefused, 1.0),
        Platform::Bluesky if during(12, 6) => (FaultKind::Status(503), 1.0),
        _ => return None,
    };
    Some(Front { kind, share, until: since })
}
