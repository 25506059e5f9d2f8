//! ES256 (RFC 7518, 3.4): keys of the curve P-256, and signed texts in the compact form (RFC 7515).
//!
//! ring does the arithmetic: it is in the house already, under TLS, and keeps to itself what a key is made of. Keys and ids
//! come from the machine's own dice, never from the ones that tests can repeat.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::failure::{Class, Failure};

/// A private key.
pub struct Key(EcdsaKeyPair);

/// Makes a key; answers it as it is stored (PKCS#8 as base64url).
///
/// # Errors
/// `App` if the machine has no randomness.
pub fn generate() -> Result<SecretString, Failure> {
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
        .map_err(|_| Failure::new(Class::App, "no key could be made"))?;
    Ok(SecretString::from(URL_SAFE_NO_PAD.encode(document.as_ref())))
}

/// A text that never comes again: 128 random bits.
///
/// # Errors
/// `App` if the machine has no randomness.
pub fn unique() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Failure::new(Class::App, "there is no randomness"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

impl Key {
    /// Reads a stored key.
    ///
    /// # Errors
    /// `App` if it is none.
    pub fn read(stored: &SecretString) -> Result<Self, Failure> {
        let broken = || Failure::new(Class::App, "a stored key can't be read");
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(stored.expose_secret()).map_err(|_| broken())?);
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes, &SystemRandom::new())
            .map(Self)
            .map_err(|_| broken())
    }

    /// Its public half as a JWK.
    pub fn jwk(&self) -> Value {
        let (x, y) = self.coordinates();
        json!({"kty": "EC", "crv": "P-256", "x": x, "y": y})
    }

    /// What its public half is known by (RFC 7638).
    pub fn thumbprint(&self) -> String {
        let (x, y) = self.coordinates();
        // The names in the order of the alphabet, without blanks.
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
    }

    /// A signed text; `header` needs no `alg`.
    ///
    /// # Errors
    /// `App` if the machine has no randomness.
    pub fn sign(&self, header: Value, claims: &Value) -> Result<SecretString, Failure> {
        let mut header = header;
        header["alg"] = "ES256".into();
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(claims));
        let signature = self
            .0
            .sign(&SystemRandom::new(), text.as_bytes())
            .map_err(|_| Failure::new(Class::App, "nothing could be signed"))?;
        Ok(SecretString::from(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))))
    }

    fn coordinates(&self) -> (String, String) {
        // 4, then both coordinates of 32 bytes each (SEC 1, 2.3.3).
        let point = self.0.public_key().as_ref();
        let (x, y) = point[1..].split_at((point.len() - 1) / 2);
        (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    /// Header and claims of a text that was signed with the key of `jwk`.
    pub fn verified(text: &str, jwk: &Value) -> (Value, Value) {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let (signed, signature) = text.rsplit_once('.').unwrap();
        let coordinate = |name: &str| bytes(jwk[name].as_str().unwrap());
        let point = [vec![4], coordinate("x"), coordinate("y")].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), &bytes(signature)).unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        (serde_json::from_slice(&bytes(header)).unwrap(), serde_json::from_slice(&bytes(claims)).unwrap())
    }

    #[test]
    fn what_is_signed_can_be_verified_by_the_public_half() {
        let stored = generate().unwrap();
        let key = Key::read(&stored).unwrap();
        let text = key.sign(json!({"typ": "JWT"}), &json!({"iss": "me"})).unwrap();
        let (header, claims) = verified(text.expose_secret(), &key.jwk());
        assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some("ES256"), Some("JWT")));
        assert_eq!(claims, json!({"iss": "me"}));
        assert_eq!(Key::read(&stored).unwrap().thumbprint(), key.thumbprint());
        assert_ne!(Key::read(&generate().unwrap()).unwrap().thumbprint(), key.thumbprint());
        assert_ne!(unique().unwrap(), unique().unwrap());
    }

    #[test]
    fn what_is_no_key_is_our_fault_and_shows_nothing() {
        for text in ["", "aGVsbG8", "not base64!"] {
            assert_eq!(Key::read(&SecretString::from(text)).unwrap_err().class, Class::App, "{text}");
        }
        assert_eq!(format!("{:?}", Key::read(&generate().unwrap()).unwrap()), "Key");
    }
}
