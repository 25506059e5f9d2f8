//! The authorization server (platforms.md section 13, mode A): what it says of itself, pushed requests, tokens and their end.

use axum::http::Method;
use serde_json::json;

use super::super::call::{Answer, Call, Reply};
use super::super::cast;
use super::super::consent::{Ask, Refusal, grant_of};
use super::super::consent_page;
use super::super::state::{Code, Dead, End, Grant, Kind, World};
use super::super::tokens::{s256, same};
use super::super::vendor::Vendor;
use super::client::Client;
use super::dpop;
use super::memory::{Bound, Pushed};

/// The authorization server's host.
pub const HOST: &str = "entry.bsky.example";
/// Its name.
pub const ISSUER: &str = "https://entry.bsky.example";
const REQUEST_LIFE_MS: i64 = 5 * 60_000;
const CODE_LIFE_MS: i64 = 60_000;
const ACCESS_LIFE_S: i64 = 3_600;
/// From one refresh to the next, and altogether: for apps that prove themselves, and for the others.
const PROVEN_MS: (i64, i64) = (90 * 86_400_000, 730 * 86_400_000);
const NAMELESS_MS: (i64, i64) = (14 * 86_400_000, 14 * 86_400_000);

/// What people may allow.
const SCOPES: [&str; 4] = ["atproto", "transition:generic", "transition:chat.bsky", "transition:email"];

/// `GET https://{pds}/.well-known/oauth-protected-resource`.
pub fn resource(call: &Call) -> Answer {
    if call.host != cast::BLUESKY_PDS {
        return Err(Reply::text(404, "Not Found"));
    }
    Ok(Reply::json(
        200,
        &json!({
            "resource": format!("https://{}", call.host), "authorization_servers": [ISSUER],
            "scopes_supported": [], "bearer_methods_supported": ["header"],
            "resource_documentation": "https://atproto.com",
        }),
    ))
}

/// Answers what is below `/oauth/`, and the server's description; not the consent page.
pub fn answer(world: &mut World, call: &Call) -> Answer {
    let post = call.is(&Method::POST);
    let reply = match call.path.as_str() {
        "/.well-known/oauth-authorization-server" if call.is(&Method::GET) => return Ok(description()),
        "/oauth/par" if post => push(world, call),
        "/oauth/token" if post => token(world, call),
        "/oauth/revoke" if post => revoke(world, call),
        _ => return Err(Reply::text(404, "Not Found").unexpected()),
    };
    // The newest nonce goes with every answer, good or bad.
    let newest = |reply: Reply| match reply.headers.iter().any(|(name, _)| *name == "dpop-nonce") {
        true => reply,
        false => reply.header("dpop-nonce", dpop::nonce(call)),
    };
    reply.map(newest).map_err(newest)
}

fn description() -> Reply {
    let at = |path: &str| format!("{ISSUER}/oauth/{path}");
    Reply::json(
        200,
        &json!({
            "issuer": ISSUER,
            "authorization_endpoint": at("authorize"), "token_endpoint": at("token"), "revocation_endpoint": at("revoke"),
            "pushed_authorization_request_endpoint": at("par"), "require_pushed_authorization_requests": true,
            "jwks_uri": at("jwks"), "scopes_supported": SCOPES, "subject_types_supported": ["public"],
            "response_types_supported": ["code"], "response_modes_supported": ["query", "fragment", "form_post"],
            "grant_types_supported": ["authorization_code", "refresh_token"], "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"], "dpop_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": true, "client_id_metadata_document_supported": true,
        }),
    )
}

/// What is asked for on the consent page, where only a pushed request is shown.
pub fn asked(world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
    let method = call.is(&Method::GET) || call.is(&Method::POST);
    (call.host == HOST && call.path == "/oauth/authorize" && method).then(|| {
        let refusal = |words| Refusal::Page(Box::new(consent_page::refusal(Vendor::Bluesky, 400, words)));
        if call.query.stranger(&[&["client_id", "request_uri"]]).is_some() {
            return Err(refusal("Pushed authorization requests are required"));
        }
        let pushed = call.query.get("request_uri").and_then(|uri| world.state.bluesky.pushed.get(uri));
        let pushed = pushed.filter(|pushed| call.query.get("client_id") == Some(&pushed.client));
        let pushed = pushed.filter(|pushed| call.now - pushed.at < REQUEST_LIFE_MS);
        let pushed = pushed.ok_or_else(|| refusal("This request is unknown or has expired"))?;
        let client = Client::find(world, &pushed.client).map_err(|_| refusal("The app's document can't be read"))?;
        Ok(Ask {
            vendor: Vendor::Bluesky,
            host: String::new(),
            app: client.id,
            app_name: client.name,
            redirect_uri: pushed.redirect_uri.clone(),
            state: Some(pushed.state.clone()),
            scopes: pushed.scopes.clone(),
            challenge: Some(pushed.challenge.clone()),
            rerequest: false,
            return_scopes: false,
        })
    })
}

/// A code for a consent: bound to what the request was bound to, which is used up by it.
pub fn code(world: &mut World, ask: &Ask, code: &mut Code) -> String {
    code.host = cast::BLUESKY_PDS.into();
    let secret = format!("cod-{}", world.dice.letters(64));
    let memory = &mut world.state.bluesky;
    let uri = memory
        .pushed
        .iter()
        .find(|(_, one)| ask.challenge.as_ref() == Some(&one.challenge))
        .map(|(uri, _)| uri.clone());
    if let Some(pushed) = uri.and_then(|uri| memory.pushed.remove(&uri)) {
        memory.codes.insert(secret.clone(), pushed.bound);
    }
    secret
}

fn push(world: &mut World, call: &Call) -> Answer {
    strict(
        call,
        &[
            "response_type",
            "redirect_uri",
            "scope",
            "state",
            "code_challenge",
            "code_challenge_method",
            "login_hint",
            "prompt",
            "display",
        ],
    )?;
    let (client, bound) = who(world, call)?;
    let bad = |words: &str| refused(400, "invalid_request", words);
    let field = |name: &str| call.form.get(name).ok_or_else(|| bad(&format!("Missing \"{name}\"")));
    let (redirect_uri, state, challenge) = (field("redirect_uri")?, field("state")?, field("code_challenge")?);
    if field("response_type")? != "code" {
        return Err(refused(400, "unsupported_response_type", "Only code is supported"));
    }
    if !client.redirect_uris.iter().any(|known| known == redirect_uri) {
        return Err(bad("Invalid redirect_uri"));
    }
    if field("code_challenge_method")? != "S256" || challenge.len() != 43 {
        return Err(bad("code_challenge_method must be S256"));
    }
    let scopes: Vec<String> = field("scope")?.split(' ').map(str::to_owned).collect();
    let known = |scope: &String| SCOPES.contains(&scope.as_str()) && client.scopes.contains(scope);
    if !scopes.iter().all(known) || !scopes.iter().any(|scope| scope == "atproto") {
        return Err(refused(400, "invalid_scope", "The scope is not one that this client has declared"));
    }
    let uri = format!("urn:ietf:params:oauth:request_uri:req-{}", world.dice.letters(32));
    let pushed = Pushed {
        client: client.id,
        redirect_uri: redirect_uri.into(),
        state: state.into(),
        scopes,
        challenge: challenge.into(),
        bound,
        at: call.now,
    };
    world.state.bluesky.pushed.insert(uri.clone(), pushed);
    world.changed = true;
    Ok(Reply::json(201, &json!({"request_uri": uri, "expires_in": REQUEST_LIFE_MS / 1_000})))
}

fn token(world: &mut World, call: &Call) -> Answer {
    match call.form.get("grant_type") {
        Some("authorization_code") => {
            strict(call, &["grant_type", "code", "redirect_uri", "code_verifier"])?;
            let (client, bound) = who(world, call)?;
            exchange(world, call, &client, bound)
        }
        Some("refresh_token") => {
            strict(call, &["grant_type", "refresh_token"])?;
            let (client, bound) = who(world, call)?;
            refresh(world, call, &client, &bound)
        }
        Some(_) => Err(refused(400, "unsupported_grant_type", "Unsupported grant type")),
        None => Err(refused(400, "invalid_request", "Missing \"grant_type\"")),
    }
}

fn exchange(world: &mut World, call: &Call, client: &Client, bound: Bound) -> Answer {
    let field =
        |name: &str| call.form.get(name).ok_or_else(|| refused(400, "invalid_request", &format!("Missing \"{name}\"")));
    let (secret, redirect_uri, verifier) = (field("code")?, field("redirect_uri")?, field("code_verifier")?);
    let invalid = |words: &str| refused(400, "invalid_grant", words);
    let known = world.state.codes.get(secret).filter(|code| code.vendor == Vendor::Bluesky).cloned();
    let code = known.ok_or_else(|| invalid("Invalid code"))?;
    if code.used {
        for grant in world.grants_of(Vendor::Bluesky, &code.host, &code.app, &code.person) {
            if world.state.grants.get(&grant).is_some_and(|grant| grant.since >= code.issued) {
                world.end(grant, End::Revoked);
            }
        }
        return Err(invalid("Code replayed"));
    }
    if let Some(code) = world.state.codes.get_mut(secret) {
        code.used = true;
    }
    world.changed = true;
    if call.now - code.issued >= CODE_LIFE_MS {
        return Err(invalid("Code expired"));
    }
    if code.app != client.id || world.state.bluesky.codes.remove(secret).as_ref() != Some(&bound) {
        return Err(invalid("This code was issued to another client or key"));
    }
    if code.redirect_uri != redirect_uri {
        return Err(invalid("The redirect_uri parameter must match the one used in the authorization request"));
    }
    if !code.challenge.as_ref().is_some_and(|challenge| same(challenge, &s256(verifier))) {
        return Err(invalid("Invalid code_verifier"));
    }
    let grant = grant_of(&code, call.now);
    let id = world.add_grant(grant.clone());
    world.state.bluesky.sessions.insert(id, bound);
    Ok(told(world, &Grant { id, ..grant }, call.now))
}

/// A refresh token is good for one use; whoever brings it again ends the session.
fn refresh(world: &mut World, call: &Call, client: &Client, bound: &Bound) -> Answer {
    let secret =
        call.form.get("refresh_token").ok_or_else(|| refused(400, "invalid_request", "Missing \"refresh_token\""))?;
    let invalid = |words: &str| refused(400, "invalid_grant", words);
    let token = world.state.tokens.get(secret).filter(|token| token.kind == Kind::Refresh).cloned();
    let token = token.ok_or_else(|| invalid("Invalid refresh token"))?;
    let Some(session) = world.state.bluesky.sessions.get(&token.grant).cloned() else {
        return Err(invalid("Invalid refresh token"));
    };
    let Some(grant) = world.state.grants.get(&token.grant).cloned() else {
        return Err(invalid("Invalid refresh token"));
    };
    let label = grant.label();
    if token.spent.is_some() {
        world.end(grant.id, End::Replaced);
        return Err(invalid("Refresh token replayed").of(label).replayed());
    }
    if world.live(secret, call.now).is_err() {
        return Err(invalid("Invalid refresh token").of(label));
    }
    if grant.app != client.id || session != *bound {
        return Err(invalid("This token was issued to another client or key").of(label));
    }
    if call.now - grant.since > lives(&session).1 {
        world.end(grant.id, End::Expired);
        return Err(invalid("Session expired").of(label));
    }
    // One access token at a time: the old one ends with it.
    world.each_token(grant.id, |old| {
        old.ended.get_or_insert(End::Replaced);
    });
    if let Some(old) = world.state.tokens.get_mut(secret) {
        old.spent = Some(call.now);
    }
    world.renewed(grant.id, call.now);
    Ok(told(world, &grant, call.now))
}

fn revoke(world: &mut World, call: &Call) -> Answer {
    strict(call, &["token", "token_type_hint"])?;
    let (client, bound) = who(world, call)?;
    let token = call.form.get("token").ok_or_else(|| refused(400, "invalid_request", "Missing \"token\""))?;
    let grant = world.owner(token).filter(|grant| grant.vendor == Vendor::Bluesky && grant.app == client.id).cloned();
    let grant = grant.filter(|grant| world.state.bluesky.sessions.get(&grant.id) == Some(&bound));
    // A token that means nothing is as good as revoked.
    let Some(grant) = grant else { return Ok(Reply::json(200, &json!({}))) };
    world.end(grant.id, End::GivenBack);
    Ok(Reply::json(200, &json!({})).of(grant.label()))
}

/// The app and the keys that a request proves.
fn who(world: &mut World, call: &Call) -> Result<(Client, Bound), Reply> {
    let jkt = dpop::proven(world, call, None)?;
    let id = call.form.get("client_id").ok_or_else(|| refused(400, "invalid_request", "Missing \"client_id\""))?;
    let client = Client::find(world, id)?;
    let kid = client.authenticate(world, call)?;
    Ok((client, Bound { jkt, kid }))
}

/// Whose session an access token is of, with the proof that belongs to it.
pub fn caller(world: &mut World, call: &Call, secret: &str) -> Result<Grant, Reply> {
    let jkt = dpop::proven(world, call, Some(secret))?;
    let bad = |words: &str| {
        Reply::json(401, &json!({"error": "invalid_token", "message": words}))
            .header("www-authenticate", format!("DPoP error=\"invalid_token\", error_description=\"{words}\""))
            .header("dpop-nonce", dpop::nonce(call))
    };
    let grant = world.owner(secret).cloned().ok_or_else(|| bad("Invalid token"))?;
    if world.state.bluesky.sessions.get(&grant.id).is_none_or(|session| session.jkt != jkt) {
        return Err(bad("Invalid DPoP key binding").of(grant.label()));
    }
    match world.live(secret, call.now) {
        Ok((token, _)) if token.kind == Kind::Access => Ok(grant),
        Err(Dead::Ended(End::Expired)) => Err(bad("Token expired").of(grant.label())),
        _ => Err(bad("Invalid token").of(grant.label())),
    }
}

fn told(world: &mut World, grant: &Grant, now: i64) -> Reply {
    let session = world.state.bluesky.sessions.get(&grant.id).cloned();
    let refresh_life = session.as_ref().map_or(NAMELESS_MS, lives).0;
    let did = world.person(grant).map(|person| person.id).unwrap_or_default();
    let access = world.dice.jwt(
        "at+jwt",
        &json!({
            "iss": ISSUER, "sub": did, "aud": format!("did:web:{}", cast::BLUESKY_PDS), "client_id": grant.app,
            "scope": grant.scopes.join(" "), "cnf": {"jkt": session.map(|session| session.jkt)},
            "iat": now.div_euclid(1_000), "exp": now.div_euclid(1_000) + ACCESS_LIFE_S,
        }),
    );
    let refresh = format!("ref-{}", world.dice.letters(64));
    world.add_token(&access, grant.id, Kind::Access, now, Some(ACCESS_LIFE_S * 1_000));
    world.add_token(&refresh, grant.id, Kind::Refresh, now, Some(refresh_life));
    let body = json!({
        "access_token": access, "token_type": "DPoP", "refresh_token": refresh, "expires_in": ACCESS_LIFE_S,
        "scope": grant.scopes.join(" "), "sub": did,
    });
    Reply::json(200, &body).header("cache-control", "no-store").of(grant.label())
}

fn lives(session: &Bound) -> (i64, i64) {
    if session.kid.is_some() { PROVEN_MS } else { NAMELESS_MS }
}

fn strict(call: &Call, known: &[&str]) -> Result<(), Reply> {
    let client = ["client_id", "client_assertion_type", "client_assertion"];
    match call.form.stranger(&[known, &client]).or_else(|| call.query.stranger(&[])) {
        Some(name) => Err(refused(400, "invalid_request", &format!("Unrecognized key \"{name}\""))),
        None => Ok(()),
    }
}

/// Errors as the authorization server writes them.
pub fn refused(status: u16, error: &str, words: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "error_description": words}))
}
