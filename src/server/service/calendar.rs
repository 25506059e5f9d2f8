//! A calendar of the connections that somebody has to renew, behind a secret address (SPEC 6).

mod ics;

use self::ics::Ending;
use super::forecast::extends_itself;
use super::history::{self, Happening};
use super::{ServiceError, listing};
use crate::api::calendar::{Feed, Made};
use crate::domain::health::Health;
use crate::domain::id::WorkspaceId;
use crate::domain::role::Action;
use crate::server::digest::sha256;
use crate::server::http::session::Member;
use crate::server::state::AppState;
use crate::server::store::{cards, feeds};

/// What there is, for an admin. `token` is what this browser was given a moment ago; its address is shown while it is good.
///
/// # Errors
/// [`ServiceError::Forbidden`] for others; when the database does not answer.
pub async fn feed(state: &AppState, member: &Member, token: Option<String>) -> Result<Feed, ServiceError> {
    member.may(Action::ManageAccounts)?;
    let Some(feed) = feeds::of_workspace(&state.db, &member.workspace).await? else { return Ok(Feed::default()) };
    let token = token.filter(|token| sha256(token.as_bytes()) == feed.token_hash);
    let address = token.map(|token| format!("{}/calendar/{token}.ics", state.config.server.public_url));
    Ok(Feed { made: Some(Made { at: feed.created_at, by: feed.by_name }), address })
}

/// Makes a new address, which ends the one before, and answers its token: it is not kept and can't be shown again.
///
/// # Errors
/// [`ServiceError::Forbidden`] for members who are no admins; when the database does not answer.
pub async fn make(state: &AppState, member: &Member) -> Result<String, ServiceError> {
    member.may(Action::ManageAccounts)?;
    let token = state.random.token();
    let mut tx = state.db.begin().await?;
    feeds::put(&mut tx, &member.workspace, &member.user, &sha256(token.as_bytes()), state.clock.now()).await?;
    history::done(state, tx, member, &Happening::FeedMade).await?;
    Ok(token)
}

/// Ends the address.
///
/// # Errors
/// [`ServiceError::Forbidden`] for members who are no admins; when the database does not answer.
pub async fn revoke(state: &AppState, member: &Member) -> Result<(), ServiceError> {
    member.may(Action::ManageAccounts)?;
    let mut tx = state.db.begin().await?;
    if feeds::revoke(&mut tx, &member.workspace).await? {
        history::done(state, tx, member, &Happening::FeedRevoked).await?;
    }
    Ok(())
}

/// The calendar behind a token, as the text of an `.ics` file.
///
/// # Errors
/// [`ServiceError::NotFound`] for a token that is none; when the database does not answer.
pub async fn read(state: &AppState, token: &str) -> Result<String, ServiceError> {
    let workspace = feeds::workspace_of(&state.db, &sha256(token.as_bytes())).await?.ok_or(ServiceError::NotFound)?;
    let now = state.clock.now();
    Ok(ics::calendar(&endings(state, &workspace, now).await?, now))
}

/// As the forecast of the Overview: what is green now, and ends unless a person does something.
async fn endings(state: &AppState, workspace: &WorkspaceId, now: i64) -> Result<Vec<Ending>, ServiceError> {
    let rows = cards::all(&state.db, workspace).await?;
    let ending = |row: cards::CardRow| {
        let renewed = extends_itself(row.platform, row.has_refresh);
        let card = listing::card(row, now);
        let at = card.token_ends_at.filter(|&end| end > now && !renewed && card.health == Health::Healthy)?;
        let link = state.config.server.account_link(card.id.as_str());
        Some(Ending { account: card.id, noun: card.platform.noun(), name: card.name, at, link })
    };
    let mut endings: Vec<Ending> = rows.into_iter().filter_map(ending).collect();
    endings.sort_by(|a, b| (a.at, &a.account).cmp(&(b.at, &b.account)));
    Ok(endings)
}
