//! Sessions: opened with a password, kept by refresh tokens that a grace of two hours makes forgiving.

use serde_json::{Value, json};

use super::super::call::{Answer, Call, Reply};
use super::super::cast::{self, Person};
use super::super::crowd;
use super::super::mint::{Minted, MintedDestination, consent, whole_seconds};
use super::super::state::{Dead, End, Grant, Kind, Standing, World};
use super::super::tokens::same;
use super::super::vendor::Vendor;
use super::identity::document_of;
use super::{error, oauth, person, strict};

const ACCESS_LIFE_MS: i64 = 120 * 60_000;
const REFRESH_LIFE_MS: i64 = 90 * 86_400_000;
/// A used refresh token is good for this long after its use, and answers the same successor.
const GRACE_MS: i64 = 2 * 3_600_000;

/// The app of a session that was opened with an app password.
pub const APP_PASSWORD: &str = "app password";

const FIELDS: [&str; 4] = ["identifier", "password", "authFactorToken", "allowTakendown"];

/// `POST createSession`, with an app password or the main one.
pub fn create(world: &mut World, call: &Call) -> Answer {
    strict(call, &[])?;
    let bad = |words: &str| error(400, "InvalidRequest", words);
    let Some(Value::Object(input)) = &call.json else { return Err(bad("Input/body must be an object")) };
    if let Some(name) = input.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(bad(&format!("Input must not have the property \"{name}\"")));
    }
    let field = |name: &str| {
        input.get(name).and_then(Value::as_str).ok_or_else(|| bad(&format!("Input must have the property \"{name}\"")))
    };
    let (identifier, password) = (field("identifier")?, field("password")?);
    let wrong = || error(401, "AuthenticationRequired", "Invalid identifier or password");
    let person = person(identifier).ok_or_else(wrong)?;
    let app = opened_by(world, &person, password).ok_or_else(wrong)?;
    let grant = Grant {
        id: 0,
        vendor: Vendor::Bluesky,
        host: cast::BLUESKY_PDS.into(),
        app: if app { APP_PASSWORD } else { "main password" }.into(),
        person: person.key.clone(),
        scopes: Vec::new(),
        declined: Vec::new(),
        pages: Vec::new(),
        since: call.now,
        ended: None,
    };
    refuse_takedown(world, &grant)?;
    let id = world.add_grant(grant.clone());
    let grant = Grant { id, ..grant };
    let refresh = refresh_token(world, &grant, &person, call.now);
    Ok(opened(world, &grant, &person, &refresh, call.now))
}

/// `POST refreshSession`, with the refresh token.
pub fn refresh(world: &mut World, call: &Call) -> Answer {
    strict(call, &[])?;
    let (secret, grant, person) = refreshing(world, call)?;
    refuse_takedown(world, &grant)?;
    let token = world.state.tokens.get(&secret).cloned();
    let next = match token.and_then(|token| token.next) {
        Some(next) => next,
        None => {
            let next = refresh_token(world, &grant, &person, call.now);
            if let Some(token) = world.state.tokens.get_mut(&secret) {
                token.spent = Some(call.now);
                token.next = Some(next.clone());
                token.ends = token.ends.map(|ends| ends.min(call.now + GRACE_MS));
            }
            next
        }
    };
    world.renewed(grant.id, call.now);
    Ok(opened(world, &grant, &person, &next, call.now))
}

/// `POST deleteSession`, with the refresh token. Access tokens live on until their end: no server looks them up.
pub fn delete(world: &mut World, call: &Call) -> Answer {
    strict(call, &[])?;
    let (_, grant, _) = refreshing(world, call)?;
    end_refresh(world, grant.id, End::GivenBack);
    Ok(Reply::empty(200).of(grant.label()))
}

/// `GET getSession`.
pub fn get(world: &mut World, call: &Call) -> Answer {
    strict(call, &[])?;
    let (grant, person) = caller(world, call)?;
    let mut body =
        json!({"did": person.id, "handle": person.handle, "emailConfirmed": true, "didDoc": document_of(&person)});
    describe_standing(world, &grant, &mut body);
    Ok(Reply::json(200, &body).of(grant.label()))
}

/// Whose access token it is.
pub fn caller(world: &mut World, call: &Call) -> Result<(Grant, Person), Reply> {
    if let Some(secret) = call.bound_token() {
        let grant = oauth::caller(world, call, secret)?;
        let person = world.person(&grant).ok_or_else(|| error(400, "InvalidToken", "Token could not be verified"))?;
        return Ok((grant, person));
    }
    let secret = call.bearer().ok_or_else(|| error(401, "AuthMissing", "Authentication Required"))?;
    let (grant, person) = owner(world, secret, Kind::Access, call.now)?;
    Ok((grant, person))
}

/// Ends what could prolong a session.
pub fn end_refresh(world: &mut World, grant: u64, why: End) {
    world.each_token(grant, |token| {
        if token.kind == Kind::Refresh {
            token.ended.get_or_insert(why);
        }
    });
    if let Some(grant) = world.state.grants.get_mut(&grant) {
        grant.ended.get_or_insert(why);
    }
}

/// Whether a password opens an account, and whether it is the app password.
fn opened_by(world: &World, person: &Person, password: &str) -> Option<bool> {
    let deleted = world.state.deleted_passwords.contains(&person.key);
    if let Some(own) = crowd::app_password(&person.key) {
        return (!deleted && same(password, &own)).then_some(true);
    }
    let index = cast::BLUESKY.iter().position(|(handle, _)| *handle == person.key)?;
    if !deleted && same(password, cast::BLUESKY[index].1) {
        return Some(true);
    }
    same(password, cast::BLUESKY_MAIN[index]).then_some(false)
}

fn refreshing(world: &World, call: &Call) -> Result<(String, Grant, Person), Reply> {
    let secret = call.bearer().ok_or_else(|| error(401, "AuthMissing", "Authentication Required"))?;
    let (grant, person) = owner(world, secret, Kind::Refresh, call.now)?;
    Ok((secret.to_owned(), grant, person))
}

fn owner(world: &World, secret: &str, kind: Kind, now: i64) -> Result<(Grant, Person), Reply> {
    let invalid = |words: &str| error(400, "InvalidToken", words);
    let token = world.state.tokens.get(secret).ok_or_else(|| invalid("Token could not be verified"))?;
    let grant = world.state.grants.get(&token.grant).filter(|grant| grant.vendor == Vendor::Bluesky);
    // Tokens that are bound to a key are nothing without their proof.
    let grant = grant.filter(|grant| !world.state.bluesky.sessions.contains_key(&grant.id));
    let grant = grant.ok_or_else(|| invalid("Token could not be verified"))?;
    if token.kind != kind {
        return Err(invalid("Invalid token type").of(grant.label()));
    }
    world.live(secret, now).map_err(|dead| {
        let words = match dead {
            Dead::Ended(End::Expired) if token.spent.is_none() => "Token has expired",
            _ => "Token has been revoked",
        };
        let refusal = error(400, "ExpiredToken", words).of(grant.label());
        if token.spent.is_some() { refusal.replayed() } else { refusal }
    })?;
    let person = world.person(grant).ok_or_else(|| invalid("Token could not be verified"))?;
    Ok((grant.clone(), person))
}

fn refuse_takedown(world: &World, grant: &Grant) -> Result<(), Reply> {
    match world.standing(Vendor::Bluesky, "", &grant.person) {
        Some(Standing::Suspended) => {
            Err(error(401, "AccountTakedown", "Account has been taken down").of(grant.label()))
        }
        _ => Ok(()),
    }
}

fn describe_standing(world: &World, grant: &Grant, body: &mut Value) {
    let standing = world.standing(Vendor::Bluesky, "", &grant.person);
    body["active"] = standing.is_none().into();
    match standing {
        None => {}
        Some(Standing::Deactivated) => body["status"] = "deactivated".into(),
        Some(Standing::Suspended) => body["status"] = "takendown".into(),
    }
}

/// A new refresh token of a session.
pub fn refresh_token(world: &mut World, grant: &Grant, person: &Person, now: i64) -> String {
    let jti = world.dice.letters(43);
    let claims = json!({
        "scope": "com.atproto.refresh",
        "sub": person.id,
        "aud": format!("did:web:{}", grant.host),
        "jti": jti,
        "iat": now.div_euclid(1_000),
        "exp": (now + REFRESH_LIFE_MS).div_euclid(1_000),
    });
    let token = world.dice.jwt("refresh+jwt", &claims);
    world.add_token(&token, grant.id, Kind::Refresh, now, Some(REFRESH_LIFE_MS));
    token
}

/// A new access token of a session, and its end.
pub fn access_token(world: &mut World, grant: &Grant, person: &Person, now: i64) -> (String, i64) {
    let scope = if grant.app == APP_PASSWORD { "com.atproto.appPass" } else { "com.atproto.access" };
    let claims = json!({
        "scope": scope,
        "sub": person.id,
        "aud": format!("did:web:{}", grant.host),
        "iat": now.div_euclid(1_000),
        "exp": (now + ACCESS_LIFE_MS).div_euclid(1_000),
    });
    let access = world.dice.jwt("at+jwt", &claims);
    world.add_token(&access, grant.id, Kind::Access, now, Some(ACCESS_LIFE_MS));
    (access, now + ACCESS_LIFE_MS)
}

/// The answer of an opened or prolonged session, with a new access token.
fn opened(world: &mut World, grant: &Grant, person: &Person, refresh: &str, now: i64) -> Reply {
    let (access, _) = access_token(world, grant, person, now);
    let mut body = json!({
        "accessJwt": access,
        "refreshJwt": refresh,
        "did": person.id,
        "handle": person.handle,
        "emailConfirmed": true,
        "didDoc": document_of(person),
    });
    describe_standing(world, grant, &mut body);
    Reply::json(200, &body).of(grant.label())
}

/// A session without a sign-in.
pub fn minted(world: &mut World, person: &Person, now: i64) -> Minted {
    let grant = consent(Vendor::Bluesky, cast::BLUESKY_PDS, APP_PASSWORD, person, &[], now);
    let id = world.add_grant(grant.clone());
    let grant = Grant { id, ..grant };
    let refresh = refresh_token(world, &grant, person, now);
    let (access, ends) = access_token(world, &grant, person, now);
    Minted {
        access,
        refresh: Some(refresh),
        access_ends_at: Some(whole_seconds(ends)),
        scopes: Vec::new(),
        identity_id: person.id.clone(),
        name: person.handle.clone(),
        handle: Some(person.handle.clone()),
        host: grant.host,
        destination: MintedDestination {
            id: person.id.clone(),
            name: person.name.clone(),
            handle: Some(format!("@{}", person.handle)),
            token: None,
        },
    }
}
