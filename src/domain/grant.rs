//! What the clock says about a grant (SPEC 1: token status).

use serde::{Deserialize, Serialize};

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

/// From how many days before the end a token counts as "expiring soon" (SPEC T-2).
pub const SOON_DAYS: i64 = 30;

/// Token status of a grant: only about time, never about whether it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TokenStatus {
    /// Has no known end, an end that is far, or one that is renewed without anybody's help.
    Valid,
    /// Ends in this many full days (0: within a day).
    ExpiringSoon { days: i64 },
    /// Ended this many full days ago (0: within a day).
    Expired { days: i64 },
}

impl TokenStatus {
    /// The status at `now` of a token that a person must renew by `ends_at` (both Unix milliseconds).
    /// An unknown end stays unknown: it is "Valid", not a guess.
    pub fn at(now: i64, ends_at: Option<i64>) -> Self {
        match ends_at {
            None => Self::Valid,
            Some(end) if end <= now => Self::Expired { days: (now - end) / DAY_MS },
            Some(end) if end - now <= SOON_DAYS * DAY_MS => Self::ExpiringSoon { days: (end - now) / DAY_MS },
            Some(_) => Self::Valid,
        }
    }

    /// The words on the card (SPEC H-1).
    pub fn words(self) -> String {
        match self {
            Self::Valid => "Valid".into(),
            Self::ExpiringSoon { days: 0 } => "expiring today".into(),
            Self::ExpiringSoon { days: 1 } => "expiring in 1 day".into(),
            Self::ExpiringSoon { days } => format!("expiring in {days} days"),
            Self::Expired { days: 0 } => "Expired today".into(),
            Self::Expired { days: 1 } => "Expired 1 day ago".into(),
            Self::Expired { days } => format!("Expired {days} days ago"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC H-1, T-2
    #[test]
    fn words_follow_the_clock() {
        let now = 1_000 * DAY_MS;
        let at = |ends: i64| TokenStatus::at(now, Some(ends)).words();
        assert_eq!(TokenStatus::at(now, None).words(), "Valid");
        assert_eq!(at(now + 31 * DAY_MS), "Valid");
        assert_eq!(at(now + 12 * DAY_MS), "expiring in 12 days");
        assert_eq!(at(now + DAY_MS / 2), "expiring today");
        assert_eq!(at(now), "Expired today");
        assert_eq!(at(now - 3 * DAY_MS), "Expired 3 days ago");
    }
}
