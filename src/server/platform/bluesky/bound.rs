//! What an OAuth session is bound to. It is sealed beside the tokens; a session without it was opened by an app password.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::super::Tokens;
use super::super::es256::Key;
use super::super::failure::{Class, Failure};

/// The key of one session, and where the session lives.
#[derive(Serialize, Deserialize)]
pub struct Bound {
    /// The private key that every call proves, as it is stored.
    key: String,
    /// Whose account it is.
    pub did: String,
    /// The account's own server.
    pub host: String,
    /// The authorization server.
    pub issuer: String,
    pub token_endpoint: String,
    pub revocation_endpoint: Option<String>,
    /// What we were called when the session was opened, and whether we proved it.
    pub client_id: String,
    pub has_client_key: bool,
}

/// Everything of a [`Bound`] but the key.
pub struct Place {
    pub did: String,
    pub host: String,
    pub issuer: String,
    pub token_endpoint: String,
    pub revocation_endpoint: Option<String>,
    pub client_id: String,
    pub has_client_key: bool,
}

impl Bound {
    /// A session to be.
    pub fn new(key: &SecretString, place: Place) -> Self {
        let Place { did, host, issuer, token_endpoint, revocation_endpoint, client_id, has_client_key } = place;
        let key = key.expose_secret().to_owned();
        Self { key, did, host, issuer, token_endpoint, revocation_endpoint, client_id, has_client_key }
    }

    /// As it is stored.
    pub fn stored(&self) -> Result<SecretString, Failure> {
        let text = serde_json::to_string(self).map_err(|_| Failure::new(Class::App, "a binding can't be written"))?;
        Ok(SecretString::from(text))
    }

    /// What tokens are bound to; `None` for those of an app password.
    pub fn of(tokens: &Tokens) -> Result<Option<Self>, Failure> {
        tokens.binding.as_ref().map(Self::read).transpose()
    }

    /// Reads a stored one.
    pub fn read(stored: &SecretString) -> Result<Self, Failure> {
        serde_json::from_str(stored.expose_secret())
            .map_err(|_| Failure::new(Class::App, "what a session is bound to can't be read"))
    }

    /// The key.
    pub fn key(&self) -> Result<Key, Failure> {
        Key::read(&SecretString::from(self.key.as_str()))
    }
}
