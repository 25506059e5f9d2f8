//! The token endpoint (RFC 6749, 4.1.3 and 6) and the end of tokens (RFC 7009).

use serde_json::json;

use super::super::call::{Answer, Call, Reply};
use super::super::consent::grant_of;
use super::super::state::{End, Grant, Kind, World};
use super::super::tokens::{s256, same};
use super::super::vendor::Vendor;
use super::{BASIC, PLAIN, error};

const CODE_LIFE_MS: i64 = 10 * 60_000;
const ACCESS_LIFE_S: i64 = 3_600;
const REFRESH_LIFE_MS: i64 = 90 * 86_400_000;

/// `POST /oauth/token`.
pub fn answer(world: &mut World, call: &Call) -> Answer {
    let app = proven(call)?;
    match call.form.get("grant_type") {
        Some("authorization_code") => exchange(world, call, app),
        Some("refresh_token") => refresh(world, call, app),
        Some(_) => Err(error(400, "unsupported_grant_type", "No such grant type")),
        None => Err(error(400, "invalid_request", "grant_type is missing")),
    }
}

/// Each app in the way it was registered with, and in no other.
fn proven(call: &Call) -> Result<&'static str, Reply> {
    let in_form = call.form.get("client_secret").is_some();
    let (app, secret) = match call.basic() {
        Some((id, secret)) if !in_form && id == BASIC.0 => (BASIC, secret),
        None => match (call.form.get("client_id"), call.form.get("client_secret")) {
            (Some(id), Some(secret)) if id == PLAIN.0 => (PLAIN, secret.to_owned()),
            _ => return Err(unknown_app()),
        },
        Some(_) => return Err(unknown_app()),
    };
    if same(&secret, app.1) { Ok(app.0) } else { Err(unknown_app()) }
}

fn exchange(world: &mut World, call: &Call, app: &str) -> Answer {
    let dead = || error(400, "invalid_grant", "The code is invalid, expired or used");
    let secret = call.form.get("code").ok_or_else(dead)?;
    let code =
        world.state.codes.get(secret).filter(|code| code.vendor == Vendor::Standard).cloned().ok_or_else(dead)?;
    let verifier = call.form.get("code_verifier");
    let proven = code.challenge.as_deref().map(str::to_owned) == verifier.map(s256);
    let fits = !code.used && call.now - code.issued < CODE_LIFE_MS && code.app == app && proven;
    if !fits || call.form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(dead());
    }
    if let Some(code) = world.state.codes.get_mut(secret) {
        code.used = true;
    }
    let grant = grant_of(&code, call.now);
    let id = world.add_grant(grant.clone());
    Ok(pair(world, &Grant { id, ..grant }, call.now))
}

/// A refresh token is used up by its use.
fn refresh(world: &mut World, call: &Call, app: &str) -> Answer {
    let dead = || error(400, "invalid_grant", "The refresh token is invalid, expired or revoked");
    let secret = call.form.get("refresh_token").ok_or_else(dead)?;
    let owner = world.owner(secret).filter(|grant| grant.vendor == Vendor::Standard && grant.app == app).cloned();
    let grant = owner.ok_or_else(dead)?;
    let (token, _) = world.live(secret, call.now).map_err(|_| dead().of(grant.label()))?;
    if token.spent.is_some() {
        return Err(dead().of(grant.label()).replayed());
    }
    if token.kind != Kind::Refresh {
        return Err(dead().of(grant.label()));
    }
    if let Some(token) = world.state.tokens.get_mut(secret) {
        token.spent = Some(call.now);
    }
    world.renewed(grant.id, call.now);
    Ok(pair(world, &grant, call.now))
}

fn pair(world: &mut World, grant: &Grant, now: i64) -> Reply {
    let (access, refresh) = (world.dice.letters(48), world.dice.letters(48));
    world.add_token(&access, grant.id, Kind::Access, now, Some(ACCESS_LIFE_S * 1_000));
    world.add_token(&refresh, grant.id, Kind::Refresh, now, Some(REFRESH_LIFE_MS));
    let mut body =
        json!({"access_token": access, "token_type": "Bearer", "expires_in": ACCESS_LIFE_S, "refresh_token": refresh});
    // Told only where it differs from what was asked for.
    if !grant.declined.is_empty() {
        body["scope"] = grant.scopes.join(" ").into();
    }
    Reply::json(200, &body).header("cache-control", "no-store").of(grant.label())
}

/// `POST /oauth/revoke`. A token that means nothing is as good as revoked.
pub fn revoke(world: &mut World, call: &Call) -> Answer {
    let app = proven(call)?;
    let secret = call.form.get("token").ok_or_else(|| error(400, "invalid_request", "token is missing"))?;
    if let Some(hint) =
        call.form.get("token_type_hint").filter(|hint| !["access_token", "refresh_token"].contains(hint))
    {
        return Err(error(400, "unsupported_token_type", &format!("No tokens are of type {hint}")));
    }
    let owner = world.owner(secret).filter(|grant| grant.vendor == Vendor::Standard && grant.app == app).cloned();
    let Some(grant) = owner else { return Ok(Reply::empty(200)) };
    world.end(grant.id, End::GivenBack);
    Ok(Reply::empty(200).of(grant.label()))
}

/// What an app hears that is not the one it says it is.
pub fn unknown_app() -> Reply {
    error(401, "invalid_client", "Client authentication failed").header("www-authenticate", "Basic")
}
