//! Pinterest's stand-in (platforms.md section 10): the consent page on `www.pinterest.com`, the API on `api.pinterest.com`.

use axum::http::Method;
use serde_json::{Value, json};

use super::call::{Answer, Call, Reply};
use super::cast::{self, Person, person};
use super::consent::{Ask, Refusal, grant_of};
use super::consent_page::refusal;
use super::state::{Code, Grant, Kind, World};
use super::tokens::same;
use super::twin::{RegisteredApp, Twin};
use super::vendor::{Vendor, below};
use super::{picture, posts};

const CLIENT_ID: &str = "1501234";
const CLIENT_SECRET: &str = "c7e1f4a90b3d5826fa4e7c1d90b3a5826fe4c7d1";

const SCOPES: &[&str] = &[
    "ads:read",
    "ads:write",
    "boards:read",
    "boards:read_secret",
    "boards:write",
    "boards:write_secret",
    "catalogs:read",
    "catalogs:write",
    "pins:read",
    "pins:read_secret",
    "pins:write",
    "pins:write_secret",
    "user_accounts:read",
    "user_accounts:write",
];

const CODE_LIFE_MS: i64 = 10 * 60_000;
const ACCESS_LIFE_S: i64 = 2_592_000;
const REFRESH_LIFE_S: i64 = 5_184_000;

/// The stand-in.
pub struct Pinterest;

impl Twin for Pinterest {
    fn key(&self) -> &'static str {
        "pinterest"
    }

    fn name(&self) -> &'static str {
        "Pinterest"
    }

    fn owns(&self, host: &str, _path: &str) -> bool {
        below(host, "pinterest.com")
    }

    fn host(&self) -> &'static str {
        "api.pinterest.com"
    }

    fn apps(&self) -> &'static [RegisteredApp] {
        &[RegisteredApp { platform: "pinterest", id: CLIENT_ID, secret: CLIENT_SECRET }]
    }

    fn people(&self, _host: &str) -> Vec<Person> {
        vec![
            person(cast::PINTEREST[0], "773281967335417001", "Harbour Street Bakes", "harbourbakes", Vec::new()),
            person(cast::PINTEREST[1], "773281967335417002", "Quay Ceramics Studio", "quayceramics", Vec::new()),
        ]
    }

    fn asked(&self, world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
        let method = call.is(&Method::GET) || call.is(&Method::POST);
        (call.host == "www.pinterest.com" && method && call.path == "/oauth/").then(|| {
            let words = "Sorry! We could not process this request. Check the app's settings and try again.";
            asked(world, call).ok_or_else(|| Refusal::Page(Box::new(refusal(Vendor::Pinterest, 400, words))))
        })
    }

    fn answer(&self, world: &mut World, call: &Call) -> Answer {
        let api = call.host == "api.pinterest.com";
        match (call.method.as_str(), call.path.as_str()) {
            ("POST", "/v5/oauth/token") if api => token(world, call),
            ("GET", "/v5/user_account") if api => user_account(world, call),
            ("GET", "/v5/boards") if api => boards(world, call),
            ("GET", "/v5/pins") if api => pins(world, call),
            _ => Err(error(404, 30, "Not Found").unexpected()),
        }
    }

    fn too_often(&self, _world: &mut World, _call: &Call, seconds: Option<u32>) -> Reply {
        error(429, 8, "You have exceeded your rate limit. Try again later.")
            .header("x-ratelimit-remaining", "0")
            .header_if("x-ratelimit-reset", seconds.map(|seconds| seconds.to_string()))
    }

    fn app_refused(&self, _world: &mut World, call: &Call) -> Option<Reply> {
        Some(match call.path.as_str() {
            "/v5/oauth/token" => unknown_app(),
            _ => error(403, 29, "Your application has Trial access: upgrade it to call this endpoint."),
        })
    }

    fn refreshed_with<'a>(&self, call: &'a Call) -> Option<&'a str> {
        let refresh = call.form.get("grant_type") == Some("refresh_token");
        (refresh && call.path == "/v5/oauth/token").then(|| call.form.get("refresh_token").unwrap_or_default())
    }

    fn is_used_up(&self, _world: &World, token: &super::state::Token, _now: i64) -> bool {
        token.spent.is_some()
    }
}

fn asked(world: &World, call: &Call) -> Option<Ask> {
    let query = &call.query;
    let known = ["response_type", "client_id", "redirect_uri", "scope", "state"];
    let scopes: Vec<String> = query.get("scope")?.split(',').map(str::to_owned).collect();
    let redirect_uri = query.get("redirect_uri")?.to_owned();
    let fits = query.stranger(&[&known]).is_none()
        && query.get("response_type") == Some("code")
        && query.get("client_id") == Some(CLIENT_ID)
        && world.redirect_uris.contains(&redirect_uri)
        && scopes.iter().all(|scope| SCOPES.contains(&scope.as_str()));
    fits.then(|| Ask {
        vendor: Vendor::Pinterest,
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

/// `POST /v5/oauth/token`: the app proves itself by Basic and nothing else.
fn token(world: &mut World, call: &Call) -> Answer {
    let (id, secret) = call.basic().ok_or_else(unknown_app)?;
    if id != CLIENT_ID || !same(&secret, CLIENT_SECRET) {
        return Err(unknown_app());
    }
    let known: &[&str] = match call.form.get("grant_type") {
        Some("authorization_code") => &["grant_type", "code", "redirect_uri", "continuous_refresh"],
        Some("refresh_token") => &["grant_type", "refresh_token", "scope", "continuous_refresh"],
        _ => return Err(error(400, 1, "Invalid grant_type.")),
    };
    if let Some(name) = call.form.stranger(&[known]) {
        return Err(error(400, 1, &format!("Additional properties are not allowed ('{name}' was unexpected).")));
    }
    if call.form.get("grant_type") == Some("refresh_token") { refresh(world, call) } else { exchange(world, call) }
}

fn exchange(world: &mut World, call: &Call) -> Answer {
    let dead = || error(400, 1, "Invalid authorization code.");
    let secret = call.form.get("code").ok_or_else(dead)?;
    let code: Code =
        world.state.codes.get(secret).filter(|code| code.vendor == Vendor::Pinterest).cloned().ok_or_else(dead)?;
    if code.used || call.now - code.issued >= CODE_LIFE_MS {
        return Err(dead());
    }
    if call.form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(error(400, 1, "The redirect_uri does not match the one the code was given for."));
    }
    if let Some(code) = world.state.codes.get_mut(secret) {
        code.used = true;
    }
    let grant = grant_of(&code, call.now);
    let id = world.add_grant(grant.clone());
    Ok(pair(world, &Grant { id, ..grant }, "authorization_code", call.now))
}

/// A refresh token is used up by its use; its successor lives sixty days more.
fn refresh(world: &mut World, call: &Call) -> Answer {
    let dead = || error(400, 1, "Invalid refresh token.");
    let secret = call.form.get("refresh_token").ok_or_else(dead)?;
    let known = world.state.tokens.get(secret).filter(|token| token.kind == Kind::Refresh).cloned();
    let owner = world.owner(secret).filter(|grant| grant.vendor == Vendor::Pinterest).cloned();
    let (Some(token), Some(grant)) = (known, owner) else { return Err(dead()) };
    if token.spent.is_some() {
        return Err(dead().of(grant.label()).replayed());
    }
    if world.live(secret, call.now).is_err() {
        return Err(dead().of(grant.label()));
    }
    if let Some(token) = world.state.tokens.get_mut(secret) {
        token.spent = Some(call.now);
    }
    world.renewed(grant.id, call.now);
    Ok(pair(world, &grant, "refresh_token", call.now))
}

fn pair(world: &mut World, grant: &Grant, asked_by: &str, now: i64) -> Reply {
    let access = format!("pina_{}", world.dice.letters(90));
    let refresh = format!("pinr_{}", world.dice.letters(90));
    world.add_token(&access, grant.id, Kind::Access, now, Some(ACCESS_LIFE_S * 1_000));
    world.add_token(&refresh, grant.id, Kind::Refresh, now, Some(REFRESH_LIFE_S * 1_000));
    let body = json!({
        "response_type": asked_by,
        "access_token": access,
        "token_type": "bearer",
        "expires_in": ACCESS_LIFE_S,
        "refresh_token": refresh,
        "refresh_token_expires_in": REFRESH_LIFE_S,
        "refresh_token_expires_at": now.div_euclid(1_000) + REFRESH_LIFE_S,
        "scope": grant.scopes.join(","),
    });
    Reply::json(200, &body).of(grant.label())
}

/// `GET /v5/user_account`.
fn user_account(world: &World, call: &Call) -> Answer {
    let (grant, person) = caller(world, call, &["user_accounts:read"], &["ad_account_id"])?;
    let body = json!({
        "id": person.id,
        "username": person.handle,
        "account_type": "BUSINESS",
        "business_name": person.name,
        "profile_image": picture::pinterest(&person.id),
        "website_url": "",
        "board_count": 2,
        "pin_count": 31,
        "follower_count": 412,
        "following_count": 55,
        "monthly_views": 9_100,
    });
    Ok(limits(Reply::json(200, &body)).of(grant.label()))
}

/// `GET /v5/boards`.
fn boards(world: &World, call: &Call) -> Answer {
    let (grant, person) =
        caller(world, call, &["boards:read"], &["page_size", "bookmark", "privacy", "ad_account_id"])?;
    let size = page_size(call)?;
    let board = |slot: usize, name: &str| json!({"id": format!("{}{slot}", &person.id[..15]), "name": name, "privacy": "PUBLIC"});
    let all = [board(1, "Ideas for the shop"), board(2, "Behind the scenes")];
    let items: Vec<&Value> = all.iter().take(size).collect();
    Ok(limits(Reply::json(200, &json!({"items": items, "bookmark": null}))).of(grant.label()))
}

/// `GET /v5/pins`.
fn pins(world: &World, call: &Call) -> Answer {
    let known = ["page_size", "bookmark", "pin_filter", "include_protected_pins", "ad_account_id"];
    let (grant, person) = caller(world, call, &["boards:read", "pins:read"], &known)?;
    let pin = |post: &posts::Post| {
        json!({"id": format!("{}", post.id), "title": post.text, "description": "", "link": null,
            "created_at": posts::utc_time(post.at).trim_end_matches(".000Z")})
    };
    let items: Vec<Value> = posts::of(&person.id, call.now).iter().take(page_size(call)?).map(pin).collect();
    Ok(limits(Reply::json(200, &json!({"items": items, "bookmark": null}))).of(grant.label()))
}

fn page_size(call: &Call) -> Result<usize, Reply> {
    let size = call.query.get("page_size").unwrap_or("25");
    let fits = size.parse::<usize>().ok().filter(|size| (1..=250).contains(size));
    fits.ok_or_else(|| error(400, 1, &format!("{size} is not between 1 and 250.")))
}

/// Whose token it is, if it may do this.
fn caller(world: &World, call: &Call, scopes: &[&str], known: &[&str]) -> Result<(Grant, Person), Reply> {
    let unknown = || error(401, 2, "Authentication failed.");
    let secret = call.bearer().ok_or_else(unknown)?;
    let label = world.owner(secret).map(Grant::label).unwrap_or_default();
    let (token, grant) = world.live(secret, call.now).map_err(|_| unknown().of(label))?;
    let person = world
        .person(&grant)
        .filter(|_| grant.vendor == Vendor::Pinterest && token.kind == Kind::Access)
        .ok_or_else(unknown)?;
    if world.standing(Vendor::Pinterest, "", &grant.person).is_some() {
        return Err(unknown().of(grant.label()));
    }
    if let Some(scope) = scopes.iter().find(|scope| !grant.has(scope)) {
        let words = format!("Authorization failed. The token is missing the scope {scope}.");
        return Err(error(403, 29, &words).of(grant.label()));
    }
    match call.query.stranger(&[known]) {
        Some(name) => Err(error(400, 1, &format!("Additional properties are not allowed ('{name}' was unexpected)."))),
        None => Ok((grant, person)),
    }
}

fn limits(reply: Reply) -> Reply {
    reply
        .header("x-ratelimit-limit", "1000")
        .header("x-ratelimit-remaining", "990")
        .header("x-ratelimit-reset", "86000")
}

fn unknown_app() -> Reply {
    error(401, 2, "Authentication failed.")
}

fn error(status: u16, code: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"code": code, "message": message, "status": "failure"}))
}
