//! The list of the Connections page: what needs attention first, narrowed down and page by page (SPEC H-3, H-4, H-9).

use super::{ServiceError, forecast};
use crate::api::accounts::{Card, Choices, Connections, Setup, Totals};
use crate::domain::filter::{Filter, Search, Status};
use crate::domain::grant::TokenStatus;
use crate::domain::health::Health;
use crate::domain::id::AccountId;
use crate::domain::platform::Platform;
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::state::AppState;
use crate::server::store::cards::{self, CardRow};
use crate::server::store::grants;

/// How many accounts stand on one page.
pub const PAGE: usize = 60;

/// The page of accounts that the filter asks for; where it names none, the one with `account` on it.
pub async fn connections(
    state: &AppState,
    member: &Member,
    filter: &Filter,
    account: Option<&AccountId>,
) -> Result<Connections, ServiceError> {
    let now = state.clock.now();
    let cards = all(state, member, now).await?;
    let totals = totals(&cards);
    let (mut taken, choices) = sift(cards, filter);
    taken.sort_by_cached_key(order);
    let matching = taken.len();
    let pages = matching.div_ceil(PAGE).max(1);
    let named = account.filter(|_| filter.page == 0);
    let at = named.and_then(|id| taken.iter().position(|card| card.id == *id));
    let page = at.map_or((filter.page as usize).clamp(1, pages), |at| at / PAGE + 1);
    Ok(Connections {
        now,
        cards: taken.into_iter().skip((page - 1) * PAGE).take(PAGE).collect(),
        page: number(page),
        pages: number(pages),
        matching: number(matching),
        totals,
        choices,
        setups: setups(state, member).await?,
        checking: state.checks.progress(&member.workspace),
    })
}

/// All accounts that the filter takes, whatever its page, in the order of the list.
pub async fn in_order(state: &AppState, member: &Member, filter: &Filter) -> Result<Vec<Card>, ServiceError> {
    let (mut taken, _) = sift(all(state, member, state.clock.now()).await?, filter);
    taken.sort_by_cached_key(order);
    Ok(taken)
}

async fn all(state: &AppState, member: &Member, now: i64) -> Result<Vec<Card>, ServiceError> {
    member.may(Action::See)?;
    let rows = cards::list(&state.db, &member.workspace, None).await?;
    let mut cards: Vec<Card> = rows.into_iter().map(|row| card(row, now)).collect();
    forecast::warn(state, &member.workspace, None, &mut cards).await?;
    Ok(cards)
}

async fn setups(state: &AppState, member: &Member) -> Result<Vec<Setup>, ServiceError> {
    let waiting = grants::waiting_for_setup(&state.db, &member.workspace).await?;
    let setup = |grant: grants::Grant| Setup {
        grant: grant.id,
        platform: grant.platform,
        person: grant.identity_name,
        since: grant.created_at,
    };
    Ok(waiting.into_iter().map(setup).collect())
}

fn totals(cards: &[Card]) -> Totals {
    let count = |is: fn(&Card) -> bool| number(cards.iter().filter(|card| is(card)).count());
    Totals {
        all: number(cards.len()),
        connected: count(|card| !card.disconnected),
        amber: count(amber),
        soon: count(|card| {
            card.health == Health::Healthy && matches!(card.token, Some(TokenStatus::ExpiringSoon { .. }))
        }),
    }
}

fn amber(card: &Card) -> bool {
    !card.disconnected && card.health == Health::NeedsReconnect
}

/// What the filter takes, and what each of its choices would take if it were chosen instead.
fn sift(cards: Vec<Card>, filter: &Filter) -> (Vec<Card>, Choices) {
    let search = Search::new(&filter.text);
    let mut choices = Choices { statuses: vec![0; Status::ALL.len()], ..Choices::default() };
    let mut of_platforms = std::collections::BTreeMap::<Platform, u32>::new();
    let mut taken = Vec::new();
    for card in cards {
        let of_platform = of_platforms.entry(card.platform).or_default();
        let texts = [
            &card.name,
            card.handle.as_deref().unwrap_or(""),
            card.platform.name(),
            card.host.as_deref().unwrap_or(""),
        ];
        if !search.finds(&texts) {
            continue;
        }
        let status = filter.status.takes(amber(&card), card.token);
        let platform = filter.platform.is_none_or(|platform| platform == card.platform);
        if status {
            *of_platform += 1;
            choices.any_platform += 1;
        }
        if platform {
            for (count, other) in choices.statuses.iter_mut().zip(Status::ALL) {
                *count += u32::from(other.takes(amber(&card), card.token));
            }
        }
        if status && platform {
            taken.push(card);
        }
    }
    choices.platforms = of_platforms.into_iter().collect();
    (taken, choices)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A row as its card.
pub fn card(row: CardRow, now: i64) -> Card {
    // A token that is renewed by itself ends, for a person, when the thing that renews it ends.
    let ends_at = if row.has_refresh { row.refresh_ends_at } else { row.access_ends_at };
    Card {
        id: row.id,
        platform: row.platform,
        host: Some(row.host).filter(|host| !host.is_empty()),
        name: row.name,
        handle: row.handle,
        picture: row.picture.map(|hash| format!("/pictures/{hash}")),
        health: row.standing.health,
        cause: row.standing.cause,
        missing_scopes: row.missing_scopes,
        amber_since: row.amber_since,
        token: row.connected.then(|| TokenStatus::at(now, ends_at)),
        token_ends_at: ends_at.filter(|_| row.connected),
        disconnected: !row.connected,
        scheduled_posts: count(row.scheduled),
        next_post_at: row.next_post_at,
        held_posts: count(row.held),
        dies_before_posts: 0,
    }
}

/// A count of rows as it travels.
pub fn count(rows: i64) -> u32 {
    u32::try_from(rows).unwrap_or(0)
}

/// Attention first (by next post, then by how long it is broken), then what expires soon, then by name; given-up ones last (SPEC H-3).
pub fn order(card: &Card) -> (u8, i64, i64, String, String) {
    let group = match (card.disconnected, card.health, card.token) {
        (true, ..) => 3,
        (_, Health::NeedsReconnect, _) => 0,
        (_, _, Some(TokenStatus::ExpiringSoon { .. } | TokenStatus::Expired { .. })) => 1,
        _ => 2,
    };
    let (post, since) = match group {
        0 => (card.next_post_at.unwrap_or(i64::MAX), card.amber_since.unwrap_or(i64::MAX)),
        1 => (card.token_ends_at.unwrap_or(i64::MAX), 0),
        _ => (0, 0),
    };
    (group, post, since, card.name.to_lowercase(), card.id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::health::Cause;
    use crate::domain::id::AccountId;

    fn named(name: &str) -> Card {
        Card {
            id: AccountId::new(name),
            platform: Platform::X,
            host: None,
            name: name.into(),
            handle: None,
            picture: None,
            health: Health::Healthy,
            cause: None,
            missing_scopes: Vec::new(),
            amber_since: None,
            token: Some(TokenStatus::Valid),
            token_ends_at: None,
            disconnected: false,
            scheduled_posts: 0,
            next_post_at: None,
            held_posts: 0,
            dies_before_posts: 0,
        }
    }

    fn amber(name: &str, since: i64, next_post_at: Option<i64>) -> Card {
        let (health, cause) = (Health::NeedsReconnect, Some(Cause::Revoked));
        Card { health, cause, amber_since: Some(since), next_post_at, ..named(name) }
    }

    // SPEC H-3
    #[test]
    fn what_needs_attention_comes_first() {
        let soon = Card { token: Some(TokenStatus::ExpiringSoon { days: 3 }), token_ends_at: Some(9), ..named("soon") };
        let gone = Card { disconnected: true, token: None, ..named("a gone one") };
        let mut cards = [
            named("zebra"),
            gone,
            named("Ant"),
            soon,
            amber("young, no post", 50, None),
            amber("old, no post", 10, None),
            amber("post tomorrow", 60, Some(2_000)),
            amber("post today", 70, Some(1_000)),
        ];
        cards.sort_by_key(order);
        let names: Vec<&str> = cards.iter().map(|card| card.name.as_str()).collect();
        let expected =
            ["post today", "post tomorrow", "old, no post", "young, no post", "soon", "Ant", "zebra", "a gone one"];
        assert_eq!(names, expected);
    }

    // SPEC H-4: counts stand beside each choice, and combine
    #[test]
    fn each_choice_knows_what_it_would_take() {
        let on = |platform, card: Card| Card { platform, ..card };
        let cards = vec![
            on(Platform::Facebook, named("Bakery")),
            on(Platform::Facebook, amber("Bakery shop", 1, None)),
            on(Platform::X, amber("Bakery", 2, None)),
            on(Platform::Youtube, named("Choir")),
        ];
        let filter = Filter::of("attention", "facebook", "bakery".into(), 0);
        let (taken, choices) = sift(cards, &filter);
        assert_eq!(taken.iter().map(|card| card.name.as_str()).collect::<Vec<_>>(), ["Bakery shop"]);
        assert_eq!(choices.statuses, [2, 1, 2, 0, 0]);
        assert_eq!(choices.platforms, [(Platform::Facebook, 1), (Platform::X, 1), (Platform::Youtube, 0)]);
        assert_eq!(choices.any_platform, 2);
    }
}
