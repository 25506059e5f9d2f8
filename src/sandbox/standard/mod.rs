//! A platform that nobody foresaw: nothing but the standards (RFC 6749, 6750, 7009, 7636), strictly. Two apps are registered:
//! one that proves itself by Basic and must use PKCE, and one that does it in the form and must not.

mod token;

use axum::http::Method;
use serde_json::json;

use super::call::{Answer, Call, Reply};
use super::cast::{self, Person, person};
use super::consent::{Ask, Refusal, redirect};
use super::consent_page::refusal;
use super::picture;
use super::state::{Kind, World};
use super::twin::Twin;
use super::vendor::{Vendor, below};

/// Client id and secret of the app with Basic and PKCE.
pub const BASIC: (&str, &str) = ("bakers-forum-41", "sT4nd-4rd:s3cret_0f.the~b4kers+forum");
/// Client id and secret of the app with neither.
pub const PLAIN: (&str, &str) = ("bakers-forum-42", "pl41n-s3cret.0f-the-b4kers-f0rum");

const SCOPES: &[&str] = &["profile.read", "posts.write", "pictures.write"];

/// The stand-in.
pub struct Standard;

impl Twin for Standard {
    fn key(&self) -> &'static str {
        "standard"
    }

    fn name(&self) -> &'static str {
        "a platform that keeps to the standard"
    }

    fn owns(&self, host: &str, _path: &str) -> bool {
        below(host, "bakers.example")
    }

    fn host(&self) -> &'static str {
        "api.bakers.example"
    }

    fn secrets(&self) -> Vec<String> {
        [BASIC.1, PLAIN.1].map(str::to_owned).to_vec()
    }

    fn people(&self, _host: &str) -> Vec<Person> {
        vec![
            person(cast::STANDARD[0], "80017", "Rosa Quill", "rosa", Vec::new()),
            person(cast::STANDARD[1], "80023", "Femi Adeyemi", "femi", Vec::new()),
        ]
    }

    fn asked(&self, world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
        let method = call.is(&Method::GET) || call.is(&Method::POST);
        (call.host == "www.bakers.example" && method && call.path == "/oauth/authorize").then(|| asked(world, call))
    }

    fn answer(&self, world: &mut World, call: &Call) -> Answer {
        let api = call.host == "api.bakers.example";
        match (call.method.as_str(), call.path.as_str()) {
            ("POST", "/oauth/token") if api => token::answer(world, call),
            ("POST", "/oauth/revoke") if api => token::revoke(world, call),
            ("GET", "/v1/me") if api => me(world, call),
            _ => Err(error(404, "not_found", "Nothing is here").unexpected()),
        }
    }

    fn too_often(&self, _world: &mut World, _call: &Call, seconds: Option<u32>) -> Reply {
        let wait = seconds.map(|seconds| seconds.to_string());
        error(429, "slow_down", "Too many requests").header_if("retry-after", wait)
    }

    fn app_refused(&self, _world: &mut World, call: &Call) -> Option<Reply> {
        call.path.starts_with("/oauth/").then(token::unknown_app)
    }

    fn refreshed_with<'a>(&self, call: &'a Call) -> Option<&'a str> {
        let refresh = call.form.get("grant_type") == Some("refresh_token");
        (refresh && call.path == "/oauth/token").then(|| call.form.get("refresh_token").unwrap_or_default())
    }

    fn is_used_up(&self, _world: &World, token: &super::state::Token, _now: i64) -> bool {
        token.spent.is_some()
    }
}

fn asked(world: &World, call: &Call) -> Result<Ask, Refusal> {
    let query = &call.query;
    let on_page = |words: &str| Refusal::Page(Box::new(refusal(Vendor::Standard, 400, words)));
    let app = query.get("client_id").filter(|id| [BASIC.0, PLAIN.0].contains(id));
    let app = app.ok_or_else(|| on_page("Nobody has registered this client_id."))?;
    let redirect_uri = query
        .get("redirect_uri")
        .filter(|uri| world.redirect_uris.iter().any(|one| one == uri))
        .ok_or_else(|| on_page("This redirect_uri is not registered."))?;
    let told = |error: &str| Refusal::Redirect(redirect(redirect_uri, query.get("state"), &[("error", error)], None));
    if query.get("response_type") != Some("code") {
        return Err(told("unsupported_response_type"));
    }
    let scopes: Vec<String> =
        query.get("scope").unwrap_or_default().split(' ').filter(|one| !one.is_empty()).map(str::to_owned).collect();
    if scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(told("invalid_scope"));
    }
    let challenge = query.get("code_challenge").map(str::to_owned);
    let s256 = query.get("code_challenge_method") == Some("S256");
    if challenge.is_some() != (app == BASIC.0) || challenge.is_some() != s256 {
        return Err(told("invalid_request"));
    }
    Ok(Ask {
        vendor: Vendor::Standard,
        host: String::new(),
        app: app.to_owned(),
        app_name: "Pilotlight".into(),
        redirect_uri: redirect_uri.to_owned(),
        state: query.get("state").map(str::to_owned),
        scopes,
        challenge,
        rerequest: false,
        return_scopes: false,
    })
}

/// `GET /v1/me`.
fn me(world: &World, call: &Call) -> Answer {
    let dead = || error(401, "invalid_token", "The access token is invalid, expired or revoked");
    let secret = call.bearer().ok_or_else(dead)?;
    let owner = world.owner(secret).filter(|grant| grant.vendor == Vendor::Standard).cloned().ok_or_else(dead)?;
    let (token, grant) = world.live(secret, call.now).map_err(|_| dead().of(owner.label()))?;
    let person = world.person(&grant).filter(|_| token.kind == Kind::Access).ok_or_else(dead)?;
    if !grant.has("profile.read") {
        return Err(error(403, "insufficient_scope", "profile.read is needed").of(grant.label()));
    }
    let body = json!({"account": {"id": person.id.parse::<u64>().unwrap_or_default(), "title": person.name,
        "login": person.handle, "images": [picture::mastodon("bakers.example", &person.id)]}});
    Ok(Reply::json(200, &body).of(grant.label()))
}

fn error(status: u16, error: &str, description: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "error_description": description}))
}
