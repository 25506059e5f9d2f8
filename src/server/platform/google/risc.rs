//! What Google tells unasked about consents that ended: RISC, Cross-Account Protection (platforms.md section 5).
//!
//! The body of such a message is a JWT. Google signs it with keys that it publishes; it is for whoever is named in `aud`.
//! Its `exp` is not looked at: also old news is news.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha512};
use url::Url;

use super::super::Context;
use super::super::failure::{Class, Failure};
use super::super::read::{list, number, text, texts};
use super::super::request::Request;
use super::nameless;
use super::refusal::classify;

/// Where Google says who signs and with which keys.
const CONFIGURATION: &str = "https://accounts.google.com/.well-known/risc-configuration";

/// How the names of events begin.
const EVENTS: &str = "https://schemas.openid.net/secevent/";

/// Longest message that is looked at, in bytes.
const MAX_JWT: usize = 64 * 1024;

/// How many characters of a refresh token a `prefix` has.
const PREFIX: usize = 16;

/// A message of Google's that is genuine and for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id (`jti`): the same message may come several times.
    pub id: String,
    /// When it was written, Unix milliseconds.
    pub issued_at: Option<i64>,
    pub events: Vec<Event>,
}

/// What happened. `person` is the stable id of a Google account, as in the identity of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// This one refresh token is worth nothing any more.
    TokenRevoked(TokenMark),
    /// All tokens of a person for our app are.
    TokensRevoked { person: String },
    /// The person was signed out everywhere: tokens may work on, or not. A reason to look.
    SessionsRevoked { person: String },
    /// Google has closed the account for now; `hijacking` is the one reason to end our own sessions for.
    AccountDisabled { person: String, reason: Option<String> },
    /// And has opened it again.
    AccountEnabled { person: String },
    /// The person must change their password. A reason to look.
    CredentialChangeRequired { person: String },
    /// Google checks whether we listen; the text is what it was asked to send.
    Verification { state: Option<String> },
    /// Something that nobody here knows yet.
    Other(String),
}

/// How a refresh token is named without telling it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenMark {
    /// Its first sixteen characters.
    Prefix(String),
    /// Base64 of SHA-512 of SHA-512.
    Hash(String),
}

impl TokenMark {
    /// Whether it is this token that is meant.
    pub fn names(&self, refresh: &SecretString) -> bool {
        let token = refresh.expose_secret();
        match self {
            Self::Prefix(prefix) => prefix.len() == PREFIX && token.starts_with(prefix.as_str()),
            Self::Hash(hash) => *hash == token_hash(refresh),
        }
    }
}

/// The hash by which Google names a refresh token; may be kept beside the sealed token.
pub fn token_hash(refresh: &SecretString) -> String {
    let twice = Sha512::digest(Sha512::digest(refresh.expose_secret().as_bytes()));
    base64::engine::general_purpose::STANDARD.encode(twice)
}

/// Why a message is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbelievable {
    #[error("it is no signed message")]
    Form,
    #[error("it is not signed with one of Google's keys")]
    Signature,
    #[error("somebody else than Google has written it")]
    Issuer,
    #[error("it is for another app")]
    Audience,
}

/// Who signs, and with which keys.
pub struct Signer {
    pub issuer: String,
    /// A JSON Web Key Set.
    pub keys: Value,
}

/// Asks Google who signs. May be kept for hours; asked again where a message names a key that is not among them.
///
/// # Errors
/// Google did not answer, or names keys of a strange place.
pub async fn signer(cx: &Context<'_>) -> Result<Signer, Failure> {
    let configuration = cx.ask(Request::get(CONFIGURATION), classify).await?;
    let issuer = text(&configuration, "/issuer").ok_or_else(|| nameless("the RISC configuration"))?;
    let keys = text(&configuration, "/jwks_uri").filter(|uri| is_googles(uri));
    let keys =
        keys.ok_or_else(|| Failure::new(Class::Unknown, "the RISC configuration names keys of a strange place"))?;
    let keys = cx.ask(Request::get(keys), classify).await?;
    if list(&keys, "/keys").is_empty() {
        return Err(nameless("the list of keys"));
    }
    Ok(Signer { issuer, keys })
}

fn is_googles(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let host = url.host_str().unwrap_or_default();
    url.scheme() == "https"
        && ["google.com", "googleapis.com"]
            .iter()
            .any(|home| host == *home || host.strip_suffix(home).is_some_and(|front| front.ends_with('.')))
}

/// Reads the body of a message, if it is genuine and for one of our apps.
///
/// # Errors
/// [`Unbelievable`]: to be answered with 400.
pub fn read(jwt: &str, signer: &Signer, client_ids: &[&str]) -> Result<Message, Unbelievable> {
    let jwt = jwt.trim();
    if jwt.len() > MAX_JWT {
        return Err(Unbelievable::Form);
    }
    let (signed, signature) = jwt.rsplit_once('.').ok_or(Unbelievable::Form)?;
    let (head, body) = signed.split_once('.').ok_or(Unbelievable::Form)?;
    let head = part(head).ok_or(Unbelievable::Form)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Unbelievable::Form)?;
    // The message does not choose how it is checked.
    if text(&head, "/alg").as_deref() != Some("RS256") {
        return Err(Unbelievable::Signature);
    }
    let key = text(&head, "/kid").and_then(|id| key(&signer.keys, &id)).ok_or(Unbelievable::Signature)?;
    key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).map_err(|_| Unbelievable::Signature)?;
    let claims = part(body).ok_or(Unbelievable::Form)?;
    if text(&claims, "/iss").as_deref() != Some(&signer.issuer) {
        return Err(Unbelievable::Issuer);
    }
    let audience = texts(&claims, "/aud").or_else(|| text(&claims, "/aud").map(|one| vec![one])).unwrap_or_default();
    if !audience.iter().any(|one| client_ids.contains(&one.as_str())) {
        return Err(Unbelievable::Audience);
    }
    let events = claims.get("events").and_then(Value::as_object).ok_or(Unbelievable::Form)?;
    Ok(Message {
        id: text(&claims, "/jti").ok_or(Unbelievable::Form)?,
        issued_at: number(&claims, "/iat").and_then(|seconds| seconds.checked_mul(1_000)),
        events: events.iter().map(|(name, event)| named(name, event)).collect(),
    })
}

fn part(encoded: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
}

fn key(keys: &Value, id: &str) -> Option<RsaPublicKeyComponents<Vec<u8>>> {
    let found = list(keys, "/keys")
        .iter()
        .find(|key| text(key, "/kid").as_deref() == Some(id) && text(key, "/kty").as_deref() == Some("RSA"))?;
    let bytes = |name| URL_SAFE_NO_PAD.decode(text(found, name)?.trim_end_matches('=')).ok();
    Some(RsaPublicKeyComponents { n: bytes("/n")?, e: bytes("/e")? })
}

fn named(name: &str, event: &Value) -> Event {
    let other = || Event::Other(name.to_owned());
    let Some(short) = name.strip_prefix(EVENTS) else { return other() };
    let reason = || text(event, "/reason");
    let person = || text(event, "/subject/sub");
    let event = match short {
        "oauth/event-type/token-revoked" => mark(event).map(Event::TokenRevoked),
        "oauth/event-type/tokens-revoked" => person().map(|person| Event::TokensRevoked { person }),
        "risc/event-type/sessions-revoked" => person().map(|person| Event::SessionsRevoked { person }),
        "risc/event-type/account-disabled" => {
            person().map(|person| Event::AccountDisabled { person, reason: reason() })
        }
        "risc/event-type/account-enabled" => person().map(|person| Event::AccountEnabled { person }),
        "risc/event-type/account-credential-change-required" => {
            person().map(|person| Event::CredentialChangeRequired { person })
        }
        "risc/event-type/verification" => Some(Event::Verification { state: text(event, "/state") }),
        _ => None,
    };
    event.unwrap_or_else(other)
}

fn mark(event: &Value) -> Option<TokenMark> {
    let kind = text(event, "/subject/token_type");
    let token = text(event, "/subject/token").filter(|_| kind.as_deref() == Some("refresh_token"))?;
    match text(event, "/subject/token_identifier_alg").as_deref() {
        Some("prefix") => Some(TokenMark::Prefix(token)),
        Some("hash_base64_sha512_sha512") => Some(TokenMark::Hash(token)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
