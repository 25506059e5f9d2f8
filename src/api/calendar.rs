//! The calendar of what ends, as its settings show it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;

/// The secret address of the workspace's calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// `None` if there is none.
    pub made: Option<Made>,
    /// The address itself, in the browser in which it was made a moment ago.
    pub address: Option<String>,
}

/// When it was made, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Unix milliseconds.
    pub at: i64,
    pub by: String,
}

/// What there is; for admins.
#[server(name = GetFeed, endpoint = "feed")]
pub async fn feed() -> Result<Feed, ApiError> {
    use crate::server::http::{calendar as cookie, session};
    use crate::server::service::calendar;
    let (state, member) = session::require().await?;
    calendar::feed(&state, &member, cookie::just_made(&state)).await.map_err(session::answer)
}
