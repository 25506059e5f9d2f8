//! A consent to everything, without clicks.

use super::super::cast::Person;
use super::super::mint::{Minted, MintedDestination, consent};
use super::super::state::{App, World};
use super::super::vendor::Vendor;
use super::token;

/// What an app asks for that wants to publish, in its order.
const WANTED: &[&str] = &["read:accounts", "write:statuses", "write:media", "read:statuses"];

/// With the newest app on that server.
pub fn minted(world: &mut World, host: &str, person: Person, now: i64) -> Minted {
    let app = app_on(world, host);
    let grant = consent(Vendor::Mastodon, host, &app, &person, WANTED, now);
    let scopes = grant.scopes.clone();
    let (access, _) = token::of_consent(world, grant);
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
        scopes: WANTED.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    world.add_app(id.clone(), app);
    id
}
