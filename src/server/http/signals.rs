//! Where platforms tell us something by themselves (SPEC T-8), and the page on which a person sees what was deleted. No
//! session is looked at here: a message counts by its signature, a page by the code in its address.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;

use super::bare;
use crate::domain::platform::Platform;
use crate::server::platform::signal::{Kind, Unheard};
use crate::server::service::ServiceError;
use crate::server::service::signals::{self, Refused};
use crate::server::state::AppState;

/// Everything below this is called by platforms, never by a page of ours.
pub const ROOT: &str = "/signals/";

/// `POST /signals/{platform}/{kind}`.
pub async fn hear(
    State(state): State<AppState>,
    Path((platform, kind)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (Some(platform), Some(kind)) = (Platform::from_key(&platform), Kind::from_key(&kind)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match signals::hear(&state, platform, kind, &headers, &body).await {
        Ok(done) => match done.confirmation {
            Some(code) => {
                let url = format!("{}/signals/deletions/{code}", state.config.server.public_url);
                Json(json!({ "url": url, "confirmation_code": code })).into_response()
            }
            None => StatusCode::from_u16(done.status).unwrap_or(StatusCode::OK).into_response(),
        },
        Err(Refused::Unheard(Unheard::NoSuch) | Refused::Service(ServiceError::Conflict(_))) => {
            StatusCode::NOT_FOUND.into_response()
        }
        Err(Refused::Unheard(forged @ Unheard::Forged(_))) => {
            tracing::warn!(%platform, kind = kind.key(), %forged, "refused a message in a platform's name");
            (StatusCode::BAD_REQUEST, "This message does not come from the platform.").into_response()
        }
        Err(Refused::Unheard(unverified)) => {
            tracing::warn!(%platform, %unverified, "a platform's message could not be verified");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(Refused::Service(error)) => {
            tracing::error!(%platform, %error, "a platform's message could not be carried out");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// `GET /signals/deletions/{code}`: what was deleted.
pub async fn deletion(State(state): State<AppState>, Path(code): Path<String>) -> Response {
    match signals::deleted(&state, &code).await {
        Ok(done) => {
            let platform = Platform::from_key(&done.platform).map_or("the platform", Platform::name);
            let at =
                Timestamp::from_millisecond(done.done_at).map(|at| at.strftime("%-d %B %Y, %H:%M UTC").to_string());
            let (at, grants, accounts) = (at.unwrap_or_default(), done.grants, done.accounts);
            bare::page(
                &state,
                StatusCode::OK,
                "Your data was deleted",
                &format!(
                    "<p>You asked {platform} to have your data deleted here. It was done on {at}.</p>\
                     <ul><li>Connections of yours that ended: {grants}, with {accounts} account(s).</li>\
                     <li>Deleted: every access to {platform} that you had given, your name, the list of what you could \
                     connect, and the pictures of its accounts.</li>\
                     <li>Kept: the number by which {platform} names you to this app, so that nobody else can take your place, and \
                     the names of accounts that a team still manages here. An admin of that team removes them on request.</li></ul>"
                ),
            )
        }
        Err(ServiceError::NotFound) => bare::page(
            &state,
            StatusCode::NOT_FOUND,
            "There is no such deletion",
            "<p>Check the code in the address.</p>",
        ),
        Err(error) => {
            tracing::error!(%error, "a deletion could not be looked up");
            bare::page(
                &state,
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong on our side",
                "<p>Try again later.</p>",
            )
        }
    }
}
