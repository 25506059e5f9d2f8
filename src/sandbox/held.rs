//! What a vendor holds true about a person's consent, for whoever wants to compare it with what a server believes.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::control::key_and_host;
use super::state::{End, Grant, World};
use super::vendor::Vendor;
use super::{Sandbox, cast, lock};

/// A person's newest consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Its label, such as `x:crowd-3`.
    pub grant: String,
    /// Whether anything can still be done with it without the person: it has not ended, and its refresh token works, or its
    /// access token where there is no other.
    pub lives: bool,
    /// Why not.
    pub ended: Option<End>,
    /// SHA-256 of its newest access token (Facebook: the person's long-lived one), in hexadecimal digits.
    pub access_sha256: Option<String>,
    /// SHA-256 of its newest refresh token.
    pub refresh_sha256: Option<String>,
    /// When its tokens were last renewed, in Unix milliseconds; `None`: not since the consent.
    pub renewed_at: Option<i64>,
}

impl Sandbox {
    /// A person's newest consent at a vendor. On Mastodon: `baker@mastodon.example`, or `baker` for the newest on any server.
    pub fn holds(&self, vendor: &str, person: &str) -> Option<Held> {
        let vendor = Vendor::from_key(vendor)?;
        let (key, host) = key_and_host(vendor, person);
        let key = cast::find(vendor, host, key)?.key;
        let any = !vendor.twin().has_many_hosts() || !person.contains('@');
        let now = self.now();
        let world = lock(&self.0.world);
        let newest = world.consents(vendor, &key).rfind(|grant| any || grant.host == host)?;
        Some(held(&world, newest, now))
    }

    /// Whether the newest consent of a person includes a permission.
    pub fn has_given(&self, vendor: &str, person: &str, scope: &str) -> bool {
        let Some(vendor) = Vendor::from_key(vendor) else { return false };
        let (key, _) = key_and_host(vendor, person);
        lock(&self.0.world).consents(vendor, key).next_back().is_some_and(|grant| grant.has(scope))
    }

    /// Whether a token of any kind would be accepted.
    pub fn secret_is_live(&self, secret: &str) -> bool {
        let now = self.now();
        is_live(&lock(&self.0.world), secret, now).is_ok()
    }
}

fn held(world: &World, grant: &Grant, now: i64) -> Held {
    let latest = world.state.latest.get(&grant.id).cloned().unwrap_or_default();
    let lasting = latest.refresh.as_ref().or(latest.access.as_ref());
    let token_ended = lasting.and_then(|secret| is_live(world, secret, now).err());
    let ended = grant.ended.or(token_ended);
    Held {
        grant: grant.label(),
        lives: ended.is_none() && lasting.is_some(),
        ended,
        access_sha256: latest.access.as_deref().map(sha256),
        refresh_sha256: latest.refresh.as_deref().map(sha256),
        renewed_at: latest.renewed,
    }
}

/// Says why a token is worth nothing.
fn is_live(world: &World, secret: &str, now: i64) -> Result<(), End> {
    let (token, grant) = world.live(secret, now).map_err(|dead| match dead {
        super::state::Dead::Ended(end) => end,
        super::state::Dead::Unknown => End::Revoked,
    })?;
    // Used up is not ended, until it comes again.
    let used_up = grant.vendor.twin().is_used_up(world, &token, now);
    if used_up { Err(End::Replaced) } else { Ok(()) }
}

fn sha256(secret: &str) -> String {
    Sha256::digest(secret).iter().map(|byte| format!("{byte:02x}")).collect()
}
