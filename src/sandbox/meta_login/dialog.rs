//! The consent pages.

use axum::http::Method;

use super::super::call::Call;
use super::super::consent::{Ask, Refusal};
use super::super::consent_page::refusal;
use super::super::state::World;
use super::Product;

/// What the app is told after Cancel.
pub const DENIED: [(&str, &str); 3] = [
    ("error", "access_denied"),
    ("error_reason", "user_denied"),
    ("error_description", "The user denied your request."),
];

/// What the page is asked for, if it is the page that is called.
pub fn asked(product: &Product, world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
    let method = call.is(&Method::GET) || call.is(&Method::POST);
    let page = product.dialog_hosts.contains(&call.host.as_str()) && call.path == "/oauth/authorize";
    (method && page).then(|| {
        read(product, world, call).map_err(|words| Refusal::Page(Box::new(refusal(product.vendor, 400, words))))
    })
}

fn read(product: &Product, world: &World, call: &Call) -> Result<Ask, &'static str> {
    const KNOWN: &[&str] = &["client_id", "redirect_uri", "response_type", "scope", "state"];
    let query = &call.query;
    if query.stranger(&[KNOWN, product.dialog_fields]).is_some() {
        return Err("Invalid Request: Request parameters are invalid");
    }
    if query.get("client_id") != Some(product.app_id()) {
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
    if scopes.iter().any(|scope| !product.scopes.contains(&scope.as_str())) {
        return Err("Invalid scope");
    }
    if !scopes.iter().any(|scope| scope == product.basic()) {
        return Err("Invalid scope: the basic permission is required");
    }
    Ok(Ask {
        vendor: product.vendor,
        host: String::new(),
        app: product.app_id().into(),
        app_name: "Pilotlight".into(),
        redirect_uri,
        state: query.get("state").map(str::to_owned),
        scopes,
        challenge: None,
        rerequest: false,
        return_scopes: false,
    })
}
