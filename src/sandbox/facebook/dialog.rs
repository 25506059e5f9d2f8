//! The login dialog.

use axum::http::Method;

use super::super::call::Call;
use super::super::consent::{self, Ask, Refusal};
use super::super::consent_page::refusal;
use super::super::state::{Code, Grant, World};
use super::super::vendor::Vendor;
use super::{APP_ID, APP_NAME, versionless};

/// What the app is told after Cancel.
pub const DENIED: [(&str, &str); 4] = [
    ("error", "access_denied"),
    ("error_code", "200"),
    ("error_description", "Permissions error"),
    ("error_reason", "user_denied"),
];

const KNOWN: &[&str] = &[
    "client_id",
    "redirect_uri",
    "state",
    "response_type",
    "scope",
    "auth_type",
    "return_scopes",
    "display",
    "code_challenge",
    "code_challenge_method",
];

const SCOPES: &[&str] = &[
    "public_profile",
    "email",
    "pages_show_list",
    "pages_manage_posts",
    "pages_read_engagement",
    "pages_manage_engagement",
    "pages_manage_metadata",
    "pages_read_user_content",
    "business_management",
    "read_insights",
    "instagram_basic",
    "instagram_content_publish",
    "instagram_manage_comments",
    "instagram_manage_insights",
];

/// What the dialog is asked for, if it is the dialog that is called.
pub fn asked(world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
    let host = ["www.facebook.com", "m.facebook.com", "facebook.com"].contains(&call.host.as_str());
    let method = call.is(&Method::GET) || call.is(&Method::POST);
    (host && method && versionless(&call.path) == "dialog/oauth").then(|| read(world, call))
}

fn read(world: &World, call: &Call) -> Result<Ask, Refusal> {
    let page = |words: &str| Refusal::Page(Box::new(refusal(Vendor::Facebook, 400, words)));
    let query = &call.query;
    if let Some(name) = query.stranger(&[KNOWN]) {
        return Err(page(&format!("Invalid parameter: {name}")));
    }
    if query.get("client_id") != Some(APP_ID) {
        return Err(page("Invalid App ID: The provided app ID does not look like a valid app ID."));
    }
    let redirect_uri = query.get("redirect_uri").unwrap_or_default().to_owned();
    if !world.redirect_uris.contains(&redirect_uri) {
        return Err(page(
            "URL Blocked: This redirect failed because the redirect URI is not whitelisted in the app's Client OAuth Settings. Make sure \
             Client and Web OAuth Login are on and add all your app domains as Valid OAuth Redirect URIs.",
        ));
    }
    if query.get("response_type").is_some_and(|kind| kind != "code") {
        return Err(page("Invalid Response Type"));
    }
    let scopes = scopes(query.get("scope").unwrap_or_default());
    let strangers: Vec<_> = scopes.iter().filter(|scope| !SCOPES.contains(&scope.as_str())).cloned().collect();
    if !strangers.is_empty() {
        return Err(page(&format!(
            "Invalid Scopes: {}. This message is only shown to developers.",
            strangers.join(", ")
        )));
    }
    let challenge = match (query.get("code_challenge"), query.get("code_challenge_method")) {
        (None, _) => None,
        (Some(challenge), Some("S256")) => Some(challenge.to_owned()),
        _ => return Err(page("Invalid parameter: code_challenge_method")),
    };
    Ok(Ask {
        vendor: Vendor::Facebook,
        host: String::new(),
        app: APP_ID.into(),
        app_name: APP_NAME.into(),
        redirect_uri,
        state: query.get("state").map(str::to_owned),
        scopes,
        challenge,
        rerequest: query.get("auth_type").is_some_and(|kinds| kinds.split(',').any(|kind| kind == "rerequest")),
        return_scopes: query.get("return_scopes") == Some("true"),
    })
}

/// The scopes asked for; the profile is always among them.
fn scopes(text: &str) -> Vec<String> {
    let mut scopes: Vec<String> = vec!["public_profile".into()];
    for scope in text.split([',', ' ']).filter(|scope| !scope.is_empty()) {
        if !scopes.iter().any(|one| one == scope) {
            scopes.push(scope.into());
        }
    }
    scopes
}

/// Facebook has one consent per app and person: a later one changes it, and with it what the older tokens may do. What was
/// declined stays declined until the app asks for it anew.
pub fn remember(world: &mut World, ask: &Ask, code: &mut Code) {
    let before = world.grants_of(Vendor::Facebook, "", &code.app, &code.person).first().copied();
    let declined_before =
        before.and_then(|id| world.state.grants.get(&id)).map(|grant| grant.declined.clone()).unwrap_or_default();
    // What an earlier consent gave and this one does not ask for stays given.
    let given_before =
        before.and_then(|id| world.state.grants.get(&id)).map(|grant| grant.scopes.clone()).unwrap_or_default();
    code.scopes.extend(given_before.into_iter().filter(|scope| !ask.scopes.contains(scope)));
    if !ask.rerequest {
        code.scopes.retain(|scope| !declined_before.contains(scope));
    }
    if !code.scopes.iter().any(|scope| scope == "public_profile") {
        code.scopes.insert(0, "public_profile".into());
    }
    code.declined = ask.scopes.iter().filter(|scope| !code.scopes.contains(scope)).cloned().collect();
    code.declined.extend(declined_before.into_iter().filter(|scope| !ask.scopes.contains(scope)));
    consented(world, consent::grant_of(code, code.issued));
}

/// Writes a consent down, in the place of the one before; answers which it is.
pub fn consented(world: &mut World, fresh: Grant) -> u64 {
    let before = world.grants_of(Vendor::Facebook, "", &fresh.app, &fresh.person).first().copied();
    world.changed = true;
    match before.and_then(|id| world.state.grants.get_mut(&id)) {
        Some(grant) => {
            *grant = Grant { id: grant.id, since: grant.since, ..fresh };
            grant.id
        }
        None => world.add_grant(fresh),
    }
}
