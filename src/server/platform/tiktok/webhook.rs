//! What TikTok tells unasked (platforms.md section 9, "Webhooks"). By the time it is told, the tokens are dead already.

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::Sha256;

use super::super::Context;
use super::super::read::{moment, number, text};
use super::super::signal::{About, Delivery, Happened, Kind, Signal, Unheard};

/// Oldest message that is believed, in milliseconds: TikTok sends again for as long as this. One that is older is kept and
/// played back by somebody else.
const MAX_AGE_MS: i64 = 73 * 3_600_000;
/// How far TikTok's clock may be ahead of ours, in milliseconds.
const MAX_AHEAD_MS: i64 = 5 * 60_000;

/// A message of TikTok's that is genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Whose account it is about: the identity of a grant.
    pub open_id: String,
    /// When it happened, Unix milliseconds.
    pub at: Option<i64>,
    pub event: Event,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The consent is over.
    AuthorizationRemoved(Reason),
    /// About posts, or something that nobody here knows yet.
    Other,
}

/// Why a consent is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Unknown,
    /// The person took it back.
    Disconnected,
    AccountDeleted,
    AgeChanged,
    AccountBanned,
    /// Our own app gave it back.
    GivenBack,
}

/// Why a message is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unbelievable {
    Form,
    Signature,
    Age,
    App,
}

impl Unbelievable {
    /// The same in words that live as long as the program.
    fn words(self) -> &'static str {
        match self {
            Self::Form => "it is not in TikTok's form",
            Self::Signature => "it is not signed with our app's secret",
            Self::Age => "it is too old, or of the future",
            Self::App => "it is for another app",
        }
    }
}

/// Verifies and reads what was sent to us.
///
/// # Errors
/// `Forged` for what TikTok did not write for our app.
pub fn heard(cx: &Context<'_>, delivery: &Delivery<'_>) -> Result<Vec<Signal>, Unheard> {
    if delivery.kind != Kind::Events {
        return Err(Unheard::NoSuch);
    }
    let signature = delivery.headers.get("tiktok-signature").and_then(|header| header.to_str().ok());
    let signature = signature.ok_or(Unheard::Forged("it has no signature"))?;
    let app = cx.app()?;
    let message = read(signature, delivery.body, &app.client_id, &app.client_secret, cx.now)
        .map_err(|unbelievable| Unheard::Forged(unbelievable.words()))?;
    tracing::info!(event = ?message.event, "TikTok told something");
    Ok(match message.event {
        Event::AuthorizationRemoved(_) => {
            vec![Signal { about: About::Person(message.open_id), happened: Happened::Revoked, at: message.at }]
        }
        Event::Other => Vec::new(),
    })
}

/// Reads a message: the `TikTok-Signature` header and the raw body, with our app's key and secret. `now` is in Unix
/// milliseconds. Messages come at least once: the caller counts on hearing them again.
///
/// # Errors
/// [`Unbelievable`].
pub fn read(
    signature: &str,
    body: &[u8],
    client_key: &str,
    client_secret: &SecretString,
    now: i64,
) -> Result<Message, Unbelievable> {
    let field = |name: &str| {
        signature
            .split(',')
            .filter_map(|one| one.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, text)| text)
    };
    let (signed_at, told) = (field("t").ok_or(Unbelievable::Form)?, field("s").ok_or(Unbelievable::Form)?);
    let told = unhex(told).ok_or(Unbelievable::Form)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(client_secret.expose_secret().as_bytes())
        .map_err(|_| Unbelievable::Signature)?;
    mac.update(signed_at.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.verify_slice(&told).map_err(|_| Unbelievable::Signature)?;
    let signed_at = signed_at.parse::<i64>().ok().and_then(|at| at.checked_mul(1_000)).ok_or(Unbelievable::Form)?;
    if !(-MAX_AHEAD_MS..=MAX_AGE_MS).contains(&now.saturating_sub(signed_at)) {
        return Err(Unbelievable::Age);
    }
    let body: Value = serde_json::from_slice(body).map_err(|_| Unbelievable::Form)?;
    if text(&body, "/client_key").as_deref() != Some(client_key) {
        return Err(Unbelievable::App);
    }
    let event = match text(&body, "/event").ok_or(Unbelievable::Form)?.as_str() {
        "authorization.removed" => Event::AuthorizationRemoved(reason(&body)),
        _ => Event::Other,
    };
    Ok(Message {
        open_id: text(&body, "/user_openid").ok_or(Unbelievable::Form)?,
        at: moment(&body, "/create_time"),
        event,
    })
}

/// The content is JSON inside a text.
fn reason(body: &Value) -> Reason {
    let content = text(body, "/content").and_then(|text| serde_json::from_str::<Value>(&text).ok());
    match content.and_then(|content| number(&content, "/reason")) {
        Some(1) => Reason::Disconnected,
        Some(2) => Reason::AccountDeleted,
        Some(3) => Reason::AgeChanged,
        Some(4) => Reason::AccountBanned,
        Some(5) => Reason::GivenBack,
        _ => Reason::Unknown,
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "tiktok-secret";
    const SIGNED_AT: i64 = 1_795_262_400;
    const BODY: &str = r#"{"client_key":"key-1","event":"authorization.removed","create_time":1795262399,"user_openid":"o1","content":"{\"reason\":1}"}"#;
    /// Made with `openssl dgst -sha256 -hmac`, not with this program.
    const MAC: &str = "66f42cc314cd6603e4a4b38e08d75566cac03f3866e4047478945f670116a445";

    fn heard(signature: &str, body: &str, now_s: i64) -> Result<Message, Unbelievable> {
        read(signature, body.as_bytes(), "key-1", &SecretString::from(SECRET), now_s * 1_000)
    }

    #[test]
    fn a_genuine_message_is_read() {
        let signature = format!("t={SIGNED_AT},s={MAC}");
        let message = heard(&signature, BODY, SIGNED_AT + 60).unwrap();
        let event = Event::AuthorizationRemoved(Reason::Disconnected);
        assert_eq!(message, Message { open_id: "o1".into(), at: Some(1_795_262_399_000), event });
        assert!(heard(&format!("s={MAC}, t={SIGNED_AT}"), BODY, SIGNED_AT).is_ok(), "in any order");
        for (now_s, fine) in [(72 * 3_600, true), (74 * 3_600, false), (-60, true), (-3_600, false)] {
            assert_eq!(heard(&signature, BODY, SIGNED_AT + now_s).is_ok(), fine, "{now_s}");
        }
    }

    #[test]
    fn what_is_not_tiktoks_or_not_for_us_is_not_believed() {
        let signature = format!("t={SIGNED_AT},s={MAC}");
        assert_eq!(heard(&signature, &BODY.replace("o1", "o2"), SIGNED_AT), Err(Unbelievable::Signature));
        assert_eq!(heard(&format!("t={},s={MAC}", SIGNED_AT + 1), BODY, SIGNED_AT), Err(Unbelievable::Signature));
        for junk in ["", "t=1", "s=00", "t=1,s=", "t=1,s=0", "t=1,s=zz", "t=1,s=é0"] {
            assert_eq!(heard(junk, BODY, SIGNED_AT), Err(Unbelievable::Form), "{junk}");
        }
        let other = read(&signature, BODY.as_bytes(), "key-2", &SecretString::from(SECRET), SIGNED_AT * 1_000);
        assert_eq!(other, Err(Unbelievable::App));
    }

    #[test]
    fn reasons_are_read_out_of_their_text() {
        let said = |content: &str| reason(&serde_json::json!({ "content": content }));
        let all = [
            Reason::Unknown,
            Reason::Disconnected,
            Reason::AccountDeleted,
            Reason::AgeChanged,
            Reason::AccountBanned,
            Reason::GivenBack,
        ];
        for (number, reason) in all.into_iter().enumerate() {
            assert_eq!(said(&format!(r#"{{"reason":{number}}}"#)), reason);
        }
        assert_eq!(said("nonsense"), Reason::Unknown);
    }
}
