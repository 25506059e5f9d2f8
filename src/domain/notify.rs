//! What members are told of by mail, and when (SPEC ): the kinds, their defaults, and what their days mean.

use serde::{Deserialize, Serialize};

use super::role::Role;

/// A kind of alert. Each can be switched, and each member can be left out or added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertKind {
    /// An account turned amber.
    Broken,
    /// An account will have to be connected again soon.
    Expiring,
    /// An account is still amber.
    StillBroken,
    /// An account that somebody was told of works again.
    Recovered,
    /// A webhook was switched off after failing for long.
    WebhookOff,
}

impl AlertKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Broken, Self::Expiring, Self::StillBroken, Self::Recovered, Self::WebhookOff];

    /// The word in the database, in addresses and in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Expiring => "expiring",
            Self::StillBroken => "still-broken",
            Self::Recovered => "recovered",
            Self::WebhookOff => "webhook-off",
        }
    }

    /// The kind of a key, if there is one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// What it is called in the settings and on the page that ends it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Broken => "An account needs a reconnect",
            Self::Expiring => "Access will end soon",
            Self::StillBroken => "An account still needs a reconnect",
            Self::Recovered => "An account works again",
            Self::WebhookOff => "A webhook was switched off",
        }
    }

    /// The days as they are before anybody changes them; `None` where days mean nothing.
    pub fn default_days(self) -> Option<Days> {
        match self {
            Self::Expiring => Some(Days::before_an_end()),
            Self::StillBroken => Some(Days(vec![2, 5, 4])),
            Self::Broken | Self::Recovered | Self::WebhookOff => None,
        }
    }

    /// Whether a member of this role is told unless they or an admin said otherwise.
    pub fn tells(self, role: Role) -> bool {
        role >= Role::Admin
    }
}

/// Days as a kind means them: how long before the end (`7, 1`), or the first wait, the pause between the others and how
/// many others (`2, 5, 4`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Days(Vec<u16>);

/// Most reminders before an end.
const MOST: usize = 5;
/// The longest wait or look ahead, in days.
const LONGEST: u16 = 90;

impl Days {
    /// Reads what a person typed for `kind`: numbers with commas or blanks between them.
    ///
    /// # Errors
    /// A sentence that says what is expected.
    pub fn read(kind: AlertKind, text: &str) -> Result<Self, String> {
        let words = text.split([',', ' ', ';']).filter(|word| !word.is_empty());
        let numbers: Option<Vec<u16>> = words.map(|word| word.parse().ok()).collect();
        let expected = match kind {
            AlertKind::Expiring => "Expected up to five numbers of days from 1 to 90, like 7, 1.",
            _ => {
                "Expected three numbers: days until the first reminder and between the others (1 to 90), and how many others (0 to 20)."
            }
        };
        let mut numbers = numbers.ok_or(expected)?;
        let day = |number: &u16| (1..=LONGEST).contains(number);
        let fits = match kind {
            AlertKind::Expiring => !numbers.is_empty() && numbers.len() <= MOST && numbers.iter().all(day),
            _ => numbers.len() == 3 && numbers[..2].iter().all(day) && numbers[2] <= 20,
        };
        if !fits {
            return Err(expected.into());
        }
        if kind == AlertKind::Expiring {
            numbers.sort_unstable_by(|a, b| b.cmp(a));
            numbers.dedup();
        }
        Ok(Self(numbers))
    }

    /// When people are reminded of an end, before anybody changes it.
    pub fn before_an_end() -> Self {
        Self(vec![7, 1])
    }

    /// As people write them, and as they are stored.
    pub fn text(&self) -> String {
        let words: Vec<String> = self.0.iter().map(u16::to_string).collect();
        words.join(", ")
    }

    /// Days before an end at which a reminder is due, the earliest reminder first.
    pub fn before(&self) -> impl Iterator<Item = u16> + '_ {
        self.0.iter().copied()
    }

    /// Days after a break at which reminder number `step` (from 1) is due; `None` after the last.
    pub fn after(&self, step: u32) -> Option<u32> {
        let [first, every, times] = self.0[..] else { return None };
        let others = step.checked_sub(1)?;
        (others <= u32::from(times)).then(|| u32::from(first) + others * u32::from(every))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC A-4
    #[test]
    fn the_defaults_are_seven_days_and_one_before_and_two_then_every_five_after() {
        let before = AlertKind::Expiring.default_days().expect("days");
        assert_eq!(before.before().collect::<Vec<_>>(), [7, 1]);
        let after = AlertKind::StillBroken.default_days().expect("days");
        let days: Vec<_> = (1..).map_while(|step| after.after(step)).collect();
        assert_eq!(days, [2, 7, 12, 17, 22]);
        assert_eq!(after.after(0), None);
    }

    // SPEC A-4: what is typed is understood or explained
    #[test]
    fn days_are_read_as_people_write_them() {
        let read = |kind, text: &str| Days::read(kind, text).map(|days| days.text());
        assert_eq!(read(AlertKind::Expiring, " 1, 14 7 7").as_deref(), Ok("14, 7, 1"));
        assert_eq!(read(AlertKind::StillBroken, "1,2,0").as_deref(), Ok("1, 2, 0"));
        for bad in ["", "0", "91", "seven", "1,2,3,4,5,6", "-1", "7;x"] {
            assert!(read(AlertKind::Expiring, bad).is_err(), "{bad}");
        }
        for bad in ["", "2", "2,5", "2,5,21", "0,5,4", "2,0,4", "2,5,4,1"] {
            assert!(read(AlertKind::StillBroken, bad).is_err(), "{bad}");
        }
    }

    // SPEC A-3: owner and admins, unless somebody says otherwise
    #[test]
    fn owner_and_admins_are_told_by_default() {
        for kind in AlertKind::ALL {
            assert_eq!(Role::ALL.map(|role| kind.tells(role)), [false, false, true, true]);
            assert_eq!(AlertKind::from_key(kind.key()), Some(kind));
        }
    }
}
