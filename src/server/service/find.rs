//! Finding accounts. What matches is decided here and not by the database: the two know different alphabets.

use super::{ServiceError, accounts};
use crate::api::accounts::Card;
use crate::domain::role::Action;
use crate::domain::text::fold;
use crate::server::http::session::Member;
use crate::server::state::AppState;
use crate::server::store::cards::{self, CardRow};

/// More results than this help nobody.
const RESULTS: usize = 20;
/// Nobody types more than this many characters to find an account.
const LONGEST: usize = 200;

/// The accounts that every word of `text` is found in, in the order of the Connections page.
///
/// # Errors
/// When the database does not answer.
pub async fn find(state: &AppState, member: &Member, text: &str) -> Result<Vec<Card>, ServiceError> {
    member.may(Action::See)?;
    let now = state.clock.now();
    let text: String = text.chars().take(LONGEST).collect();
    let words: Vec<String> = text.split_whitespace().map(fold).collect();
    let rows = cards::list(&state.db, &member.workspace, None).await?;
    let mut found: Vec<Card> =
        rows.into_iter().filter(|row| matches(row, &words)).map(|row| accounts::card(row, now)).collect();
    found.sort_by_cached_key(accounts::order);
    found.truncate(RESULTS);
    Ok(found)
}

fn matches(row: &CardRow, words: &[String]) -> bool {
    let handle = row.handle.as_deref().unwrap_or_default();
    let text = fold(&format!("{}\n{handle}\n{}\n{}", row.name, row.platform.name(), row.host));
    words.iter().all(|word| text.contains(word))
}
