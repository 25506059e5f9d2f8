//! The one HTTP client (SPEC S-2; DESIGN rules 2, 9 and 15): time-outs, body limits, the address guard, the sandbox in
//! the platforms' place, and failures without secrets.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Response, retry};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use super::answer::Answer;
use super::failure::{Class, Failure};
use super::guard::{self, PublicOnly};
use super::kept::Kept;
use super::nonces::Nonces;
use super::redact::redact;
use super::request::Auth;
pub use super::request::Request;
use super::timely;
use crate::domain::explain::Problem;
use crate::server::crash;

/// Largest body of an answer that is read, in bytes, where the request names no other limit.
pub const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// How we introduce ourselves.
const USER_AGENT: &str = concat!("Pilotlight/", env!("CARGO_PKG_VERSION"));

/// How the client is set up.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Address of the sandbox, which takes the place of every platform (`PILOTLIGHT_UPSTREAM`).
    pub upstream: Option<String>,
    /// Names (`host` or `host:port`) that may be called although they are private, by plain http. For development.
    pub private_hosts: Vec<String>,
    pub connect_timeout: Duration,
    /// For a whole call, its answer's body included.
    pub timeout: Duration,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            upstream: None,
            private_hosts: Vec::new(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(20),
        }
    }
}

/// The client could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the upstream {0:?} is not a web address")]
    Upstream(String),
    #[error("the HTTP client can't start: {0}")]
    Setup(String),
}

/// A handle to the one HTTP client; clones share its connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    /// Without a slash at the end.
    upstream: Option<String>,
    private_hosts: Vec<String>,
    nonces: Nonces,
    kept: Kept,
}

impl Client {
    /// Sets the client up. The process must have installed its TLS provider; without one, ring is installed.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Somebody may have been faster: then there is a provider, which is all that is needed.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let upstream = options.upstream.map(|text| match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.query().is_none() => Ok(url),
            _ => Err(ClientError::Upstream(text)),
        });
        let upstream = upstream.transpose()?;
        let resolver = PublicOnly::new(&options.private_hosts, upstream.as_ref().and_then(Url::host_str));
        let http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(Policy::none())
            .referer(false)
            .retry(retry::never())
            .no_proxy() // A proxy would resolve names itself, behind the guard's back.
            .connect_timeout(options.connect_timeout)
            .timeout(options.timeout)
            .dns_resolver(resolver)
            .build()
            .map_err(|error| ClientError::Setup(words(&error)))?;
        let upstream = upstream.map(|url| url.as_str().trim_end_matches('/').to_owned());
        let private_hosts = options.private_hosts.iter().map(|host| host.trim().to_ascii_lowercase()).collect();
        Ok(Self(Arc::new(Inner { http, upstream, private_hosts, nonces: Nonces::default(), kept: Kept::default() })))
    }

    /// The names that may be called although they are private.
    pub fn private_hosts(&self) -> &[String] {
        &self.0.private_hosts
    }

    /// Start of the addresses of a server that a person named: `https://mastodon.social`, but plain http for a named private host.
    pub fn base(&self, host: &str) -> String {
        let scheme = if guard::is_private(host, &self.0.private_hosts) { "http" } else { "https" };
        format!("{scheme}://{host}")
    }

    /// The address to send a browser to for one of the platform's own (SPEC S-2).
    pub fn browser_url(&self, url: &str) -> String {
        match Url::parse(url) {
            Ok(parsed) => self.rewritten(&parsed).unwrap_or_else(|| url.to_owned()),
            Err(_) => url.to_owned(),
        }
    }

    /// Whether a link from a platform's answer leads to the host of `home`, in either spelling.
    pub fn is_same_host(&self, link: &str, home: &str) -> bool {
        let place = |text: &str| {
            Url::parse(&self.browser_url(text)).ok().map(|url| {
                let under = self
                    .0
                    .upstream
                    .as_ref()
                    .and_then(|upstream| url.as_str().strip_prefix(upstream.as_str()).map(str::to_owned));
                let first = under.and_then(|path| path.split(['/', '?', '#']).nth(1).map(str::to_owned));
                (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port(), first)
            })
        };
        let (link, home) = (place(link), place(home));
        link.is_some() && link == home
    }

    /// Makes a call at `now` (Unix milliseconds) and answers whatever the platform answered, of any status.
    ///
    /// # Errors
    /// `Transient` if there is no whole answer; `in_doubt` unless the request certainly never arrived.
    pub async fn send(&self, now: i64, request: Request) -> Result<Answer, Failure> {
        let url = self.admitted(&request.url)?;
        let call = self.prepared(url, &request)?;
        crash::point("before call");
        let failed = |error: reqwest::Error| unsent(&error, &request.secrets);
        let call = call.build().map_err(failed)?;
        let call = match request.until {
            Some(until) => timely::by(until, call),
            None => call,
        };
        let response = self.0.http.execute(call).await.map_err(failed)?;
        let status = response.status().as_u16();
        let headers = kept(response.headers());
        let limit = request.limit.unwrap_or(BODY_LIMIT);
        let body = read_body(response, limit).await.map_err(|problem| {
            Failure::new(Class::Transient, redact(&format!("{status} {problem}"), &request.secrets)).doubtful()
        })?;
        crash::point("after answer");
        Ok(Answer { status, headers, body, now, secrets: request.secrets })
    }

    /// Checks an address by the guard and puts the sandbox in its place where one is set.
    pub(super) fn admitted(&self, url: &str) -> Result<Url, Failure> {
        let refused = |why: &str| {
            Failure::new(Class::Transient, redact(&format!("not called: {why}"), &[])).told_as(Problem::BadServer)
        };
        let parsed = Url::parse(url).map_err(|_| refused("the address can't be read"))?;
        if self.is_upstream(&parsed) {
            return Ok(parsed);
        }
        guard::check(&parsed, &self.0.private_hosts).map_err(|why| refused(&why.to_string()))?;
        match self.rewritten(&parsed) {
            Some(address) => Url::parse(&address).map_err(|_| refused("the address can't be read")),
            None => Ok(parsed),
        }
    }

    /// Public documents of platforms that were read a while ago.
    pub(super) fn kept(&self) -> &Kept {
        &self.0.kept
    }

    /// What servers want to find in the next proof of a key.
    pub(super) fn nonces(&self) -> &Nonces {
        &self.0.nonces
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    fn is_upstream(&self, url: &Url) -> bool {
        self.0.upstream.as_ref().is_some_and(|upstream| {
            url.as_str()
                .strip_prefix(upstream.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        })
    }

    fn rewritten(&self, url: &Url) -> Option<String> {
        let upstream = self.0.upstream.as_ref()?;
        if self.is_upstream(url) {
            return None;
        }
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let fragment = url.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
        Some(format!("{upstream}/{}{port}{}{query}{fragment}", url.host_str()?, url.path()))
    }

    fn prepared(&self, mut url: Url, request: &Request) -> Result<reqwest::RequestBuilder, Failure> {
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(exposed(&request.query));
        }
        let mut call = self.0.http.request(request.method.clone(), url);
        if !request.form.is_empty() {
            call = call.form(&exposed(&request.form));
        }
        if let Some(body) = &request.json {
            call = call.json(body);
        }
        if let Some(body) = &request.raw_json {
            call = call.header(reqwest::header::CONTENT_TYPE, "application/json").body(body.clone());
        }
        for (name, value) in &request.headers {
            call = call.header(*name, value);
        }
        call = match &request.auth {
            Auth::None => call,
            Auth::Bearer(token) => call.bearer_auth(token.expose_secret()),
            Auth::Basic(user, password) => call.basic_auth(user, Some(password.expose_secret())),
            Auth::Dpop { token, proof } => {
                let call = call.header("dpop", sensitive(proof.expose_secret())?);
                match token {
                    Some(token) => call
                        .header(reqwest::header::AUTHORIZATION, sensitive(&format!("DPoP {}", token.expose_secret()))?),
                    None => call,
                }
            }
        };
        Ok(match request.timeout {
            Some(timeout) => call.timeout(timeout),
            None => call,
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("upstream", &self.0.upstream)
            .field("private_hosts", &self.0.private_hosts)
            .finish_non_exhaustive()
    }
}

fn sensitive(text: &str) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Failure::new(Class::App, "a secret holds characters that no header can carry"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn exposed(pairs: &[(String, SecretString)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect()
}

fn kept(headers: &HeaderMap) -> HeaderMap {
    headers
        .iter()
        .filter(|(name, _)| super::answer::KEPT_HEADERS.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Reads a body, but never more than `limit` bytes: what is longer is cut off as it arrives.
pub(super) async fn read_body(mut response: Response, limit: usize) -> Result<Vec<u8>, String> {
    let too_long = || format!("the answer is longer than {limit} bytes");
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_long());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| words(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The failure of a call without an answer.
pub(super) fn unsent(error: &reqwest::Error, secrets: &[SecretString]) -> Failure {
    if let Some(refused) = guard::refusal(error) {
        return Failure::new(Class::Transient, format!("not called: {refused}")).told_as(Problem::BadServer);
    }
    let failure = Failure::new(Class::Transient, redact(&words(error), secrets));
    if error.is_connect() || error.is_builder() { failure } else { failure.doubtful() }
}

/// What went wrong, without the address (its query may carry a secret).
fn words(error: &reqwest::Error) -> String {
    let kind = if error.is_connect() {
        "no connection"
    } else if error.is_timeout() {
        "no answer in time"
    } else if error.is_builder() {
        "the request can't be built"
    } else {
        "the connection broke"
    };
    let mut source = std::error::Error::source(error);
    let mut innermost = String::new();
    while let Some(inner) = source {
        innermost = inner.to_string();
        source = inner.source();
    }
    if innermost.is_empty() { kind.to_owned() } else { format!("{kind} ({innermost})") }
}

#[cfg(test)]
mod tests;
