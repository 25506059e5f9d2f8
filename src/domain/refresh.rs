//! When a grant is looked at again: due times and their jitter (SPEC T-2; platforms.md 0.2 rule 5).

use super::grant::DAY_MS;

/// How a platform keeps a token alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshKind {
    /// The token ends when it ends, or never: it only ages.
    None,
    /// A short-lived access token is replaced with a refresh token shortly before it ends.
    OnNeed,
    /// A short-lived access token may lapse while nobody needs it: whoever looks or publishes replaces it first, and the
    /// refresh token stays as it is.
    BeforeUse,
    /// A long-lived token is exchanged for a new one within this many days of its end.
    BeforeEnd { days: i64 },
}

/// Between when and when a token should be replaced (Unix milliseconds), `None` if it never should.
///
/// A short-lived token: from one and a half margins before its end until one margin before it, where the margin is a tenth
/// of its life, at most a day and at least a minute; but never in the first half of its life. A long-lived one: in the
/// first day of the last `days`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: i64,
    pub until: i64,
}

impl Window {
    /// The window of a token that was issued at `issued_at` and ends at `ends_at`.
    pub fn of(kind: RefreshKind, issued_at: i64, ends_at: Option<i64>) -> Option<Self> {
        let ends_at = ends_at?;
        match kind {
            RefreshKind::None => None,
            RefreshKind::OnNeed | RefreshKind::BeforeUse => {
                let life = (ends_at - issued_at).max(0);
                let margin = (life / 10).clamp(60_000, DAY_MS);
                let half = issued_at + life / 2;
                Some(Self { from: (ends_at - margin - margin / 2).max(half), until: (ends_at - margin).max(half) })
            }
            RefreshKind::BeforeEnd { days } => {
                let from = ends_at - days * DAY_MS;
                Some(Self { from, until: (from + DAY_MS).min(ends_at).max(from) })
            }
        }
    }

    /// Whether the token should be replaced at `now`.
    pub fn is_open(self, now: i64) -> bool {
        now >= self.from
    }

    /// A moment in the window; `roll` (0.0 to 1.0) picks it, so that tokens issued in one minute are not all replaced in one.
    pub fn pick(self, roll: f64) -> i64 {
        self.from + ((self.until - self.from) as f64 * roll.clamp(0.0, 1.0)) as i64
    }
}

/// The next look at a grant: after the regular interval, or when its token must be replaced or ends, whichever comes first.
///
/// `roll` (0.0 to 1.0) spreads grants over a tenth of the interval, so that a thousand of them connected in one minute
/// are not all asked about in the same second for ever after.
pub fn next_due(now: i64, every_ms: i64, replace: Option<Window>, ends_at: Option<i64>, roll: f64) -> i64 {
    let spread = (every_ms as f64 / 10.0 * roll.clamp(0.0, 1.0)) as i64;
    let regular = now + every_ms - spread;
    let replace = replace.map(|window| window.pick(roll));
    [replace, ends_at].into_iter().flatten().filter(|&at| at > now).fold(regular, i64::min)
}

/// Longest wait between two attempts, in milliseconds, where the platform does not ask for more. Short enough that an
/// outage of the platform ends for us soon after it ended for everybody else.
const LONGEST_WAIT_MS: i64 = 30 * 60_000;

/// How long to wait after the `attempt`-th failure in a row (counted from 1): 1 minute, doubling, at most half an hour;
/// never shorter than what the platform asked for. `roll` (0.0 to 1.0) adds up to a fifth, so that those who failed
/// together don't come back together.
pub fn back_off(attempt: u32, asked_ms: Option<i64>, roll: f64) -> i64 {
    let own = (60_000_i64 << attempt.saturating_sub(1).min(10)).min(LONGEST_WAIT_MS);
    let wait = own.max(asked_ms.unwrap_or(0).clamp(0, DAY_MS));
    wait + (wait as f64 / 5.0 * roll.clamp(0.0, 1.0)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // SPEC T-2
    #[test]
    fn meta_tokens_are_due_a_week_before_the_end_and_short_ones_a_tenth() {
        let issued = 10 * DAY_MS;
        let window = |kind, ends| Window::of(kind, issued, ends);
        let week = window(RefreshKind::BeforeEnd { days: 7 }, Some(70 * DAY_MS)).unwrap();
        assert_eq!((week.from, week.until), (63 * DAY_MS, 64 * DAY_MS));
        let hours = window(RefreshKind::OnNeed, Some(issued + 7_200_000)).unwrap();
        assert_eq!((hours.from, hours.until), (issued + 6_120_000, issued + 6_480_000));
        assert!(!hours.is_open(hours.from - 1) && hours.is_open(hours.from));
        assert_eq!(hours.pick(0.5), issued + 6_300_000);
        assert_eq!(window(RefreshKind::None, Some(70 * DAY_MS)), None);
        assert_eq!(window(RefreshKind::OnNeed, None), None);
    }

    proptest! {
        // DESIGN 4, rule 6: at most once per half life.
        #[test]
        fn no_token_is_replaced_in_the_first_half_of_its_life(life in 1_i64..(400 * DAY_MS), roll in 0.0..1.0_f64) {
            let window = Window::of(RefreshKind::OnNeed, 0, Some(life)).unwrap();
            prop_assert!(window.from >= life / 2 && window.from <= window.until && window.until <= life);
            prop_assert!((window.from..=window.until).contains(&window.pick(roll)));
        }
    }

    #[test]
    fn next_look_is_never_after_the_refresh_or_the_end() {
        let at = |from| Some(Window { from, until: from });
        assert_eq!(next_due(0, DAY_MS, at(5_000), Some(9_000), 0.0), 5_000);
        assert_eq!(next_due(0, DAY_MS, None, None, 0.0), DAY_MS);
        assert_eq!(next_due(0, DAY_MS, None, None, 1.0), DAY_MS * 9 / 10);
        assert_eq!(next_due(10_000, DAY_MS, at(5_000), None, 0.0), 10_000 + DAY_MS);
    }

    #[test]
    fn waiting_doubles_has_a_ceiling_and_honours_the_platform() {
        assert_eq!(back_off(1, None, 0.0), 60_000);
        assert_eq!(back_off(3, None, 0.0), 240_000);
        assert_eq!(back_off(60, None, 0.0), LONGEST_WAIT_MS);
        assert_eq!(back_off(1, None, 1.0), 72_000);
        assert_eq!(back_off(1, Some(900_000), 0.0), 900_000);
        assert_eq!(back_off(1, Some(i64::MAX), 0.0), DAY_MS);
    }
}
