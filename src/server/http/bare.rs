//! A page without a session and without script: for who comes from a mail, or from a platform.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::assets::Assets;
use super::guard;
use crate::server::state::AppState;

/// Such a page, in the app's style. `title` and `body` are HTML: what comes from people is [`escaped`].
pub fn page(state: &AppState, status: StatusCode, title: &str, body: &str) -> Response {
    let style = Assets::of(&state.leptos).address("css");
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><meta name=\"color-scheme\" content=\"light dark\">\
         <link rel=\"icon\" href=\"/favicon.svg\"><link rel=\"stylesheet\" href=\"{style}\"><title>{title} - Pilotlight</title></head>\
         <body><main class=\"door\"><div class=\"door-card\"><p class=\"wordmark\"><span>Pilotlight</span></p><h1>{title}</h1>{body}</div></main></body></html>"
    );
    let headers = [(header::CONTENT_SECURITY_POLICY, guard::BARE_PAGE), (header::CACHE_CONTROL, "no-store")];
    (status, headers, Html(html)).into_response()
}

/// Text as it stands in a page.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
