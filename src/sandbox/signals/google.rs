//! Google's Cross-Account Protection, RISC (platforms.md section 5): signed messages, and where one reads who signs.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use super::super::state::Kind;
use super::super::{Sandbox, SandboxError, lock};
use super::found;

/// The key that the stand-in signs with. It opens nothing anywhere else.
const KEY: &[u8] = include_bytes!("google.der");
const KEY_ID: &str = "7c1a9e0bf2";
const ISSUER: &str = "https://accounts.google.com/";
const EVENTS: &str = "https://schemas.openid.net/secevent/";

fn key() -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(KEY).expect("the stand-in's own key is whole")
}

/// `GET accounts.google.com/.well-known/risc-configuration`.
pub fn configuration() -> Value {
    json!({
        "issuer": ISSUER,
        "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
        "delivery_methods_supported": ["https://schemas.openid.net/secevent/risc/delivery-method/push"],
    })
}

/// `GET www.googleapis.com/oauth2/v3/certs`.
pub fn certificates() -> Value {
    let parts = RsaPublicKeyComponents::<Vec<u8>>::from(key().public_key());
    let (n, e) = (URL_SAFE_NO_PAD.encode(parts.n), URL_SAFE_NO_PAD.encode(parts.e));
    json!({"keys": [{"kid": KEY_ID, "kty": "RSA", "alg": "RS256", "use": "sig", "n": n, "e": e}]})
}

impl Sandbox {
    /// What Google posts to the app of `platform` about a person: a signed token with one event, named as in
    /// `oauth/event-type/tokens-revoked`.
    ///
    /// # Errors
    /// Platform or person is unknown; the person has given no refresh token, where the event is about one.
    pub fn security_event(&self, platform: &str, person: &str, event: &str) -> Result<String, SandboxError> {
        let (app, vendor, person) = found(platform, person)?;
        let subject = if event.ends_with("/token-revoked") {
            let world = lock(&self.0.world);
            let grant = world.consents(vendor, &person.key).next_back().map(|grant| grant.id);
            let token = grant.and_then(|grant| world.tokens_of(grant).find(|(_, token)| token.kind == Kind::Refresh));
            let (secret, _) =
                token.ok_or_else(|| SandboxError::Unknown(format!("a refresh token of {}", person.key)))?;
            let hash = STANDARD.encode(Sha512::digest(Sha512::digest(secret.as_bytes())));
            json!({"subject_type": "oauth_token", "token_type": "refresh_token",
                "token_identifier_alg": "hash_base64_sha512_sha512", "token": hash})
        } else {
            json!({"subject_type": "iss-sub", "iss": ISSUER, "sub": person.id})
        };
        let at = self.now().div_euclid(1_000);
        let claims = json!({"iss": ISSUER, "aud": app.id, "iat": at, "jti": format!("{at}-{event}"),
            "events": {format!("{EVENTS}{event}"): {"subject": subject}}});
        let head = json!({"alg": "RS256", "kid": KEY_ID, "typ": "secevent+jwt"});
        let part = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", part(&head), part(&claims));
        let key = key();
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .expect("the stand-in's own key signs");
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
