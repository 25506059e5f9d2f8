//! Google's stand-in (platforms.md sections 5 to 7): the consent page on `accounts.google.com`, tokens on
//! `oauth2.googleapis.com`, YouTube on `www.googleapis.com`, Business Profile on three hosts of its own. One app serves both
//! products, as with most operators.

mod api;
mod business;
mod consent;
mod error;
mod people;
mod token;
mod youtube;

use axum::http::Method;
use serde_json::json;

use super::call::{Answer, Call, Reply};
use super::cast::Person;
use super::consent::{Ask, Refusal};
use super::signals;
use super::state::{Code, World};
use super::twin::{RegisteredApp, Twin};
use super::vendor::below;

/// Client id of the app that is registered at the stand-in.
pub const CLIENT_ID: &str = "402718836154-p1l0tl1ghts4ndb0x.apps.googleusercontent.com";
/// Its secret.
pub const CLIENT_SECRET: &str = "GOCSPX-k7Qm3vXw9dLr2TzN5hYbKs8";
/// Its name.
const APP_NAME: &str = "Pilotlight";

/// The stand-in.
pub struct Google;

impl Twin for Google {
    fn key(&self) -> &'static str {
        "google"
    }

    fn name(&self) -> &'static str {
        "Google"
    }

    fn owns(&self, host: &str, _path: &str) -> bool {
        below(host, "google.com") || below(host, "googleapis.com")
    }

    fn host(&self) -> &'static str {
        "oauth2.googleapis.com"
    }

    fn apps(&self) -> &'static [RegisteredApp] {
        &[
            RegisteredApp { platform: "youtube", id: CLIENT_ID, secret: CLIENT_SECRET },
            RegisteredApp { platform: "google-business", id: CLIENT_ID, secret: CLIENT_SECRET },
        ]
    }

    fn people(&self, _host: &str) -> Vec<Person> {
        people::all()
    }

    fn shown_handle(&self, person: &Person, _host: &str) -> String {
        person.handle.clone()
    }

    fn asked(&self, world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
        consent::asked(world, call)
    }

    fn told(&self, _ask: &Ask, code: &Code) -> Vec<(&'static str, String)> {
        vec![("scope", consent::full_names(&code.scopes)), ("authuser", "0".into()), ("prompt", "consent".into())]
    }

    fn code(&self, world: &mut World, ask: &Ask, code: &mut Code, _now: i64) -> String {
        consent::code(world, ask, code)
    }

    fn answer(&self, world: &mut World, call: &Call) -> Answer {
        answer(world, call)
    }

    fn too_often(&self, _world: &mut World, call: &Call, seconds: Option<u32>) -> Reply {
        let reply = if call.host == "oauth2.googleapis.com" {
            error::oauth(429, "rate_limit_exceeded", "Rate limit exceeded")
        } else {
            error::api(429, "RESOURCE_EXHAUSTED", "rateLimitExceeded", "Quota exceeded for quota metric.")
        };
        reply.header_if("retry-after", seconds.map(|seconds| seconds.to_string()))
    }

    fn app_refused(&self, _world: &mut World, call: &Call) -> Option<Reply> {
        match call.host.as_str() {
            "oauth2.googleapis.com" if call.path == "/token" => Some(token::unknown_app()),
            "www.googleapis.com" if call.path.starts_with("/youtube/") => {
                Some(error::disabled("youtube.googleapis.com"))
            }
            host if host.starts_with("mybusiness") => Some(error::no_quota(host)),
            _ => None,
        }
    }

    fn refreshed_with<'a>(&self, call: &'a Call) -> Option<&'a str> {
        let refresh = call.form.get("grant_type") == Some("refresh_token");
        (call.is(&Method::POST) && refresh && call.host == "oauth2.googleapis.com" && call.path == "/token")
            .then(|| call.form.get("refresh_token").unwrap_or_default())
    }

    /// Tokens outlive a new password, unless mail may be read with them.
    fn password_changed(&self, _world: &mut World, _grant: u64) {}
}

/// Answers everything but the consent page.
fn answer(world: &mut World, call: &Call) -> Answer {
    let (get, post) = (call.is(&Method::GET), call.is(&Method::POST));
    let parts: Vec<&str> = call.path.split('/').filter(|part| !part.is_empty()).collect();
    match (call.host.as_str(), &parts[..]) {
        ("oauth2.googleapis.com", ["token"]) if post => token::answer(world, call),
        ("oauth2.googleapis.com", ["revoke"]) if post => token::revoke(world, call),
        ("oauth2.googleapis.com", ["tokeninfo"]) if get || post => token::info(world, call),
        ("www.googleapis.com", ["oauth2", "v2" | "v3", "userinfo"]) if get => api::userinfo(world, call),
        ("www.googleapis.com", ["youtube", "v3", "channels"]) if get => youtube::channels(world, call),
        ("www.googleapis.com", ["youtube", "v3", "playlistItems"]) if get => youtube::playlist(world, call),
        ("mybusinessaccountmanagement.googleapis.com", ["v1", "accounts"]) if get => business::accounts(world, call),
        ("mybusinessbusinessinformation.googleapis.com", ["v1", "accounts", account, "locations"]) if get => {
            business::locations(world, call, account)
        }
        ("mybusinessbusinessinformation.googleapis.com", ["v1", "locations", location]) if get => {
            business::location(world, call, location)
        }
        ("mybusiness.googleapis.com", ["v4", "accounts", account, "locations", location, "localPosts"]) if get => {
            business::posts(world, call, account, location)
        }
        ("accounts.google.com", [".well-known", "risc-configuration"]) if get => {
            Ok(Reply::json(200, &signals::google::configuration()))
        }
        ("www.googleapis.com", ["oauth2", "v3", "certs"]) if get => {
            Ok(Reply::json(200, &signals::google::certificates()))
        }
        _ => Err(Reply::json(404, &json!({"error": {"code": 404, "message": "Not Found", "status": "NOT_FOUND"}}))
            .unexpected()),
    }
}
