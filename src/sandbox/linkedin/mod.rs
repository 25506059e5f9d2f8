//! LinkedIn's stand-in (platforms.md section 8): consent, tokens and introspection on `www.linkedin.com`, the API on
//! `api.linkedin.com`. Two apps are registered: one that LinkedIn approved for organisations and refresh tokens, and one
//! with the self-serve products alone.

mod api;
mod consent;
mod token;

use std::borrow::Cow;

use axum::http::Method;

use super::call::{Answer, Call, Reply};
use super::cast::{self, Page, Person, person};
use super::consent::{Ask, Refusal};
use super::state::{Code, World};
use super::twin::{RegisteredApp, Twin};
use super::vendor::below;

/// Client id and secret of the approved app.
const APPROVED_ID: &str = "86q4kz7v1hw2nd";
const APPROVED_SECRET: &str = "WPL_AP1.q8Zt3LmVc0RyKd5u.xE2bNw==";
/// Client id of the app without approval.
pub const SELF_SERVE_ID: &str = "77h2mb5x9cs3rp";
/// Its secret.
pub const SELF_SERVE_SECRET: &str = "WPL_AP1.h4Gn7QsXo1JfUe6v.aT9yKp==";

const SELF_SERVE: &[&str] = &["openid", "profile", "email", "w_member_social"];
const APPROVED: &[&str] = &[
    "openid",
    "profile",
    "email",
    "w_member_social",
    "r_basicprofile",
    "rw_organization_admin",
    "r_organization_admin",
    "w_organization_social",
    "r_organization_social",
];

const ADMIN: &[&str] = &["ADMINISTRATOR"];
const CONTENT_ADMIN: &[&str] = &["CONTENT_ADMINISTRATOR"];
const ANALYST: &[&str] = &["ANALYST"];

/// An app that is registered here.
struct App {
    id: &'static str,
    secret: &'static str,
    scopes: &'static [&'static str],
    /// Programmatic refresh.
    refreshes: bool,
}

static APPS: [App; 2] = [
    App { id: APPROVED_ID, secret: APPROVED_SECRET, scopes: APPROVED, refreshes: true },
    App { id: SELF_SERVE_ID, secret: SELF_SERVE_SECRET, scopes: SELF_SERVE, refreshes: false },
];

fn app(id: &str) -> Option<&'static App> {
    APPS.iter().find(|app| app.id == id)
}

/// The stand-in.
pub struct LinkedIn;

impl Twin for LinkedIn {
    fn key(&self) -> &'static str {
        "linkedin"
    }

    fn name(&self) -> &'static str {
        "LinkedIn"
    }

    fn owns(&self, host: &str, _path: &str) -> bool {
        below(host, "linkedin.com")
    }

    fn host(&self) -> &'static str {
        "api.linkedin.com"
    }

    fn apps(&self) -> &'static [RegisteredApp] {
        &[RegisteredApp { platform: "linkedin", id: APPROVED_ID, secret: APPROVED_SECRET }]
    }

    fn secrets(&self) -> Vec<String> {
        vec![SELF_SERVE_SECRET.to_owned()]
    }

    fn people(&self, _host: &str) -> Vec<Person> {
        let pages = vec![
            page(cast::LINKEDIN_ORGANISATION, "Harbour Street Bakery Group", "harbour-street-bakery", ADMIN),
            page("urn:li:organization:5400102", "Quay & Kettle Foundation", "quay-and-kettle", CONTENT_ADMIN),
            page("urn:li:organization:5400103", "سوق الميناء", "harbour-market", ANALYST),
        ];
        vec![
            person(cast::LINKEDIN[0], "yrZCpj2Z12", "Inês Carvalho", "", pages),
            person(cast::LINKEDIN[1], "782bbtaQ4k", "Tomáš Havel", "", Vec::new()),
        ]
    }

    fn shown_handle(&self, _person: &Person, _host: &str) -> String {
        String::new()
    }

    fn asked(&self, world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
        consent::asked(world, call)
    }

    fn denied(&self) -> &'static [(&'static str, &'static str)] {
        &[("error", "user_cancelled_authorize"), ("error_description", "The user cancelled the authorization")]
    }

    /// All or nothing: nobody can decline a single permission here.
    fn code(&self, world: &mut World, ask: &Ask, code: &mut Code, _now: i64) -> String {
        code.scopes.clone_from(&ask.scopes);
        code.declined.clear();
        format!("AQ{}", world.dice.letters(130))
    }

    fn answer(&self, world: &mut World, call: &Call) -> Answer {
        let (get, post) = (call.is(&Method::GET), call.is(&Method::POST));
        let parts: Vec<&str> = call.path.split('/').filter(|part| !part.is_empty()).collect();
        match (call.host.as_str(), parts.as_slice()) {
            ("www.linkedin.com", ["oauth", "v2", "accessToken"]) if post => token::answer(world, call),
            ("www.linkedin.com", ["oauth", "v2", "introspectToken"]) if post => token::introspect(world, call),
            ("www.linkedin.com", ["oauth", "v2", "revoke"]) if post => token::revoke(world, call),
            ("api.linkedin.com", ["v2", "userinfo"]) if get => api::userinfo(world, call),
            ("api.linkedin.com", ["v2", "me"]) if get => api::me(world, call),
            ("api.linkedin.com", ["rest", "organizationAcls"]) if get => api::roles(world, call),
            ("api.linkedin.com", ["rest", "organizations", id]) if get => api::organisation(world, call, id),
            ("api.linkedin.com", ["rest", "posts"]) if get => api::posts(world, call),
            _ => Err(api::error(404, None, "RESOURCE_NOT_FOUND", "No virtual resource found").unexpected()),
        }
    }

    /// The wait is named nowhere: quotas end at midnight UTC.
    fn too_often(&self, _world: &mut World, _call: &Call, seconds: Option<u32>) -> Reply {
        let words = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached.";
        api::error(429, Some(101), "TOO_MANY_REQUESTS", words).header_if("retry-after", seconds.map(|s| s.to_string()))
    }

    /// An app that is unknown, or one that speaks a version that was switched off.
    fn app_refused(&self, _world: &mut World, call: &Call) -> Option<Reply> {
        Some(match call.host.as_str() {
            "www.linkedin.com" => token::unknown_app(),
            _ if call.path.starts_with("/rest/") => api::dead_version("20260101"),
            _ => return None,
        })
    }

    fn refreshed_with<'a>(&self, call: &'a Call) -> Option<&'a str> {
        let refresh = call.form.get("grant_type") == Some("refresh_token");
        (refresh && call.path == "/oauth/v2/accessToken").then(|| call.form.get("refresh_token").unwrap_or_default())
    }
}

const fn page(id: &'static str, name: &'static str, username: &'static str, tasks: &'static [&'static str]) -> Page {
    Page {
        id: Cow::Borrowed(id),
        name: Cow::Borrowed(name),
        username: Cow::Borrowed(username),
        category: "Organization",
        tasks,
    }
}
