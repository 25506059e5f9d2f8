//! Our two cookies: the session's and the attempt's.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::server::state::AppState;

fn full_name(state: &AppState, name: &str) -> String {
    // Browsers accept the prefix on secure connections only; plain http is for loopback.
    if state.config.server.is_https() { format!("__Host-{name}") } else { name.to_owned() }
}

/// A header that sets a cookie: not readable by scripts, not sent along from other sites except when a person follows a link.
/// `max_age` in seconds; `None` ends with the browser, 0 deletes it.
pub fn set(state: &AppState, name: &str, value: &str, max_age: Option<i64>) -> [(HeaderName, HeaderValue); 1] {
    let mut cookie = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax", full_name(state, name));
    if state.config.server.is_https() {
        cookie.push_str("; Secure");
    }
    if let Some(seconds) = max_age {
        cookie.push_str(&format!("; Max-Age={seconds}"));
    }
    let value = HeaderValue::try_from(cookie).unwrap_or_else(|_| HeaderValue::from_static(""));
    [(header::SET_COOKIE, value)]
}

/// The value of a cookie.
pub fn get(state: &AppState, headers: &HeaderMap, name: &str) -> Option<String> {
    let name = full_name(state, name);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}
