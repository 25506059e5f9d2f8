//! Finding an account by what a person remembers of it.

use leptos::prelude::*;

use super::ApiError;
use super::accounts::Card;

/// The accounts that every word of `text` is found in (name, handle, platform or server), at most 20, those that need
/// attention first. An empty text finds them all.
#[server(name = FindAccounts, endpoint = "find")]
pub async fn find(text: String) -> Result<Vec<Card>, ApiError> {
    use crate::server::{http::session, service::find};
    let (state, member) = session::require().await?;
    find::find(&state, &member, &text).await.map_err(session::answer)
}
