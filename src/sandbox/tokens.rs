//! Secrets as the vendors make them: their form, and the dice.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Repeats itself for a seed.
pub struct Dice(StdRng);

impl Dice {
    /// `made` is how many secrets exist already: the same seed does not make them again.
    pub fn new(seed: u64, made: u64) -> Self {
        Self(StdRng::seed_from_u64(seed.wrapping_add(made.wrapping_mul(0x9e37_79b9_7f4a_7c15))))
    }

    fn out_of(&mut self, alphabet: &[u8], count: usize) -> String {
        let letters = alphabet.len() as u64;
        let mut text = String::with_capacity(count);
        // Ten letters a throw; that some letters come a little more often harms nobody here.
        while text.len() < count {
            let mut throw = self.0.random::<u64>();
            for _ in 0..10.min(count - text.len()) {
                text.push(char::from(alphabet[usize::try_from(throw % letters).unwrap_or(0)]));
                throw /= letters;
            }
        }
        text
    }

    pub fn letters(&mut self, count: usize) -> String {
        self.out_of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", count)
    }

    fn url_safe(&mut self, count: usize) -> String {
        self.out_of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", count)
    }

    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// From 0 up to 1.
    pub fn chance(&mut self) -> f64 {
        self.0.random()
    }

    pub fn facebook_token(&mut self) -> String {
        format!("EAAG{}ZD", self.letters(176))
    }

    pub fn facebook_code(&mut self) -> String {
        format!("AQ{}", self.url_safe(200))
    }

    /// Google's tokens and codes; `kind` is how they begin: `ya29.`, `1//0` or `4/0A`.
    pub fn google_token(&mut self, kind: &str) -> String {
        let length = if kind.starts_with("ya29") { 180 } else { 70 };
        format!("{kind}{}", self.url_safe(length))
    }

    pub fn fbtrace(&mut self) -> String {
        format!("A{}", self.url_safe(22))
    }

    /// X's tokens and codes; `kind` is `at`, `rt` or `ac`.
    pub fn x_token(&mut self, kind: &str, now: i64) -> String {
        let flag = i32::from(kind != "ac");
        let text = format!("{}:{now}:1:{flag}:{kind}:1", self.letters(43));
        URL_SAFE_NO_PAD.encode(text)
    }

    /// Mastodon's tokens, codes, client ids and client secrets.
    pub fn mastodon_token(&mut self) -> String {
        self.url_safe(43)
    }

    /// A token of a Bluesky server. Its claims can be read by whoever holds it; nobody here checks the signature.
    pub fn jwt(&mut self, kind: &str, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = part(&json!({"typ": kind, "alg": "ES256K"}));
        format!("{head}.{}.{}", part(claims), self.url_safe(86))
    }
}

/// What PKCE's S256 makes of a verifier.
pub fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// Compares two secrets. Time does not matter here, but a habit is a habit.
pub fn same(one: &str, other: &str) -> bool {
    use subtle::ConstantTimeEq;
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
