//! Stands around every route: requests that other sites make in a member's name, bodies that are too large, panics,
//! and the headers that every answer carries.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::RequestExt;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use url::Url;

use super::{calendar, mail, nonce, shell, signals};
use crate::server::state::AppState;

/// The largest body we read, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// The policy of answers that are not pages.
pub const NO_PAGE: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The policy of a page without script.
pub const BARE_PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The outermost layer.
pub async fn guard(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let shown = without_secret(&path).to_owned();
    let host = request.headers().get(header::HOST).cloned();
    let nonce: Arc<str> = state.random.token().into();
    let mut response = if !is_for_others(&path) && comes_from_elsewhere(&state, &method, request.headers()) {
        tracing::warn!(%method, path = shown, "refused a request that another site made");
        (StatusCode::FORBIDDEN, "This request came from another site.").into_response()
    } else if announces_too_much(request.headers()) {
        (StatusCode::PAYLOAD_TOO_LARGE, "This request is too large.").into_response()
    } else {
        DefaultBodyLimit::max(BODY_LIMIT).apply(&mut request);
        // Also for those who read the body without asking an extractor.
        let answered = nonce::under(nonce.clone(), next.run(request.with_limited_body()));
        match AssertUnwindSafe(answered).catch_unwind().await {
            Ok(response) => response,
            Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side.").into_response(),
        }
    };
    if path.starts_with("/api/") {
        keep_on_site(&state, host.as_ref(), &mut response);
    }
    if is_page(response.headers())
        && let Some(policy) = shell::policy(&path, &nonce)
    {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        // What shows a person's accounts belongs into no shared cache, and not into "back" after a sign-out.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    add_headers(&state, response.headers_mut());
    // The query is left out on purpose: codes and states travel in it.
    tracing::debug!(%method, path = shown, status = response.status().as_u16(), "answered");
    response
}

/// A path as the log may show it: some end in what must not be known to whoever reads the log.
fn without_secret(path: &str) -> &str {
    [mail::ROOT, calendar::ROOT].into_iter().find(|root| path.starts_with(root)).unwrap_or(path)
}

/// Where others may post: platforms with their signature, and whoever has a mail with its link.
fn is_for_others(path: &str) -> bool {
    path.starts_with(signals::ROOT) || path.starts_with(mail::ROOT)
}

/// Whether another site's page makes this request. `Sec-Fetch-Site` tells in every current browser; `Origin` is for the
/// others; without both it is no browser, and then there is no cookie that somebody could ride on.
fn comes_from_elsewhere(state: &AppState, method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return !matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    match headers.get(header::ORIGIN).map(|origin| origin.to_str()) {
        None => false,
        Some(Ok(origin)) => !is_our_origin(state, headers.get(header::HOST), origin),
        Some(Err(_)) => true,
    }
}

fn is_our_origin(state: &AppState, host: Option<&HeaderValue>, origin: &str) -> bool {
    let host = host.and_then(|host| host.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    origin == state.config.server.public_url || (authority.is_some() && authority == host)
}

/// Whether a navigation was begun by a person or by one of our own pages.
pub fn from_our_pages(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_none_or(|site| matches!(site.as_bytes(), b"same-origin" | b"none"))
}

/// Whether `path` leads to a page of ours, whatever a browser makes of it.
pub fn is_our_path(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && !path.chars().any(char::is_control)
}

fn announces_too_much(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    length.is_some_and(|length| length > BODY_LIMIT as u64)
}

/// A form sent to a server function is answered with a redirect to its `Referer`, which is whatever the sender says.
fn keep_on_site(state: &AppState, host: Option<&HeaderValue>, response: &mut Response) {
    let Some(location) = response.headers().get(header::LOCATION) else { return };
    let ours = location.to_str().is_ok_and(|location| {
        let absolute =
            || Url::parse(location).is_ok_and(|url| is_our_origin(state, host, &url.origin().ascii_serialization()));
        is_our_path(location) || absolute()
    });
    if !ours {
        response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/"));
    }
}

/// Whether an answer is a page of the application. Those beside it bring a policy of their own.
fn is_page(headers: &HeaderMap) -> bool {
    let html = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    html && !headers.contains_key(header::CONTENT_SECURITY_POLICY) && !headers.contains_key(header::REFRESH)
}

fn add_headers(state: &AppState, headers: &mut HeaderMap) {
    let mut add = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    add(header::CONTENT_SECURITY_POLICY, NO_PAGE);
    add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(header::X_FRAME_OPTIONS, "DENY");
    // Within the site the whole address: forms without a script are sent back by it. To others nothing.
    add(header::REFERRER_POLICY, "same-origin");
    add(HeaderName::from_static("cross-origin-opener-policy"), "same-origin-allow-popups");
    add(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    add(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=()");
    if state.config.server.is_https() {
        add(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // DESIGN rule 2: who reads the log can end no mails and read no calendar
    #[test]
    fn secrets_in_paths_are_not_logged() {
        assert_eq!(without_secret("/mail/unsubscribe/secret"), "/mail/unsubscribe/");
        assert_eq!(without_secret("/calendar/secret.ics"), "/calendar/");
        assert_eq!(without_secret("/connections"), "/connections");
    }

    // SPEC C-4: back to where the person was, never elsewhere
    #[test]
    fn only_paths_of_ours_are_followed() {
        for good in ["/", "/connections?account=1&x=//y", "/a/b#c"] {
            assert!(is_our_path(good), "{good}");
        }
        for bad in
            ["", "connections", "//evil.example", "https://evil.example", "/\\evil.example", "/\n/evil.example", "\\/x"]
        {
            assert!(!is_our_path(bad), "{bad}");
        }
    }
}
