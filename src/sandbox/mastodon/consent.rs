//! The consent page of a server.

use axum::http::Method;

use super::super::call::Call;
use super::super::consent::{self, Ask, Refusal};
use super::super::consent_page::refusal;
use super::super::state::World;
use super::super::vendor::Vendor;
use super::{MALFORMED, UNKNOWN_CLIENT, WRONG_SCOPE, covers, is_old, split};

/// What the app is told after Cancel.
pub const DENIED: [(&str, &str); 2] = [
    ("error", "access_denied"),
    ("error_description", "The resource owner or authorization server denied the request."),
];

const KNOWN: &[&str] = &[
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "force_login",
    "lang",
    "code_challenge",
    "code_challenge_method",
];

/// What is asked for, if it is the consent page that is called.
pub fn asked(world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
    let method = call.is(&Method::GET) || call.is(&Method::POST);
    (method && call.path == "/oauth/authorize").then(|| read(world, call))
}

/// As long as app and address are in doubt the person is told what is wrong; afterwards the app is.
fn read(world: &World, call: &Call) -> Result<Ask, Refusal> {
    let page = |status, words: &str| Refusal::Page(Box::new(refusal(Vendor::Mastodon, status, words)));
    let query = &call.query;
    let id = query.get("client_id").unwrap_or_default();
    let app = world.state.apps.get(id).filter(|app| app.host == call.host).ok_or_else(|| page(401, UNKNOWN_CLIENT))?;
    let redirect_uri = query.get("redirect_uri").unwrap_or_default().to_owned();
    if !app.redirect_uris.contains(&redirect_uri) {
        return Err(page(400, "The requested redirect uri is malformed or doesn't match client redirect URI."));
    }
    let state = query.get("state");
    let tell = |error: &str, words: &str| {
        let fields = [("error", error), ("error_description", words)];
        Refusal::Redirect(consent::redirect(&redirect_uri, state, &fields, None))
    };
    if let Some(_stranger) = query.stranger(&[KNOWN]) {
        return Err(tell("invalid_request", MALFORMED));
    }
    match query.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err(tell(
                "unsupported_response_type",
                "The authorization server does not support this response type.",
            ));
        }
        None => return Err(tell("invalid_request", "Missing required parameter: response_type.")),
    }
    let scopes = split(query.get("scope").unwrap_or("read"));
    if scopes.is_empty() || scopes.iter().any(|scope| !covers(&app.scopes, scope)) {
        return Err(tell("invalid_scope", WRONG_SCOPE));
    }
    let challenge = match (query.get("code_challenge"), query.get("code_challenge_method")) {
        // Versions before 4.3 know nothing of it.
        _ if is_old(&call.host) => None,
        (None, _) => None,
        (Some(challenge), Some("S256")) => Some(challenge.to_owned()),
        _ => return Err(tell("invalid_code_challenge_method", "The code challenge method must be S256.")),
    };
    Ok(Ask {
        vendor: Vendor::Mastodon,
        host: call.host.clone(),
        app: id.to_owned(),
        app_name: app.name.clone(),
        redirect_uri: redirect_uri.clone(),
        state: state.map(str::to_owned),
        scopes,
        challenge,
        rerequest: false,
        return_scopes: false,
    })
}
