//! Time and randomness. Nothing else on the server reads a clock or rolls dice: both are arguments, so that a test
//! can move the first and repeat the second.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Unix milliseconds, UTC.
    fn now(&self) -> i64;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// A clock that stands still until somebody moves it.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now` (Unix milliseconds).
    pub fn new(now: i64) -> Self {
        Self(AtomicI64::new(now))
    }

    /// Puts it to `now` (Unix milliseconds).
    pub fn set(&self, now: i64) {
        self.0.store(now, Ordering::SeqCst);
    }

    /// Moves it on.
    pub fn advance(&self, by: std::time::Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A moment on the machine's stopwatch, which nobody sets. For measuring how long something took, never for the time of day.
#[derive(Clone, Copy, Debug)]
pub struct Moment(std::time::Instant);

impl Moment {
    /// This moment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clocks")]
    pub fn now() -> Self {
        Self(std::time::Instant::now())
    }

    /// How long ago it was. Goes on while the process is stopped.
    pub fn elapsed(self) -> std::time::Duration {
        self.0.elapsed()
    }
}

/// The last moment at which something may still be begun.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    since: Moment,
    within: std::time::Duration,
}

impl Deadline {
    /// So long after `since`.
    pub fn after(since: Moment, within: std::time::Duration) -> Self {
        Self { since, within }
    }

    /// Whether it is too late. Also true after the process was stopped for long and goes on.
    pub fn is_over(self) -> bool {
        self.since.elapsed() >= self.within
    }
}

/// Where unpredictable bytes come from.
#[derive(Clone)]
pub struct Randomness(Arc<Source>);

struct Source {
    /// `None`: the operating system's.
    seeded: Option<Mutex<StdRng>>,
    /// Millisecond and counter of the newest id, so that ids sort in the order in which they were made.
    last: Mutex<(u64, u16)>,
}

impl Randomness {
    /// The operating system's.
    pub fn system() -> Self {
        Self::from_source(None)
    }

    /// The same bytes again for the same seed. For tests only.
    pub fn seeded(seed: u64) -> Self {
        Self::from_source(Some(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    fn from_source(seeded: Option<Mutex<StdRng>>) -> Self {
        Self(Arc::new(Source { seeded, last: Mutex::new((0, 0)) }))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0.seeded {
            Some(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes),
            None => rand::rng().fill_bytes(&mut bytes),
        }
        bytes
    }

    /// 256 random bits as base64url.
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// A number from 0 (included) to 1 (excluded), for jitter.
    pub fn roll(&self) -> f64 {
        match &self.0.seeded {
            Some(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).random(),
            None => rand::rng().random(),
        }
    }

    /// A UUIDv7 for `now_ms` (Unix milliseconds). Ids of one process are strictly increasing.
    pub fn uuid(&self, now_ms: i64) -> String {
        let (ms, counter) = {
            let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
            let now = u64::try_from(now_ms).unwrap_or(0);
            *last = match *last {
                (ms, _) if now > ms => (now, 0),
                (ms, 0x0fff) => (ms + 1, 0),
                (ms, counter) => (ms, counter + 1),
            };
            *last
        };
        let mut tail = self.bytes::<10>();
        [tail[0], tail[1]] = counter.to_be_bytes();
        uuid::Builder::from_unix_timestamp_millis(ms, &tail).into_uuid().to_string()
    }
}

impl std::fmt::Debug for Randomness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.seeded.is_some() { "Randomness(seeded)" } else { "Randomness(system)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_in_the_order_they_were_made() {
        let random = Randomness::system();
        let ids: Vec<_> = (0..10_000).map(|i| random.uuid(1_700_000_000_000 + i / 9_000)).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(ids[0].as_bytes()[14], b'7');
        // A clock that is set back does not break the order.
        assert!(random.uuid(1) > ids[9_999]);
    }

    #[test]
    fn a_seed_repeats_itself_and_the_system_does_not() {
        assert_eq!(Randomness::seeded(7).token(), Randomness::seeded(7).token());
        assert_ne!(Randomness::seeded(7).token(), Randomness::seeded(8).token());
        assert_ne!(Randomness::system().token(), Randomness::system().token());
        assert_eq!(Randomness::system().token().len(), 43);
        assert!((0.0..1.0).contains(&Randomness::system().roll()));
    }

    #[test]
    fn a_manual_clock_moves_only_by_hand() {
        let clock = ManualClock::new(5);
        assert_eq!(clock.now(), 5);
        clock.advance(std::time::Duration::from_secs(2));
        assert_eq!(clock.now(), 2_005);
        clock.set(1);
        assert_eq!(clock.now(), 1);
    }
}
