//! Tokens, their introspection and their end.

use serde_json::json;

use super::super::call::{Answer, Call, Reply};
use super::super::consent::grant_of;
use super::super::state::{Dead, End, Grant, Kind, World};
use super::super::tokens::same;
use super::super::vendor::Vendor;
use super::{App, app};

const CODE_LIFE_MS: i64 = 30 * 60_000;
const ACCESS_LIFE_S: i64 = 5_184_000;
const REFRESH_LIFE_S: i64 = 31_536_000;

/// `POST /oauth/v2/accessToken`.
pub fn answer(world: &mut World, call: &Call) -> Answer {
    let app = proven(call)?;
    let known: &[&str] = match call.form.get("grant_type") {
        Some("authorization_code") => &["grant_type", "code", "redirect_uri", "client_id", "client_secret"],
        Some("refresh_token") => &["grant_type", "refresh_token", "client_id", "client_secret"],
        _ => return Err(refused(400, "invalid_request", "The passed in grant_type is invalid")),
    };
    strict(call, known)?;
    if call.form.get("grant_type") == Some("refresh_token") {
        refresh(world, call, app)
    } else {
        exchange(world, call, app)
    }
}

/// The secret travels in the body and nowhere else.
fn proven(call: &Call) -> Result<&'static App, Reply> {
    let known = call.form.get("client_id").and_then(app);
    let secret = call.form.get("client_secret").unwrap_or_default();
    known.filter(|app| call.authorization.is_none() && same(app.secret, secret)).ok_or_else(unknown_app)
}

fn strict(call: &Call, known: &[&str]) -> Result<(), Reply> {
    match call.form.stranger(&[known]).or_else(|| call.query.stranger(&[])) {
        Some(name) => Err(refused(400, "invalid_request", &format!("The parameter {name} is not allowed"))),
        None => Ok(()),
    }
}

fn exchange(world: &mut World, call: &Call, app: &App) -> Answer {
    let words = "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or \
                 authorization code expired. Or external member binding exists";
    let dead = || refused(400, "invalid_request", words);
    let secret = call.form.get("code").ok_or_else(dead)?;
    let code =
        world.state.codes.get(secret).filter(|code| code.vendor == Vendor::Linkedin).cloned().ok_or_else(dead)?;
    let fits = !code.used
        && call.now - code.issued < CODE_LIFE_MS
        && code.app == app.id
        && call.form.get("redirect_uri") == Some(code.redirect_uri.as_str());
    if !fits {
        return Err(dead());
    }
    if let Some(code) = world.state.codes.get_mut(secret) {
        code.used = true;
    }
    let grant = grant_of(&code, call.now);
    let id = world.add_grant(grant.clone());
    let grant = Grant { id, ..grant };
    let refresh = app.refreshes.then(|| format!("AQW{}", world.dice.letters(300)));
    if let Some(refresh) = &refresh {
        world.add_token(refresh, id, Kind::Refresh, call.now, Some(REFRESH_LIFE_S * 1_000));
    }
    Ok(told(world, &grant, refresh.map(|refresh| (refresh, call.now + REFRESH_LIFE_S * 1_000)), call.now))
}

/// The refresh token stays what it is, and its clock goes on: near its end the access tokens end with it.
fn refresh(world: &mut World, call: &Call, app: &App) -> Answer {
    let dead =
        |label: String| refused(400, "invalid_request", "The provided refresh token is invalid or expired").of(label);
    let secret = call.form.get("refresh_token").unwrap_or_default();
    let label = world.owner(secret).map(Grant::label).unwrap_or_default();
    let (token, grant) = world.live(secret, call.now).map_err(|_| dead(label.clone()))?;
    if token.kind != Kind::Refresh || grant.vendor != Vendor::Linkedin || grant.app != app.id {
        return Err(dead(label));
    }
    world.renewed(grant.id, call.now);
    let ends = token.ends.unwrap_or(call.now);
    Ok(told(world, &grant, Some((secret.to_owned(), ends)), call.now))
}

fn told(world: &mut World, grant: &Grant, refresh: Option<(String, i64)>, now: i64) -> Reply {
    let access = format!("AQX{}", world.dice.letters(340));
    let life_s = refresh.as_ref().map_or(ACCESS_LIFE_S, |(_, ends)| ACCESS_LIFE_S.min((ends - now) / 1_000));
    world.add_token(&access, grant.id, Kind::Access, now, Some(life_s * 1_000));
    let mut body =
        json!({"access_token": access, "expires_in": life_s, "scope": grant.scopes.join(","), "token_type": "Bearer"});
    if let Some((refresh, ends)) = refresh {
        body["refresh_token"] = refresh.into();
        body["refresh_token_expires_in"] = ((ends - now) / 1_000).into();
    }
    if grant.has("openid") {
        body["id_token"] = world.dice.jwt("JWT", &json!({"iss": "https://www.linkedin.com/oauth"})).into();
    }
    Reply::json(200, &body).of(grant.label())
}

/// `POST /oauth/v2/introspectToken`.
pub fn introspect(world: &mut World, call: &Call) -> Answer {
    let app = proven(call)?;
    strict(call, &["token", "client_id", "client_secret"])?;
    let secret = call.form.get("token").unwrap_or_default();
    let known =
        world.state.tokens.get(secret).filter(|token| matches!(token.kind, Kind::Access | Kind::Refresh)).cloned();
    let owner = world.owner(secret).filter(|grant| grant.vendor == Vendor::Linkedin && grant.app == app.id).cloned();
    let (Some(token), Some(grant)) = (known, owner) else {
        return Err(refused(400, "invalid_request", "The provided token is malformed"));
    };
    let status = match world.live(secret, call.now) {
        Ok(_) => "active",
        Err(Dead::Ended(End::Expired)) => "expired",
        Err(_) => "revoked",
    };
    let seconds = |ms: i64| ms.div_euclid(1_000);
    let body = json!({
        "active": status == "active",
        "status": status,
        "scope": grant.scopes.join(","),
        "client_id": app.id,
        "created_at": seconds(token.issued),
        "authorized_at": seconds(grant.since),
        "expires_at": token.ends.map(seconds),
        "auth_type": "3L",
    });
    Ok(Reply::json(200, &body).of(grant.label()))
}

/// `POST /oauth/v2/revoke`. It says nothing.
pub fn revoke(world: &mut World, call: &Call) -> Answer {
    let app = proven(call)?;
    strict(call, &["token", "client_id", "client_secret"])?;
    let owner = world.owner(call.form.get("token").unwrap_or_default());
    let Some(grant) = owner.filter(|grant| grant.vendor == Vendor::Linkedin && grant.app == app.id).cloned() else {
        return Err(refused(400, "invalid_request", "The provided token is malformed"));
    };
    world.end(grant.id, End::GivenBack);
    Ok(Reply::empty(200).of(grant.label()))
}

/// What an app hears that is not the one it says it is.
pub fn unknown_app() -> Reply {
    refused(401, "invalid_client", "Client authentication failed")
}

fn refused(status: u16, error: &str, description: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "error_description": description}))
}
