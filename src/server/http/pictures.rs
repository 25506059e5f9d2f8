//! `/pictures/{hash}`: our copies of profile pictures.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::session::Member;
use crate::server::state::AppState;
use crate::server::store::pictures;

/// A picture. Its name is the hash of its bytes, so it never changes.
pub async fn picture(State(state): State<AppState>, _member: Member, Path(hash): Path<String>) -> Response {
    match pictures::get(&state.db, &hash).await {
        Ok(Some(picture)) => {
            let headers = [
                (header::CONTENT_TYPE, picture.mime),
                (header::CACHE_CONTROL, "private, max-age=31536000, immutable".to_owned()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            ];
            (headers, picture.bytes).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a picture could not be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
