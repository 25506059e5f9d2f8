//! The token endpoint and the end of a consent.

use serde_json::json;

use super::super::call::{Answer, Call, Reply};
use super::super::consent::grant_of;
use super::super::models::RefreshModel;
use super::super::state::{End, Grant, Kind, World};
use super::super::tokens::{s256, same};
use super::super::vendor::Vendor;
use super::{CLIENT_ID, CLIENT_SECRET, unknown_app};

const CODE_LIFE_MS: i64 = 30_000;
const REFRESH_LIFE_MS: i64 = 180 * 86_400_000;

/// Answers the token endpoint.
pub fn answer(world: &mut World, call: &Call) -> Answer {
    app(call)?;
    let known: &[&str] = match call.form.get("grant_type") {
        Some("authorization_code") => &["grant_type", "code", "redirect_uri", "code_verifier", "client_id"],
        Some("refresh_token") => &["grant_type", "refresh_token", "client_id"],
        Some(_) => return Err(refused(400, "unsupported_grant_type", "Value passed for the grant type was invalid.")),
        None => return Err(missing("grant_type")),
    };
    strict(call, known)?;
    if call.form.get("grant_type") == Some("refresh_token") { refresh(world, call) } else { exchange(world, call) }
}

/// `POST /2/oauth2/revoke`. A token that means nothing is as good as revoked.
pub fn revoke(world: &mut World, call: &Call) -> Answer {
    app(call)?;
    strict(call, &["token", "token_type_hint", "client_id"])?;
    let token = call.form.get("token").ok_or_else(|| missing("token"))?;
    let reply = Reply::json(200, &json!({"revoked": true}));
    let Some(grant) =
        world.state.tokens.get(token).map(|token| token.grant).and_then(|id| world.state.grants.get(&id)).cloned()
    else {
        return Ok(reply);
    };
    if grant.vendor == Vendor::X {
        world.end(grant.id, End::GivenBack);
    }
    Ok(reply.of(grant.label()))
}

/// A confidential client: Basic, and the secret nowhere else.
fn app(call: &Call) -> Result<(), Reply> {
    let (id, secret) = call.basic().ok_or_else(unknown_app)?;
    if id != CLIENT_ID || !same(&secret, CLIENT_SECRET) {
        return Err(unknown_app());
    }
    if call.form.get("client_id").is_some_and(|other| other != CLIENT_ID) {
        return Err(refused(400, "invalid_request", "Value passed for the client id was invalid."));
    }
    Ok(())
}

fn strict(call: &Call, known: &[&str]) -> Result<(), Reply> {
    match call.form.stranger(&[known]).or_else(|| call.query.stranger(&[])) {
        Some(name) => Err(refused(400, "invalid_request", &format!("Parameter [{name}] is not allowed."))),
        None => Ok(()),
    }
}

fn exchange(world: &mut World, call: &Call) -> Answer {
    let field = |name: &'static str| call.form.get(name).ok_or_else(|| missing(name));
    let (secret, redirect_uri, verifier) = (field("code")?, field("redirect_uri")?, field("code_verifier")?);
    let wrong = |what: &str| refused(400, "invalid_request", &format!("Value passed for the {what}"));
    let dead = || wrong("authorization code was invalid.");
    let code = world.state.codes.get(secret).filter(|code| code.vendor == Vendor::X).cloned().ok_or_else(dead)?;
    if code.used || call.now - code.issued >= CODE_LIFE_MS {
        return Err(dead());
    }
    if code.redirect_uri != redirect_uri {
        return Err(wrong("redirect uri did not match the uri of the authorization code."));
    }
    if !code.challenge.as_ref().is_some_and(|challenge| same(challenge, &s256(verifier))) {
        return Err(wrong("code verifier did not match the code challenge."));
    }
    if let Some(code) = world.state.codes.get_mut(secret) {
        code.used = true;
    }
    let grant = consented(world, grant_of(&code, call.now));
    let pair = pair(world, &grant, call.now);
    Ok(told(world, &grant, &pair))
}

/// A new consent. There is one living consent per app and person: it takes the place of the old.
pub fn consented(world: &mut World, grant: Grant) -> Grant {
    for older in world.grants_of(Vendor::X, "", &grant.app, &grant.person) {
        world.end(older, End::Replaced);
    }
    let id = world.add_grant(grant.clone());
    Grant { id, ..grant }
}

/// What a refresh token gives depends on the model; by default it is used up by use and ends its family when it comes again.
fn refresh(world: &mut World, call: &Call) -> Answer {
    let secret = call.form.get("refresh_token").ok_or_else(|| missing("refresh_token"))?;
    let dead = |label: String| refused(400, "invalid_request", "Value passed for the token was invalid.").of(label);
    let known = world.state.tokens.get(secret).filter(|token| token.kind == Kind::Refresh).cloned();
    let grant = known
        .as_ref()
        .and_then(|token| world.state.grants.get(&token.grant))
        .filter(|grant| grant.vendor == Vendor::X)
        .cloned();
    let (Some(token), Some(grant)) = (known, grant) else { return Err(dead(String::new())) };
    let model = world.state.habits.model;
    if model.is_replay(&token, call.now) {
        world.end(grant.id, End::Replaced);
        return Err(dead(grant.label()).replayed());
    }
    if world.live(secret, call.now).is_err() {
        return Err(dead(grant.label()));
    }
    let pair = match model {
        RefreshModel::Stable => kept(world, &grant, secret, None, call.now),
        RefreshModel::Extended => {
            let access = world.state.latest.get(&grant.id).and_then(|latest| latest.access.clone());
            kept(world, &grant, secret, access, call.now)
        }
        RefreshModel::Strict | RefreshModel::Grace { .. } => succeeded(world, &grant, secret, call.now),
        RefreshModel::UntilUsed => {
            // The one before had been kept for the case that this one never arrived.
            if let Some(prior) = token.prior.as_ref().and_then(|prior| world.state.tokens.get_mut(prior)) {
                prior.ended.get_or_insert(End::Replaced);
            }
            let pair = succeeded(world, &grant, secret, call.now);
            if let Some(next) = pair.refresh.as_ref().and_then(|next| world.state.tokens.get_mut(next)) {
                next.prior = Some(secret.to_owned());
            }
            pair
        }
    };
    world.renewed(grant.id, call.now);
    Ok(told(world, &grant, &pair))
}

/// A new pair in the place of a used token.
fn succeeded(world: &mut World, grant: &Grant, secret: &str, now: i64) -> Pair {
    let pair = pair(world, grant, now);
    if let Some(token) = world.state.tokens.get_mut(secret) {
        token.spent.get_or_insert(now);
        token.next.clone_from(&pair.refresh);
    }
    pair
}

/// The refresh token as it is, living longer, with this access token, living longer, or with a new one.
fn kept(world: &mut World, grant: &Grant, secret: &str, access: Option<String>, now: i64) -> Pair {
    if let Some(token) = world.state.tokens.get_mut(secret) {
        token.ends = Some(now + REFRESH_LIFE_MS);
    }
    let life_ms = world.state.habits.access_seconds.saturating_mul(1_000);
    let access = match access.and_then(|access| Some((world.state.tokens.get_mut(&access)?, access))) {
        Some((token, access)) => {
            token.ends = Some(now.saturating_add(life_ms));
            access
        }
        None => access_token(world, grant, now),
    };
    Pair { access, refresh: Some(secret.to_owned()) }
}

/// What a person's consent is worth in tokens.
pub struct Pair {
    pub access: String,
    pub refresh: Option<String>,
}

/// A new access token, and a new refresh token if the person is to be reached later.
pub fn pair(world: &mut World, grant: &Grant, now: i64) -> Pair {
    let access = access_token(world, grant, now);
    let refresh = grant.has("offline.access").then(|| world.dice.x_token("rt", now));
    if let Some(refresh) = &refresh {
        world.add_token(refresh, grant.id, Kind::Refresh, now, Some(REFRESH_LIFE_MS));
    }
    Pair { access, refresh }
}

fn access_token(world: &mut World, grant: &Grant, now: i64) -> String {
    let access = world.dice.x_token("at", now);
    let life_ms = world.state.habits.access_seconds.saturating_mul(1_000);
    world.add_token(&access, grant.id, Kind::Access, now, Some(life_ms));
    access
}

fn told(world: &World, grant: &Grant, pair: &Pair) -> Reply {
    let life_s = world.state.habits.access_seconds;
    let mut body = json!({"token_type": "bearer", "expires_in": life_s, "access_token": pair.access, "scope": grant.scopes.join(" ")});
    if let Some(refresh) = &pair.refresh {
        body["refresh_token"] = refresh.as_str().into();
    }
    Reply::json(200, &body).of(grant.label())
}

fn missing(name: &str) -> Reply {
    refused(400, "invalid_request", &format!("Missing required parameter [{name}]."))
}

pub fn refused(status: u16, error: &str, description: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "error_description": description}))
}
