//! The stand-in for Instagram's own login (platforms.md section 3): the consent page on `www.instagram.com`, codes on
//! `api.instagram.com`, everything else on `graph.instagram.com`.

mod api;
mod dialog;
mod token;

pub use api::app_scoped;

use axum::http::Method;
use serde_json::json;

use super::call::{Answer, Call, Reply};
use super::cast::{self, Person, person};
use super::consent::{Ask, Refusal};
use super::facebook::error::GraphError;
use super::state::{Code, World};
use super::twin::{RegisteredApp, Twin};
use super::vendor::below;

pub use api::medium;

const APP_ID: &str = "2468013579135791";
const APP_SECRET: &str = "b81f04c6d2973ea5b81f04c6d2973ea5";

const SCOPES: &[&str] = &[
    BASIC,
    "instagram_business_content_publish",
    "instagram_business_manage_insights",
    "instagram_business_manage_comments",
    "instagram_business_manage_messages",
];

/// The scope without which nothing works.
const BASIC: &str = "instagram_business_basic";

/// The stand-in.
pub struct Instagram;

impl Twin for Instagram {
    fn key(&self) -> &'static str {
        "instagram"
    }

    fn name(&self) -> &'static str {
        "Instagram"
    }

    fn owns(&self, host: &str, _path: &str) -> bool {
        below(host, "instagram.com")
    }

    fn host(&self) -> &'static str {
        "graph.instagram.com"
    }

    fn apps(&self) -> &'static [RegisteredApp] {
        &[RegisteredApp { platform: "instagram", id: APP_ID, secret: APP_SECRET }]
    }

    fn people(&self, _host: &str) -> Vec<Person> {
        let [bakery, cycling] = cast::INSTAGRAM;
        vec![
            person(bakery, "17841400000000017", "Harbour Street Bakery", bakery, Vec::new()),
            person(cycling, "17841400000000029", "Spoke & Saddle 🚲", cycling, Vec::new()),
        ]
    }

    fn asked(&self, world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
        dialog::asked(world, call)
    }

    fn denied(&self) -> &'static [(&'static str, &'static str)] {
        &dialog::DENIED
    }

    fn fragment(&self) -> Option<&'static str> {
        Some("_")
    }

    fn code(&self, world: &mut World, _ask: &Ask, _code: &mut Code, _now: i64) -> String {
        format!("AQ{}", world.dice.letters(120))
    }

    fn answer(&self, world: &mut World, call: &Call) -> Answer {
        let path = versionless(&call.path);
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let (get, post, delete) = (call.is(&Method::GET), call.is(&Method::POST), call.is(&Method::DELETE));
        if call.host == "api.instagram.com" && parts == ["oauth", "access_token"] && post {
            return token::exchange(world, call);
        }
        let answer = match parts[..] {
            _ if call.host != self.host() => Err(GraphError::unknown_path(&call.path)),
            ["access_token"] if get => token::lengthen(world, call),
            ["refresh_access_token"] if get => token::refresh(world, call),
            [id, "media"] if get => api::posts(world, call, id),
            ["me", "permissions"] if delete => api::give_back(world, call),
            [id] if get && (id == "me" || id.bytes().all(|byte| byte.is_ascii_digit())) => api::me(world, call, id),
            _ => Err(GraphError::unknown_path(&path)),
        };
        answer.map_err(|error| error.reply(world))
    }

    fn too_often(&self, world: &mut World, _call: &Call, seconds: Option<u32>) -> Reply {
        let words = "(#80002) There have been too many calls to this Instagram account.";
        let reply = GraphError::permission(80_002, words).reply(world);
        // The wait is told in minutes.
        let usage = seconds.map(|seconds| {
            json!({APP_ID: [{"type": "instagram", "call_count": 100, "total_cputime": 25, "total_time": 25,
                "estimated_time_to_regain_access": seconds.div_ceil(60)}]})
        });
        reply.header_if("x-business-use-case-usage", usage.map(|usage| usage.to_string()))
    }

    fn app_refused(&self, world: &mut World, call: &Call) -> Option<Reply> {
        // Refreshes and everything else go without the app's secret.
        match versionless(&call.path).as_str() {
            "oauth/access_token" => Some(token::unknown_app()),
            "access_token" => Some(GraphError::request(101, "Error validating client secret.").reply(world)),
            _ => None,
        }
    }

    fn refreshed_with<'a>(&self, call: &'a Call) -> Option<&'a str> {
        (call.host == self.host() && versionless(&call.path) == "refresh_access_token")
            .then(|| call.query.get("access_token").unwrap_or_default())
    }
}

fn versionless(path: &str) -> String {
    let trimmed = path.trim_start_matches('/');
    trimmed.strip_prefix("v25.0/").unwrap_or(trimmed).to_owned()
}
