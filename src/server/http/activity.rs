//! The activity log as a file.

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;

use super::session::Member;
use crate::domain::activity::Asked;
use crate::server::service::activity;
use crate::server::state::AppState;

/// `GET /activity.csv`, narrowed down like the page.
pub async fn csv(
    State(state): State<AppState>,
    member: Member,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let asked = Asked::read(|key| query.get(key).cloned());
    match activity::export(&state, &member, asked).await {
        Ok(parts) => {
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"activity.csv\""),
                (header::CACHE_CONTROL, "no-store"),
            ];
            // An error in the middle breaks the answer off, so that nobody takes the part for the whole.
            let parts = parts.inspect(|part| {
                if let Err(error) = part {
                    tracing::error!(%error, "an export broke off");
                }
            });
            (headers, Body::from_stream(parts)).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the activity log could not be exported");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
