//! The consent page. Web apps know no PKCE here; a local redirect address must bring a challenge, in hexadecimal.

use axum::http::Method;
use url::Url;

use super::super::call::Call;
use super::super::consent::{Ask, Refusal};
use super::super::consent_page::refusal;
use super::super::state::World;
use super::super::vendor::Vendor;
use super::{APP_NAME, CLIENT_KEY};

const KNOWN: &[&str] = &["client_key", "scope", "redirect_uri", "state", "response_type", "disable_auto_auth"];
const PKCE: &[&str] = &["code_challenge", "code_challenge_method"];

pub const SCOPES: &[&str] =
    &["user.info.basic", "user.info.profile", "user.info.stats", "video.list", "video.publish", "video.upload"];

/// Longest address that may be registered.
const MAX_REDIRECT: usize = 512;

/// What is asked for, if it is the consent page that is called.
pub fn asked(world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
    let method = call.is(&Method::GET) || call.is(&Method::POST);
    (call.host == "www.tiktok.com" && method && call.path == "/v2/auth/authorize/").then(|| read(world, call))
}

fn read(world: &World, call: &Call) -> Result<Ask, Refusal> {
    let page = |what: &str| {
        let words = format!(
            "Something went wrong. We couldn't log in with TikTok. This may be due to specific app settings. {what}"
        );
        Refusal::Page(Box::new(refusal(Vendor::Tiktok, 400, &words)))
    };
    let query = &call.query;
    let redirect_uri = query.get("redirect_uri").unwrap_or_default().to_owned();
    let local = is_local(&redirect_uri);
    if let Some(name) = query.stranger(&[KNOWN, if local { PKCE } else { &[] }]) {
        return Err(page(name));
    }
    if query.get("client_key") != Some(CLIENT_KEY) {
        return Err(page("client_key"));
    }
    let fits = world.redirect_uris.contains(&redirect_uri)
        && redirect_uri.len() < MAX_REDIRECT
        && !redirect_uri.contains(['?', '#']);
    if !fits {
        return Err(page("redirect_uri"));
    }
    if query.get("response_type") != Some("code") {
        return Err(page("response_type"));
    }
    let scopes: Vec<String> = query.get("scope").unwrap_or_default().split(',').map(str::to_owned).collect();
    if scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(page("scope"));
    }
    let state = query.get("state").ok_or_else(|| page("state"))?.to_owned();
    if query.get("disable_auto_auth").is_some_and(|value| !["0", "1"].contains(&value)) {
        return Err(page("disable_auto_auth"));
    }
    let challenge = query.get("code_challenge").map(str::to_owned);
    let is_hex = |text: &String| text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if local && (query.get("code_challenge_method") != Some("S256") || !challenge.as_ref().is_some_and(is_hex)) {
        return Err(page("code_challenge"));
    }
    Ok(Ask {
        vendor: Vendor::Tiktok,
        host: String::new(),
        app: CLIENT_KEY.into(),
        app_name: APP_NAME.into(),
        redirect_uri,
        state: Some(state),
        scopes,
        challenge,
        rerequest: false,
        return_scopes: true,
    })
}

/// An address of an app on somebody's own machine.
fn is_local(redirect_uri: &str) -> bool {
    let host = Url::parse(redirect_uri).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str()))
}
