//! Signed texts (RFC 7515) that others bring along, verified for real: ES256 and nothing else.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A text that was taken apart; its signature has not been looked at.
pub struct Jws<'a> {
    pub header: Value,
    pub claims: Value,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    pub fn read(text: &'a str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let json = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        Some(Self {
            header: json(header)?,
            claims: json(claims)?,
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// Whether the private half of this key signed it.
    pub fn is_signed_by(&self, jwk: &Value) -> bool {
        let point = || {
            let (x, y) = coordinates(jwk)?;
            let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
            Some([vec![4], bytes(x)?, bytes(y)?].concat())
        };
        let verified = |point| {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(self.signed.as_bytes(), &self.signature)
                .is_ok()
        };
        self.text("alg") == Some("ES256") && point().is_some_and(verified)
    }

    /// A text in the header.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }

    /// A text among the claims.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    /// When it was made, in Unix seconds.
    pub fn issued(&self) -> Option<i64> {
        self.claims.get("iat").and_then(Value::as_i64)
    }
}

/// What a public key is known by (RFC 7638).
pub fn thumbprint(jwk: &Value) -> Option<String> {
    let (x, y) = coordinates(jwk)?;
    let text = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    Some(URL_SAFE_NO_PAD.encode(Sha256::digest(text)))
}

fn coordinates(jwk: &Value) -> Option<(&str, &str)> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let fits = text("kty") == Some("EC") && text("crv") == Some("P-256") && jwk.get("d").is_none();
    fits.then_some((text("x")?, text("y")?))
}
