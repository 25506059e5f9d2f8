//! When a grant is looked at again: due times and their jitter (SPEC T-2; platforms.md 0.2 rule 5).

use super::grant::DAY_MS;

/// How a platform keeps a token alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshKind {
    /// The token ends when it ends, or never: it only ages.
    None,
    /// A short-lived access token is replaced with a refresh token shortly before it ends.
    OnNeed,
    /// A long-lived token is exchanged for a new one within this many days of its end.
    BeforeEnd { days: i64 },
}

/// The moment from which an access token that ends at `ends_at` should be replaced, or `None` if it never should.
///
/// The margin of a short-lived token is a tenth of its life, at most a day and at least a minute.
pub fn refresh_from(kind: RefreshKind, issued_at: i64, ends_at: Option<i64>) -> Option<i64> {
    let ends_at = ends_at?;
    match kind {
        RefreshKind::None => None,
        RefreshKind::OnNeed => {
            let life = (ends_at - issued_at).max(0);
            Some(ends_at - (life / 10).clamp(60_000, DAY_MS))
        }
        RefreshKind::BeforeEnd { days } => Some(ends_at - days * DAY_MS),
    }
}

/// The next look at a grant: after the regular interval, or when its token must be replaced or ends, whichever comes first.
///
/// `roll` (0.0 to 1.0) spreads grants over a tenth of the interval, so that a thousand of them connected in one minute
/// are not all asked about in the same second for ever after.
pub fn next_due(now: i64, every_ms: i64, refresh_from: Option<i64>, ends_at: Option<i64>, roll: f64) -> i64 {
    let spread = (every_ms as f64 / 10.0 * roll.clamp(0.0, 1.0)) as i64;
    let regular = now + every_ms - spread;
    [refresh_from, ends_at].into_iter().flatten().filter(|&at| at > now).fold(regular, i64::min)
}

/// How long to wait after the `attempt`-th failure in a row (counted from 1): 1 minute, doubling, at most 6 hours;
/// never shorter than what the platform asked for.
pub fn back_off(attempt: u32, asked_ms: Option<i64>) -> i64 {
    let own = (60_000_i64 << attempt.saturating_sub(1).min(10)).min(6 * 3_600_000);
    own.max(asked_ms.unwrap_or(0).clamp(0, DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC T-2
    #[test]
    fn meta_tokens_are_due_a_week_before_the_end_and_short_ones_a_tenth() {
        let issued = 10 * DAY_MS;
        assert_eq!(refresh_from(RefreshKind::BeforeEnd { days: 7 }, issued, Some(70 * DAY_MS)), Some(63 * DAY_MS));
        assert_eq!(refresh_from(RefreshKind::OnNeed, issued, Some(issued + 7_200_000)), Some(issued + 6_480_000));
        assert_eq!(refresh_from(RefreshKind::None, issued, Some(70 * DAY_MS)), None);
        assert_eq!(refresh_from(RefreshKind::OnNeed, issued, None), None);
    }

    #[test]
    fn next_look_is_never_after_the_refresh_or_the_end() {
        assert_eq!(next_due(0, DAY_MS, Some(5_000), Some(9_000), 0.0), 5_000);
        assert_eq!(next_due(0, DAY_MS, None, None, 0.0), DAY_MS);
        assert_eq!(next_due(0, DAY_MS, None, None, 1.0), DAY_MS * 9 / 10);
        assert_eq!(next_due(10_000, DAY_MS, Some(5_000), None, 0.0), 10_000 + DAY_MS);
    }

    #[test]
    fn waiting_doubles_has_a_ceiling_and_honours_the_platform() {
        assert_eq!(back_off(1, None), 60_000);
        assert_eq!(back_off(3, None), 240_000);
        assert_eq!(back_off(60, None), 6 * 3_600_000);
        assert_eq!(back_off(1, Some(900_000)), 900_000);
        assert_eq!(back_off(1, Some(i64::MAX)), DAY_MS);
    }
}
