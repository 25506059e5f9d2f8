//! Consents without clicks and requests: what a finished connect leaves at the vendor and in the app's hands.

use super::cast::{self, Person};
use super::state::Grant;
use super::vendor::{Vendor, default_host};
use super::{Sandbox, SandboxError};

/// What an app has after a connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minted {
    /// Facebook: the long-lived token of the person.
    pub access: String,
    pub refresh: Option<String>,
    /// Unix milliseconds.
    pub access_ends_at: Option<i64>,
    /// Granted permissions; none at Bluesky, which has no such thing.
    pub scopes: Vec<String>,
    /// As an app tells people apart: on Mastodon with the server, at Bluesky the DID.
    pub identity_id: String,
    pub name: String,
    pub handle: Option<String>,
    /// The server, where a vendor has many; else empty.
    pub host: String,
    pub destination: MintedDestination,
}

/// Where the app may publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MintedDestination {
    pub id: String,
    pub name: String,
    pub handle: Option<String>,
    /// Facebook: the page's own token.
    pub token: Option<String>,
}

impl Sandbox {
    /// Makes a person's consent to everything and its tokens, as a finished connect leaves them. `host` is the server on
    /// Mastodon, the first of its servers if not said; other vendors have no choice. On Facebook it is about the first page
    /// that the person may publish on.
    ///
    /// # Errors
    /// Vendor or person is unknown, or has no page.
    pub fn mint(&self, vendor: &str, person: &str, host: Option<&str>) -> Result<Minted, SandboxError> {
        let vendor =
            Vendor::from_key(vendor).ok_or_else(|| SandboxError::Unknown(format!("a vendor called {vendor}")))?;
        let host = host.filter(|_| vendor.twin().has_many_hosts()).unwrap_or(default_host(vendor));
        let found = cast::find(vendor, host, person)
            .ok_or_else(|| SandboxError::Unknown(format!("a person called {person} at {}", vendor.name())))?;
        let now = self.now();
        self.change(|world| vendor.twin().mint(world, host, found, now))
    }

    /// The same for people of the crowd, by their numbers, and the state is written once.
    ///
    /// # Errors
    /// The vendor is unknown or has no crowd.
    pub fn mint_crowd(&self, vendor: &str, numbers: std::ops::Range<u64>) -> Result<Vec<Minted>, SandboxError> {
        let unknown = || SandboxError::Unknown(format!("a crowd at {vendor}"));
        let vendor = Vendor::from_key(vendor).ok_or_else(unknown)?;
        let host = default_host(vendor);
        let now = self.now();
        self.change(|world| {
            let mut one = |n| vendor.twin().mint(world, host, vendor.twin().crowd(host, n).ok_or_else(unknown)?, now);
            numbers.map(&mut one).collect()
        })
    }
}

/// A living consent to these scopes, which nobody has registered yet.
pub fn consent(vendor: Vendor, host: &str, app: &str, person: &Person, scopes: &[&str], now: i64) -> Grant {
    Grant {
        id: 0,
        vendor,
        host: host.to_owned(),
        app: app.to_owned(),
        person: person.key.clone(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        declined: Vec::new(),
        pages: Vec::new(),
        since: now,
        ended: None,
    }
}

/// Vendors that tell an end as a point in time tell whole seconds.
pub fn whole_seconds(ms: i64) -> i64 {
    ms.div_euclid(1_000) * 1_000
}
