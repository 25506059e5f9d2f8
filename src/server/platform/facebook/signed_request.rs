//! `signed_request`: how Meta's products tell that a person removed our app or wants to be forgotten (platforms.md
//! section 1, "Webhooks / deauthorization"). Each product signs with the secret of its own app.

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::Sha256;

use super::super::Context;
use super::super::read::{moment, text};
use super::super::signal::{About, Delivery, Happened, Kind, Signal, Unheard};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What Meta tells in this way.
pub const KINDS: &[Kind] = &[Kind::Deauthorize, Kind::DataDeletion];

/// Verifies and reads a message of Meta's.
pub fn heard(cx: &Context<'_>, delivery: &Delivery<'_>) -> Result<Vec<Signal>, Unheard> {
    let happened = match delivery.kind {
        Kind::Deauthorize => Happened::Revoked,
        Kind::DataDeletion => Happened::Forget,
        Kind::Events => return Err(Unheard::NoSuch),
    };
    let request = url::form_urlencoded::parse(delivery.body).find(|(name, _)| name == "signed_request");
    let (_, request) = request.ok_or(Unheard::Forged("there is no signed_request"))?;
    let content = verified(&cx.app()?.client_secret, &request)?;
    let person = text(&content, "/user_id").ok_or(Unheard::Forged("it names nobody"))?;
    Ok(vec![Signal { about: About::Person(person), happened, at: moment(&content, "/issued_at") }])
}

/// The content, if its signature is that of the app's secret.
fn verified(secret: &SecretString, request: &str) -> Result<Value, Unheard> {
    let (signature, payload) = request.split_once('.').ok_or(Unheard::Forged("it has no signature"))?;
    let signature = BASE64.decode(signature).map_err(|_| Unheard::Forged("its signature can't be read"))?;
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("HMAC takes keys of any length");
    // Over the content as it is encoded; compared in constant time.
    mac.update(payload.as_bytes());
    mac.verify_slice(&signature).map_err(|_| Unheard::Forged("the signature is wrong"))?;
    let content = BASE64.decode(payload).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let content = content.ok_or(Unheard::Forged("its content can't be read"))?;
    match text(&content, "/algorithm") {
        Some(algorithm) if algorithm.eq_ignore_ascii_case("HMAC-SHA256") => Ok(content),
        _ => Err(Unheard::Forged("it was signed in another way")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn signed(secret: &str, content: &Value) -> String {
        let payload = BASE64.encode(content.to_string());
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(payload.as_bytes());
        format!("{}.{payload}", BASE64.encode(mac.finalize().into_bytes()))
    }

    // SPEC T-8
    #[test]
    fn only_what_the_apps_secret_signed_is_read() {
        let secret = SecretString::from("app-secret");
        let content = json!({"algorithm": "HMAC-SHA256", "issued_at": 1_790_000_000, "user_id": "77"});
        let good = signed("app-secret", &content);
        assert_eq!(verified(&secret, &good).unwrap(), content);
        let (signature, payload) = good.split_once('.').unwrap();
        let bare = format!("{}.{payload}", signature.trim_end_matches('='));
        assert_eq!(verified(&secret, &bare).unwrap(), content, "with and without padding");
        let other = BASE64.encode(json!({"algorithm": "HMAC-SHA256", "user_id": "78"}).to_string());
        let none = json!({"algorithm": "none", "user_id": "77"});
        for bad in [
            signed("other-secret", &content),
            format!("{signature}.{other}"),
            format!(".{other}"),
            signed("app-secret", &none),
            signed("app-secret", &json!("text")),
            "text".into(),
            "§.§".into(),
            String::new(),
        ] {
            assert!(matches!(verified(&secret, &bad), Err(Unheard::Forged(_))), "{bad}");
        }
    }
}
