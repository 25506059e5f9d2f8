//! Finding an account by what a person remembers of it.

use super::{ServiceError, listing};
use crate::api::accounts::Card;
use crate::domain::filter::Filter;
use crate::domain::id::AccountId;
use crate::server::http::session::Member;
use crate::server::state::AppState;

/// More results than this help nobody.
const RESULTS: usize = 20;
/// Nobody types more than this many characters to find an account.
const LONGEST: usize = 200;

/// The accounts that every word of `text` is found in, in the order of the Connections page.
///
/// # Errors
/// When the database does not answer.
pub async fn find(state: &AppState, member: &Member, text: &str) -> Result<Vec<Card>, ServiceError> {
    let filter = Filter { text: text.chars().take(LONGEST).collect(), ..Filter::default() };
    let found = listing::in_order(state, member, &filter).await?;
    let ids: Vec<AccountId> = found.into_iter().take(RESULTS).map(|line| line.id).collect();
    listing::cards_of(state, member, &ids, state.clock.now()).await
}
