//! A browser without a screen: it keeps cookies, follows redirects when asked, and says where a request comes from.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use tower::ServiceExt as _;

/// Far longer than any answer takes, faults included.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// An answer, read to its end.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub location: Option<String>,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Page {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The `Location` of a redirect.
    pub fn redirect(&self) -> &str {
        assert!(self.status.is_redirection(), "expected a redirect, got {}: {}", self.status, self.text());
        self.location.as_deref().expect("a redirect names its target")
    }
}

/// One browser profile.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    jar: BTreeMap<String, String>,
    /// Every answer of every browser of the test: headers and bodies.
    seen: Arc<Mutex<Vec<u8>>>,
    /// `Sec-Fetch-Site` of the next requests.
    pub site: &'static str,
    pub address: SocketAddr,
}

impl Browser {
    pub fn new(router: Router, seen: Arc<Mutex<Vec<u8>>>) -> Self {
        Self { seen, router, jar: BTreeMap::new(), site: "same-origin", address: ([127, 0, 0, 1], 50_000).into() }
    }

    /// The same profile, talking to another server.
    pub fn on(&self, router: Router) -> Self {
        Self { router, ..self.clone() }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, "text/html", None).await
    }

    /// Posts a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, path, "text/html", Some(body)).await
    }

    /// Posts what is no form, with headers of its own.
    pub async fn post_raw(&mut self, path: &str, headers: &[(&str, &str)], body: &str) -> Page {
        let mut request = Request::builder().method(Method::POST).uri(path).header(header::HOST, "localhost:3000");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.ask_router(path, request.body(Body::from(body.to_owned())).expect("a valid request")).await
    }

    /// Calls a server function as the WebAssembly does.
    pub async fn call(&mut self, name: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, &format!("/api/{name}"), "application/json", Some(body)).await
    }

    /// Calls a server function that must work, and reads its answer.
    pub async fn ask<T: serde::de::DeserializeOwned>(&mut self, name: &str, fields: &[(&str, &str)]) -> T {
        let page = self.call(name, fields).await;
        assert_eq!(page.status, StatusCode::OK, "{name}: {}", page.text());
        serde_json::from_slice(&page.body).unwrap_or_else(|error| panic!("{name}: {error}: {}", page.text()))
    }

    pub fn cookie(&self, name: &str) -> Option<&String> {
        self.jar.get(name)
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.jar.insert(name.into(), value.into());
    }

    async fn send(&mut self, method: Method, path: &str, accept: &str, form: Option<String>) -> Page {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:3000")
            .header(header::ACCEPT, accept)
            .header("sec-fetch-site", self.site);
        if !self.jar.is_empty() {
            let line = self.jar.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("; ");
            request = request.header(header::COOKIE, line);
        }
        if form.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        self.ask_router(path, request.body(Body::from(form.unwrap_or_default())).expect("a valid request")).await
    }

    async fn ask_router(&mut self, path: &str, mut request: Request<Body>) -> Page {
        request.extensions_mut().insert(ConnectInfo(self.address));
        // A request that is never answered names itself instead of keeping the whole run.
        let answer = tokio::time::timeout(ANSWER_WITHIN, self.router.clone().oneshot(request)).await;
        let answer = answer.unwrap_or_else(|_| panic!("{path} was not answered")).expect("the router answers");
        let (parts, body) = answer.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().expect("a readable cookie"));
        }
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a readable body").to_vec();
        {
            let mut seen = self.seen.lock().expect("not poisoned");
            seen.extend_from_slice(format!("{:?}", parts.headers).as_bytes());
            seen.extend_from_slice(&body);
        }
        let location = parts.headers.get(header::LOCATION).map(|value| value.to_str().expect("text").to_owned());
        Page { status: parts.status, location, headers: parts.headers, body }
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, rules) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').expect("a cookie is a pair");
        if rules.contains("Max-Age=0") {
            self.jar.remove(name);
        } else {
            self.jar.insert(name.to_owned(), value.to_owned());
        }
    }
}
