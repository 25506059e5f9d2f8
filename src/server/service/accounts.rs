//! One account as the panel shows it, and what a member may do with it.

use super::desk::Desk;
use super::history::{self, Happening};
use super::lifecycle::{self, Pen};
use super::{ServiceError, forecast, keeper, listing, token_debug, uptime};
use crate::api::accounts::{Detail, Outcome, Removal, Sibling, ToldBy};
use crate::domain::id::{AccountId, GrantId};
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::platform::Tokens;
use crate::server::state::AppState;
use crate::server::store::accounts::{self, Account};
use crate::server::store::cards;
use crate::server::store::grants::{self, Grant};
use crate::server::store::outbox::Channel;
use crate::server::store::outbox_items::{self, Told};
use crate::server::store::{Tx, events, people, posts};

/// How many lines of history the panel shows.
const HISTORY_LINES: i64 = 30;

/// One account's panel.
pub async fn detail(state: &AppState, member: &Member, id: &AccountId) -> Result<Detail, ServiceError> {
    member.may(Action::See)?;
    let account = account(state, member, id).await?;
    let now = state.clock.now();
    let row = cards::one(&state.db, &member.workspace, id).await?.ok_or(ServiceError::NotFound)?;
    let grant = grants::get(&state.db, &account.grant).await?.ok_or(ServiceError::NotFound)?;
    let siblings = accounts::of_grant(&state.db, &grant.id).await?;
    let connected_by = match &account.connected_by {
        Some(user) => people::name_of(&state.db, user).await?,
        None => None,
    };
    let mut card = listing::card(row, now);
    forecast::warn(state, &member.workspace, std::slice::from_mut(&mut card)).await?;
    let history = events::of_account(&state.db, id, HISTORY_LINES).await?;
    Ok(Detail {
        now,
        uptime: uptime::of(state, &account, now).await?,
        card,
        link: account.link,
        granted_by: grant.identity_name,
        connected_by,
        connected_at: account.connected_at,
        refreshed_at: grant.refreshed_at,
        checked_at: account.checked_at,
        next_check_at: grant.active.then_some(grant.due_at),
        unusable: account.unusable,
        token_debug: account.connected
            && member.role.may(Action::SeeScopes)
            && token_debug::is_offered(account.platform),
        scopes: grant.scopes.filter(|_| member.role.may(Action::SeeScopes)),
        siblings: siblings.into_iter().filter(|one| one.id != *id && one.connected).map(sibling).collect(),
        told: outbox_items::told_of_open(&state.db, id).await?.into_iter().map(told).collect(),
        history: history.iter().map(history::entry).collect(),
    })
}

fn told(one: Told) -> ToldBy {
    let again = (one.last > one.at).then_some(one.last);
    ToldBy { mail: one.channel == Channel::Mail.key(), name: one.name, at: one.at, again }
}

fn sibling(account: Account) -> Sibling {
    Sibling { health: account.standing.health, name: account.name }
}

async fn account(state: &AppState, member: &Member, id: &AccountId) -> Result<Account, ServiceError> {
    accounts::get(&state.db, &member.workspace, id).await?.ok_or(ServiceError::NotFound)
}

/// Gives up the connection of an account; its history and posts stay, and a reconnect restores it.
pub async fn disconnect(state: &AppState, member: &Member, id: &AccountId) -> Result<Outcome, ServiceError> {
    member.may(Action::ManageAccounts)?;
    let account = account(state, member, id).await?;
    if !account.connected {
        return Err(ServiceError::Conflict(format!("{} is disconnected already.", account.name)));
    }
    let pen = Pen { now: state.clock.now(), random: &state.random };
    let mut tx = state.db.begin().await?;
    grants::lock(&mut tx, &account.grant).await?;
    let news = lifecycle::disconnected(&mut tx, pen, &account, &member.user).await?;
    let left = accounts::of_grant_in(&mut tx, &account.grant).await?.iter().any(|one| one.connected);
    let dropped = if left { None } else { forget(state, &mut tx, &account.grant, false).await? };
    tx.commit().await?;
    news.tell(&state.live);
    give_back(state, dropped);
    Ok(Outcome { words: format!("Disconnected {}. Its posts and history are kept.", account.name), health: None })
}

/// What removing an account would delete.
pub async fn removal(state: &AppState, member: &Member, id: &AccountId) -> Result<Removal, ServiceError> {
    member.may(Action::ManageAccounts)?;
    let account = account(state, member, id).await?;
    let posts = posts::count_of_account(&state.db, id).await?;
    let history = events::count_of_account(&state.db, id).await?;
    Ok(Removal { name: account.name, posts: listing::count(posts), history: listing::count(history) })
}

/// Deletes an account for good. `typed` must be its name.
pub async fn remove(state: &AppState, member: &Member, id: &AccountId, typed: &str) -> Result<Outcome, ServiceError> {
    member.may(Action::ManageAccounts)?;
    let account = account(state, member, id).await?;
    if typed.trim() != account.name.trim() {
        return Err(ServiceError::Invalid(format!("Type the name exactly as it stands here: {}", account.name)));
    }
    let pen = Pen { now: state.clock.now(), random: &state.random };
    let mut tx = state.db.begin().await?;
    grants::lock(&mut tx, &account.grant).await?;
    accounts::delete(&mut tx, id).await?;
    posts::delete_orphans(&mut tx, &member.workspace).await?;
    let what = Happening::Removed { name: account.name.clone() };
    pen.note(&mut tx, &member.workspace, None, Some(&member.user), &what).await?;
    let others = accounts::of_grant_in(&mut tx, &account.grant).await?;
    let dropped = match (others.is_empty(), others.iter().any(|one| one.connected)) {
        (true, _) => forget(state, &mut tx, &account.grant, true).await?,
        (false, false) => forget(state, &mut tx, &account.grant, false).await?,
        (false, true) => None,
    };
    tx.commit().await?;
    state.live.tell(&member.workspace, Some(id), None);
    give_back(state, dropped);
    Ok(Outcome { words: format!("Removed {}.", account.name), health: None })
}

/// A consent that nothing lives on any more.
pub struct Dropped {
    grant: Grant,
    tokens: Tokens,
}

/// Forgets the tokens of a grant (or the whole grant) and answers what can be given back to the platform.
pub async fn forget(
    state: &AppState,
    tx: &mut Tx,
    grant: &GrantId,
    whole: bool,
) -> Result<Option<Dropped>, ServiceError> {
    let grant = grants::get_in(tx, grant).await?.ok_or(ServiceError::NotFound)?;
    let tokens = keeper::token::to_give_back(state, &grant);
    match whole {
        true => grants::delete(tx, &grant.id).await?,
        false => grants::give_up(tx, &grant.id).await?,
    }
    Ok(tokens.map(|tokens| Dropped { grant, tokens }))
}

/// Tells the platform in the background that the consent ends, unless a connection lives on the same person's consent:
/// another grant, or this one again after a quick reconnect.
pub fn give_back(state: &AppState, dropped: Option<Dropped>) {
    let Some(Dropped { grant, tokens }) = dropped else { return };
    let state = state.clone();
    let tasks = state.tasks.clone();
    tasks.spawn(async move {
        let Ok(desk) = Desk::new(&state, grant.platform, &grant.host).await else { return };
        let others = grants::others_of_identity(&state.db, grant.platform, &grant.host, &grant.identity_id, None).await;
        if !matches!(others, Ok(0)) {
            return;
        }
        if let Err(failure) = desk.adapter.revoke(&desk.cx(&state), &tokens).await {
            tracing::info!(%failure, grant = %grant.id, "a consent could not be given back");
        }
    });
}
