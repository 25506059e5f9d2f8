//! What platforms tell us by themselves (SPEC T-8): an adapter verifies such a message and says whom it is about and what
//! happened. It changes nothing; `service::signals` does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha512};

use super::failure::Failure;

/// How many characters of a refresh token a [`TokenMark::Prefix`] has: with fewer it could mean many.
const PREFIX: usize = 16;

/// What a message was sent as: each kind has an address of its own, which the operator enters at the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person took their consent back.
    Deauthorize,
    /// A person wants everything deleted that we know of them.
    DataDeletion,
    /// Whatever else a platform has to tell, named in the message itself.
    Events,
}

impl Kind {
    /// The word for it in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::Deauthorize => "deauthorize",
            Self::DataDeletion => "data-deletion",
            Self::Events => "events",
        }
    }

    /// The kind of a word.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Deauthorize, Self::DataDeletion, Self::Events].into_iter().find(|kind| kind.key() == key)
    }
}

/// A message as it arrived. Nothing in it is believed before it was verified.
pub struct Delivery<'a> {
    pub kind: Kind,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// What happened, once it is known to come from the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// The consent is over.
    Revoked,
    /// The same, and what we know of the person is to be deleted.
    Forget,
    /// Something that may have ended the consent or not: a reason to look.
    Look,
}

/// What a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A person: their id as in `Identity::id`, or its first part where that names a destination as well.
    Person(String),
    /// Whoever holds this refresh token.
    Token(TokenMark),
}

/// How a refresh token is named without telling it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenMark {
    /// By its first sixteen characters.
    Prefix(String),
    /// By Base64 of SHA-512 of SHA-512.
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

/// The hash by which a refresh token may be named.
pub fn token_hash(refresh: &SecretString) -> String {
    let twice = Sha512::digest(Sha512::digest(refresh.expose_secret().as_bytes()));
    STANDARD.encode(twice)
}

/// One thing that a verified message tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    pub about: About,
    pub happened: Happened,
    /// When it was written, Unix milliseconds, if the platform told. A consent that is younger is not meant.
    pub at: Option<i64>,
}

/// Why a message was not heard.
#[derive(Debug, thiserror::Error)]
pub enum Unheard {
    #[error("this platform sends no such messages")]
    NoSuch,
    #[error("it does not come from the platform: {0}")]
    Forged(&'static str),
    /// What is needed to verify it could not be had; the platform sends it again.
    #[error("it can't be verified now: {0}")]
    Unverified(#[from] Failure),
}

#[cfg(test)]
mod tests {
    use super::*;

    // platforms.md 5
    #[test]
    fn a_token_is_known_by_its_prefix_or_its_hash() {
        let token = SecretString::from("1//0gAbCdEfGhIjKlMnOp");
        assert!(TokenMark::Prefix("1//0gAbCdEfGhIjK".into()).names(&token));
        assert!(!TokenMark::Prefix("1//0g".into()).names(&token), "too short to mean one token");
        assert!(TokenMark::Hash(token_hash(&token)).names(&token));
        assert!(!TokenMark::Hash(token_hash(&token)).names(&SecretString::from("another")));
    }
}
