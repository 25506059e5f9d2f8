//! Codes for tokens of an hour, those for tokens of sixty days, and those for new ones.

use serde_json::{Value, json};

use super::super::call::{Answer, Call, Reply};
use super::super::cast;
use super::super::consent::grant_of;
use super::super::facebook::error::GraphError;
use super::super::state::{Code, Grant, Kind, World};
use super::super::tokens::same;
use super::super::vendor::Vendor;
use super::api::{check, known};
use super::{APP_ID, APP_SECRET, api};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const CODE_LIFE_MS: i64 = HOUR_MS;
const SHORT_LIFE_MS: i64 = HOUR_MS;
const LONG_LIFE_S: i64 = 60 * 86_400;

/// `POST /oauth/access_token`: everything in the form, the secret too.
pub fn exchange(world: &mut World, call: &Call) -> Answer {
    const KNOWN: &[&str] = &["client_id", "client_secret", "grant_type", "redirect_uri", "code"];
    let form = &call.form;
    if call.query.stranger(&[]).or_else(|| form.stranger(&[KNOWN])).is_some() {
        return Err(refused("Invalid parameter"));
    }
    let app = form.get("client_id") == Some(APP_ID)
        && form.get("client_secret").is_some_and(|secret| same(secret, APP_SECRET));
    if !app {
        return Err(unknown_app());
    }
    if form.get("grant_type") != Some("authorization_code") {
        return Err(refused("Invalid grant_type"));
    }
    let secret = form.get("code").unwrap_or_default();
    let code: Option<Code> = world.state.codes.get(secret).filter(|code| code.vendor == Vendor::Instagram).cloned();
    let Some(code) = code.filter(|code| !code.used) else {
        return Err(refused("Matching code was not found or was already used"));
    };
    if call.now - code.issued >= CODE_LIFE_MS {
        return Err(refused("This authorization code has expired"));
    }
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        let words = "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth \
                     dialog request";
        return Err(refused(words));
    }
    if let Some(code) = world.state.codes.get_mut(secret) {
        code.used = true;
    }
    let grant = consented(world, &code, call.now);
    let access = format!("IGAAS{}", world.dice.letters(150));
    world.add_token(&access, grant.id, Kind::ShortUser, call.now, Some(SHORT_LIFE_MS));
    Ok(Reply::json(200, &pair(&grant, &access)).of(grant.label()))
}

/// One consent per app and person: a later one takes the place of an earlier one.
fn consented(world: &mut World, code: &Code, now: i64) -> Grant {
    let fresh = grant_of(code, now);
    let before = world.grants_of(Vendor::Instagram, "", &code.app, &code.person).first().copied();
    world.changed = true;
    let id = match before.and_then(|id| world.state.grants.get_mut(&id)) {
        Some(grant) => {
            *grant = Grant { id: grant.id, since: grant.since, ..fresh.clone() };
            grant.id
        }
        None => world.add_grant(fresh.clone()),
    };
    Grant { id, ..fresh }
}

/// Instagram answers the pair itself, or the list that its documentation shows; the second person gets the latter.
fn pair(grant: &Grant, access: &str) -> Value {
    let id = cast::find(Vendor::Instagram, "", &grant.person).map(|person| person.id).unwrap_or_default();
    if grant.person == cast::INSTAGRAM[1] {
        return json!({"data": [{"access_token": access, "user_id": id, "permissions": grant.scopes.join(",")}]});
    }
    let number = id.parse::<u64>().map_or(Value::Null, Value::from);
    json!({"access_token": access, "user_id": number, "permissions": grant.scopes})
}

/// `GET /access_token`: a long token for a short one.
pub fn lengthen(world: &mut World, call: &Call) -> Result<Reply, GraphError> {
    const KNOWN: &[&str] = &["grant_type", "client_secret", "access_token"];
    let query = &call.query;
    known(call, KNOWN)?;
    grant_type(call, "exchange_token")?;
    match query.get("client_secret") {
        Some(secret) if same(secret, APP_SECRET) => {}
        Some(_) => return Err(GraphError::request(101, "Error validating client secret.")),
        None => return Err(GraphError::request(100, "(#100) The parameter client_secret is required")),
    }
    let caller = check(world, query.get("access_token").unwrap_or_default(), call.now)?;
    if caller.token.kind != Kind::ShortUser {
        let words = "Session key invalid. This could be because the session key has an incorrect format, or because it is a long-lived one";
        return Err(GraphError::request(452, words).of(caller.grant.label()));
    }
    Ok(long(world, &caller.grant, call.now))
}

/// `GET /refresh_access_token`: no secret of the app's; the token must be a day old.
pub fn refresh(world: &mut World, call: &Call) -> Result<Reply, GraphError> {
    known(call, &["grant_type", "access_token"])?;
    grant_type(call, "refresh_token")?;
    let caller = check(world, call.query.get("access_token").unwrap_or_default(), call.now)?;
    if caller.token.kind != Kind::LongUser {
        let words = "Session key invalid. Only a long-lived access token can be refreshed";
        return Err(GraphError::request(452, words).of(caller.grant.label()));
    }
    if call.now - caller.token.issued < DAY_MS {
        let words = "(#100) The access token must be at least 24 hours old to be refreshed";
        return Err(GraphError::request(100, words).of(caller.grant.label()));
    }
    api::needs(&caller.grant)?;
    world.renewed(caller.grant.id, call.now);
    Ok(long(world, &caller.grant, call.now))
}

fn grant_type(call: &Call, end: &str) -> Result<(), GraphError> {
    let wanted = format!("ig_{end}");
    let fits = call.query.get("grant_type") == Some(wanted.as_str());
    if fits { Ok(()) } else { Err(GraphError::request(100, format!("(#100) grant_type must be {wanted}"))) }
}

fn long(world: &mut World, grant: &Grant, now: i64) -> Reply {
    let access = format!("IGAAL{}", world.dice.letters(150));
    let life_s = LONG_LIFE_S - world.dice.between(1, 90);
    world.add_token(&access, grant.id, Kind::LongUser, now, Some(life_s * 1_000));
    Reply::json(200, &json!({"access_token": access, "token_type": "bearer", "expires_in": life_s})).of(grant.label())
}

/// What an app hears that is not the one it says it is.
pub fn unknown_app() -> Reply {
    refused("Invalid platform app")
}

/// The code endpoint has errors of its own.
fn refused(words: &str) -> Reply {
    Reply::json(400, &json!({"error_type": "OAuthException", "code": 400, "error_message": words}))
}
