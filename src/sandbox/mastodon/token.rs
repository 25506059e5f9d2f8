//! The token endpoint of a server and the end of a token.

use serde_json::json;

use super::super::call::{Answer, Call, Reply};
use super::super::consent::grant_of;
use super::super::state::{End, Grant, Kind, Token, World};
use super::super::tokens::{s256, same};
use super::super::vendor::Vendor;
use super::{MALFORMED, UNKNOWN_CLIENT, WRONG_GRANT, WRONG_SCOPE, covers, oauth_error, split};

const CODE_LIFE_MS: i64 = 10 * 60_000;

const KNOWN: &[&str] = &["grant_type", "code", "client_id", "client_secret", "redirect_uri", "code_verifier", "scope"];

/// Answers the token endpoint.
pub fn answer(world: &mut World, call: &Call) -> Answer {
    if call.form.stranger(&[KNOWN]).is_some() {
        return Err(oauth_error(400, "invalid_request", MALFORMED));
    }
    let missing = |name: &str| oauth_error(400, "invalid_request", &format!("Missing required parameter: {name}."));
    let app = app(world, call).ok_or_else(|| oauth_error(401, "invalid_client", UNKNOWN_CLIENT))?;
    match call.form.get("grant_type") {
        Some("authorization_code") => exchange(world, call, &app),
        Some("client_credentials") => for_the_app(world, call, &app),
        Some(_) => {
            let words = "The authorization grant type is not supported by the authorization server.";
            Err(oauth_error(400, "unsupported_grant_type", words))
        }
        None => Err(missing("grant_type")),
    }
}

/// `POST /oauth/revoke`: as often as one likes.
pub fn revoke(world: &mut World, call: &Call) -> Answer {
    let not_yours = || oauth_error(403, "unauthorized_client", "You are not authorized to revoke this token");
    if call.form.stranger(&[&["client_id", "client_secret", "token", "token_type_hint"]]).is_some() {
        return Err(oauth_error(400, "invalid_request", MALFORMED));
    }
    let app = app(world, call).ok_or_else(not_yours)?;
    let secret = call.form.get("token").unwrap_or_default();
    let done = Reply::json(200, &json!({}));
    let Some(grant) = world.state.tokens.get(secret).and_then(|token| world.state.grants.get(&token.grant)).cloned()
    else {
        return Ok(done);
    };
    if grant.vendor != Vendor::Mastodon || grant.app != app {
        return Err(not_yours());
    }
    world.end(grant.id, End::GivenBack);
    Ok(done.of(grant.label()))
}

/// The client id of the app that proves itself, by Basic or in the form.
fn app(world: &World, call: &Call) -> Option<String> {
    let (id, secret) = call
        .basic()
        .or_else(|| Some((call.form.get("client_id")?.to_owned(), call.form.get("client_secret")?.to_owned())))?;
    let app = world.state.apps.get(&id)?;
    (app.host == call.host && same(&app.secret, &secret)).then_some(id)
}

fn exchange(world: &mut World, call: &Call, app: &str) -> Answer {
    let wrong = || oauth_error(400, "invalid_grant", WRONG_GRANT);
    let missing = |name: &str| oauth_error(400, "invalid_request", &format!("Missing required parameter: {name}."));
    let secret = call.form.get("code").ok_or_else(|| missing("code"))?;
    let redirect_uri = call.form.get("redirect_uri").ok_or_else(|| missing("redirect_uri"))?;
    let code =
        world.state.codes.get(secret).filter(|code| code.vendor == Vendor::Mastodon).cloned().ok_or_else(wrong)?;
    if code.used || call.now - code.issued >= CODE_LIFE_MS || code.app != app || code.redirect_uri != redirect_uri {
        return Err(wrong());
    }
    if let Some(challenge) = &code.challenge {
        let verifier = call.form.get("code_verifier").ok_or_else(|| missing("code_verifier"))?;
        if !same(challenge, &s256(verifier)) {
            return Err(wrong());
        }
    }
    if let Some(code) = world.state.codes.get_mut(secret) {
        code.used = true;
    }
    let grant = grant_of(&code, call.now);
    let (token, issued) = of_consent(world, grant.clone());
    Ok(given(&token, &grant, issued))
}

/// The token of a consent, and when it was made. The server answers the one it gave before as long as app, person and scopes
/// are the same.
pub fn of_consent(world: &mut World, grant: Grant) -> (String, i64) {
    world.changed = true;
    for id in world.grants_of(Vendor::Mastodon, &grant.host, &grant.app, &grant.person) {
        if world.state.grants.get(&id).is_none_or(|known| known.scopes != grant.scopes) {
            continue;
        }
        let lives = |token: &Token| token.ended.is_none() && token.ends.is_none_or(|ends| ends > grant.since);
        let old = world.tokens_of(id).find(|(_, token)| token.kind == Kind::Access && lives(token));
        if let Some((secret, token)) = old {
            return (secret.to_owned(), token.issued);
        }
    }
    let since = grant.since;
    let id = world.add_grant(grant);
    let token = world.dice.mastodon_token();
    world.add_token(&token, id, Kind::Access, since, None);
    (token, since)
}

/// A token of the app itself, without a person.
fn for_the_app(world: &mut World, call: &Call, app: &str) -> Answer {
    let scopes = split(call.form.get("scope").unwrap_or("read"));
    let registered = world.state.apps.get(app).map(|app| app.scopes.clone()).unwrap_or_default();
    if call.form.get("scope").is_some() && scopes.iter().any(|scope| !covers(&registered, scope)) {
        return Err(oauth_error(400, "invalid_scope", WRONG_SCOPE));
    }
    let grant = Grant {
        id: 0,
        vendor: Vendor::Mastodon,
        host: call.host.clone(),
        app: app.to_owned(),
        person: String::new(),
        scopes,
        declined: Vec::new(),
        pages: Vec::new(),
        since: call.now,
        ended: None,
    };
    let id = world.add_grant(grant.clone());
    let token = world.dice.mastodon_token();
    world.add_token(&token, id, Kind::App, call.now, None);
    Ok(given(&token, &grant, call.now))
}

fn given(token: &str, grant: &Grant, issued: i64) -> Reply {
    let created_at = issued.div_euclid(1_000);
    Reply::json(200, &json!({"access_token": token, "token_type": "Bearer", "scope": grant.scopes.join(" "), "created_at": created_at}))
        .header("cache-control", "no-store")
        .of(grant.label())
}
