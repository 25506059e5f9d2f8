//! X's stand-in (platforms.md section 11): the consent page on `x.com`, the API on `api.x.com`.

mod api;
pub mod consent;
pub mod token;

use axum::http::Method;
use serde_json::json;

use super::call::{Answer, Call, Reply};
use super::state::World;

/// Client id of the app that is registered at the stand-in.
pub const CLIENT_ID: &str = "cGlsb3RsaWdodC1zYW5kYm94OjE6Y2k";
/// Its secret.
pub const CLIENT_SECRET: &str = "q7Wm2-vX9dKc0TzR4hYbLs8NfUj3GaPo6EiVxCk1ZtBnQrDw5M";
/// Its name.
const APP_NAME: &str = "Pilotlight";

/// What an app hears that is not the one it says it is.
pub fn unknown_app() -> Reply {
    token::refused(401, "unauthorized_client", "Missing valid authorization header")
}

/// Answers everything but the consent page.
pub fn answer(world: &mut World, call: &Call) -> Answer {
    let parts: Vec<&str> = call.path.split('/').filter(|part| !part.is_empty()).collect();
    let api = ["api.x.com", "api.twitter.com"].contains(&call.host.as_str());
    match parts[..] {
        ["2", "oauth2", "token"] if api && call.is(&Method::POST) => token::answer(world, call),
        ["2", "oauth2", "revoke"] if api && call.is(&Method::POST) => token::revoke(world, call),
        ["2", "users", "me"] if api && call.is(&Method::GET) => api::me(world, call),
        ["2", "users", id, "tweets"] if api && call.is(&Method::GET) => api::tweets(world, call, id),
        _ => Err(Reply::json(
            404,
            &json!({"title": "Not Found", "type": "about:blank", "status": 404, "detail": "Not Found"}),
        )
        .unexpected()),
    }
}
