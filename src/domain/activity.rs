//! What of the activity log is shown, and how its address says so (SPEC W-6).

use serde::{Deserialize, Serialize};

use super::filter::escaped;
use super::grant::DAY_MS;

/// The word for what nobody did: Pilotlight by itself.
pub const ITSELF: &str = "-";

/// Kinds of happenings, in groups that a person would name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kinds {
    #[default]
    All,
    Connections,
    Health,
    Checks,
    Mails,
    Webhooks,
    Settings,
}

impl Kinds {
    /// In the order in which they are offered.
    pub const ALL: [Self; 7] =
        [Self::All, Self::Connections, Self::Health, Self::Checks, Self::Mails, Self::Webhooks, Self::Settings];

    /// The word in the address; empty for all.
    pub fn key(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Connections => "connections",
            Self::Health => "health",
            Self::Checks => "checks",
            Self::Mails => "mails",
            Self::Webhooks => "webhooks",
            Self::Settings => "settings",
        }
    }

    /// The group of a word; all of them for a word that is none.
    pub fn from_key(key: &str) -> Self {
        Self::ALL.into_iter().find(|kinds| kinds.key() == key).unwrap_or_default()
    }

    /// The words on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "Everything",
            Self::Connections => "Connected and disconnected",
            Self::Health => "Broken and healthy again",
            Self::Checks => "Checks and refreshes",
            Self::Mails => "Mails",
            Self::Webhooks => "Webhooks",
            Self::Settings => "Settings and banners",
        }
    }

    /// The words of its kinds in the database; none for all.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::All => &[],
            Self::Connections => &["connected", "reconnected", "disconnected", "removed", "connect-failed"],
            Self::Health => &["went-amber", "cause-changed", "healed"],
            Self::Checks => &["refreshed", "check-failed"],
            Self::Mails => &["mail-sent", "mail-dead", "mail-resent", "mail-tested", "unsubscribed"],
            Self::Webhooks => &[
                "webhook-added",
                "webhook-changed",
                "webhook-removed",
                "webhook-tested",
                "webhook-resent",
                "webhook-given-up",
            ],
            Self::Settings => &["notifications-changed", "feed-made", "feed-revoked", "banner-dismissed"],
        }
    }

    /// The group of a kind; all for one that is in none.
    pub fn of(kind: &str) -> Self {
        Self::ALL.into_iter().find(|kinds| kinds.words().contains(&kind)).unwrap_or_default()
    }
}

/// How far back the log is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Span {
    #[default]
    All,
    Today,
    Week,
    Month,
    Quarter,
}

impl Span {
    /// In the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::All, Self::Today, Self::Week, Self::Month, Self::Quarter];

    /// The word in the address; empty for all.
    pub fn key(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Today => "today",
            Self::Week => "7",
            Self::Month => "30",
            Self::Quarter => "90",
        }
    }

    /// The span of a word; all time for a word that is none.
    pub fn from_key(key: &str) -> Self {
        Self::ALL.into_iter().find(|span| span.key() == key).unwrap_or_default()
    }

    /// The words on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "All time",
            Self::Today => "Today",
            Self::Week => "Last 7 days",
            Self::Month => "Last 30 days",
            Self::Quarter => "Last 90 days",
        }
    }

    /// Its beginning at `now`; `midnight` is when the day began (Unix milliseconds).
    pub fn since(self, now: i64, midnight: i64) -> i64 {
        match self {
            Self::All => i64::MIN,
            Self::Today => midnight,
            Self::Week => now - 7 * DAY_MS,
            Self::Month => now - 30 * DAY_MS,
            Self::Quarter => now - 90 * DAY_MS,
        }
    }
}

/// What the log is narrowed down to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub kinds: Kinds,
    /// An account's id, or empty.
    pub account: String,
    /// A member's id, [`ITSELF`], or empty.
    pub member: String,
    pub span: Span,
}

impl Asked {
    /// What an address asks for. Anything that makes no sense asks for nothing.
    pub fn read(param: impl Fn(&str) -> Option<String>) -> Self {
        let word = |key| param(key).unwrap_or_default();
        Self {
            kinds: Kinds::from_key(&word("kind")),
            account: word("account"),
            member: word("member"),
            span: Span::from_key(&word("time")),
        }
    }

    /// Whether it leaves anything out.
    pub fn narrows(&self) -> bool {
        *self != Self::default()
    }

    /// `path` with this in its query, and `more` after it.
    pub fn address(&self, path: &str, more: &[(&str, &str)]) -> String {
        let own = [
            ("kind", self.kinds.key()),
            ("account", self.account.as_str()),
            ("member", self.member.as_str()),
            ("time", self.span.key()),
        ];
        let query: Vec<String> = own
            .iter()
            .chain(more)
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| format!("{key}={}", escaped(value)))
            .collect();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
    }
}

/// A line's place in the log: when, and its id among those of the same moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Unix milliseconds.
    pub at: i64,
    pub id: String,
}

impl Place {
    /// As it stands in an address.
    pub fn text(&self) -> String {
        format!("{}.{}", self.at, self.id)
    }

    /// What [`text`](Self::text) says.
    pub fn from_text(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self { at: at.parse().ok()?, id: id.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        // SPEC W-6: the filters live in the address
        #[test]
        fn what_is_asked_comes_back(kinds in 0usize..7, span in 0usize..5, account in "\\PC{0,9}", member in "\\PC{0,9}") {
            let asked = Asked { kinds: Kinds::ALL[kinds], account, member, span: Span::ALL[span] };
            let place = Place { at: 7, id: "a.b".into() };
            let address = asked.address("/activity", &[("older", &place.text())]);
            let query = address.split_once('?').map_or("", |(_, query)| query);
            let params: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            prop_assert_eq!(Asked::read(|key| params.get(key).cloned()), asked);
            prop_assert_eq!(params.get("older").and_then(|text| Place::from_text(text)), Some(place));
        }
    }

    // SPEC W-6
    #[test]
    fn spans_begin_where_they_say() {
        let (now, midnight) = (100 * DAY_MS + 5, 100 * DAY_MS);
        let since = Span::ALL.map(|span| span.since(now, midnight));
        assert_eq!(since, [i64::MIN, midnight, 93 * DAY_MS + 5, 70 * DAY_MS + 5, 10 * DAY_MS + 5]);
        assert_eq!(Asked::default().address("/activity", &[]), "/activity");
        assert_eq!(Place::from_text("x.y"), None);
    }
}
