//! Whether the server is alive, whether it can do its work, and what the operator watches of it.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use crate::server::service::figures;
use crate::server::state::AppState;
use crate::server::store::open;

/// Whoever asks whether we are ready does not wait long for the answer.
const DATABASE_WITHIN: Duration = Duration::from_secs(3);

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok"
}

/// `GET /readyz`: 200 while the database answers, 503 otherwise. With a lost key the server is still of use, so that
/// is told but is no reason to send nobody here.
pub async fn readyz(State(state): State<AppState>) -> (StatusCode, Json<Value>) {
    let answers = match tokio::time::timeout(DATABASE_WITHIN, open::ping(&state.db)).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::error!(%error, "the database does not answer");
            false
        }
        Err(_) => {
            tracing::error!("the database does not answer in time");
            false
        }
    };
    let status = if answers { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let database = if answers { "ok" } else { "unreachable" };
    let vault = if state.vault.is_read_only().is_none() { "ok" } else { "read-only" };
    (status, Json(json!({ "database": database, "vault": vault })))
}

/// `GET /metrics`: the operator's figures, for whoever shows the token. Without one in the settings they are for this
/// machine alone.
pub async fn metrics(State(state): State<AppState>, request: Request) -> Response {
    let admitted = match &state.config.metrics.token {
        Some(token) => shows(request.headers(), token),
        None => is_from_here(&state, &request),
    };
    if admitted {
        let kind =
            [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
        return (kind, figures::text(&state).await).into_response();
    }
    if state.config.metrics.token.is_some() {
        let scheme = [(header::WWW_AUTHENTICATE, "Bearer")];
        return (StatusCode::UNAUTHORIZED, scheme, "The figures need the token of metrics.token.\n").into_response();
    }
    let words = "The figures are told to this machine only. To read them from elsewhere, set metrics.token \
        (PILOTLIGHT_METRICS__TOKEN) and send it as a bearer token.\n";
    (StatusCode::NOT_FOUND, words).into_response()
}

/// Whether the request carries the token.
fn shows(headers: &HeaderMap, token: &SecretString) -> bool {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().split_first_chunk::<7>());
    let Some((scheme, sent)) = sent else { return false };
    scheme.eq_ignore_ascii_case(b"bearer ") && bool::from(sent.ct_eq(token.expose_secret().as_bytes()))
}

/// Whether a program on this machine asks. Behind a proxy everybody seems to; and a proxy that nobody has told us about
/// gives itself away by what it adds.
fn is_from_here(state: &AppState, request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical());
    let forwarded =
        [header::FORWARDED.as_str(), "x-forwarded-for"].iter().any(|name| request.headers().contains_key(*name));
    peer.is_some_and(|peer| peer.is_loopback()) && !state.config.server.behind_proxy && !forwarded
}
