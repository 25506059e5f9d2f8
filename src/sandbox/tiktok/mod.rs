//! TikTok's stand-in (platforms.md section 9): the consent page on `www.tiktok.com`, the API on `open.tiktokapis.com`. As the
//! newest pages have it: access for two hours, a refresh token that is used up by its use.

mod api;
mod consent;
mod token;

use axum::http::Method;
use serde_json::json;

use super::call::{Answer, Call, Reply};
use super::cast::{self, Person, person};
use super::consent::{Ask, Refusal};
use super::crowd;
use super::state::{Code, Token, World};
use super::twin::{RegisteredApp, Twin};
use super::vendor::below;

/// Client key of the app that is registered at the stand-in.
pub const CLIENT_KEY: &str = "awp1l0tl1ghtsbx7";
/// Its secret.
pub const CLIENT_SECRET: &str = "Vq3Lm8XzT5wYc1RnBk6HdJf9GsPu2EaK";
/// Its name.
const APP_NAME: &str = "Pilotlight";

const CROWD_IDS: u64 = 7_300_000_000_000_000_000;

/// The stand-in.
pub struct Tiktok;

impl Twin for Tiktok {
    fn key(&self) -> &'static str {
        "tiktok"
    }

    fn name(&self) -> &'static str {
        "TikTok"
    }

    fn owns(&self, host: &str, _path: &str) -> bool {
        below(host, "tiktok.com") || below(host, "tiktokapis.com")
    }

    fn host(&self) -> &'static str {
        "open.tiktokapis.com"
    }

    fn apps(&self) -> &'static [RegisteredApp] {
        &[RegisteredApp { platform: "tiktok", id: CLIENT_KEY, secret: CLIENT_SECRET }]
    }

    fn people(&self, _host: &str) -> Vec<Person> {
        vec![
            person(cast::TIKTOK[0], "-000kR7quayKitchen4mBz", "Quay Kitchen 🍲", cast::TIKTOK[0], Vec::new()),
            person(cast::TIKTOK[1], "-000tB2bellFoundry9xWc", "Bell Foundry", cast::TIKTOK[1], Vec::new()),
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

    fn denied(&self) -> &'static [(&'static str, &'static str)] {
        &[("error", "access_denied"), ("error_description", "The user denied the request")]
    }

    fn told(&self, _ask: &Ask, code: &Code) -> Vec<(&'static str, String)> {
        vec![("scopes", code.scopes.join(","))]
    }

    fn code(&self, world: &mut World, _ask: &Ask, _code: &mut Code, _now: i64) -> String {
        // With a sign that must be encoded once and decoded once.
        format!("{}*0!{}", world.dice.letters(60), world.dice.letters(6))
    }

    fn answer(&self, world: &mut World, call: &Call) -> Answer {
        let (get, post) = (call.is(&Method::GET), call.is(&Method::POST));
        match (call.host.as_str(), call.path.as_str()) {
            // The slashes at the end belong there.
            ("open.tiktokapis.com", "/v2/oauth/token/") if post => token::answer(world, call),
            ("open.tiktokapis.com", "/v2/oauth/revoke/") if post => token::revoke(world, call),
            ("open.tiktokapis.com", "/v2/user/info/") if get => api::user(world, call),
            ("open.tiktokapis.com", "/v2/video/list/") if post => api::videos(world, call),
            ("open.tiktokapis.com", "/v2/post/publish/creator_info/query/") if post => api::creator(world, call),
            _ => Err(api::error(404, "invalid_params", "Unsupported path").unexpected()),
        }
    }

    fn too_often(&self, _world: &mut World, call: &Call, seconds: Option<u32>) -> Reply {
        let words = "The API rate limit was exceeded. Please try again later.";
        let reply = if call.path.starts_with("/v2/oauth/") {
            token::refused(429, "rate_limit_exceeded", words)
        } else {
            api::error(429, "rate_limit_exceeded", words)
        };
        reply.header_if("retry-after", seconds.map(|seconds| seconds.to_string()))
    }

    fn app_refused(&self, _world: &mut World, call: &Call) -> Option<Reply> {
        call.path.starts_with("/v2/oauth/").then(token::unknown_app)
    }

    fn refreshed_with<'a>(&self, call: &'a Call) -> Option<&'a str> {
        let refresh = call.form.get("grant_type") == Some("refresh_token");
        (call.is(&Method::POST) && refresh && call.path == "/v2/oauth/token/")
            .then(|| call.form.get("refresh_token").unwrap_or_default())
    }

    fn is_used_up(&self, _world: &World, token: &Token, _now: i64) -> bool {
        token.spent.is_some()
    }
}

/// A log id, as every answer has one.
fn log_id(call: &Call) -> serde_json::Value {
    json!(format!("2026{:014}", call.seconds()))
}
