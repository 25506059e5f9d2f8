//! The calendar behind its secret address, and the forms that make and end that address.

use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::prelude::use_context;

use super::cookie;
use super::session::{self, Member};
use crate::server::service::{ServiceError, calendar};
use crate::server::state::AppState;

/// The page of the forms.
const PAGE: &str = "/settings/calendar";

/// Keeps a new token in the browser that asked for it, so that its page can show the address: it is in no address and no
/// log, and gone after ten minutes.
const COOKIE: &str = "pilotlight-calendar";
const SHOWN_SECONDS: i64 = 600;

/// Everything below this is opened by calendar programs.
pub const ROOT: &str = "/calendar/";

/// `GET /calendar/{token}.ics`, without a session: the address is the secret.
pub async fn ics(State(state): State<AppState>, Path(file): Path<String>) -> Response {
    let Some(token) = file.strip_suffix(".ics") else { return StatusCode::NOT_FOUND.into_response() };
    match calendar::read(&state, token).await {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "inline; filename=\"pilotlight.ics\""),
                (header::CACHE_CONTROL, "private, max-age=900"),
            ];
            (headers, text).into_response()
        }
        Err(ServiceError::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a calendar could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// `POST /settings/calendar/make`: a new address, shown on the page that this leads to.
pub async fn make(State(state): State<AppState>, member: Member) -> Response {
    match calendar::make(&state, &member).await {
        Ok(token) => (cookie::set(&state, COOKIE, &token, Some(SHOWN_SECONDS)), Redirect::to(PAGE)).into_response(),
        Err(error) => refused(error),
    }
}

/// `POST /settings/calendar/revoke`: ends the address.
pub async fn revoke(State(state): State<AppState>, member: Member) -> Response {
    match calendar::revoke(&state, &member).await {
        Ok(()) => (cookie::set(&state, COOKIE, "", Some(0)), Redirect::to(PAGE)).into_response(),
        Err(error) => refused(error),
    }
}

fn refused(error: ServiceError) -> Response {
    let told = session::answer(error);
    (session::status(&told), told.to_string()).into_response()
}

/// The token that this request's browser was given a moment ago.
pub fn just_made(state: &AppState) -> Option<String> {
    let parts = use_context::<Parts>()?;
    cookie::get(state, &parts.headers, COOKIE)
}
