//! One call to a platform, described: what to send, and which parts of it are secret.

use std::fmt;
use std::time::Duration;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::redact::redact;

use crate::server::clock::Deadline;

/// A call that has not been made yet. Its `Debug` shows method and address without the query, nothing else.
pub struct Request {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) query: Vec<(String, SecretString)>,
    pub(super) form: Vec<(String, SecretString)>,
    pub(super) json: Option<Value>,
    /// A body of JSON that must go out byte for byte: it is signed.
    pub(super) raw_json: Option<String>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) auth: Auth,
    /// What must not show up in any text about this call.
    pub(super) secrets: Vec<SecretString>,
    pub(super) timeout: Option<Duration>,
    pub(super) limit: Option<usize>,
    /// After this moment it must not go out any more.
    pub(super) until: Option<Deadline>,
}

/// Who calls.
pub(super) enum Auth {
    None,
    Bearer(SecretString),
    Basic(String, SecretString),
    /// A proof of a key (RFC 9449), and the token that is bound to it, if there is one yet.
    Dpop {
        token: Option<SecretString>,
        proof: SecretString,
    },
}

impl Request {
    /// A GET of `url` (the vendor's own address; the client puts the sandbox in its place where one is set).
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    /// A POST to `url`.
    pub fn post(url: impl Into<String>) -> Self {
        Self::new(Method::POST, url)
    }

    /// A DELETE of `url`.
    pub fn delete(url: impl Into<String>) -> Self {
        Self::new(Method::DELETE, url)
    }

    fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            query: Vec::new(),
            form: Vec::new(),
            json: None,
            raw_json: None,
            headers: Vec::new(),
            auth: Auth::None,
            secrets: Vec::new(),
            timeout: None,
            limit: None,
            until: None,
        }
    }

    /// A body of JSON as it stands.
    pub fn raw_json(mut self, body: String) -> Self {
        self.raw_json = Some(body);
        self
    }

    /// A header that was set, by its name.
    pub fn header_value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(set, _)| *set == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the query.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), SecretString::from(value)));
        self
    }

    /// A secret parameter of the query: only where the vendor knows no other place for it.
    pub fn secret_query(self, name: &str, value: &SecretString) -> Self {
        self.hide(value).query(name, value.expose_secret())
    }

    /// A field of the form in the body.
    pub fn form(mut self, name: &str, value: &str) -> Self {
        self.form.push((name.to_owned(), SecretString::from(value)));
        self
    }

    /// A secret field of the form in the body.
    pub fn secret_form(self, name: &str, value: &SecretString) -> Self {
        self.hide(value).form(name, value.expose_secret())
    }

    /// A JSON body.
    pub fn json(mut self, body: Value) -> Self {
        self.json = Some(body);
        self
    }

    /// A header that is no secret, such as the version of the API that is spoken.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// `Authorization: Bearer`.
    pub fn bearer(self, token: &SecretString) -> Self {
        Self { auth: Auth::Bearer(token.clone()), ..self.hide(token) }
    }

    /// `Authorization: Basic`.
    pub fn basic(self, user: &str, password: &SecretString) -> Self {
        Self { auth: Auth::Basic(user.to_owned(), password.clone()), ..self.hide(password) }
    }

    /// `DPoP`, with `Authorization: DPoP` where there is a token.
    pub fn dpop(self, token: Option<&SecretString>, proof: &SecretString) -> Self {
        let hidden = token.into_iter().fold(self.hide(proof), |request, token| request.hide(token));
        Self { auth: Auth::Dpop { token: token.cloned(), proof: proof.clone() }, ..hidden }
    }

    /// Names a secret that is part of this call in some other way.
    pub fn hide(mut self, secret: &SecretString) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    /// A shorter time-out than the client's.
    pub fn within(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// Another limit for the answer's body than the client's, in bytes.
    pub fn at_most(self, limit: usize) -> Self {
        Self { limit: Some(limit), ..self }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.url.split(['?', '#']).next().unwrap_or_default();
        // Some vendors want a secret in the path.
        write!(f, "{} {}", self.method, redact(address, &self.secrets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_secret() {
        let secret = SecretString::from("hush-hush");
        let request = Request::post("https://a.example/x?access_token=hush-hush")
            .bearer(&secret)
            .secret_form("a", &secret)
            .secret_query("b", &secret)
            .json(serde_json::json!({"password": "hush-hush"}));
        assert_eq!(format!("{request:?}"), "POST https://a.example/x");
    }
}
