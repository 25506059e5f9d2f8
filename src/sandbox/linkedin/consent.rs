//! The consent page: what is wrong with the address is told to the person, what is wrong with the scopes to the app.

use axum::http::Method;

use super::super::call::Call;
use super::super::consent::{Ask, Refusal, redirect};
use super::super::consent_page::refusal;
use super::super::state::World;
use super::super::vendor::Vendor;
use super::{App, app};

const KNOWN: &[&str] = &["response_type", "client_id", "redirect_uri", "state", "scope"];

/// What is asked for, if it is the consent page that is called.
pub fn asked(world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
    let method = call.is(&Method::GET) || call.is(&Method::POST);
    (call.host == "www.linkedin.com" && method && call.path == "/oauth/v2/authorization").then(|| read(world, call))
}

fn read(world: &World, call: &Call) -> Result<Ask, Refusal> {
    let on_page = |words: &str| Refusal::Page(Box::new(refusal(Vendor::Linkedin, 400, words)));
    let query = &call.query;
    let app: &App = query
        .get("client_id")
        .and_then(app)
        .ok_or_else(|| on_page("Bummer, something went wrong. The passed in client_id is invalid."))?;
    let redirect_uri = query
        .get("redirect_uri")
        .filter(|uri| world.redirect_uris.iter().any(|one| one == uri))
        .ok_or_else(|| on_page("The redirect_uri does not match the registered value"))?;
    let told = |error: &str, words: &str| {
        let fields = [("error", error), ("error_description", words)];
        Refusal::Redirect(redirect(redirect_uri, query.get("state"), &fields, None))
    };
    if query.get("response_type") != Some("code") {
        return Err(told("invalid_request", "The response_type must be code"));
    }
    // PKCE belongs to another endpoint, for native apps.
    if let Some(name) = query.stranger(&[KNOWN]) {
        return Err(told("invalid_request", &format!("The parameter {name} is not allowed")));
    }
    let asked: Vec<&str> = query.get("scope").unwrap_or_default().split(' ').filter(|one| !one.is_empty()).collect();
    if let Some(scope) = asked.iter().find(|scope| !app.scopes.contains(*scope)) {
        let words = format!("Scope &quot;{scope}&quot; is not authorized for your application");
        return Err(told("unauthorized_scope_error", &words));
    }
    if asked.is_empty() {
        return Err(told("invalid_request", "A required parameter &quot;scope&quot; is missing"));
    }
    Ok(Ask {
        vendor: Vendor::Linkedin,
        host: String::new(),
        app: app.id.into(),
        app_name: "Pilotlight".into(),
        redirect_uri: redirect_uri.to_owned(),
        state: query.get("state").map(str::to_owned),
        scopes: asked.into_iter().map(str::to_owned).collect(),
        challenge: None,
        rerequest: false,
        return_scopes: false,
    })
}
