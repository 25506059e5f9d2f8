//! The consent page. Whatever is wrong with the request, the person sees the same page and the app hears nothing.

use axum::http::Method;

use super::super::call::Call;
use super::super::consent::{Ask, Refusal};
use super::super::consent_page::refusal;
use super::super::state::World;
use super::super::vendor::Vendor;
use super::{APP_NAME, CLIENT_ID};

const KNOWN: &[&str] =
    &["response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"];

const SCOPES: &[&str] = &[
    "tweet.read",
    "tweet.write",
    "tweet.moderate.write",
    "users.read",
    "users.email",
    "follows.read",
    "follows.write",
    "offline.access",
    "space.read",
    "mute.read",
    "mute.write",
    "like.read",
    "like.write",
    "list.read",
    "list.write",
    "block.read",
    "block.write",
    "bookmark.read",
    "bookmark.write",
    "dm.read",
    "dm.write",
    "media.write",
];

const MAX_STATE: usize = 500;

/// What is asked for, if it is the consent page that is called.
pub fn asked(world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
    let host = ["x.com", "twitter.com"].contains(&call.host.as_str());
    let method = call.is(&Method::GET) || call.is(&Method::POST);
    (host && method && call.path == "/i/oauth2/authorize").then(|| {
        read(world, call).ok_or_else(|| {
            let words =
                "Something went wrong. You weren't able to give access to the App. Go back and try logging in again.";
            Refusal::Page(Box::new(refusal(Vendor::X, 400, words)))
        })
    })
}

fn read(world: &World, call: &Call) -> Option<Ask> {
    let query = &call.query;
    let scopes: Vec<String> =
        query.get("scope")?.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    let state = query.get("state").filter(|state| state.len() <= MAX_STATE)?;
    let redirect_uri = query.get("redirect_uri")?.to_owned();
    let challenge = query.get("code_challenge")?;
    let fits = query.stranger(&[KNOWN]).is_none()
        && query.get("response_type") == Some("code")
        && query.get("client_id") == Some(CLIENT_ID)
        && world.redirect_uris.contains(&redirect_uri)
        && scopes.iter().all(|scope| SCOPES.contains(&scope.as_str()))
        && matches!(query.get("code_challenge_method"), Some("S256"))
        && challenge.len() == 43;
    fits.then(|| Ask {
        vendor: Vendor::X,
        host: String::new(),
        app: CLIENT_ID.into(),
        app_name: APP_NAME.into(),
        redirect_uri,
        state: Some(state.to_owned()),
        scopes,
        challenge: Some(challenge.to_owned()),
        rerequest: false,
        return_scopes: false,
    })
}
