//! Typed identifiers: an account's id can't be passed where a grant's is meant.
//!
//! The text inside is a UUIDv7 made by the server; the browser only carries it around.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text of an id; whether such a row exists only the store can say.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    )+};
}

ids! {
    /// A team's shared space.
    WorkspaceId,
    /// A person who can sign in.
    UserId,
    /// One OAuth consent and its tokens.
    GrantId,
    /// One connected destination.
    AccountId,
    /// One signed-in browser.
    SessionId,
    /// One attempt to connect, from the start to the callback.
    FlowId,
    /// The time from green-to-amber until amber-to-green.
    IncidentId,
    /// One message to one addressee.
    MessageId,
    /// An address that is told by HTTP.
    WebhookId,
    /// One entry of the history.
    EventId,
}
