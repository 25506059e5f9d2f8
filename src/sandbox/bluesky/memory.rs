//! What the authorization server remembers beyond consents and tokens.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How long the ids of proofs and assertions are remembered.
const IDS_MS: i64 = 10 * 60_000;

/// All of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Requests for consents by their `request_uri`.
    pub pushed: BTreeMap<String, Pushed>,
    /// The keys that codes are bound to.
    pub codes: BTreeMap<String, Bound>,
    /// What sessions are bound to, by consent.
    pub sessions: BTreeMap<u64, Bound>,
    /// Apps whose documents could be read, by client id.
    pub clients: BTreeMap<String, Document>,
    /// Ids of proofs and assertions, and when they came.
    ids: BTreeMap<String, i64>,
}

/// A pushed request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pushed {
    pub client: String,
    pub redirect_uri: String,
    pub state: String,
    pub scopes: Vec<String>,
    pub challenge: String,
    pub bound: Bound,
    /// Unix milliseconds.
    pub at: i64,
}

/// The key of a session, and that of the app which opened it if it has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    pub jkt: String,
    pub kid: Option<String>,
}

/// An app's document and its public keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Document {
    pub metadata: Value,
    pub keys: Value,
}

impl Memory {
    /// Whether an id was never seen; it is from now on.
    pub fn is_new(&mut self, id: &str, now: i64) -> bool {
        self.ids.retain(|_, at| now - *at < IDS_MS);
        self.ids.insert(id.to_owned(), now).is_none()
    }
}
