//! A stand-in for all platforms in the tests of this room: answers from a closure, and remembers what was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde_json::Value;

use super::answer::tests::NOW;
use super::client::{Client, ClientOptions};
use super::{AppCredentials, Context, Tokens};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `POST graph.facebook.com/v25.0/oauth/access_token`
    pub line: String,
    pub query: HashMap<String, String>,
    pub form: HashMap<String, String>,
    pub json: Value,
    pub headers: HeaderMap,
}

impl Seen {
    /// The `Authorization` header.
    pub fn auth(&self) -> &str {
        self.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// An answer to give.
pub type Reply = Box<dyn Fn(&Seen) -> Response + Send + Sync>;

/// The running stand-in; it stops with the test's runtime.
pub struct Stub {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    pub app: AppCredentials,
}

impl Stub {
    /// Starts one that answers with `reply`.
    pub async fn start(reply: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let reply: Arc<Reply> = Arc::new(Box::new(reply));
        let (log, answer) = (seen.clone(), reply);
        let router = Router::new().fallback(move |request: Request| {
            let (log, answer) = (log.clone(), answer.clone());
            async move {
                let one = read(request).await;
                log.lock().unwrap().push(one.clone());
                answer(&one)
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let app = AppCredentials { client_id: "app-1".into(), client_secret: SecretString::from("app-secret") };
        Self { url, seen, app }
    }

    /// A client that takes this for all platforms.
    pub fn client(&self) -> Client {
        client(ClientOptions { upstream: Some(self.url.clone()), ..options() })
    }

    /// What an adapter gets.
    pub fn cx<'a>(&'a self, http: &'a Client, host: Option<&'a str>) -> Context<'a> {
        Context {
            http,
            app: Some(&self.app),
            host,
            redirect_uri: "https://our.example/oauth/callback/p",
            now: NOW,
            until: None,
        }
    }

    /// Everything that was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The request lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|one| one.line).collect()
    }
}

/// Short time-outs for tests.
pub fn options() -> ClientOptions {
    ClientOptions {
        timeout: Duration::from_secs(10),
        connect_timeout: Duration::from_secs(5),
        ..ClientOptions::default()
    }
}

pub fn client(options: ClientOptions) -> Client {
    Client::new(options).unwrap()
}

/// Status and JSON.
pub fn json(status: u16, body: Value) -> Response {
    (axum::http::StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

/// Tokens with these texts.
pub fn tokens(access: &str, refresh: Option<&str>) -> Tokens {
    Tokens {
        access: access.into(),
        refresh: refresh.map(Into::into),
        access_ends_at: None,
        refresh_ends_at: None,
        scopes: None,
        binding: None,
    }
}

async fn read(request: Request) -> Seen {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(Body::new(body), 1 << 20).await.unwrap();
    let pairs = |bytes: &[u8]| url::form_urlencoded::parse(bytes).into_owned().collect();
    let is_form = parts.headers.get("content-type").is_some_and(|kind| kind == "application/x-www-form-urlencoded");
    Seen {
        line: format!("{} {}", parts.method, parts.uri.path().trim_start_matches('/')),
        query: pairs(parts.uri.query().unwrap_or_default().as_bytes()),
        form: if is_form { pairs(&body) } else { HashMap::new() },
        json: serde_json::from_slice(&body).unwrap_or(Value::Null),
        headers: parts.headers,
    }
}
