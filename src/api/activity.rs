//! The activity log: who did what, when (SPEC W-6).

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::domain::activity::Kinds;
use crate::domain::id::AccountId;
use crate::domain::platform::Platform;

/// One page of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// The newest first.
    pub lines: Vec<Line>,
    /// Places in the log from which the pages beside this one go on, if there are any.
    pub older: Option<String>,
    pub newer: Option<String>,
    /// What the log can be narrowed down to: members (id and name) and accounts.
    pub members: Vec<(String, String)>,
    pub accounts: Vec<About>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Unix milliseconds.
    pub at: i64,
    pub kinds: Kinds,
    /// The account it is about, if there still is one.
    pub account: Option<About>,
    /// A finished sentence; about its account, where there is one.
    pub words: String,
    /// The member who did it; `None` if nobody did.
    pub by: Option<String>,
}

/// An account by its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    pub id: AccountId,
    pub name: String,
    pub platform: Platform,
}

/// A page of the log. All are words of an address; `older` and `newer` are places, the newest lines without either.
#[server(name = GetActivity, endpoint = "activity")]
pub async fn activity(
    #[server(default)] kind: String,
    #[server(default)] account: String,
    #[server(default)] member: String,
    #[server(default)] time: String,
    #[server(default)] older: String,
    #[server(default)] newer: String,
) -> Result<Activity, ApiError> {
    use crate::domain::activity::{Asked, Span};
    use crate::server::{http::session, service::activity};
    let (state, who) = session::require().await?;
    let asked = Asked { kinds: Kinds::from_key(&kind), account, member, span: Span::from_key(&time) };
    activity::activity(&state, &who, &asked, &older, &newer).await.map_err(session::answer)
}
