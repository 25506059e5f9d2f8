//! Whether the server is alive, and whether it can do its work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::server::state::AppState;
use crate::server::store::open;

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok"
}

/// `GET /readyz`: 200 while the database answers, 503 otherwise. With a lost key the server is still of use, so that
/// is told but is no reason to send nobody here.
pub async fn readyz(State(state): State<AppState>) -> (StatusCode, Json<Value>) {
    let database = open::ping(&state.db).await;
    if let Err(error) = &database {
        tracing::error!(%error, "the database does not answer");
    }
    let status = if database.is_ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let database = if database.is_ok() { "ok" } else { "unreachable" };
    let vault = if state.vault.is_read_only().is_none() { "ok" } else { "read-only" };
    (status, Json(json!({ "database": database, "vault": vault })))
}
