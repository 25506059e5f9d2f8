//! What the panel asks for by itself, because a platform must be asked first: recent posts, and what Meta says of a token.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::domain::id::AccountId;

/// The newest posts of an account (SPEC D-5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recent {
    /// The server's time, Unix milliseconds.
    pub now: i64,
    pub posts: Vec<Post>,
    /// Why there are none to show, as a finished sentence.
    pub note: Option<String>,
    /// Whether looking again soon may help.
    pub again: bool,
}

/// A post that is out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Its beginning, on one line; may be empty.
    pub text: String,
    /// Unix milliseconds.
    pub at: Option<i64>,
    pub link: Option<String>,
}

/// What the platform reports about an account's tokens (SPEC D-4): never the tokens themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenDebug {
    pub tokens: Vec<TokenFacts>,
    /// Why there is no report, as a finished sentence.
    pub note: Option<String>,
}

/// One token, as the platform describes it. What it did not tell is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenFacts {
    /// In the platform's own word: "USER", "PAGE".
    pub kind: Option<String>,
    /// The name of our app there.
    pub app: Option<String>,
    /// Unix milliseconds, as the ones below.
    pub issued_at: Option<i64>,
    pub ends_at: Option<i64>,
    pub never_ends: bool,
    pub data_access_ends_at: Option<i64>,
    /// Permissions that were given for some things only, and the platform's ids of those.
    pub targets: Vec<(String, Vec<String>)>,
}

/// The newest posts of an account. A platform that is slow does not hold up the answer.
#[server(name = GetRecent, endpoint = "recent")]
pub async fn recent(id: AccountId) -> Result<Recent, ApiError> {
    use crate::server::{http::session, service::recent};
    let (state, member) = session::require().await?;
    recent::recent(&state, &member, &id).await.map_err(session::answer)
}

/// Asks the platform what it knows about the account's tokens. For admins.
#[server(name = GetTokenDebug, endpoint = "token_debug")]
pub async fn token_debug(id: AccountId) -> Result<TokenDebug, ApiError> {
    use crate::server::{http::session, service::token_debug};
    let (state, member) = session::require().await?;
    token_debug::token_debug(&state, &member, &id).await.map_err(session::answer)
}
