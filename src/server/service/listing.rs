//! The list of the Connections page, page by page (SPEC H-3, H-9).

use std::collections::HashMap;

use super::lines::{self, Line, Rank, Sifted};
use super::{ServiceError, forecast};
use crate::api::accounts::{Card, Connections, Setup};
use crate::domain::filter::Filter;
use crate::domain::grant::TokenStatus;
use crate::domain::id::AccountId;
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
    let all = lines(state, member, now).await?;
    let totals = lines::totals(&all);
    let Sifted { taken, choices } = lines::sift(all, filter);
    let matching = taken.len();
    let pages = matching.div_ceil(PAGE).max(1);
    let named = account.filter(|_| filter.page == 0);
    let at = named.and_then(|id| taken.iter().position(|line| line.id == *id));
    let page = at.map_or((filter.page as usize).clamp(1, pages), |at| at / PAGE + 1);
    let shown: Vec<AccountId> = taken.into_iter().skip((page - 1) * PAGE).take(PAGE).map(|line| line.id).collect();
    Ok(Connections {
        now,
        cards: cards_of(state, member, &shown, now).await?,
        page: lines::number(page),
        pages: lines::number(pages),
        matching: lines::number(matching),
        totals,
        choices,
        setups: setups(state, member).await?,
        checking: state.checks.progress(&member.workspace),
    })
}

/// All accounts that the filter takes, whatever its page, in the order of the list.
pub async fn in_order(state: &AppState, member: &Member, filter: &Filter) -> Result<Vec<Line>, ServiceError> {
    Ok(lines::sift(lines(state, member, state.clock.now()).await?, filter).taken)
}

async fn lines(state: &AppState, member: &Member, now: i64) -> Result<Vec<Line>, ServiceError> {
    member.may(Action::See)?;
    let rows = cards::lines(&state.db, &member.workspace).await?;
    Ok(rows.into_iter().map(|row| Line::read(row, now)).collect::<Result<_, _>>()?)
}

/// The cards of these accounts at `now` (Unix milliseconds), in this order. What was removed a moment ago is left out.
pub async fn cards_of(
    state: &AppState,
    member: &Member,
    ids: &[AccountId],
    now: i64,
) -> Result<Vec<Card>, ServiceError> {
    member.may(Action::See)?;
    let rows = cards::among(&state.db, &member.workspace, ids).await?;
    let mut cards: Vec<Card> = rows.into_iter().map(|row| card(row, now)).collect();
    forecast::warn(state, &member.workspace, &mut cards).await?;
    let places: HashMap<&AccountId, usize> = ids.iter().enumerate().map(|(place, id)| (id, place)).collect();
    cards.sort_by_key(|card| places.get(&card.id).copied());
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

/// Where a card stands in a list of all.
pub fn order(card: &Card) -> (u8, i64, i64, String, String) {
    let Card { id, name, health, token, token_ends_at, next_post_at, amber_since, disconnected, .. } = card;
    let (token, ends_at, next_post_at, amber_since) = (*token, *token_ends_at, *next_post_at, *amber_since);
    Rank { id, name, health: *health, disconnected: *disconnected, token, ends_at, next_post_at, amber_since }.key()
}
