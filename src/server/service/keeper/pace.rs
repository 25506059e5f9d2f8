//! How fast a platform is asked: so many looks at once, and so many begun in a second. Each server process keeps its own.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::platform::Platform;
use crate::server::clock::Moment;

/// A bucket that fills at a steady rate: it holds one second's worth.
#[derive(Debug)]
struct Bucket {
    level: f64,
    since: Moment,
}

/// The buckets of all platforms.
#[derive(Debug)]
pub struct Paces {
    per_second: f64,
    buckets: Mutex<HashMap<Platform, Bucket>>,
}

impl Paces {
    /// For every platform, so many looks may begin in a second.
    pub fn new(per_second: u32) -> Self {
        Self { per_second: f64::from(per_second), buckets: Mutex::default() }
    }

    /// Takes up to `wanted` places; answers how many there were.
    pub fn take(&self, platform: Platform, wanted: usize) -> usize {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(platform).or_insert_with(|| Bucket { level: self.per_second, since: Moment::now() });
        let filled = bucket.level + bucket.since.elapsed().as_secs_f64() * self.per_second;
        bucket.since = Moment::now();
        let taken = (filled.min(self.per_second) as usize).min(wanted);
        bucket.level = filled.min(self.per_second) - taken as f64;
        taken
    }

    /// Puts places back that were not used.
    pub fn give_back(&self, platform: Platform, unused: usize) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(&platform) {
            bucket.level = (bucket.level + unused as f64).min(self.per_second);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_brings_no_more_than_its_share() {
        let paces = Paces::new(10);
        assert_eq!(paces.take(Platform::X, 4), 4);
        assert_eq!(paces.take(Platform::X, 100), 6);
        assert_eq!(paces.take(Platform::X, 100), 0);
        assert_eq!(paces.take(Platform::Mastodon, 100), 10, "every platform has its own");
        paces.give_back(Platform::X, 3);
        assert_eq!(paces.take(Platform::X, 100), 3);
        let mut got = 0;
        while got == 0 {
            std::thread::yield_now();
            got = paces.take(Platform::X, 100);
        }
        assert_eq!(got, 1, "it fills steadily");
    }
}
