//! The consent page.

use axum::http::Method;

use super::super::call::Call;
use super::super::consent::{Ask, Refusal};
use super::super::consent_page::refusal;
use super::super::state::World;
use super::super::vendor::Vendor;
use super::{APP_ID, BASIC, SCOPES};

/// What the app is told after Cancel.
pub const DENIED: [(&str, &str); 3] = [
    ("error", "access_denied"),
    ("error_reason", "user_denied"),
    ("error_description", "The user denied your request."),
];

/// What the page is asked for, if it is the page that is called.
pub fn asked(world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
    let method = call.is(&Method::GET) || call.is(&Method::POST);
    let page = call.host == "www.instagram.com" && call.path == "/oauth/authorize";
    (method && page)
        .then(|| read(world, call).map_err(|words| Refusal::Page(Box::new(refusal(Vendor::Instagram, 400, words)))))
}

fn read(world: &World, call: &Call) -> Result<Ask, &'static str> {
    const KNOWN: &[&str] = &[
        "client_id",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
        "enable_fb_login",
        "force_authentication",
        "force_reauth",
    ];
    let query = &call.query;
    if query.stranger(&[KNOWN]).is_some() {
        return Err("Invalid Request: Request parameters are invalid");
    }
    if query.get("client_id") != Some(APP_ID) {
        return Err("Invalid platform app");
    }
    let redirect_uri = query.get("redirect_uri").unwrap_or_default().to_owned();
    if !world.redirect_uris.contains(&redirect_uri) {
        return Err("Invalid redirect_uri");
    }
    if query.get("response_type") != Some("code") {
        return Err("Invalid response type");
    }
    let text = query.get("scope").unwrap_or_default();
    let scopes: Vec<String> = text.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    if scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err("Invalid scope");
    }
    if !scopes.iter().any(|scope| scope == BASIC) {
        return Err("Invalid scope: the basic permission is required");
    }
    Ok(Ask {
        vendor: Vendor::Instagram,
        host: String::new(),
        app: APP_ID.into(),
        app_name: "Pilotlight".into(),
        redirect_uri,
        state: query.get("state").map(str::to_owned),
        scopes,
        challenge: None,
        rerequest: false,
        return_scopes: false,
    })
}
