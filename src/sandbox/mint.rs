//! Consents without clicks and requests: what a finished connect leaves at the vendor and in the app's hands.

use super::bluesky;
use super::cast::{self, Page, Person};
use super::facebook;
use super::mastodon;
use super::state::{App, Grant, World};
use super::vendor::{Vendor, default_host};
use super::x;
use super::{Sandbox, SandboxError};

/// What an app asks for that wants to publish, in its order.
const X_SCOPES: &[&str] = &["tweet.read", "users.read", "tweet.write", "offline.access", "media.write"];
const FACEBOOK_SCOPES: &[&str] =
    &["public_profile", "pages_show_list", "pages_manage_posts", "pages_read_engagement", "business_management"];
const MASTODON_SCOPES: &[&str] = &["read:accounts", "write:statuses", "write:media", "read:statuses"];

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
        let host = host.filter(|_| vendor == Vendor::Mastodon).unwrap_or(default_host(vendor));
        let found = cast::find(vendor, host, person)
            .ok_or_else(|| SandboxError::Unknown(format!("a person called {person} at {}", vendor.name())))?;
        let now = self.now();
        self.change(|world| match vendor {
            Vendor::X => Ok(on_x(world, found, now)),
            Vendor::Facebook => on_facebook(world, found, now),
            Vendor::Mastodon => Ok(on_mastodon(world, host, found, now)),
            Vendor::Bluesky => Ok(on_bluesky(world, &found, now)),
        })
    }
}

fn on_x(world: &mut World, person: Person, now: i64) -> Minted {
    let grant = x::token::consented(world, consent(Vendor::X, "", x::CLIENT_ID, &person, X_SCOPES, now));
    let pair = x::token::pair(world, &grant, now);
    let Person { id, name, handle, .. } = person;
    let life_ms = world.state.habits.access_seconds.saturating_mul(1_000);
    Minted {
        access: pair.access,
        refresh: pair.refresh,
        access_ends_at: Some(now.saturating_add(life_ms)),
        scopes: grant.scopes,
        identity_id: id.clone(),
        name: name.clone(),
        handle: Some(handle.clone()),
        host: String::new(),
        destination: MintedDestination { id, name, handle: Some(handle), token: None },
    }
}

fn on_facebook(world: &mut World, person: Person, now: i64) -> Result<Minted, SandboxError> {
    let pages: Vec<Page> = super::consent::pages_of(world, &person);
    let page = pages.iter().find(|page| page.tasks.contains(&"CREATE_CONTENT"));
    let page = page.ok_or_else(|| SandboxError::Unknown(format!("a page of {}", person.key)))?;
    let fresh = Grant {
        pages: pages.iter().map(|page| page.id.to_string()).collect(),
        ..consent(Vendor::Facebook, "", facebook::APP_ID, &person, FACEBOOK_SCOPES, now)
    };
    let grant = facebook::consented(world, fresh);
    let (access, ends) = facebook::long_lived(world, grant, now);
    let token = facebook::graph::token_of_page(world, grant, &page.id, None, now);
    Ok(Minted {
        access,
        refresh: None,
        access_ends_at: Some(whole_seconds(ends)),
        scopes: FACEBOOK_SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        identity_id: person.id,
        name: person.name,
        handle: None,
        host: String::new(),
        destination: MintedDestination {
            id: page.id.to_string(),
            name: page.name.to_string(),
            handle: Some(page.username.to_string()),
            token: Some(token),
        },
    })
}

fn on_mastodon(world: &mut World, host: &str, person: Person, now: i64) -> Minted {
    let app = app_on(world, host);
    let grant = consent(Vendor::Mastodon, host, &app, &person, MASTODON_SCOPES, now);
    let scopes = grant.scopes.clone();
    let (access, _) = mastodon::token::of_consent(world, grant);
    let id = format!("{}@{host}", person.id);
    let handle = Some(format!("@{}@{host}", person.handle));
    Minted {
        access,
        refresh: None,
        access_ends_at: None,
        scopes,
        identity_id: id.clone(),
        name: person.name.clone(),
        handle: handle.clone(),
        host: host.to_owned(),
        destination: MintedDestination { id, name: person.name, handle, token: None },
    }
}

fn on_bluesky(world: &mut World, person: &Person, now: i64) -> Minted {
    let grant = consent(Vendor::Bluesky, cast::BLUESKY_PDS, bluesky::APP_PASSWORD, person, &[], now);
    let id = world.add_grant(grant.clone());
    let grant = Grant { id, ..grant };
    let refresh = bluesky::refresh_token(world, &grant, person, now);
    let (access, ends) = bluesky::access_token(world, &grant, person, now);
    Minted {
        access,
        refresh: Some(refresh),
        access_ends_at: Some(whole_seconds(ends)),
        scopes: Vec::new(),
        identity_id: person.id.clone(),
        name: person.handle.clone(),
        handle: Some(person.handle.clone()),
        host: grant.host,
        destination: MintedDestination {
            id: person.id.clone(),
            name: person.name.clone(),
            handle: Some(format!("@{}", person.handle)),
            token: None,
        },
    }
}

fn consent(vendor: Vendor, host: &str, app: &str, person: &Person, scopes: &[&str], now: i64) -> Grant {
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

/// The newest app on a Mastodon server, or a new one.
fn app_on(world: &mut World, host: &str) -> String {
    if let Some(app) = world.app_on(host) {
        return app;
    }
    let (id, secret) = (world.dice.mastodon_token(), world.dice.mastodon_token());
    let app = App {
        host: host.to_owned(),
        secret,
        name: "Pilotlight".into(),
        redirect_uris: world.redirect_uris.clone(),
        scopes: MASTODON_SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    world.add_app(id.clone(), app);
    id
}

/// Vendors that tell an end as a point in time tell whole seconds.
fn whole_seconds(ms: i64) -> i64 {
    ms.div_euclid(1_000) * 1_000
}
