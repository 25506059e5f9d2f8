//! The token endpoint: codes for short tokens, short tokens for long ones.

use serde_json::json;

use super::super::call::{Call, Reply};
use super::super::state::{End, Grant, Kind, World};
use super::super::tokens::{s256, same};
use super::super::vendor::Vendor;
use super::error::GraphError;
use super::proof::check;
use super::{APP_ID, APP_SECRET, known, parameter};

const MINUTE_MS: i64 = 60_000;
const CODE_LIFE_MS: i64 = 10 * MINUTE_MS;
const LONG_LIFE_S: i64 = 60 * 86_400;

const KNOWN: &[&str] = &[
    "grant_type",
    "client_id",
    "client_secret",
    "redirect_uri",
    "code",
    "code_verifier",
    "fb_exchange_token",
    "set_token_expires_in_60_days",
];

/// Answers the endpoint.
pub fn answer(world: &mut World, call: &Call) -> Result<Reply, GraphError> {
    known(call, KNOWN)?;
    app(call)?;
    match parameter(call, "grant_type") {
        None | Some("authorization_code") => exchange(world, call),
        Some("fb_exchange_token") => lengthen(world, call),
        Some("client_credentials") => {
            Ok(Reply::json(200, &json!({"access_token": format!("{APP_ID}|{APP_SECRET}"), "token_type": "bearer"})))
        }
        Some(other) => Err(GraphError::request(1, format!("Unsupported grant type: {other}"))),
    }
}

/// The app proves itself in query or body; Facebook does not look at Basic.
fn app(call: &Call) -> Result<(), GraphError> {
    let id = parameter(call, "client_id").ok_or_else(|| GraphError::request(101, "Missing client_id parameter."))?;
    if id != APP_ID {
        let words = "Error validating application. Cannot get application info due to a system error.";
        return Err(GraphError::request(101, words));
    }
    match parameter(call, "client_secret") {
        Some(secret) if same(secret, APP_SECRET) => Ok(()),
        Some(_) => Err(GraphError::request(1, "Error validating client secret.")),
        None => Err(GraphError::request(1, "Missing client_secret parameter.")),
    }
}

fn exchange(world: &mut World, call: &Call) -> Result<Reply, GraphError> {
    let redirect_uri =
        parameter(call, "redirect_uri").ok_or_else(|| GraphError::request(191, "Missing redirect_uri parameter."))?;
    let secret = parameter(call, "code").ok_or_else(|| GraphError::request(1, "Missing authorization code"))?;
    let wrong = |subcode, words: &str| GraphError::request(100, words).with_subcode(subcode);
    let Some(code) = world.state.codes.get(secret).filter(|code| code.vendor == Vendor::Facebook).cloned() else {
        return Err(GraphError::request(100, "Invalid verification code format."));
    };
    let fits = code.redirect_uri == redirect_uri;
    if !fits {
        let words = "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth \
                     dialog request";
        return Err(wrong(36_008, words));
    }
    if code.used {
        return Err(wrong(36_009, "This authorization code has been used."));
    }
    if call.now - code.issued >= CODE_LIFE_MS {
        return Err(wrong(36_007, "This authorization code has expired."));
    }
    if let Some(challenge) = &code.challenge {
        match parameter(call, "code_verifier") {
            Some(verifier) if same(&s256(verifier), challenge) => {}
            Some(_) => {
                return Err(GraphError::request(
                    100,
                    "Error validating verification code. The code_verifier does not match the code_challenge.",
                ));
            }
            None => return Err(GraphError::request(100, "Missing code_verifier parameter.")),
        }
    }
    let Some(grant) = world.grants_of(Vendor::Facebook, "", &code.app, &code.person).first().copied() else {
        return Err(GraphError::dead(super::super::state::Dead::Ended(End::Revoked), ""));
    };
    if let Some(code) = world.state.codes.get_mut(secret) {
        code.used = true;
    }
    let life_s = world.dice.between(3_700, 7_100);
    let token = world.dice.facebook_token();
    world.add_token(&token, grant, Kind::ShortUser, call.now, Some(life_s * 1_000));
    let label = world.owner(&token).map(Grant::label).unwrap_or_default();
    Ok(told(&token, life_s, label))
}

/// A longer token for one that still works. The string is a new one, the old one lives on.
fn lengthen(world: &mut World, call: &Call) -> Result<Reply, GraphError> {
    let secret = parameter(call, "fb_exchange_token")
        .ok_or_else(|| GraphError::request(1, "Missing fb_exchange_token parameter."))?;
    let caller = check(world, secret, call.now)?;
    if matches!(caller.token.kind, Kind::Page(_)) {
        return Err(GraphError::request(100, "This endpoint requires a user access token.").of(caller.grant.label()));
    }
    if caller.token.kind == Kind::LongUser {
        world.renewed(caller.grant.id, call.now);
    }
    let (token, ends) = long_lived(world, caller.grant.id, call.now);
    Ok(told(&token, (ends - call.now).div_euclid(1_000), caller.grant.label()))
}

/// A new long-lived token of a consent, and its end in Unix milliseconds.
pub fn long_lived(world: &mut World, grant: u64, now: i64) -> (String, i64) {
    let life_s = LONG_LIFE_S - world.dice.between(1, 90);
    let token = world.dice.facebook_token();
    world.add_token(&token, grant, Kind::LongUser, now, Some(life_s * 1_000));
    (token, now + life_s * 1_000)
}

fn told(token: &str, life_s: i64, label: String) -> Reply {
    Reply::json(200, &json!({"access_token": token, "token_type": "bearer", "expires_in": life_s})).of(label)
}
