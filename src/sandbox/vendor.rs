//! Which stand-in answers for which host.

use serde::{Deserialize, Serialize};

use super::cast;

/// The vendors that are stood in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    Facebook,
    X,
    Mastodon,
    Bluesky,
}

impl Vendor {
    pub const ALL: [Self; 4] = [Self::Facebook, Self::X, Self::Mastodon, Self::Bluesky];

    /// As controls and faults name it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Facebook => "facebook",
            Self::X => "x",
            Self::Mastodon => "mastodon",
            Self::Bluesky => "bluesky",
        }
    }

    /// As people name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Facebook => "Facebook",
            Self::X => "X",
            Self::Mastodon => "Mastodon",
            Self::Bluesky => "Bluesky",
        }
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

/// Finds out who answers. Facebook and X have fixed hosts; a Bluesky server is known by its paths, so that any host can be
/// one; every other host is a Mastodon server.
pub fn place(host: &str, path: &str) -> Place {
    let below = |domain: &str| host == domain || host.strip_suffix(domain).is_some_and(|front| front.ends_with('.'));
    if super::picture::is_picture(host, path) {
        return Place::Pictures;
    }
    Place::Vendor(if below("facebook.com") {
        Vendor::Facebook
    } else if below("x.com") || below("twitter.com") {
        Vendor::X
    } else if below("bsky.example")
        || below("bsky.social")
        || below("bsky.app")
        || host == "plc.directory"
        || is_atproto(path)
    {
        Vendor::Bluesky
    } else {
        Vendor::Mastodon
    })
}

fn is_atproto(path: &str) -> bool {
    path.starts_with("/xrpc/")
        || matches!(
            path,
            "/.well-known/atproto-did" | "/.well-known/did.json" | "/.well-known/oauth-protected-resource"
        )
}

/// The host that a vendor's people belong to where it does not say itself.
pub fn default_host(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Facebook => "graph.facebook.com",
        Vendor::X => "api.x.com",
        Vendor::Mastodon => cast::MASTODON_HOSTS[0],
        Vendor::Bluesky => cast::BLUESKY_PDS,
    }
}
