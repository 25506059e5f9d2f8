//! The page behind a mail's link that ends its kind (RFC 8058): GET asks, POST ends. No session is looked at: who has the
//! mail may end it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::bare::{self, escaped};
use crate::server::service::ServiceError;
use crate::server::service::alerts::unsubscribe::{self, Question};
use crate::server::state::AppState;

/// Everything below this is opened from mails.
pub const ROOT: &str = "/mail/unsubscribe/";

/// `GET /mail/unsubscribe/{token}`
pub async fn ask(State(state): State<AppState>, Path(token): Path<String>) -> Response {
    answer(&state, unsubscribe::ask(&state, &token).await, |question| {
        let (kind, workspace) = (question.kind.title(), escaped(&question.workspace));
        (
            "No more mails of this kind?",
            format!(
                "<p>\u{201c}{kind}\u{201d}, from {workspace}. The banners on the pages stay.</p>\
                 <form method=\"post\"><button class=\"button primary\" type=\"submit\">End these mails</button></form>"
            ),
        )
    })
}

/// `POST /mail/unsubscribe/{token}`, by the button there or by a mail program.
pub async fn end(State(state): State<AppState>, Path(token): Path<String>) -> Response {
    answer(&state, unsubscribe::end(&state, &token).await, |question| {
        let kind = question.kind.title();
        (
            "You get no such mail any more",
            format!(
                "<p>\u{201c}{kind}\u{201d} is ended for you. Under <a href=\"/settings/notifications\">Notifications</a> you can have it back.</p>"
            ),
        )
    })
}

fn answer(
    state: &AppState,
    found: Result<Question, ServiceError>,
    page: impl Fn(&Question) -> (&'static str, String),
) -> Response {
    match found {
        Ok(question) => {
            let (title, body) = page(&question);
            bare::page(state, StatusCode::OK, title, &body)
        }
        Err(ServiceError::NotFound) => bare::page(
            state,
            StatusCode::NOT_FOUND,
            "This link is not known",
            "<p>It may be older than a year. Choose under <a href=\"/settings/notifications\">Notifications</a> what you are told of.</p>",
        ),
        Err(error) => {
            tracing::error!(%error, "a kind of mail could not be ended");
            bare::page(
                state,
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong on our side",
                "<p>Please try again later.</p>",
            )
        }
    }
}
