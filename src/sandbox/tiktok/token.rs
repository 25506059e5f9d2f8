//! The token endpoint, whose refusals of a code come under status 200, and the end of a consent.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::super::call::{Answer, Call, Reply};
use super::super::consent::grant_of;
use super::super::state::{End, Grant, Kind, World};
use super::super::tokens::same;
use super::super::vendor::Vendor;
use super::{CLIENT_KEY, CLIENT_SECRET};

const CODE_LIFE_MS: i64 = 60_000;
const ACCESS_LIFE_S: i64 = 7_200;
const REFRESH_LIFE_S: i64 = 180 * 86_400;

/// Answers the token endpoint.
pub fn answer(world: &mut World, call: &Call) -> Answer {
    let known: &[&str] = match call.form.get("grant_type") {
        Some("authorization_code") => &["code", "redirect_uri", "code_verifier"],
        Some("refresh_token") => &["refresh_token"],
        _ => return Err(refused(400, "unsupported_grant_type", "The grant type is not supported.")),
    };
    strict(call, known)?;
    app(call)?;
    if call.form.get("grant_type") == Some("refresh_token") { refresh(world, call) } else { exchange(world, call) }
}

/// `POST /v2/oauth/revoke/`: an empty answer.
pub fn revoke(world: &mut World, call: &Call) -> Answer {
    strict(call, &["token"])?;
    app(call)?;
    let secret = call.form.get("token").ok_or_else(|| missing("token"))?;
    let gone = || refused(400, "invalid_grant", "The access token is invalid or expired.");
    let (token, grant) = world.live(secret, call.now).map_err(|_| gone())?;
    if grant.vendor != Vendor::Tiktok || token.kind != Kind::Access {
        return Err(gone());
    }
    world.end(grant.id, End::GivenBack);
    Ok(Reply::empty(200).of(grant.label()))
}

fn strict(call: &Call, known: &[&str]) -> Result<(), Reply> {
    let stranger = call.form.stranger(&[known, &["grant_type", "client_key", "client_secret"]]);
    match stranger.or_else(|| call.query.stranger(&[])) {
        Some(name) => Err(refused(400, "invalid_request", &format!("The request parameters are malformed: {name}."))),
        None => Ok(()),
    }
}

/// The app proves itself in the form, under a name of TikTok's own.
fn app(call: &Call) -> Result<(), Reply> {
    if call.form.get("client_key") != Some(CLIENT_KEY) {
        return Err(refused(400, "invalid_request", "Client_key is not valid."));
    }
    match call.form.get("client_secret") {
        Some(secret) if same(secret, CLIENT_SECRET) => Ok(()),
        _ => Err(unknown_app()),
    }
}

/// What an app hears that is not the one it says it is.
pub fn unknown_app() -> Reply {
    refused(401, "invalid_client", "Client authentication failed.")
}

fn exchange(world: &mut World, call: &Call) -> Answer {
    let secret = call.form.get("code").ok_or_else(|| missing("code"))?;
    let redirect_uri = call.form.get("redirect_uri").ok_or_else(|| missing("redirect_uri"))?;
    let gone = || refused(200, "invalid_grant", "Authorization code is expired.");
    let code = world.state.codes.get(secret).filter(|code| code.vendor == Vendor::Tiktok).cloned().ok_or_else(gone)?;
    if code.used || call.now - code.issued >= CODE_LIFE_MS {
        return Err(gone());
    }
    if code.redirect_uri != redirect_uri {
        let words = "Redirect_uri is not matched with the uri when requesting code.";
        return Err(refused(200, "invalid_request", words));
    }
    match (&code.challenge, call.form.get("code_verifier")) {
        (None, None) => {}
        (Some(challenge), Some(verifier)) if same(challenge, &hex(verifier)) => {}
        _ => return Err(refused(200, "invalid_request", "Code verifier or code challenge is invalid.")),
    }
    if let Some(code) = world.state.codes.get_mut(secret) {
        code.used = true;
    }
    let grant = grant_of(&code, call.now);
    // A new consent takes the place of the one before.
    for older in world.grants_of(Vendor::Tiktok, "", &grant.app, &grant.person) {
        world.end(older, End::Replaced);
    }
    let id = world.add_grant(grant.clone());
    Ok(told(world, &Grant { id, ..grant }, call.now).0)
}

fn refresh(world: &mut World, call: &Call) -> Answer {
    let secret = call.form.get("refresh_token").ok_or_else(|| missing("refresh_token"))?;
    let gone = || refused(400, "invalid_grant", "Refresh token is invalid or expired.");
    let owner = world.owner(secret).map(Grant::label).unwrap_or_default();
    let (token, grant) = world.live(secret, call.now).map_err(|_| gone().of(owner))?;
    if token.kind != Kind::Refresh || grant.vendor != Vendor::Tiktok || is_banned(world, &grant) {
        return Err(gone().of(grant.label()));
    }
    if token.spent.is_some() {
        return Err(gone().of(grant.label()).replayed());
    }
    let (reply, next) = told(world, &grant, call.now);
    if let Some(token) = world.state.tokens.get_mut(secret) {
        token.spent = Some(call.now);
        token.next = Some(next);
    }
    world.renewed(grant.id, call.now);
    Ok(reply)
}

/// Whether the account was banned or deleted: that ends its tokens.
pub fn is_banned(world: &World, grant: &Grant) -> bool {
    world.standing(Vendor::Tiktok, "", &grant.person).is_some()
}

/// A new pair, and its refresh token.
fn told(world: &mut World, grant: &Grant, now: i64) -> (Reply, String) {
    let access = format!("act.{}", world.dice.letters(64));
    let refresh = format!("rft.{}", world.dice.letters(64));
    world.add_token(&access, grant.id, Kind::Access, now, Some(ACCESS_LIFE_S * 1_000));
    world.add_token(&refresh, grant.id, Kind::Refresh, now, Some(REFRESH_LIFE_S * 1_000));
    let body = json!({"access_token": access, "expires_in": ACCESS_LIFE_S, "open_id": world.person(grant).map(|person| person.id),
        "refresh_expires_in": REFRESH_LIFE_S, "refresh_token": refresh, "scope": grant.scopes.join(","), "token_type": "Bearer"});
    (Reply::json(200, &body).of(grant.label()), refresh)
}

/// The digest as TikTok wants it.
fn hex(verifier: &str) -> String {
    Sha256::digest(verifier).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn missing(name: &str) -> Reply {
    refused(400, "invalid_request", &format!("The request parameters are malformed: {name} is missing."))
}

/// Flat, without an envelope.
pub fn refused(status: u16, error: &str, description: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "error_description": description, "log_id": "202611210000000000"}))
}
