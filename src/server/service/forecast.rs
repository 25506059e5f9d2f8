//! Which accounts' tokens will end before their scheduled posts (SPEC T-9).

use std::collections::HashMap;

use super::ServiceError;
use crate::api::accounts::Card;
use crate::domain::forecast;
use crate::domain::health::Health;
use crate::domain::id::{AccountId, WorkspaceId};
use crate::domain::platform::Platform;
use crate::server::platform::adapter;
use crate::server::state::AppState;
use crate::server::store::posts::{self, Late};

/// Counts for each card the posts that come after its token. An account that is amber or given
/// up has graver news to tell.
pub async fn warn(state: &AppState, workspace: &WorkspaceId, cards: &mut [Card]) -> Result<(), ServiceError> {
    let ids: Vec<AccountId> = cards.iter().map(|card| card.id.clone()).collect();
    let mut late: HashMap<AccountId, Vec<Late>> = HashMap::new();
    for post in posts::after_token(&state.db, workspace, &ids).await? {
        late.entry(post.account.clone()).or_default().push(post);
    }
    for card in cards.iter_mut().filter(|card| !card.disconnected && card.health == Health::Healthy) {
        let Some(posts) = late.get(&card.id) else { continue };
        let renews = posts.first().is_some_and(|post| renews_by_itself(card.platform, post.has_refresh));
        let dies_at = forecast::dies_at(card.token_ends_at, renews);
        card.dies_before_posts = forecast::after(dies_at, posts.iter().map(|post| post.due_at));
    }
    Ok(())
}

fn renews_by_itself(platform: Platform, has_refresh: bool) -> bool {
    adapter(platform).is_some_and(|adapter| adapter.renews_by_itself(has_refresh))
}

/// Whether the platform extends this token again and again without anybody's help. The end of a refresh token is told also
/// where each refresh brings a new one: when it comes near, the refreshes have not worked.
pub fn extends_itself(platform: Platform, has_refresh: bool) -> bool {
    !has_refresh && adapter(platform).is_some_and(|adapter| adapter.facts().refreshes_itself)
}
