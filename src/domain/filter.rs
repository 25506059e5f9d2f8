//! Which accounts a list shows, and how its address says so (SPEC H-4).

use serde::{Deserialize, Serialize};

use super::grant::TokenStatus;
use super::platform::Platform;

/// The choices of the status filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    #[default]
    All,
    /// Amber.
    Attention,
    Valid,
    Expiring,
    Expired,
}

impl Status {
    /// In the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::All, Self::Attention, Self::Valid, Self::Expiring, Self::Expired];

    /// The word in the address.
    pub fn key(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Attention => "attention",
            Self::Valid => "valid",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
        }
    }

    /// The status of a word; all of them for a word that is none.
    pub fn from_key(key: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.key() == key).unwrap_or_default()
    }

    /// The word on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "All statuses",
            Self::Attention => "Needs reconnect",
            Self::Valid => "Valid",
            Self::Expiring => "Expiring in 30 days",
            Self::Expired => "Expired",
        }
    }

    /// Whether an account belongs here.
    pub fn takes(self, amber: bool, token: Option<TokenStatus>) -> bool {
        match self {
            Self::All => true,
            Self::Attention => amber,
            Self::Valid => token == Some(TokenStatus::Valid),
            Self::Expiring => matches!(token, Some(TokenStatus::ExpiringSoon { .. })),
            Self::Expired => matches!(token, Some(TokenStatus::Expired { .. })),
        }
    }
}

/// What a list is narrowed down to, and which of its pages is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub status: Status,
    pub platform: Option<Platform>,
    /// As it was typed.
    pub text: String,
    /// Counted from 1; 0 if the address names none.
    pub page: u32,
}

impl Filter {
    /// What an address asks for. Anything that makes no sense asks for nothing.
    pub fn read(param: impl Fn(&str) -> Option<String>) -> Self {
        let word = |key| param(key).unwrap_or_default();
        Self::of(&word("status"), &word("platform"), word("q"), word("page").parse().unwrap_or(0))
    }

    /// What these words of an address ask for.
    pub fn of(status: &str, platform: &str, text: String, page: u32) -> Self {
        Self { status: Status::from_key(status), platform: Platform::from_text(platform), text, page }
    }

    /// Whether it leaves anything out.
    pub fn narrows(&self) -> bool {
        self.status != Status::All || self.platform.is_some() || !self.text.trim().is_empty()
    }

    /// The same with another status, from its first page on.
    pub fn with_status(&self, status: Status) -> Self {
        Self { status, page: 0, ..self.clone() }
    }

    /// The same on another page.
    pub fn on_page(&self, page: u32) -> Self {
        Self { page, ..self.clone() }
    }

    /// `path` with this filter in its query, and `more` after it.
    pub fn address(&self, path: &str, more: &[(&str, &str)]) -> String {
        let mut address = path.to_owned();
        let mut add = |key: &str, value: &str| {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.push_str(key);
            address.push('=');
            address.push_str(&escaped(value));
        };
        if self.status != Status::All {
            add("status", self.status.key());
        }
        if let Some(platform) = self.platform {
            add("platform", &platform.text());
        }
        if !self.text.is_empty() {
            add("q", &self.text);
        }
        if self.page > 1 {
            add("page", &self.page.to_string());
        }
        for (key, value) in more {
            add(key, value);
        }
        address
    }
}

/// A value as it stands in a query (RFC 3986: all but the unreserved characters as bytes).
pub fn escaped(value: &str) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.extend(['%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
    text
}

/// What a person types to find an account: every word must occur in one of its texts, in whatever case.
#[derive(Clone, Debug, Default)]
pub struct Search(Vec<String>);

impl Search {
    /// Reads what was typed.
    pub fn new(typed: &str) -> Self {
        Self(typed.to_lowercase().split_whitespace().map(str::to_owned).collect())
    }

    /// Whether these texts, taken together, hold every word.
    pub fn finds(&self, texts: &[&str]) -> bool {
        self.0.is_empty() || {
            let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
            self.0.iter().all(|word| texts.iter().any(|text| text.contains(word.as_str())))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn parsed(address: &str) -> Filter {
        let query = address.split_once('?').map_or("", |(_, query)| query);
        let params: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Filter::read(|key| params.get(key).cloned())
    }

    // SPEC H-4: they live in the URL
    #[test]
    fn an_address_says_what_is_shown() {
        let filter = Filter {
            status: Status::Expiring,
            platform: Some(Platform::GoogleBusiness),
            text: "Café & Söhne +1".into(),
            page: 3,
        };
        let address = filter.address("/connections", &[("account", "01a")]);
        assert_eq!(
            address,
            "/connections?status=expiring&platform=google-business&q=Caf%C3%A9%20%26%20S%C3%B6hne%20%2B1&page=3&account=01a"
        );
        assert_eq!(parsed(&address), filter);
        assert_eq!(Filter::default().address("/connections", &[]), "/connections");
        assert_eq!(parsed("/connections?status=nonsense&platform=myspace&page=-1&q="), Filter::default());
        assert_eq!(filter.with_status(Status::Valid).page, 0);
    }

    proptest! {
        // SPEC H-4: survive a reload
        #[test]
        fn whatever_is_typed_comes_back(text in "\\PC{0,40}", status in 0usize..5, page in 0u32..9) {
            let page = if page == 1 { 0 } else { page };
            let filter = Filter { status: Status::ALL[status], platform: Some(Platform::X), text, page };
            prop_assert_eq!(parsed(&filter.address("/connections", &[])), filter);
        }
    }

    // SPEC H-4
    #[test]
    fn a_status_takes_what_the_card_says() {
        let soon = Some(TokenStatus::ExpiringSoon { days: 3 });
        let over = Some(TokenStatus::Expired { days: 3 });
        let taken = |amber, token| Status::ALL.map(|status| status.takes(amber, token));
        assert_eq!(taken(false, Some(TokenStatus::Valid)), [true, false, true, false, false]);
        assert_eq!(taken(true, Some(TokenStatus::Valid)), [true, true, true, false, false]);
        assert_eq!(taken(false, soon), [true, false, false, true, false]);
        assert_eq!(taken(true, over), [true, true, false, false, true]);
        assert_eq!(taken(false, None), [true, false, false, false, false]);
    }

    // SPEC H-4
    #[test]
    fn every_word_must_be_found() {
        let texts = ["Bäckerei Müller", "@muellers", "Facebook"];
        for typed in ["", "  ", "BÄCK", "müller face", "@muell"] {
            assert!(Search::new(typed).finds(&texts), "{typed}");
        }
        for typed in ["instagram", "müller insta", "backerei"] {
            assert!(!Search::new(typed).finds(&texts), "{typed}");
        }
    }
}
