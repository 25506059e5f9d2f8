//! The platforms (SPEC C-2): their names, their nouns, and how a connection to each begins.

use serde::{Deserialize, Serialize};

/// A social platform. Instagram stands here twice: its two ways in have different tokens and powers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
}

impl Platform {
    /// Every platform, in the order in which the connect dialog lists them.
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
        }
    }

    /// The platform of a key, if there is one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.key() == key)
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
        }
    }

    /// What one connected destination is called there, with the platform's name in front.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Facebook => "Facebook page",
            Self::Instagram | Self::InstagramViaFacebook => "Instagram account",
            Self::Linkedin => "LinkedIn profile",
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
        }
    }

    /// How a connection begins, or `None` while Pilotlight can't connect this platform yet.
    pub fn entry(self) -> Option<Entry> {
        match self {
            Self::Facebook | Self::X | Self::Pinterest => Some(Entry::Redirect),
            Self::Mastodon => Some(Entry::Server),
            Self::Bluesky => Some(Entry::Handle),
            Self::Instagram
            | Self::InstagramViaFacebook
            | Self::Linkedin
            | Self::Tiktok
            | Self::Youtube
            | Self::GoogleBusiness
            | Self::Threads
            | Self::Telegram
            | Self::Whatsapp => None,
        }
    }

    /// Whether the operator must register an app with the platform before anybody can connect.
    pub fn needs_operator_app(self) -> bool {
        !matches!(self, Self::Mastodon | Self::Bluesky | Self::Telegram)
    }

    /// One login here can bring several destinations, so the person is asked which.
    pub fn has_many_destinations(self) -> bool {
        matches!(
            self,
            Self::Facebook | Self::InstagramViaFacebook | Self::Linkedin | Self::GoogleBusiness | Self::Telegram
        )
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
    }
}
