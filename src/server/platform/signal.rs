//! What platforms tell us by themselves (SPEC T-8): an adapter verifies such a message and says whom it is about and what
//! happened. It changes nothing; `service::signals` does.

use reqwest::header::HeaderMap;

use super::failure::Failure;

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
    /// Something that is none of our business.
    Nothing,
}

/// A message that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Whom it is about: ids as in `Identity::id`. More than one where a platform knows a person by several.
    pub identities: Vec<String>,
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
