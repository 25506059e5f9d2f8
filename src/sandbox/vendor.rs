//! Which stand-in answers for which host.

use serde::{Deserialize, Serialize};

use super::twin::Twin;
use super::{bluesky, facebook, linkedin, mastodon, pinterest, standard, telegram, threads, x};

/// The vendors that are stood in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    Facebook,
    Threads,
    Linkedin,
    X,
    Pinterest,
    Telegram,
    Standard,
    Bluesky,
    // Last: every host that is nobody else's is one of its servers.
    Mastodon,
}

impl Vendor {
    /// All, in the order in which they are asked whether a host is theirs.
    pub const ALL: [Self; 9] = [
        Self::Facebook,
        Self::Threads,
        Self::Linkedin,
        Self::X,
        Self::Pinterest,
        Self::Telegram,
        Self::Standard,
        Self::Bluesky,
        Self::Mastodon,
    ];

    /// Its stand-in.
    pub fn twin(self) -> &'static dyn Twin {
        match self {
            Self::Facebook => &facebook::Facebook,
            Self::Threads => &threads::Threads,
            Self::Linkedin => &linkedin::LinkedIn,
            Self::X => &x::X,
            Self::Pinterest => &pinterest::Pinterest,
            Self::Telegram => &telegram::Telegram,
            Self::Standard => &standard::Standard,
            Self::Bluesky => &bluesky::Bluesky,
            Self::Mastodon => &mastodon::Mastodon,
        }
    }

    /// As controls and faults name it.
    pub fn key(self) -> &'static str {
        self.twin().key()
    }

    /// As people name it.
    pub fn name(self) -> &'static str {
        self.twin().name()
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|vendor| vendor.key() == key)
    }
}

/// Who answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Vendor(Vendor),
    /// A host that only has profile pictures.
    Pictures,
}

/// Finds out who answers.
pub fn place(host: &str, path: &str) -> Place {
    if super::picture::is_picture(host, path) {
        return Place::Pictures;
    }
    let owner = Vendor::ALL.into_iter().find(|vendor| vendor.twin().owns(host, path));
    Place::Vendor(owner.unwrap_or(Vendor::Mastodon))
}

/// Whether a host is this domain or below it.
pub fn below(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|front| front.ends_with('.'))
}

/// The host that a vendor's people belong to where it does not say itself.
pub fn default_host(vendor: Vendor) -> &'static str {
    vendor.twin().host()
}
