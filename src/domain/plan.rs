//! Plans (SPEC W-3): which platforms each includes and how many accounts it carries.

use serde::{Deserialize, Serialize};

use super::platform::Platform;

/// A workspace's plan. The operator sets it; a self-hosted install starts on Enterprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plan {
    Free,
    Starter,
    Professional,
    Enterprise,
}

impl Plan {
    /// Every plan, smallest first.
    pub const ALL: [Plan; 4] = [Self::Free, Self::Starter, Self::Professional, Self::Enterprise];

    /// How many accounts it carries; `None` is without limit.
    pub fn account_limit(self) -> Option<usize> {
        match self {
            Self::Free => Some(1),
            Self::Starter => Some(5),
            Self::Professional | Self::Enterprise => None,
        }
    }

    /// Whether accounts of `platform` may be connected. `extra` are the platforms that the operator has opened to every plan.
    pub fn includes(self, platform: Platform, extra: &[Platform]) -> bool {
        self >= Self::least_for(platform) || extra.contains(&platform)
    }

    /// The smallest plan that includes `platform` unless the operator opens it to all.
    pub fn least_for(platform: Platform) -> Plan {
        match platform {
            Platform::Facebook | Platform::Instagram | Platform::InstagramViaFacebook => Self::Free,
            _ => Self::Professional,
        }
    }

    /// The name a person reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Starter => "Starter",
            Self::Professional => "Professional",
            Self::Enterprise => "Enterprise",
        }
    }

    /// The word in the database and in settings.
    pub fn key(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Starter => "starter",
            Self::Professional => "professional",
            Self::Enterprise => "enterprise",
        }
    }

    /// The plan of a key, if there is one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.key() == key)
    }

    /// How many more accounts fit beside `used` ones; `None` is without limit.
    pub fn slots_left(self, used: usize) -> Option<usize> {
        self.account_limit().map(|limit| limit.saturating_sub(used))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC W-3
    #[test]
    fn platforms_and_limits_of_each_plan() {
        assert!(Plan::Free.includes(Platform::Facebook, &[]));
        assert!(!Plan::Starter.includes(Platform::X, &[]));
        assert!(Plan::Professional.includes(Platform::Linkedin, &[]));
        assert!(Plan::Free.includes(Platform::Mastodon, &[Platform::Mastodon]));
        assert_eq!(Plan::ALL.map(Plan::account_limit), [Some(1), Some(5), None, None]);
        assert_eq!(Plan::Starter.slots_left(7), Some(0));
    }
}
