//! Threads' stand-in (platforms.md section 4): the consent page on `threads.net`, everything else on `graph.threads.net`.

use axum::http::Method;
use serde_json::{Value, json};

use super::call::{Answer, Call, Reply};
use super::cast::{self, Person, person};
use super::consent::{Ask, Refusal, grant_of};
use super::consent_page::refusal;
use super::facebook::error::GraphError;
use super::state::{Code, Grant, Kind, Token, World};
use super::tokens::same;
use super::twin::{RegisteredApp, Twin};
use super::vendor::{Vendor, below};
use super::{picture, posts};

const CLIENT_ID: &str = "8642097531864209";
const CLIENT_SECRET: &str = "9d1c7b3e5f20846a7c1d9b3e5f20846a";

const SCOPES: &[&str] = &[
    "threads_basic",
    "threads_content_publish",
    "threads_manage_insights",
    "threads_manage_replies",
    "threads_read_replies",
    "threads_delete",
    "threads_manage_mentions",
    "threads_keyword_search",
    "threads_profile_discovery",
    "threads_location_tagging",
];

const HOUR_MS: i64 = 3_600_000;
const CODE_LIFE_MS: i64 = HOUR_MS;
const LONG_LIFE_S: i64 = 5_183_944;
/// A token younger than this can't be renewed.
const RENEWABLE_AFTER_MS: i64 = 24 * HOUR_MS;

/// The stand-in.
pub struct Threads;

impl Twin for Threads {
    fn key(&self) -> &'static str {
        "threads"
    }

    fn name(&self) -> &'static str {
        "Threads"
    }

    fn owns(&self, host: &str, _path: &str) -> bool {
        below(host, "threads.net") || below(host, "threads.com")
    }

    fn host(&self) -> &'static str {
        "graph.threads.net"
    }

    fn apps(&self) -> &'static [RegisteredApp] {
        &[RegisteredApp { platform: "threads", id: CLIENT_ID, secret: CLIENT_SECRET }]
    }

    fn people(&self, _host: &str) -> Vec<Person> {
        vec![
            person(cast::THREADS[0], "25600000000000017", "Harbour Street Bakery", "harbourstreet", Vec::new()),
            person(cast::THREADS[1], "25600000000000029", "Towpath Cycling 🚲", "towpathcycling", Vec::new()),
        ]
    }

    fn asked(&self, world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
        let host = ["threads.net", "www.threads.net", "www.threads.com"].contains(&call.host.as_str());
        let method = call.is(&Method::GET) || call.is(&Method::POST);
        (host && method && call.path == "/oauth/authorize").then(|| {
            let words = "Sorry, something went wrong. The app's settings do not allow this request.";
            asked(world, call).ok_or_else(|| Refusal::Page(Box::new(refusal(Vendor::Threads, 400, words))))
        })
    }

    fn denied(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("error", "access_denied"),
            ("error_reason", "user_denied"),
            ("error_description", "The user denied your request"),
        ]
    }

    fn fragment(&self) -> Option<&'static str> {
        Some("_")
    }

    fn answer(&self, world: &mut World, call: &Call) -> Answer {
        let graph = call.host == "graph.threads.net";
        let answer = match (call.method.as_str(), call.path.as_str()) {
            ("POST", "/oauth/access_token") if graph => exchange(world, call),
            ("GET", "/access_token") if graph => lengthen(world, call),
            ("GET", "/refresh_access_token") if graph => renew(world, call),
            ("GET", "/v1.0/debug_token") if graph => debug(world, call),
            ("GET", "/v1.0/me") if graph => me(world, call),
            ("GET", "/v1.0/me/threads") if graph => threads(world, call),
            _ => Err(GraphError::unknown_path(&call.path)),
        };
        answer.map_err(|error| error.reply(world))
    }

    fn too_often(&self, world: &mut World, _call: &Call, _seconds: Option<u32>) -> Reply {
        GraphError::permission(4, "(#4) Application request limit reached").reply(world)
    }

    fn app_refused(&self, world: &mut World, call: &Call) -> Option<Reply> {
        let with_secret = ["/oauth/access_token", "/access_token"].contains(&call.path.as_str());
        with_secret.then(|| wrong_secret().reply(world))
    }

    fn refreshed_with<'a>(&self, call: &'a Call) -> Option<&'a str> {
        (call.path == "/refresh_access_token").then(|| call.query.get("access_token").unwrap_or_default())
    }
}

fn asked(world: &World, call: &Call) -> Option<Ask> {
    let query = &call.query;
    let known = ["response_type", "client_id", "redirect_uri", "scope", "state"];
    let scopes: Vec<String> = query.get("scope")?.split([',', ' ']).map(str::to_owned).collect();
    let redirect_uri = query.get("redirect_uri")?.to_owned();
    let fits = query.stranger(&[&known]).is_none()
        && query.get("response_type") == Some("code")
        && query.get("client_id") == Some(CLIENT_ID)
        && world.redirect_uris.contains(&redirect_uri)
        && scopes.iter().all(|scope| SCOPES.contains(&scope.as_str()))
        && scopes.iter().any(|scope| scope == "threads_basic");
    fits.then(|| Ask {
        vendor: Vendor::Threads,
        host: String::new(),
        app: CLIENT_ID.into(),
        app_name: "Pilotlight".into(),
        redirect_uri,
        state: query.get("state").map(str::to_owned),
        scopes,
        challenge: None,
        rerequest: false,
        return_scopes: false,
    })
}

/// `POST /oauth/access_token`: a code for a token of an hour.
fn exchange(world: &mut World, call: &Call) -> Result<Reply, GraphError> {
    let known = ["client_id", "client_secret", "grant_type", "redirect_uri", "code"];
    if let Some(name) = call.form.stranger(&[&known]) {
        return Err(GraphError::parameter(name));
    }
    if call.form.get("client_id") != Some(CLIENT_ID) {
        return Err(GraphError::request(101, "Error validating application. Invalid application ID."));
    }
    if !call.form.get("client_secret").is_some_and(|secret| same(secret, CLIENT_SECRET)) {
        return Err(wrong_secret());
    }
    if call.form.get("grant_type") != Some("authorization_code") {
        return Err(GraphError::request(100, "Invalid grant type."));
    }
    let wrong = |words: &str| GraphError::request(100, words);
    let secret = call.form.get("code").ok_or_else(|| wrong("Missing authorization code."))?;
    let code: Option<Code> = world.state.codes.get(secret).filter(|code| code.vendor == Vendor::Threads).cloned();
    let code = code.ok_or_else(|| wrong("Invalid verification code format."))?;
    if code.used || call.now - code.issued >= CODE_LIFE_MS {
        return Err(wrong("This authorization code has been used."));
    }
    if call.form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(wrong("Error validating verification code. Please make sure your redirect_uri is identical."));
    }
    if let Some(code) = world.state.codes.get_mut(secret) {
        code.used = true;
    }
    let grant = grant_of(&code, call.now);
    let id = world.add_grant(grant.clone());
    let grant = Grant { id, ..grant };
    let token = format!("TH{}", world.dice.letters(150));
    world.add_token(&token, id, Kind::ShortUser, call.now, Some(HOUR_MS));
    let user = world.person(&grant).map(|person| person.id).unwrap_or_default();
    Ok(Reply::json(200, &json!({"access_token": token, "user_id": user})).of(grant.label()))
}

/// `GET /access_token`: a token of an hour for one of sixty days.
fn lengthen(world: &mut World, call: &Call) -> Result<Reply, GraphError> {
    known(call, &["grant_type", "client_secret"])?;
    if call.query.get("grant_type") != Some("th_exchange_token") {
        return Err(GraphError::request(100, "Invalid grant type."));
    }
    if !call.query.get("client_secret").is_some_and(|secret| same(secret, CLIENT_SECRET)) {
        return Err(wrong_secret());
    }
    let (token, grant) = caller(world, call)?;
    if token.kind != Kind::ShortUser {
        return Err(GraphError::request(100, "The access token is long-lived already.").of(grant.label()));
    }
    Ok(long(world, &grant, call.now))
}

/// `GET /refresh_access_token`: sixty days more, for a token that is a day old.
fn renew(world: &mut World, call: &Call) -> Result<Reply, GraphError> {
    known(call, &["grant_type"])?;
    if call.query.get("grant_type") != Some("th_refresh_token") {
        return Err(GraphError::request(100, "Invalid grant type."));
    }
    let (token, grant) = caller(world, call)?;
    if token.kind != Kind::LongUser || call.now - token.issued < RENEWABLE_AFTER_MS {
        return Err(GraphError::request(100, "The access token can't be refreshed yet.").of(grant.label()));
    }
    world.renewed(grant.id, call.now);
    Ok(long(world, &grant, call.now))
}

fn long(world: &mut World, grant: &Grant, now: i64) -> Reply {
    let token = format!("TH{}", world.dice.letters(170));
    world.add_token(&token, grant.id, Kind::LongUser, now, Some(LONG_LIFE_S * 1_000));
    let body = json!({"access_token": token, "token_type": "bearer", "expires_in": LONG_LIFE_S});
    Reply::json(200, &body).of(grant.label())
}

/// `GET /v1.0/debug_token`.
fn debug(world: &World, call: &Call) -> Result<Reply, GraphError> {
    known(call, &["input_token"])?;
    let input = call.query.get("input_token").ok_or_else(|| GraphError::parameter("input_token"))?;
    if call.query.get("access_token") != Some(input) {
        caller(world, call)?;
    }
    let Some((token, grant)) = world.state.tokens.get(input).zip(world.owner(input)) else {
        return Err(GraphError::malformed_token());
    };
    let user = world.person(grant).map(|person| person.id).unwrap_or_default();
    let mut data = json!({
        "type": "USER",
        "application": "Pilotlight",
        "is_valid": true,
        "issued_at": token.issued.div_euclid(1_000),
        "expires_at": token.ends.map_or(0, |ends| ends.div_euclid(1_000)),
        "scopes": grant.scopes,
        "user_id": user,
    });
    if let Err(error) = alive(world, input, call.now) {
        data["is_valid"] = false.into();
        data["error"] = error.inner();
    }
    Ok(Reply::json(200, &json!({"data": data})).of(grant.label()))
}

/// `GET /v1.0/me`.
fn me(world: &World, call: &Call) -> Result<Reply, GraphError> {
    known(call, &["fields"])?;
    let (_, grant) = caller(world, call)?;
    let person = world.person(&grant).ok_or_else(GraphError::malformed_token)?;
    let all = json!({
        "id": person.id,
        "username": person.handle,
        "name": person.name,
        "threads_profile_picture_url": picture::facebook(&person.id),
        "threads_biography": "",
        "is_verified": false,
    });
    Ok(Reply::json(200, &picked(&all, call, "id")?).of(grant.label()))
}

/// `GET /v1.0/me/threads`.
fn threads(world: &World, call: &Call) -> Result<Reply, GraphError> {
    known(call, &["fields", "limit", "since", "until", "before", "after"])?;
    let (_, grant) = caller(world, call)?;
    let person = world.person(&grant).ok_or_else(GraphError::malformed_token)?;
    let limit = call.query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(25);
    let mut data = Vec::new();
    for post in posts::of(&person.id, call.now).iter().take(limit) {
        let all = json!({
            "id": post.id.to_string(),
            "text": post.text,
            "media_type": "TEXT_POST",
            "permalink": format!("https://www.threads.net/@{}/post/D{}", person.handle, post.id),
            "timestamp": posts::offset_time(post.at),
            "shortcode": format!("D{}", post.id),
        });
        data.push(picked(&all, call, "id")?);
    }
    Ok(Reply::json(200, &json!({"data": data, "paging": {}})).of(grant.label()))
}

/// The fields that were asked for, all of which must exist.
fn picked(all: &Value, call: &Call, otherwise: &str) -> Result<Value, GraphError> {
    let mut picked = json!({});
    for name in call.query.get("fields").unwrap_or(otherwise).split(',') {
        picked[name] = all.get(name).cloned().ok_or_else(|| GraphError::field(name, "ThreadsUser"))?;
    }
    Ok(picked)
}

fn known(call: &Call, names: &[&str]) -> Result<(), GraphError> {
    match call.query.stranger(&[&["access_token"], names]) {
        Some(name) => Err(GraphError::parameter(name)),
        None => Ok(()),
    }
}

fn caller(world: &World, call: &Call) -> Result<(Token, Grant), GraphError> {
    alive(world, call.query.get("access_token").ok_or_else(GraphError::no_token)?, call.now)
}

/// A token that works, and its consent.
fn alive(world: &World, secret: &str, now: i64) -> Result<(Token, Grant), GraphError> {
    let known = world.owner(secret).filter(|grant| grant.vendor == Vendor::Threads);
    let label = known.ok_or_else(GraphError::malformed_token)?.label();
    let (token, grant) = world.live(secret, now).map_err(|dead| GraphError::dead(dead, ".").of(&label))?;
    match world.standing(Vendor::Threads, "", &grant.person) {
        Some(standing) => Err(GraphError::standing(standing).of(label)),
        None => Ok((token, grant)),
    }
}

fn wrong_secret() -> GraphError {
    GraphError::request(1, "Error validating client secret.")
}
