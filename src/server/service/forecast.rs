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

/// Counts for each card (`only`: for one account) the posts that come after its token. An account that is amber or given
/// up has graver news to tell.
pub async fn warn(
    state: &AppState,
    workspace: &WorkspaceId,
    only: Option<&AccountId>,
    cards: &mut [Card],
) -> Result<(), ServiceError> {
    let mut late: HashMap<AccountId, Vec<Late>> = HashMap::new();
    for post in posts::after_token(&state.db, workspace, only).await? {
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
