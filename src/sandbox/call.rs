//! A request as the stand-ins see it, and the answer they give.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Names and values of a query or form, in their order.
#[derive(Clone, Debug, Default)]
pub struct Pairs(pub Vec<(String, String)>);

impl Pairs {
    pub fn parse(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value of a name; an empty one counts as none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// The first name that is none of these.
    pub fn stranger(&self, known: &[&[&str]]) -> Option<&str> {
        self.0.iter().map(|(key, _)| key.as_str()).find(|key| !known.iter().any(|names| names.contains(key)))
    }
}

/// One request to a vendor.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    /// Lower case, with the port if there was one.
    pub host: String,
    /// With its leading slash.
    pub path: String,
    pub query: Pairs,
    pub form: Pairs,
    pub json: Option<Value>,
    pub authorization: Option<String>,
    pub headers: HeaderMap,
    /// A proof of a key (RFC 9449).
    pub dpop: Option<String>,
    /// Unix milliseconds.
    pub now: i64,
}

impl Call {
    pub fn new(method: Method, host: &str, path: &str, query: &str, now: i64) -> Self {
        Self {
            method,
            host: host.to_ascii_lowercase(),
            path: path.into(),
            query: Pairs::parse(query.as_bytes()),
            form: Pairs::default(),
            json: None,
            authorization: None,
            headers: HeaderMap::new(),
            dpop: None,
            now,
        }
    }

    /// Adds headers and body; the body is read as what its `Content-Type` says it is.
    pub fn with(mut self, headers: &HeaderMap, body: &[u8]) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        self.authorization = Some(text(header::AUTHORIZATION).to_owned()).filter(|value| !value.is_empty());
        self.headers = headers.clone();
        self.dpop = headers.get("dpop").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let kind = text(header::CONTENT_TYPE);
        if kind.starts_with("application/x-www-form-urlencoded") {
            self.form = Pairs::parse(body);
        } else if kind.starts_with("application/json") {
            self.json = serde_json::from_slice(body).ok();
        }
        self
    }

    pub fn is(&self, method: &Method) -> bool {
        self.method == *method
    }

    /// The token behind `Authorization: Bearer`.
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.authorization.as_deref()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The token behind `Authorization: DPoP`.
    pub fn bound_token(&self) -> Option<&str> {
        let (scheme, token) = self.authorization.as_deref()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("dpop").then(|| token.trim())
    }

    /// Id and secret behind `Authorization: Basic`, which are form-encoded one by one (RFC 6749, 2.3.1).
    pub fn basic(&self) -> Option<(String, String)> {
        let (scheme, code) = self.authorization.as_deref()?.split_once(' ')?;
        let text = String::from_utf8(STANDARD.decode(code.trim()).ok()?).ok()?;
        let (id, secret) = text.split_once(':').filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        Some((id.to_owned(), secret.to_owned()))
    }

    pub fn seconds(&self) -> i64 {
        self.now.div_euclid(1_000)
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub kind: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Whose consent it was about, for the request log.
    pub grant: Option<String>,
    /// The twin knows no such path.
    pub unexpected: bool,
    /// A refresh token came again that must not.
    pub replayed: bool,
}

/// What a twin answers: both sides are answers, the second one a refusal.
pub type Answer = Result<Reply, Reply>;

impl Reply {
    fn new(status: u16, kind: &'static str, body: Vec<u8>) -> Self {
        Self { status, kind, headers: Vec::new(), body, grant: None, unexpected: false, replayed: false }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", body.to_string().into_bytes())
    }

    pub fn html(status: u16, body: String) -> Self {
        Self::new(status, "text/html; charset=utf-8", body.into_bytes())
    }

    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", body.into().into_bytes())
    }

    pub fn css(body: &str) -> Self {
        Self::new(200, "text/css; charset=utf-8", body.as_bytes().to_vec())
    }

    pub fn png(body: Vec<u8>) -> Self {
        Self::new(200, "image/png", body)
    }

    pub fn empty(status: u16) -> Self {
        Self::new(status, "", Vec::new())
    }

    /// After a form: the browser goes on with a GET.
    pub fn see_other(location: String) -> Self {
        Self::empty(303).header("location", location)
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With the header if there is something to say in it.
    pub fn header_if(self, name: &'static str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    pub fn of(mut self, grant: impl Into<String>) -> Self {
        self.grant = Some(grant.into());
        self
    }

    pub fn replayed(mut self) -> Self {
        self.replayed = true;
        self
    }

    pub fn unexpected(mut self) -> Self {
        self.unexpected = true;
        self
    }

    pub fn into_response(self) -> Response<Body> {
        let mut builder = Response::builder().status(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK));
        if !self.kind.is_empty() {
            builder = builder.header(header::CONTENT_TYPE, self.kind);
        }
        for (name, value) in self.headers {
            builder = builder.header(name, value);
        }
        builder.body(Body::from(self.body)).unwrap_or_else(|_| {
            // A value that can't stand in a header, such as a line break in a redirect address.
            let mut broken = Response::new(Body::from("the answer could not be written"));
            *broken.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            broken
        })
    }
}
