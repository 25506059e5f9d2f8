//! Every strictness of the twins, by requests on the router.

mod bluesky;
mod control;
mod facebook;
mod faults;
mod google;
mod mastodon;
mod mint;
mod models;
mod tiktok;
mod transport;
mod watch;
mod x;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tower::ServiceExt;
use url::form_urlencoded::Serializer;

use super::{Choice, Control, Options, Sandbox};

/// 1 November 2026, 12:00 UTC.
const START: i64 = 1_793_534_400_000;
const CALLBACK: &str = "http://localhost:3000/oauth/callback";
/// The pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

type Fields<'a> = &'a [(&'a str, &'a str)];

/// A sandbox with a clock that stands still.
struct Play {
    sandbox: Sandbox,
    clock: Arc<AtomicI64>,
}

struct Got {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Got {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text()))
    }

    fn text_at(&self, pointer: &str) -> String {
        self.json()
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no {pointer} in {}", self.text()))
            .to_owned()
    }

    fn location(&self) -> &str {
        self.headers.get("location").expect("a redirect").to_str().expect("text")
    }

    /// Status, `error` and `error_description` of an OAuth error.
    fn oauth(&self) -> (u16, String, String) {
        (self.status, self.text_at("/error"), self.text_at("/error_description"))
    }
}

impl Play {
    fn new() -> Self {
        Self::at(None)
    }

    fn at(state_file: Option<std::path::PathBuf>) -> Self {
        let clock = Arc::new(AtomicI64::new(START));
        let told = clock.clone();
        let sandbox = Sandbox::new(Options {
            redirect_uris: vec![CALLBACK.into()],
            clock: Arc::new(move || told.load(Ordering::SeqCst)),
            state_file,
            seed: 7,
        });
        Self { sandbox: sandbox.expect("a sandbox"), clock }
    }

    fn pass_seconds(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }

    async fn send(&self, request: Request<Body>) -> Got {
        let answer = self.sandbox.router().oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.map(|body| body.to_vec()).unwrap_or_default();
        Got { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// `at` is host and path, as in the sandbox's own addresses.
    async fn call(
        &self,
        method: &str,
        at: &str,
        query: Fields<'_>,
        form: Option<Fields<'_>>,
        authorization: &str,
    ) -> Got {
        let query = encoded(query);
        let mut request =
            Request::builder().method(method).uri(format!("/{at}{}{query}", if query.is_empty() { "" } else { "?" }));
        if !authorization.is_empty() {
            request = request.header("authorization", authorization);
        }
        let body = match form {
            Some(form) => {
                request = request.header("content-type", "application/x-www-form-urlencoded");
                encoded(form)
            }
            None => String::new(),
        };
        self.send(request.body(Body::from(body)).expect("a request")).await
    }

    async fn get(&self, at: &str, query: Fields<'_>) -> Got {
        self.call("GET", at, query, None, "").await
    }

    async fn get_as(&self, token: &str, at: &str, query: Fields<'_>) -> Got {
        self.call("GET", at, query, None, &format!("Bearer {token}")).await
    }

    async fn post(&self, at: &str, form: Fields<'_>) -> Got {
        self.call("POST", at, &[], Some(form), "").await
    }

    async fn post_json(&self, at: &str, body: &Value) -> Got {
        let request =
            Request::builder().method("POST").uri(format!("/{at}")).header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    /// The code that a person's consent at `page` gives.
    fn code(&self, page: &str, query: Fields<'_>, choice: Choice) -> String {
        let back = self.sandbox.consent(&format!("https://{page}?{}", encoded(query)), choice).expect("a consent");
        parameter(&back, "code").unwrap_or_else(|| panic!("no code in {back}"))
    }

    fn control(&self, control: Control) {
        self.sandbox.control(control).expect("a control that works");
    }
}

fn encoded(fields: Fields<'_>) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

fn parameter(url: &str, name: &str) -> Option<String> {
    url::Url::parse(url).ok()?.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// These fields with one changed, added, or (an empty value) taken away.
fn with<'a>(fields: Fields<'a>, name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let rest = fields.iter().copied().filter(|(key, _)| *key != name);
    rest.chain((!value.is_empty()).then_some((name, value))).collect()
}
