//! The consent page. What is wrong with the request is told on Google's own page, and the person never comes back.

use axum::http::Method;

use super::super::call::Call;
use super::super::consent::{Ask, Refusal};
use super::super::consent_page::refusal;
use super::super::state::{Code, World};
use super::super::vendor::Vendor;
use super::{APP_NAME, CLIENT_ID};

const KNOWN: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "access_type",
    "prompt",
    "login_hint",
    "include_granted_scopes",
    "code_challenge",
    "code_challenge_method",
];

/// How a code begins that brings a refresh token, and one that does not.
pub const AWAY: &str = "4/0Ab";
const ONLY_NOW: &str = "4/0Ao";

const BASE: &str = "https://www.googleapis.com/auth/";
const NAMES: &[&str] = &[
    "youtube.upload",
    "youtube.readonly",
    "youtube.force-ssl",
    "youtube",
    "yt-analytics.readonly",
    "business.manage",
    "userinfo.email",
    "userinfo.profile",
];

/// What is asked for, if it is the consent page that is called.
pub fn asked(world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
    let method = call.is(&Method::GET) || call.is(&Method::POST);
    (call.host == "accounts.google.com" && method && call.path == "/o/oauth2/v2/auth").then(|| read(world, call))
}

fn read(world: &World, call: &Call) -> Result<Ask, Refusal> {
    let page = |error: &str, words: &str| {
        let words = format!("Access blocked: Authorization Error. {words} Error 400: {error}");
        Refusal::Page(Box::new(refusal(Vendor::Google, 400, &words)))
    };
    let query = &call.query;
    if let Some(name) = query.stranger(&[KNOWN]) {
        return Err(page("invalid_request", &format!("Parameter not allowed for this message type: {name}.")));
    }
    if query.get("client_id") != Some(CLIENT_ID) {
        return Err(page("invalid_client", "The OAuth client was not found."));
    }
    let redirect_uri = query.get("redirect_uri").unwrap_or_default().to_owned();
    if !world.redirect_uris.contains(&redirect_uri) {
        return Err(page("redirect_uri_mismatch", "This app's request is invalid."));
    }
    if query.get("response_type") != Some("code") {
        return Err(page("unsupported_response_type", "Invalid response_type."));
    }
    let scopes: Vec<String> =
        query.get("scope").unwrap_or_default().split(' ').filter(|one| !one.is_empty()).map(str::to_owned).collect();
    if scopes.is_empty() {
        return Err(page("invalid_request", "Missing required parameter: scope."));
    }
    if let Some(stranger) = scopes.iter().find(|scope| !is_known(scope)) {
        return Err(page("invalid_scope", &format!("Some requested scopes were invalid. {stranger}.")));
    }
    let prompts: Vec<&str> = query.get("prompt").unwrap_or_default().split(' ').filter(|one| !one.is_empty()).collect();
    if prompts.iter().any(|prompt| !["none", "consent", "select_account"].contains(prompt)) {
        return Err(page("invalid_request", "Invalid prompt."));
    }
    let away = match query.get("access_type") {
        Some("offline") => true,
        None | Some("online") => false,
        Some(_) => return Err(page("invalid_request", "Invalid access_type.")),
    };
    let challenge = match (query.get("code_challenge"), query.get("code_challenge_method")) {
        (None, None) => None,
        (Some(challenge), Some("S256")) if challenge.len() == 43 => Some(challenge.to_owned()),
        _ => return Err(page("invalid_request", "Invalid code_challenge.")),
    };
    Ok(Ask {
        vendor: Vendor::Google,
        host: String::new(),
        app: CLIENT_ID.into(),
        app_name: APP_NAME.into(),
        redirect_uri,
        state: query.get("state").map(str::to_owned),
        scopes,
        challenge,
        rerequest: prompts.contains(&"consent"),
        return_scopes: away,
    })
}

fn is_known(scope: &str) -> bool {
    ["openid", "email", "profile"].contains(&scope)
        || scope.strip_prefix(BASE).is_some_and(|name| NAMES.contains(&name))
}

/// A code. Who somebody is can't be unticked. A refresh token comes with the first consent, and with later ones only where
/// the page was shown although nothing was left to ask.
pub fn code(world: &mut World, ask: &Ask, code: &mut Code) -> String {
    let who = |scope: &&String| ["openid", "email", "profile"].contains(&scope.as_str());
    let kept: Vec<String> =
        ask.scopes.iter().filter(|scope| who(scope) || code.scopes.contains(scope)).cloned().collect();
    code.declined.retain(|scope| !kept.contains(scope));
    code.scopes = kept;
    let known = !world.grants_of(Vendor::Google, "", &code.app, &code.person).is_empty();
    let away = ask.return_scopes && (ask.rerequest || !known);
    world.dice.google_token(if away { AWAY } else { ONLY_NOW })
}

/// Scopes as Google names them in answers: the short ones get their long names.
pub fn full_names(scopes: &[String]) -> String {
    let full = |scope: &String| match scope.as_str() {
        "email" => format!("{BASE}userinfo.email"),
        "profile" => format!("{BASE}userinfo.profile"),
        _ => scope.clone(),
    };
    scopes.iter().map(full).collect::<Vec<_>>().join(" ")
}
