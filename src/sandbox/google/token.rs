//! The token endpoint, `tokeninfo` and `revoke`.

use serde_json::json;

use super::super::call::{Answer, Call, Reply};
use super::super::consent::grant_of;
use super::super::state::{End, Grant, Kind, Standing, World};
use super::super::tokens::{s256, same};
use super::super::vendor::Vendor;
use super::consent::{AWAY, full_names};
use super::error::oauth;
use super::{CLIENT_ID, CLIENT_SECRET};

const CODE_LIFE_MS: i64 = 10 * 60_000;
const ACCESS_LIFE_S: i64 = 3_599;
/// Refresh tokens of one account and app; the oldest gives way without a word.
const MAX_GRANTS: usize = 100;

/// Answers the token endpoint.
pub fn answer(world: &mut World, call: &Call) -> Answer {
    let known: &[&str] = match call.form.get("grant_type") {
        Some("authorization_code") => &["code", "redirect_uri", "code_verifier"],
        Some("refresh_token") => &["refresh_token"],
        Some(_) => return Err(oauth(400, "unsupported_grant_type", "Invalid grant_type")),
        None => return Err(missing("grant_type")),
    };
    let stranger = call.form.stranger(&[known, &["grant_type", "client_id", "client_secret"]]);
    if let Some(name) = stranger.or_else(|| call.query.stranger(&[])) {
        let words = format!("Parameter not allowed for this message type: {name}");
        return Err(oauth(400, "invalid_request", &words));
    }
    app(call)?;
    if call.form.get("grant_type") == Some("refresh_token") { refresh(world, call) } else { exchange(world, call) }
}

/// The app proves itself in the form.
fn app(call: &Call) -> Result<(), Reply> {
    let id = call
        .form
        .get("client_id")
        .ok_or_else(|| oauth(400, "invalid_request", "Could not determine client ID from request."))?;
    if id != CLIENT_ID {
        return Err(oauth(401, "invalid_client", "The OAuth client was not found."));
    }
    match call.form.get("client_secret") {
        None => Err(oauth(400, "invalid_request", "client_secret is missing.")),
        Some(secret) if same(secret, CLIENT_SECRET) => Ok(()),
        Some(_) => Err(unknown_app()),
    }
}

/// What an app hears that is not the one it says it is.
pub fn unknown_app() -> Reply {
    oauth(401, "invalid_client", "The provided client secret is invalid.")
}

fn exchange(world: &mut World, call: &Call) -> Answer {
    let secret = call.form.get("code").ok_or_else(|| missing("code"))?;
    let redirect_uri = call.form.get("redirect_uri").ok_or_else(|| missing("redirect_uri"))?;
    let code = world.state.codes.get(secret).filter(|code| code.vendor == Vendor::Google).cloned();
    let code = code.ok_or_else(|| oauth(400, "invalid_grant", "Malformed auth code."))?;
    if code.used || call.now - code.issued >= CODE_LIFE_MS {
        return Err(oauth(400, "invalid_grant", "Bad Request"));
    }
    if code.redirect_uri != redirect_uri {
        return Err(oauth(400, "redirect_uri_mismatch", "Bad Request"));
    }
    match (&code.challenge, call.form.get("code_verifier")) {
        (None, None) => {}
        (Some(challenge), Some(verifier)) if same(challenge, &s256(verifier)) => {}
        (Some(_), None) => return Err(oauth(400, "invalid_grant", "Missing code verifier.")),
        _ => return Err(oauth(400, "invalid_grant", "Invalid code verifier.")),
    }
    if let Some(code) = world.state.codes.get_mut(secret) {
        code.used = true;
    }
    let grant = grant_of(&code, call.now);
    let id = world.add_grant(grant.clone());
    let all = world.grants_of(Vendor::Google, "", &grant.app, &grant.person);
    if all.len() > MAX_GRANTS
        && let Some(oldest) = all.first()
    {
        world.end(*oldest, End::Replaced);
    }
    let grant = Grant { id, ..grant };
    let refresh = secret.starts_with(AWAY).then(|| world.dice.google_token("1//0"));
    if let Some(refresh) = &refresh {
        world.add_token(refresh, id, Kind::Refresh, call.now, None);
    }
    Ok(told(world, &grant, refresh, call.now))
}

/// The refresh token stays as it is and does not come with the answer.
fn refresh(world: &mut World, call: &Call) -> Answer {
    let secret = call.form.get("refresh_token").ok_or_else(|| missing("refresh_token"))?;
    let gone = || oauth(400, "invalid_grant", "Token has been expired or revoked.");
    let owner = world.owner(secret).map(Grant::label).unwrap_or_default();
    let (token, grant) = world.live(secret, call.now).map_err(|_| gone().of(owner))?;
    if token.kind != Kind::Refresh || grant.vendor != Vendor::Google {
        return Err(gone());
    }
    match world.standing(Vendor::Google, "", &grant.person) {
        None => {}
        Some(Standing::Deactivated) => {
            return Err(oauth(400, "invalid_grant", "Account has been deleted").of(grant.label()));
        }
        // An admin's session control wants to see the person again.
        Some(Standing::Suspended) => {
            let body = json!({"error": "invalid_grant", "error_description": "reauth related error (invalid_rapt)",
                "error_subtype": "invalid_rapt"});
            return Err(Reply::json(400, &body).of(grant.label()));
        }
    }
    world.renewed(grant.id, call.now);
    Ok(told(world, &grant, None, call.now))
}

fn told(world: &mut World, grant: &Grant, refresh: Option<String>, now: i64) -> Reply {
    let access = world.dice.google_token("ya29.");
    world.add_token(&access, grant.id, Kind::Access, now, Some(ACCESS_LIFE_S * 1_000));
    let mut body = json!({"access_token": access, "expires_in": ACCESS_LIFE_S, "scope": full_names(&grant.scopes),
        "token_type": "Bearer"});
    if grant.has("openid") {
        let claims = json!({"iss": "https://accounts.google.com", "aud": CLIENT_ID, "azp": CLIENT_ID,
            "sub": world.person(grant).map(|person| person.id), "iat": now / 1_000, "exp": now / 1_000 + ACCESS_LIFE_S});
        body["id_token"] = world.dice.jwt("JWT", &claims).into();
    }
    if let Some(refresh) = refresh {
        body["refresh_token"] = refresh.into();
    }
    Reply::json(200, &body).of(grant.label())
}

/// `GET /tokeninfo`: everything about an access token, numbers written as text.
pub fn info(world: &World, call: &Call) -> Answer {
    let invalid = || oauth(400, "invalid_token", "Invalid Value");
    let known = &["access_token", "id_token"];
    if call.query.stranger(&[known]).or_else(|| call.form.stranger(&[known])).is_some() {
        return Err(oauth(400, "invalid_request", "Invalid Value"));
    }
    let secret = call.query.get("access_token").or_else(|| call.form.get("access_token")).ok_or_else(invalid)?;
    let (token, grant) = world.live(secret, call.now).map_err(|_| invalid())?;
    let person = world.person(&grant).filter(|_| grant.vendor == Vendor::Google && token.kind == Kind::Access);
    let person = person.ok_or_else(invalid)?;
    if world.standing(Vendor::Google, "", &grant.person) == Some(Standing::Deactivated) {
        return Err(invalid().of(grant.label()));
    }
    let ends = token.ends.unwrap_or(call.now) / 1_000;
    let away = world.tokens_of(grant.id).any(|(_, token)| token.kind == Kind::Refresh);
    let mut body = json!({"azp": CLIENT_ID, "aud": CLIENT_ID, "scope": full_names(&grant.scopes), "exp": ends.to_string(),
        "expires_in": (ends - call.seconds()).to_string(), "access_type": if away { "offline" } else { "online" }});
    if grant.has("openid") {
        body["sub"] = person.id.into();
    }
    if grant.has("email") {
        body["email"] = person.handle.into();
        body["email_verified"] = "true".into();
    }
    Ok(Reply::json(200, &body).of(grant.label()))
}

/// `POST /revoke`: ends everything that this person allowed to the app, whichever product it was for.
pub fn revoke(world: &mut World, call: &Call) -> Answer {
    if call.form.stranger(&[&["token"]]).is_some() {
        return Err(oauth(400, "invalid_request", "Invalid parameter"));
    }
    let secret = call.form.get("token").or_else(|| call.query.get("token")).ok_or_else(|| missing("token"))?;
    let gone = || oauth(400, "invalid_token", "Token expired or revoked");
    let (_, grant) = world.live(secret, call.now).map_err(|_| gone())?;
    if grant.vendor != Vendor::Google {
        return Err(gone());
    }
    for id in world.grants_of(Vendor::Google, "", &grant.app, &grant.person) {
        world.end(id, End::GivenBack);
    }
    Ok(Reply::json(200, &json!({})).of(grant.label()))
}

fn missing(name: &str) -> Reply {
    oauth(400, "invalid_request", &format!("Missing required parameter: {name}"))
}
