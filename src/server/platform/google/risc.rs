//! What Google tells unasked about consents that ended: RISC, Cross-Account Protection (platforms.md section 5).
//!
//! The body of such a message is a JWT. Google signs it with keys that it publishes; it is for whoever is named in `aud`.
//! Its `exp` is not looked at: also old news is news.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};
use url::Url;

use super::super::Context;
use super::super::failure::{Class, Failure};
use super::super::read::{list, number, text, texts};
use super::super::request::Request;
use super::super::signal::{About, Delivery, Happened, Kind, Signal, TokenMark, Unheard};
use super::nameless;
use super::refusal::classify;

/// Where Google says who signs and with which keys.
const CONFIGURATION: &str = "https://accounts.google.com/.well-known/risc-configuration";

/// How the names of events begin.
const EVENTS: &str = "https://schemas.openid.net/secevent/";

/// Longest message that is looked at, in bytes.
const MAX_JWT: usize = 64 * 1024;

/// The status that Google expects for a message that was heard.
pub const HEARD: u16 = 202;

/// Under this name it is kept when Google was last asked.
const ASKED: &str = "asked for the RISC configuration";

/// How long Google's keys are believed without asking again, in milliseconds.
const KEYS_LAST_MS: i64 = 3_600_000;

/// A key that is not among them is asked for at once, but not more often than this, in milliseconds: whoever sends us
/// nonsense must not make us trouble Google.
const KEYS_REST_MS: i64 = 30_000;

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

/// Why a message is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unbelievable {
    Form,
    Signature,
    Issuer,
    Audience,
}

impl Unbelievable {
    /// The same in words that live as long as the program.
    fn words(self) -> &'static str {
        match self {
            Self::Form => "it is no signed message",
            Self::Signature => "it is not signed with one of Google's keys",
            Self::Issuer => "somebody else than Google has written it",
            Self::Audience => "it is for another app",
        }
    }
}

/// Who signs, and with which keys.
pub struct Signer {
    pub issuer: String,
    /// A JSON Web Key Set.
    pub keys: Value,
}

/// Verifies and reads what was sent to us.
///
/// # Errors
/// `Forged` for what Google did not write for our app; `Unverified` while Google does not say how it signs.
pub async fn heard(cx: &Context<'_>, delivery: &Delivery<'_>) -> Result<Vec<Signal>, Unheard> {
    if delivery.kind != Kind::Events {
        return Err(Unheard::NoSuch);
    }
    let jwt = std::str::from_utf8(delivery.body).map_err(|_| Unheard::Forged("it is no text"))?;
    let ours = [cx.app()?.client_id.as_str()];
    // Before anybody is asked: what claims nothing of the kind is not worth it.
    claims(jwt, &ours).map_err(|unbelievable| Unheard::Forged(unbelievable.words()))?;
    let mut message = read(jwt, &signer(cx, KEYS_LAST_MS).await?, &ours);
    if message == Err(Unbelievable::Signature) {
        message = read(jwt, &signer(cx, KEYS_REST_MS).await?, &ours);
    }
    let message = message.map_err(|unbelievable| Unheard::Forged(unbelievable.words()))?;
    let at = message.issued_at;
    tracing::info!(id = message.id, events = ?message.events, "Google told something");
    Ok(message.events.into_iter().filter_map(|event| told(event, at)).collect())
}

/// What an event means for us. A person who was signed out, or whose account was closed for now, may have lost the
/// consent or not: that is looked up.
fn told(event: Event, at: Option<i64>) -> Option<Signal> {
    let (about, happened) = match event {
        Event::TokenRevoked(mark) => (About::Token(mark), Happened::Revoked),
        Event::TokensRevoked { person } => (About::Person(person), Happened::Revoked),
        Event::SessionsRevoked { person }
        | Event::AccountDisabled { person, .. }
        | Event::AccountEnabled { person }
        | Event::CredentialChangeRequired { person } => (About::Person(person), Happened::Look),
        Event::Verification { .. } | Event::Other(_) => return None,
    };
    Some(Signal { about, happened, at })
}

/// Who signs, as Google said it not longer ago than `age_ms`, or says it now.
///
/// # Errors
/// Google did not answer, or names keys of a strange place.
pub async fn signer(cx: &Context<'_>, age_ms: i64) -> Result<Signer, Failure> {
    if let Some(kept) = cx.http.kept().get(CONFIGURATION, cx.now - age_ms) {
        return Ok(Signer { issuer: text(&kept, "/issuer").unwrap_or_default(), keys: kept["keys"].clone() });
    }
    if !cx.http.kept().turn(ASKED, cx.now - KEYS_REST_MS, cx.now) {
        return Err(Failure::new(Class::Transient, "Google was asked a moment ago who signs"));
    }
    let signer = ask_signer(cx).await?;
    cx.http.kept().put(CONFIGURATION, cx.now, json!({"issuer": signer.issuer, "keys": signer.keys}));
    Ok(signer)
}

async fn ask_signer(cx: &Context<'_>) -> Result<Signer, Failure> {
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
    let Claims { signed, signature, key: id, claims } = claims(jwt, client_ids)?;
    let key = key(&signer.keys, &id).ok_or(Unbelievable::Signature)?;
    key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).map_err(|_| Unbelievable::Signature)?;
    if text(&claims, "/iss").as_deref() != Some(&signer.issuer) {
        return Err(Unbelievable::Issuer);
    }
    let events = claims.get("events").and_then(Value::as_object).ok_or(Unbelievable::Form)?;
    Ok(Message {
        id: text(&claims, "/jti").ok_or(Unbelievable::Form)?,
        issued_at: number(&claims, "/iat").and_then(|seconds| seconds.checked_mul(1_000)),
        events: events.iter().map(|(name, event)| named(name, event)).collect(),
    })
}

/// What a message claims to be, before its signature was checked.
struct Claims<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    /// Id of the key.
    key: String,
    claims: Value,
}

fn claims<'a>(jwt: &'a str, client_ids: &[&str]) -> Result<Claims<'a>, Unbelievable> {
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
    let key = text(&head, "/kid").ok_or(Unbelievable::Signature)?;
    let claims = part(body).ok_or(Unbelievable::Form)?;
    let audience = texts(&claims, "/aud").or_else(|| text(&claims, "/aud").map(|one| vec![one])).unwrap_or_default();
    if !audience.iter().any(|one| client_ids.contains(&one.as_str())) {
        return Err(Unbelievable::Audience);
    }
    Ok(Claims { signed, signature, key, claims })
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
