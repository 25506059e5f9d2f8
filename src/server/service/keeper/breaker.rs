//! Breakers: when a platform (or one server of it) is out of order, it is left in peace and asked now and then by one look.
//!
//! They know nothing of accounts: an open breaker delays looks and changes nobody's health.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::platform::Platform;
use crate::server::platform::failure::{Class, Failure};

/// Calls in a row without an answer after which a platform counts as down.
const SILENT: u32 = 8;
/// Calls in a row that asked us to wait.
const RATED: u32 = 3;
/// Calls in a row that refused our app.
const REFUSED: u32 = 2;
/// First pause, which doubles while it stays as it is, and the longest, in milliseconds.
const PAUSE_MS: i64 = 30_000;
const LONGEST_MS: i64 = 10 * 60_000;
/// After this long a try that was never reported counts as lost.
const TRY_MS: i64 = 120_000;

/// What a call told about the platform itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It answered, kindly or not: it is there.
    Answer,
    Silence,
    /// It asked us to wait, perhaps for so many milliseconds.
    Wait(Option<i64>),
    /// It refused our app, in these words.
    AppRefused(String),
}

impl Heard {
    /// What a failure tells about the platform.
    pub fn of(failure: &Failure) -> Self {
        match failure.class {
            Class::Transient => Self::Silence,
            Class::Rate => Self::Wait(failure.retry_after_ms),
            Class::App => Self::AppRefused(failure.detail.clone()),
            _ => Self::Answer,
        }
    }
}

/// How many looks may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    All,
    /// One, to see whether it works again.
    One,
    /// None before this moment (Unix milliseconds).
    Not {
        before: i64,
    },
}

/// What changed, for whoever must hear of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turned {
    /// It is left in peace from now on.
    Opened { refused: Option<String> },
    /// It works again.
    Closed,
}

#[derive(Clone, Debug, Default)]
struct Breaker {
    silent: u32,
    rated: u32,
    refused: u32,
    /// Pauses in a row.
    pauses: u32,
    /// Until when it is left in peace; `None` while closed.
    until: Option<i64>,
    /// When the one look of a half-open breaker began.
    trying: Option<i64>,
}

impl Breaker {
    fn admits(&mut self, now: i64) -> Admission {
        let Some(until) = self.until else { return Admission::All };
        if now < until {
            return Admission::Not { before: until };
        }
        match self.trying {
            Some(since) if now - since < TRY_MS => Admission::Not { before: since + TRY_MS },
            _ => Admission::One,
        }
    }

    fn heard(&mut self, heard: Heard, now: i64) -> Option<Turned> {
        let was_open = self.until.is_some();
        self.trying = None;
        let (count, limit) = match &heard {
            Heard::Answer => {
                *self = Self::default();
                return was_open.then_some(Turned::Closed);
            }
            Heard::Silence => (&mut self.silent, SILENT),
            Heard::Wait(_) => (&mut self.rated, RATED),
            Heard::AppRefused(_) => (&mut self.refused, REFUSED),
        };
        *count += 1;
        if !was_open && *count < limit {
            return None;
        }
        // Those that began before it opened report one after the other: they are no reason for a longer pause.
        if self.until.is_some_and(|until| now < until) {
            return None;
        }
        let asked = if let Heard::Wait(Some(asked)) = heard { asked.clamp(0, LONGEST_MS) } else { 0 };
        let pause = (PAUSE_MS << self.pauses.min(8)).min(LONGEST_MS).max(asked);
        self.pauses += 1;
        self.until = Some(now + pause);
        let refused = if let Heard::AppRefused(detail) = heard { Some(detail) } else { None };
        (!was_open || refused.is_some()).then_some(Turned::Opened { refused })
    }
}

/// The breakers of this process, one for each platform and server.
#[derive(Debug, Default)]
pub struct Breakers(Mutex<HashMap<(Platform, String), Breaker>>);

impl Breakers {
    /// How many looks at grants of this platform and server may begin at `now` (Unix milliseconds).
    pub fn admits(&self, platform: Platform, host: &str, now: i64) -> Admission {
        self.with(platform, host, |breaker| breaker.admits(now)).unwrap_or(Admission::All)
    }

    /// The one look of a half-open breaker begins.
    pub fn trying(&self, platform: Platform, host: &str, now: i64) {
        self.with(platform, host, |breaker| {
            if breaker.until.is_some() {
                breaker.trying = Some(now);
            }
        });
    }

    /// The one look of a half-open breaker is over. If it asked nothing, another may find out.
    pub fn over(&self, platform: Platform, host: &str) {
        self.with(platform, host, |breaker| breaker.trying = None);
    }

    /// A call ended at `now`.
    pub fn heard(&self, platform: Platform, host: &str, heard: Heard, now: i64) -> Option<Turned> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (platform, host.to_owned());
        if heard == Heard::Answer && !all.contains_key(&key) {
            return None;
        }
        let breaker = all.entry(key.clone()).or_default();
        let turned = breaker.heard(heard, now);
        if breaker.until.is_none() && breaker.silent + breaker.rated + breaker.refused == 0 {
            all.remove(&key);
        }
        turned
    }

    /// A refusal of our app that was noticed before this process began.
    pub fn known(&self, platform: Platform, host: &str, now: i64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry((platform, host.to_owned())).or_insert_with(|| Breaker { until: Some(now), ..Breaker::default() });
    }

    fn with<T>(&self, platform: Platform, host: &str, work: impl FnOnce(&mut Breaker) -> T) -> Option<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get_mut(&(platform, host.to_owned())).map(work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: Platform = Platform::X;

    fn silence(breakers: &Breakers, times: u32, now: i64) -> Option<Turned> {
        (0..times).map(|_| breakers.heard(P, "", Heard::Silence, now)).last().flatten()
    }

    // SPEC T-4
    #[test]
    fn silence_opens_and_one_answer_closes() {
        let all = Breakers::default();
        assert_eq!(silence(&all, SILENT - 1, 0), None);
        assert_eq!(all.admits(P, "", 0), Admission::All);
        assert_eq!(silence(&all, 1, 0), Some(Turned::Opened { refused: None }));
        assert_eq!(all.admits(P, "", 29_999), Admission::Not { before: 30_000 });
        assert_eq!(all.admits(P, "other.example", 0), Admission::All, "each server has its own");
        // Stragglers don't make it longer.
        assert_eq!(silence(&all, 20, 1_000), None);
        assert_eq!(all.admits(P, "", 30_000), Admission::One);
        all.trying(P, "", 30_000);
        assert_eq!(all.admits(P, "", 30_001), Admission::Not { before: 30_000 + TRY_MS });
        silence(&all, 1, 31_000);
        assert_eq!(all.admits(P, "", 31_000), Admission::Not { before: 91_000 }, "the pause doubles");
        assert_eq!(all.heard(P, "", Heard::Answer, 95_000), Some(Turned::Closed));
        assert_eq!(all.admits(P, "", 95_000), Admission::All);
        assert_eq!(silence(&all, SILENT - 1, 96_000), None, "it starts anew");
    }

    #[test]
    fn a_try_that_asked_nothing_holds_nobody_up() {
        let all = Breakers::default();
        silence(&all, SILENT, 0);
        all.trying(P, "", 30_000);
        all.over(P, "");
        assert_eq!(all.admits(P, "", 30_001), Admission::One);
        all.over(Platform::Mastodon, "nobody.example");
    }

    #[test]
    fn a_refusal_of_our_app_is_told_once() {
        let all = Breakers::default();
        let refused = || Heard::AppRefused("invalid_client".into());
        assert_eq!(all.heard(P, "", refused(), 0), None);
        let opened = Some(Turned::Opened { refused: Some("invalid_client".into()) });
        assert_eq!(all.heard(P, "", refused(), 0), opened);
        assert_eq!(all.heard(P, "", refused(), 10), None);
    }

    #[test]
    fn a_wait_that_was_asked_for_is_kept() {
        let all = Breakers::default();
        for _ in 0..RATED {
            all.heard(P, "", Heard::Wait(Some(300_000)), 0);
        }
        assert_eq!(all.admits(P, "", 1), Admission::Not { before: 300_000 });
    }

    #[test]
    fn what_was_known_before_is_tried_first() {
        let all = Breakers::default();
        all.known(P, "", 5);
        assert_eq!(all.admits(P, "", 5), Admission::One);
        assert_eq!(all.heard(P, "", Heard::Answer, 6), Some(Turned::Closed));
    }
}
