//! Facebook's stand-in (platforms.md section 1): the dialog on `www.facebook.com`, the Graph API on `graph.facebook.com`.

mod debug;
pub mod dialog;
pub mod error;
pub mod graph;
pub mod instagram;
mod mint;
mod pages;
pub mod people;
mod permissions;
mod proof;
mod token;

use axum::http::Method;
use serde_json::json;

use super::SandboxError;
use super::call::{Answer, Call, Reply};
use super::cast::Person;
use super::consent::{Ask, Refusal};
use super::mint::Minted;
use super::state::{Code, World};
use super::twin::{RegisteredApp, Twin};
use super::vendor::below;
use error::GraphError;

pub use dialog::consented;
pub use permissions::decline;
pub use token::long_lived;

/// Client id of the app that is registered at the stand-in.
pub const APP_ID: &str = "1357924680135792";
/// Its secret.
pub const APP_SECRET: &str = "5f0e7c1d9b3a48266e2d70c4a1b8f935";
/// Its name.
const APP_NAME: &str = "Pilotlight";

/// Parameters that every call may carry.
const COMMON: &[&str] =
    &["access_token", "appsecret_proof", "fields", "format", "locale", "pretty", "debug", "suppress_http_code"];

/// The stand-in.
pub struct Facebook;

impl Twin for Facebook {
    fn key(&self) -> &'static str {
        "facebook"
    }

    fn name(&self) -> &'static str {
        "Facebook"
    }

    fn owns(&self, host: &str, _path: &str) -> bool {
        below(host, "facebook.com")
    }

    fn host(&self) -> &'static str {
        "graph.facebook.com"
    }

    fn apps(&self) -> &'static [RegisteredApp] {
        // One app serves both platforms.
        &[
            RegisteredApp { platform: "facebook", id: APP_ID, secret: APP_SECRET },
            RegisteredApp { platform: "instagram-via-facebook", id: APP_ID, secret: APP_SECRET },
        ]
    }

    fn people(&self, _host: &str) -> Vec<Person> {
        people::all()
    }

    fn crowd(&self, _host: &str, n: u64) -> Option<Person> {
        Some(people::of_crowd(n))
    }

    fn number_in_crowd(&self, _host: &str, id: &str) -> Option<u64> {
        id.parse::<u64>().ok()?.checked_sub(people::CROWD_IDS)
    }

    fn shown_handle(&self, _person: &Person, _host: &str) -> String {
        String::new()
    }

    fn offers_pages(&self) -> bool {
        true
    }

    fn asked(&self, world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
        dialog::asked(world, call)
    }

    fn denied(&self) -> &'static [(&'static str, &'static str)] {
        &dialog::DENIED
    }

    fn told(&self, ask: &Ask, code: &Code) -> Vec<(&'static str, String)> {
        if !ask.return_scopes {
            return Vec::new();
        }
        vec![("granted_scopes", code.scopes.join(",")), ("denied_scopes", code.declined.join(","))]
    }

    fn fragment(&self) -> Option<&'static str> {
        Some("_=_")
    }

    fn code(&self, world: &mut World, ask: &Ask, code: &mut Code, _now: i64) -> String {
        dialog::remember(world, ask, code);
        world.dice.facebook_code()
    }

    fn answer(&self, world: &mut World, call: &Call) -> Answer {
        answer(world, call)
    }

    fn too_often(&self, world: &mut World, call: &Call, seconds: Option<u32>) -> Reply {
        too_often(world, call, seconds)
    }

    fn app_refused(&self, world: &mut World, call: &Call) -> Option<Reply> {
        Some(unknown_app(world, call))
    }

    fn refreshed_with<'a>(&self, call: &'a Call) -> Option<&'a str> {
        let longer = parameter(call, "grant_type") == Some("fb_exchange_token");
        (longer && versionless(&call.path) == "oauth/access_token")
            .then(|| parameter(call, "fb_exchange_token").unwrap_or_default())
    }

    fn mint(&self, world: &mut World, _host: &str, person: Person, now: i64) -> Result<Minted, SandboxError> {
        mint::minted(world, person, now)
    }
}

/// What an app hears that asks too often: code 4 where it speaks for itself, 17 where a person's token is used.
fn too_often(world: &mut World, call: &Call, seconds: Option<u32>) -> Reply {
    let error = if speaks_for_itself(call) {
        GraphError::permission(4, "(#4) Application request limit reached")
    } else {
        GraphError::request(17, "(#17) User request limit reached").with_subcode(2_446_079)
    };
    let reply = error.reply(world);
    match seconds {
        // The wait is told in minutes.
        Some(seconds) => {
            let usage = json!({APP_ID: [{"type": "pages", "call_count": 100, "total_cputime": 25, "total_time": 25,
                "estimated_time_to_regain_access": seconds.div_ceil(60)}]});
            reply.header("x-business-use-case-usage", usage.to_string())
        }
        None => reply,
    }
}

/// What an app hears that is not the one it says it is.
fn unknown_app(world: &mut World, call: &Call) -> Reply {
    let error = match versionless(&call.path).as_str() {
        "oauth/access_token" => GraphError::request(1, "Error validating client secret."),
        "debug_token" => GraphError::request(190, "Invalid OAuth access token signature."),
        _ => GraphError::request(104, "Invalid appsecret_proof provided in the API argument"),
    };
    error.reply(world)
}

fn speaks_for_itself(call: &Call) -> bool {
    matches!(versionless(&call.path).as_str(), "oauth/access_token" | "debug_token")
}

/// Answers everything but the dialog.
fn answer(world: &mut World, call: &Call) -> Answer {
    let path = versionless(&call.path);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let (get, delete) = (call.is(&Method::GET), call.is(&Method::DELETE));
    let answer = match parts[..] {
        _ if call.host != "graph.facebook.com" => Err(GraphError::unknown_path(&call.path)),
        ["oauth", "access_token"] if get || call.is(&Method::POST) => token::answer(world, call),
        ["debug_token"] if get => debug::answer(world, call),
        [id, "permissions"] if get => permissions::list(world, call, id),
        [id, "permissions"] if delete => permissions::remove(world, call, id, None),
        [id, "permissions", one] if delete => permissions::remove(world, call, id, Some(one)),
        [id, "accounts"] if get => pages::accounts(world, call, id),
        [id, "businesses"] if get => pages::businesses(world, call, id),
        [id, edge @ ("owned_pages" | "client_pages")] if get => pages::of_business(world, call, id, edge),
        [id, edge @ ("published_posts" | "posts" | "feed")] if get => graph::posts(world, call, id, edge),
        [id, "media"] if get => instagram::media(world, call, id),
        [id] if get && looks_like_id(id) => graph::node(world, call, id),
        [_, "permissions"] | ["debug_token"] | ["oauth", "access_token"] => Err(GraphError::unsupported(&call.method)),
        _ => Err(GraphError::unknown_path(&path)),
    };
    answer.map_err(|error| error.reply(world))
}

fn looks_like_id(part: &str) -> bool {
    part == "me" || part.bytes().all(|byte| byte.is_ascii_digit())
}

/// The path without its version; no version at all means the oldest living one.
pub fn versionless(path: &str) -> String {
    let trimmed = path.trim_start_matches('/');
    let (first, rest) = trimmed.split_once('/').unwrap_or((trimmed, ""));
    if version(first).is_some() { rest.to_owned() } else { trimmed.to_owned() }
}

/// `v25.0`.
fn version(part: &str) -> Option<&str> {
    let number = part.strip_prefix('v')?.strip_suffix(".0")?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(part)
}

/// The version of a call, as the links in its answer name it.
fn version_of(call: &Call) -> &str {
    call.path.trim_start_matches('/').split('/').next().and_then(version).unwrap_or("v25.0")
}

/// Refuses parameters that the call does not know.
fn known(call: &Call, names: &[&str]) -> Result<(), GraphError> {
    let stranger = call.query.stranger(&[COMMON, names]).or_else(|| call.form.stranger(&[COMMON, names]));
    match stranger {
        Some(name) => Err(GraphError::parameter(name)),
        None => Ok(()),
    }
}

/// A parameter from the query or the form; Facebook takes both.
pub fn parameter<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    call.query.get(name).or_else(|| call.form.get(name))
}
