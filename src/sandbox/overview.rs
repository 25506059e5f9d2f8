//! What the control page shows, as data: people, what they consented to and what is left of it. No secrets but the app passwords.

use std::borrow::Cow;

use serde::Serialize;

use super::cast::{self, Person};
use super::fault::Fault;
use super::state::{Grant, Kind, Standing, State, Token, World};
use super::vendor::{Vendor, default_host};
use super::{Request, Sandbox, lock};

/// Requests on the page.
const RECENT: usize = 60;

/// All of it.
#[derive(Debug, Serialize)]
pub struct Overview {
    pub now_ms: i64,
    pub vendors: Vec<VendorView>,
    pub faults: Vec<Fault>,
    /// The newest first.
    pub requests: Vec<Request>,
    pub unexpected: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct VendorView {
    pub key: &'static str,
    pub name: &'static str,
    pub people: Vec<PersonView>,
}

#[derive(Debug, Serialize)]
pub struct PersonView {
    /// As controls name the person.
    pub key: String,
    pub id: String,
    pub name: String,
    pub handle: String,
    pub host: String,
    pub app_password: Option<&'static str>,
    pub app_password_deleted: bool,
    pub standing: Option<Standing>,
    pub pages: Vec<PageView>,
    /// The newest first.
    pub grants: Vec<GrantView>,
}

#[derive(Debug, Serialize)]
pub struct PageView {
    pub id: Cow<'static, str>,
    pub name: Cow<'static, str>,
    pub has_role: bool,
    pub may_publish: bool,
}

#[derive(Debug, Serialize)]
pub struct GrantView {
    pub id: u64,
    pub since_ms: i64,
    pub ended: Option<super::state::End>,
    pub scopes: Vec<String>,
    pub declined: Vec<String>,
    pub pages: Vec<String>,
    pub live_access: usize,
    pub live_refresh: usize,
    /// When the last of the access tokens ends.
    pub access_ends_ms: Option<i64>,
}

/// Looks at everything.
pub fn overview(sandbox: &Sandbox) -> Overview {
    let now = sandbox.now();
    let vendors = {
        let world = lock(&sandbox.0.world);
        Vendor::ALL
            .map(|vendor| VendorView { key: vendor.key(), name: vendor.name(), people: people(&world, vendor, now) })
            .into()
    };
    let faults = lock(&sandbox.0.faults).ordered.clone();
    let log = lock(&sandbox.0.log);
    let requests = log.requests.iter().rev().take(RECENT).cloned().collect();
    Overview { now_ms: now, vendors, faults, requests, unexpected: log.unexpected.clone() }
}

fn people(world: &World, vendor: Vendor, now: i64) -> Vec<PersonView> {
    hosts(&world.state, vendor)
        .iter()
        .flat_map(|host| {
            cast::people(vendor, host)
                .into_iter()
                .map(|person| view(world, vendor, host, person, now))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Mastodon: the servers that were met, or those that are shown before.
fn hosts(state: &State, vendor: Vendor) -> Vec<String> {
    if !vendor.twin().has_many_hosts() {
        return vec![default_host(vendor).to_owned()];
    }
    let mut hosts: Vec<String> = cast::MASTODON_HOSTS.map(str::to_owned).to_vec();
    for app in state.apps.values() {
        if !hosts.contains(&app.host) {
            hosts.push(app.host.clone());
        }
    }
    hosts
}

fn view(world: &World, vendor: Vendor, host: &str, person: Person, now: i64) -> PersonView {
    let same = |grant: &&Grant| !vendor.twin().has_many_hosts() || grant.host == host;
    let grants =
        world.consents(vendor, &person.key).rev().filter(same).map(|grant| grant_view(world, grant, now)).collect();
    let password = cast::BLUESKY
        .iter()
        .find(|(handle, _)| vendor == Vendor::Bluesky && *handle == person.key)
        .map(|(_, password)| *password);
    let pages = person.pages.iter().map(|page| PageView {
        id: page.id.clone(),
        name: page.name.clone(),
        has_role: world.has_role(&person.key, &page.id),
        may_publish: page.tasks.contains(&"CREATE_CONTENT"),
    });
    PersonView {
        pages: pages.collect(),
        grants,
        app_password: password,
        app_password_deleted: world.state.deleted_passwords.contains(&person.key),
        standing: world.standing(vendor, host, &person.key),
        key: if vendor.twin().has_many_hosts() { format!("{}@{host}", person.key) } else { person.key },
        host: host.to_owned(),
        id: person.id,
        name: person.name,
        handle: person.handle,
    }
}

fn grant_view(world: &World, grant: &Grant, now: i64) -> GrantView {
    let living = |token: &&Token| token.ended.is_none() && token.ends.is_none_or(|ends| ends > now);
    let (refresh, access): (Vec<_>, Vec<_>) =
        world.tokens_of(grant.id).map(|(_, token)| token).filter(living).partition(|token| token.kind == Kind::Refresh);
    GrantView {
        id: grant.id,
        since_ms: grant.since,
        ended: grant.ended,
        scopes: grant.scopes.clone(),
        declined: grant.declined.clone(),
        pages: grant.pages.clone(),
        live_access: access.len(),
        live_refresh: refresh.iter().filter(|token| token.spent.is_none()).count(),
        access_ends_ms: access.iter().filter_map(|token| token.ends).max(),
    }
}
