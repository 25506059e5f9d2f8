//! The state machine of an account's health (SPEC 1, T-3, T-4; the only rule by which green becomes amber and back).

use serde::{Deserialize, Serialize};

/// Whether we can publish and read now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// Green.
    Healthy,
    /// Amber.
    NeedsReconnect,
}

impl Health {
    /// The label beside the dot (SPEC H-2).
    pub fn label(self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::NeedsReconnect => "Needs reconnect",
        }
    }

    /// The word in the database and in `data-health`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::NeedsReconnect => "needs-reconnect",
        }
    }
}

/// Why an account is amber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    Expired,
    Revoked,
    PasswordChanged,
    PermissionsMissing,
    RoleLost,
    ActionNeeded,
    RefreshFailed,
    KeyLost,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Cause; 8] = [
        Self::Expired,
        Self::Revoked,
        Self::PasswordChanged,
        Self::PermissionsMissing,
        Self::RoleLost,
        Self::ActionNeeded,
        Self::RefreshFailed,
        Self::KeyLost,
    ];

    /// The word in the database and in URLs.
    pub fn key(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::PasswordChanged => "password-changed",
            Self::PermissionsMissing => "permissions-missing",
            Self::RoleLost => "role-lost",
            Self::ActionNeeded => "action-needed",
            Self::RefreshFailed => "refresh-failed",
            Self::KeyLost => "key-lost",
        }
    }

    /// The cause of a key, if there is one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.key() == key)
    }

    /// The two or three words of a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::PasswordChanged => "password changed",
            Self::PermissionsMissing => "permissions missing",
            Self::RoleLost => "role lost",
            Self::ActionNeeded => "action needed on the platform",
            Self::RefreshFailed => "refresh failed",
            Self::KeyLost => "key lost",
        }
    }
}

/// How many automatic attempts may fail before an account turns amber (SPEC T-3).
pub const ATTEMPTS: u32 = 3;

/// What one look at the platform told us about an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation {
    /// The platform accepted the token, and nothing we need is missing.
    Works,
    /// The platform said in so many words that this connection is over.
    Dead(Cause),
    /// The platform refused, but not in words we know as final.
    Refused,
    /// Nothing was learnt: network, time-out, 5xx, rate limit.
    Unreachable,
    /// Our own app is at fault: its credentials, its approval, an API version that was switched off.
    OurFault,
}

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub health: Health,
    /// `Some` exactly while amber.
    pub cause: Option<Cause>,
    /// Attempts that were refused in a row.
    pub refused: u32,
}

/// What changed for the people who watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing a person would notice.
    Steady,
    /// Green to amber: an incident begins.
    WentAmber(Cause),
    /// Still amber, for a reason that is now known better.
    CauseChanged(Cause),
    /// Amber to green: the incident ends.
    Healed,
}

impl Standing {
    /// A connection that was just made.
    pub const FRESH: Standing = Standing { health: Health::Healthy, cause: None, refused: 0 };

    /// The standing after an observation, and what to tell people.
    ///
    /// Only a definite "dead" or the third refusal in a row leads to amber. Silence, overload and our own faults never do.
    pub fn after(self, seen: Observation) -> (Standing, Turn) {
        match seen {
            Observation::Works => {
                let turn = if self.health == Health::Healthy { Turn::Steady } else { Turn::Healed };
                (Self::FRESH, turn)
            }
            Observation::Dead(cause) => self.amber(cause, 0),
            Observation::Refused => {
                let refused = self.refused.saturating_add(1);
                if refused >= ATTEMPTS && self.health == Health::Healthy {
                    self.amber(Cause::RefreshFailed, refused)
                } else {
                    (Standing { refused, ..self }, Turn::Steady)
                }
            }
            Observation::Unreachable | Observation::OurFault => (self, Turn::Steady),
        }
    }

    fn amber(self, cause: Cause, refused: u32) -> (Standing, Turn) {
        // A token that we lost is refused ever after, in the words of one that was taken back.
        let follows = matches!(cause, Cause::Expired | Cause::Revoked) && self.cause == Some(Cause::RefreshFailed);
        let cause = if follows { Cause::RefreshFailed } else { cause };
        let turn = match (self.health, self.cause) {
            (Health::Healthy, _) => Turn::WentAmber(cause),
            (Health::NeedsReconnect, Some(known)) if known == cause => Turn::Steady,
            (Health::NeedsReconnect, _) => Turn::CauseChanged(cause),
        };
        (Standing { health: Health::NeedsReconnect, cause: Some(cause), refused }, turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn observation() -> impl Strategy<Value = Observation> {
        prop_oneof![
            Just(Observation::Works),
            (0..Cause::ALL.len()).prop_map(|i| Observation::Dead(Cause::ALL[i])),
            Just(Observation::Refused),
            Just(Observation::Unreachable),
            Just(Observation::OurFault),
        ]
    }

    proptest! {
        // SPEC T-3, T-4
        #[test]
        fn any_sequence_keeps_the_rules(seen in prop::collection::vec(observation(), 0..40)) {
            let mut standing = Standing::FRESH;
            let mut open_incidents = 0_i32;
            let mut refusals_in_a_row = 0;
            for one in seen {
                let was = standing.health;
                let (next, turn) = standing.after(one);
                refusals_in_a_row = match one {
                    Observation::Refused => refusals_in_a_row + 1,
                    Observation::Works | Observation::Dead(_) => 0,
                    _ => refusals_in_a_row,
                };
                prop_assert_eq!(next.cause.is_some(), next.health == Health::NeedsReconnect);
                if was == Health::Healthy && next.health == Health::NeedsReconnect {
                    let definite = matches!(one, Observation::Dead(_));
                    prop_assert!(definite || (one == Observation::Refused && refusals_in_a_row >= 3));
                }
                match turn {
                    Turn::WentAmber(_) => open_incidents += 1,
                    Turn::Healed => open_incidents -= 1,
                    _ => {}
                }
                prop_assert_eq!(open_incidents, i32::from(next.health == Health::NeedsReconnect));
                standing = next;
            }
        }
    }

    // SPEC T-4
    #[test]
    fn a_lost_token_keeps_its_name() {
        let (lost, _) = Standing::FRESH.after(Observation::Dead(Cause::RefreshFailed));
        assert_eq!(lost.after(Observation::Dead(Cause::Revoked)), (lost, Turn::Steady));
        let (_, turn) = lost.after(Observation::Dead(Cause::PasswordChanged));
        assert_eq!(turn, Turn::CauseChanged(Cause::PasswordChanged));
    }

    // SPEC T-3
    #[test]
    fn the_third_refusal_turns_amber_and_not_the_second() {
        let (one, _) = Standing::FRESH.after(Observation::Refused);
        let (two, turn) = one.after(Observation::Refused);
        assert_eq!((two.health, turn), (Health::Healthy, Turn::Steady));
        let (two, _) = two.after(Observation::Unreachable);
        let (three, turn) = two.after(Observation::Refused);
        assert_eq!((three.health, turn), (Health::NeedsReconnect, Turn::WentAmber(Cause::RefreshFailed)));
    }
}
