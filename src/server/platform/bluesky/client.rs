//! Who we are to Bluesky's servers (platforms.md section 13, mode A): nobody registers us, they read our own document.
//!
//! Reached by https we are a client with a key of our own, which every session is bound to. On this machine alone, where no
//! server could fetch a document, we are the nameless client that servers know for development.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::super::es256::{self, Key, unique};
use super::super::failure::{Class, Failure};
use super::super::request::Request;
use super::super::{AppCredentials, Context};
use super::bound::Bound;
use crate::domain::explain::Problem;

/// What we ask for: to know whose account it is, and what an app password may do.
pub const SCOPES: [&str; 2] = ["atproto", "transition:generic"];
/// Where the document is, under the public address.
pub const METADATA_PATH: &str = "/oauth/bluesky/client-metadata.json";
/// Where our public key is, under the public address.
pub const JWKS_PATH: &str = "/oauth/bluesky/jwks.json";
/// The end of the redirect address.
const CALLBACK: &str = "/oauth/callback/bluesky";

/// What we are called by, and the key that proves it (empty for the nameless client).
///
/// # Errors
/// `App` where people reach us over a network without https: no server accepts such a client.
pub fn register(redirect_uri: &str) -> Result<AppCredentials, Failure> {
    if let Some(base) = public_base(redirect_uri) {
        return Ok(AppCredentials { client_id: format!("{base}{METADATA_PATH}"), client_secret: es256::generate()? });
    }
    if is_loopback(redirect_uri) {
        return Ok(AppCredentials { client_id: loopback_id(redirect_uri), client_secret: SecretString::from("") });
    }
    Err(Failure::new(Class::App, "Bluesky's servers only talk to apps that are reached by https")
        .told_as(Problem::NotConfigured))
}

/// The document that servers read about us.
pub fn metadata(base: &str) -> Value {
    json!({
        "client_id": format!("{base}{METADATA_PATH}"),
        "client_name": "Pilotlight",
        "client_uri": base,
        "application_type": "web",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "redirect_uris": [format!("{base}{CALLBACK}")],
        "scope": SCOPES.join(" "),
        "dpop_bound_access_tokens": true,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks_uri": format!("{base}{JWKS_PATH}"),
    })
}

/// The public halves of our keys.
pub fn jwks(keys: &[Key]) -> Value {
    let public = |key: &Key| {
        let mut jwk = key.jwk();
        jwk["kid"] = key.thumbprint().into();
        jwk["use"] = "sig".into();
        jwk["alg"] = "ES256".into();
        jwk
    };
    json!({"keys": keys.iter().map(public).collect::<Vec<_>>()})
}

/// Ourselves, as a server hears it.
pub struct Client {
    pub id: String,
    key: Option<Key>,
}

impl Client {
    /// As we are now.
    pub fn now(cx: &Context<'_>) -> Result<Self, Failure> {
        let app = cx.app()?;
        let named = !app.client_secret.expose_secret().is_empty();
        let key = named.then(|| Key::read(&app.client_secret)).transpose()?;
        Ok(Self { id: app.client_id.clone(), key })
    }

    /// As we were when a session was opened: it knows us by that name only.
    pub fn of(cx: &Context<'_>, bound: &Bound) -> Result<Self, Failure> {
        if !bound.has_client_key {
            return Ok(Self { id: bound.client_id.clone(), key: None });
        }
        let client = Self::now(cx)?;
        if client.id == bound.client_id && client.key.is_some() {
            return Ok(client);
        }
        Err(Failure::new(Class::App, "the session was opened under another public address of this installation"))
    }

    /// Whether we have a key: then sessions last longer.
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// A request that says and proves who we are.
    pub fn sign(&self, request: Request, issuer: &str, now: i64) -> Result<Request, Failure> {
        let request = request.form("client_id", &self.id);
        let Some(key) = &self.key else { return Ok(request) };
        let issued = now.div_euclid(1_000);
        let claims = json!({
            "iss": self.id, "sub": self.id, "aud": issuer, "jti": unique()?, "iat": issued, "exp": issued + 60,
        });
        let assertion = key.sign(json!({"typ": "JWT", "kid": key.thumbprint()}), &claims)?;
        Ok(request
            .form("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .secret_form("client_assertion", &assertion))
    }
}

fn public_base(redirect_uri: &str) -> Option<&str> {
    redirect_uri.strip_suffix(CALLBACK).filter(|base| base.starts_with("https://"))
}

fn is_loopback(redirect_uri: &str) -> bool {
    let local = Url::parse(redirect_uri).ok().filter(|url| url.scheme() == "http");
    local.is_some_and(|url| matches!(url.host_str(), Some("127.0.0.1" | "[::1]")))
}

/// What servers know a client in development by; address and scopes stand in the name itself.
fn loopback_id(redirect_uri: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("scope", &SCOPES.join(" "))
        .finish();
    format!("http://localhost?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC C-2
    #[test]
    fn the_address_decides_what_kind_of_client_we_are() {
        let named = register("https://pilot.example/oauth/callback/bluesky").unwrap();
        assert_eq!(named.client_id, "https://pilot.example/oauth/bluesky/client-metadata.json");
        assert!(Key::read(&named.client_secret).is_ok());
        let nameless = register("http://127.0.0.1:3000/oauth/callback/bluesky").unwrap();
        assert_eq!(
            nameless.client_id,
            "http://localhost?redirect_uri=http%3A%2F%2F127.0.0.1%3A3000%2Foauth%2Fcallback%2Fbluesky&scope=atproto+transition%3Ageneric"
        );
        assert_eq!(nameless.client_secret.expose_secret(), "");
        for exposed in ["http://pilot.lan/oauth/callback/bluesky", "http://localhost:3000/oauth/callback/bluesky", ""] {
            let failure = register(exposed).unwrap_err();
            assert_eq!((failure.class, failure.problem), (Class::App, Some(Problem::NotConfigured)), "{exposed}");
        }
    }

    #[test]
    fn the_document_names_addresses_that_exist() {
        let document = metadata("https://pilot.example");
        assert_eq!(document["client_id"], "https://pilot.example/oauth/bluesky/client-metadata.json");
        assert_eq!(document["redirect_uris"], json!(["https://pilot.example/oauth/callback/bluesky"]));
        assert_eq!(document["jwks_uri"], "https://pilot.example/oauth/bluesky/jwks.json");
        assert_eq!(document["scope"], "atproto transition:generic");
        let key = Key::read(&es256::generate().unwrap()).unwrap();
        let keys = jwks(std::slice::from_ref(&key));
        assert_eq!(keys["keys"][0]["kid"], key.thumbprint());
        assert!(keys["keys"][0].get("d").is_none(), "the private half stays here");
    }
}
