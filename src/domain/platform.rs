//! The platforms (SPEC C-2): their names, their nouns, and how a connection to each begins.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use super::custom::Custom;

/// A social platform. Instagram stands here twice: its two ways in have different tokens and powers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Platform {
    Facebook,
    Instagram,
    InstagramViaFacebook,
    Linkedin,
    X,
    Tiktok,
    Youtube,
    GoogleBusiness,
    Pinterest,
    Threads,
    Mastodon,
    Bluesky,
    Telegram,
    Whatsapp,
    /// One that nobody foresaw: the operator has described it in the settings.
    Custom(Custom),
}

/// What a person does first to connect an account of a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// Straight to the platform's consent page.
    Redirect,
    /// Names their server first, then goes to its consent page.
    Server,
    /// Types their handle first, then goes to the consent page of their server; or types an app password as well.
    Handle,
    /// Types the token of a bot and names its chat here.
    BotToken,
}

impl Platform {
    /// Every platform that is built in, in the order in which the connect dialog lists them.
    pub const ALL: [Platform; 14] = [
        Self::Facebook,
        Self::Instagram,
        Self::InstagramViaFacebook,
        Self::Linkedin,
        Self::X,
        Self::Tiktok,
        Self::Youtube,
        Self::GoogleBusiness,
        Self::Pinterest,
        Self::Threads,
        Self::Mastodon,
        Self::Bluesky,
        Self::Telegram,
        Self::Whatsapp,
    ];

    /// The word for this platform in URLs, settings and the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Facebook => "facebook",
            Self::Instagram => "instagram",
            Self::InstagramViaFacebook => "instagram-via-facebook",
            Self::Linkedin => "linkedin",
            Self::X => "x",
            Self::Tiktok => "tiktok",
            Self::Youtube => "youtube",
            Self::GoogleBusiness => "google-business",
            Self::Pinterest => "pinterest",
            Self::Threads => "threads",
            Self::Mastodon => "mastodon",
            Self::Bluesky => "bluesky",
            Self::Telegram => "telegram",
            Self::Whatsapp => "whatsapp",
            Self::Custom(custom) => custom.key(),
        }
    }

    /// The platform of a key, if there is one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.key() == key).or_else(|| Custom::find(key).map(Self::Custom))
    }

    /// The platform of a key that we stored ourselves: also one that has gone from the settings since.
    pub fn stored(key: &str) -> Option<Self> {
        Self::from_key(key).or_else(|| Custom::gone(key).map(Self::Custom))
    }

    /// As it travels between server and browser: a key, and for a custom one its name, which the browser can't know.
    pub fn text(self) -> String {
        match self {
            Self::Custom(custom) => custom.text(),
            other => other.key().to_owned(),
        }
    }

    /// What [`text`](Self::text) says.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::from_key(text).or_else(|| Custom::from_text(text).map(Self::Custom))
    }

    /// The id of its drawing in the sprite.
    pub fn glyph(self) -> &'static str {
        match self {
            Self::Custom(_) => "link",
            other => other.key(),
        }
    }

    /// The platform's own name for itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Facebook => "Facebook",
            Self::Instagram => "Instagram",
            Self::InstagramViaFacebook => "Instagram (through Facebook)",
            Self::Linkedin => "LinkedIn",
            Self::X => "X",
            Self::Tiktok => "TikTok",
            Self::Youtube => "YouTube",
            Self::GoogleBusiness => "Google Business Profile",
            Self::Pinterest => "Pinterest",
            Self::Threads => "Threads",
            Self::Mastodon => "Mastodon",
            Self::Bluesky => "Bluesky",
            Self::Telegram => "Telegram",
            Self::Whatsapp => "WhatsApp",
            Self::Custom(custom) => custom.name(),
        }
    }

    /// Whose page a person signs in on.
    pub fn signs_in_at(self) -> &'static str {
        match self {
            Self::InstagramViaFacebook => "Facebook",
            Self::Youtube | Self::GoogleBusiness => "Google",
            _ => self.name(),
        }
    }

    /// What one connected destination is called there, with the platform's name in front.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Facebook => "Facebook page",
            Self::Instagram | Self::InstagramViaFacebook => "Instagram account",
            Self::Linkedin => "LinkedIn account",
            Self::X => "X account",
            Self::Tiktok => "TikTok account",
            Self::Youtube => "YouTube channel",
            Self::GoogleBusiness => "Google Business location",
            Self::Pinterest => "Pinterest account",
            Self::Threads => "Threads profile",
            Self::Mastodon => "Mastodon account",
            Self::Bluesky => "Bluesky account",
            Self::Telegram => "Telegram channel",
            Self::Whatsapp => "WhatsApp number",
            Self::Custom(custom) => custom.noun(),
        }
    }

    /// How a connection begins, or `None` while Pilotlight can't connect this platform yet.
    pub fn entry(self) -> Option<Entry> {
        match self {
            Self::Mastodon => Some(Entry::Server),
            Self::Bluesky => Some(Entry::Handle),
            Self::Telegram => Some(Entry::BotToken),
            Self::Whatsapp => None,
            _ => Some(Entry::Redirect),
        }
    }

    /// Whether the operator must register an app with the platform before anybody can connect.
    pub fn needs_operator_app(self) -> bool {
        !matches!(self, Self::Mastodon | Self::Bluesky | Self::Telegram)
    }

    /// The platforms on which one consent to our app ends together: giving one back takes the others with it, where the
    /// same app is registered for them.
    pub fn ends_together_with(self) -> Option<Self> {
        match self {
            Self::Youtube => Some(Self::GoogleBusiness),
            Self::GoogleBusiness => Some(Self::Youtube),
            Self::Facebook => Some(Self::InstagramViaFacebook),
            Self::InstagramViaFacebook => Some(Self::Facebook),
            _ => None,
        }
    }

    /// Who consented, out of the id of an identity: on YouTube that names the chosen channel as well.
    pub fn person_of(self, identity_id: &str) -> &str {
        match self {
            Self::Youtube => identity_id.split('/').next().unwrap_or(identity_id),
            _ => identity_id,
        }
    }

    /// One login here can bring several destinations, so the person is asked which.
    pub fn has_many_destinations(self) -> bool {
        matches!(self, Self::Facebook | Self::InstagramViaFacebook | Self::Linkedin | Self::GoogleBusiness)
    }
}

impl Serialize for Platform {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Platform {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_text(&text).ok_or_else(|| D::Error::custom("no such platform"))
    }
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC C-2
    #[test]
    fn keys_are_unique_and_lead_back() {
        for platform in Platform::ALL {
            assert_eq!(Platform::from_key(platform.key()), Some(platform));
        }
        assert_eq!(Platform::from_key("myspace"), None);
        for platform in Platform::ALL {
            let text = serde_json::to_string(&platform).unwrap();
            assert_eq!(text, format!("\"{}\"", platform.key()));
            assert_eq!(serde_json::from_str::<Platform>(&text).unwrap(), platform);
        }
        assert!(serde_json::from_str::<Platform>("\"myspace\"").is_err());
    }
}
