//! X's stand-in (platforms.md section 11): the consent page on `x.com`, the API on `api.x.com`.

mod api;
pub mod consent;
pub mod token;

use axum::http::Method;
use serde_json::json;

use super::call::{Answer, Call, Reply};
use super::cast::{self, Person, person};
use super::consent::{Ask, Refusal};
use super::mint::{self, Minted, MintedDestination};
use super::state::{Code, Token, World};
use super::twin::{RegisteredApp, Twin};
use super::vendor::{Vendor, below};
use super::{SandboxError, crowd};

/// Client id of the app that is registered at the stand-in.
pub const CLIENT_ID: &str = "cGlsb3RsaWdodC1zYW5kYm94OjE6Y2k";
/// Its secret.
pub const CLIENT_SECRET: &str = "q7Wm2-vX9dKc0TzR4hYbLs8NfUj3GaPo6EiVxCk1ZtBnQrDw5M";
/// Its name.
const APP_NAME: &str = "Pilotlight";

/// What an app asks for that wants to publish, in its order.
const SCOPES: &[&str] = &["tweet.read", "users.read", "tweet.write", "offline.access", "media.write"];
const CROWD_IDS: u64 = 1_590_000_000_000_000_000;

/// The stand-in.
pub struct X;

impl Twin for X {
    fn key(&self) -> &'static str {
        "x"
    }

    fn name(&self) -> &'static str {
        "X"
    }

    fn owns(&self, host: &str, _path: &str) -> bool {
        below(host, "x.com") || below(host, "twitter.com")
    }

    fn host(&self) -> &'static str {
        "api.x.com"
    }

    fn apps(&self) -> &'static [RegisteredApp] {
        &[RegisteredApp { platform: "x", id: CLIENT_ID, secret: CLIENT_SECRET }]
    }

    fn people(&self, _host: &str) -> Vec<Person> {
        vec![
            person(cast::X[0], "1580000000000000101", "Crumb & Kettle 🥐", cast::X[0], Vec::new()),
            person(cast::X[1], "1580000000000000202", "North Quay Bells & Brass", cast::X[1], Vec::new()),
            person(cast::X[2], "1580000000000000303", "جوقة الميناء", cast::X[2], Vec::new()),
        ]
    }

    fn crowd(&self, _host: &str, n: u64) -> Option<Person> {
        Some(crowd::person(n, CROWD_IDS + n, format!("crowd_{n}")))
    }

    fn number_in_crowd(&self, _host: &str, id: &str) -> Option<u64> {
        id.parse::<u64>().ok()?.checked_sub(CROWD_IDS)
    }

    fn asked(&self, world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
        consent::asked(world, call)
    }

    fn code(&self, world: &mut World, _ask: &Ask, _code: &mut Code, now: i64) -> String {
        world.dice.x_token("ac", now)
    }

    fn answer(&self, world: &mut World, call: &Call) -> Answer {
        answer(world, call)
    }

    fn too_often(&self, _world: &mut World, call: &Call, seconds: Option<u32>) -> Reply {
        let kind = "https://api.twitter.com/2/problems/rate-limit-exceeded";
        let body = json!({"title": "Too Many Requests", "type": kind, "status": 429, "detail": "Too Many Requests"});
        let until = seconds.map(|seconds| (call.seconds() + i64::from(seconds)).to_string());
        Reply::json(429, &body).header("x-rate-limit-remaining", "0").header_if("x-rate-limit-reset", until)
    }

    fn app_refused(&self, _world: &mut World, call: &Call) -> Option<Reply> {
        if call.path.starts_with("/2/oauth2/") {
            return Some(unknown_app());
        }
        let kind = "https://api.twitter.com/2/problems/client-forbidden";
        let words = "This app may not use this endpoint.";
        let body = json!({"title": "Client Forbidden", "type": kind, "status": 403, "detail": words, "reason": "client-not-enrolled"});
        Some(Reply::json(403, &body))
    }

    fn refreshed_with<'a>(&self, call: &'a Call) -> Option<&'a str> {
        let refresh = call.form.get("grant_type") == Some("refresh_token");
        (call.is(&Method::POST) && refresh && call.path == "/2/oauth2/token")
            .then(|| call.form.get("refresh_token").unwrap_or_default())
    }

    fn is_used_up(&self, world: &World, token: &Token, now: i64) -> bool {
        world.state.habits.model.is_replay(token, now)
    }

    fn mint(&self, world: &mut World, _host: &str, person: Person, now: i64) -> Result<Minted, SandboxError> {
        let grant = token::consented(world, mint::consent(Vendor::X, "", CLIENT_ID, &person, SCOPES, now));
        let pair = token::pair(world, &grant, now);
        let Person { id, name, handle, .. } = person;
        let life_ms = world.state.habits.access_seconds.saturating_mul(1_000);
        Ok(Minted {
            access: pair.access,
            refresh: pair.refresh,
            access_ends_at: Some(now.saturating_add(life_ms)),
            scopes: grant.scopes,
            identity_id: id.clone(),
            name: name.clone(),
            handle: Some(handle.clone()),
            host: String::new(),
            destination: MintedDestination { id, name, handle: Some(handle), token: None },
        })
    }
}

/// What an app hears that is not the one it says it is.
fn unknown_app() -> Reply {
    token::refused(401, "unauthorized_client", "Missing valid authorization header")
}

/// Answers everything but the consent page.
fn answer(world: &mut World, call: &Call) -> Answer {
    let parts: Vec<&str> = call.path.split('/').filter(|part| !part.is_empty()).collect();
    let api = ["api.x.com", "api.twitter.com"].contains(&call.host.as_str());
    match parts[..] {
        ["2", "oauth2", "token"] if api && call.is(&Method::POST) => token::answer(world, call),
        ["2", "oauth2", "revoke"] if api && call.is(&Method::POST) => token::revoke(world, call),
        ["2", "users", "me"] if api && call.is(&Method::GET) => api::me(world, call),
        ["2", "users", id, "tweets"] if api && call.is(&Method::GET) => api::tweets(world, call, id),
        _ => Err(Reply::json(
            404,
            &json!({"title": "Not Found", "type": "about:blank", "status": 404, "detail": "Not Found"}),
        )
        .unexpected()),
    }
}
