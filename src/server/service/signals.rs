//! What platforms tell us by themselves (SPEC T-8), carried out: every account that hangs on the consent in question, in
//! whatever workspace, turns amber at once, and its tokens are forgotten. So the keeper asks nobody with them and can't
//! contradict; a reconnect brings new ones.

use axum::http::HeaderMap;

use super::ServiceError;
use super::desk::Desk;
use super::lifecycle::{self, News, Pen, Sight};
use crate::domain::health::{Cause, Observation};
use crate::domain::platform::Platform;
use crate::server::digest::sha256;
use crate::server::platform::signal::{Delivery, Happened, Kind, Signal, Unheard};
use crate::server::state::AppState;
use crate::server::store::deletions::{self, Deletion};
use crate::server::store::{accounts, grants};

/// A consent that is younger than the message by more than this is another one. Clocks differ.
const CLOCKS_MS: i64 = 60_000;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    pub grants: usize,
    pub accounts: usize,
    /// For the person who asked to be forgotten: by this they find out what was deleted.
    pub confirmation: Option<String>,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Unheard(#[from] Unheard),
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// Verifies a message and carries it out.
///
/// # Errors
/// `Unheard` for what the platform did not send or can't be verified: nothing was changed.
pub async fn hear(
    state: &AppState,
    platform: Platform,
    kind: Kind,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Done, Refused> {
    let desk = Desk::new(state, platform, "").await?;
    let signal = desk.adapter.signal(&desk.cx(state), &Delivery { kind, headers, body }).await?;
    let mut done = Done { grants: 0, accounts: 0, confirmation: None };
    if signal.happened == Happened::Nothing {
        return Ok(done);
    }
    for place in [Some(platform), platform.ends_together_with()].into_iter().flatten() {
        for grant in grants::of_identities(&state.db, place, &signal.identities).await.map_err(ServiceError::from)? {
            if let Some(accounts) = end(state, &grant, &signal).await? {
                done.grants += 1;
                done.accounts += accounts;
            }
        }
    }
    if signal.happened == Happened::Forget {
        done.confirmation = Some(confirm(state, platform, &done).await?);
    }
    tracing::info!(%platform, grants = done.grants, accounts = done.accounts, "a platform told that a consent is over");
    Ok(done)
}

/// Ends one grant. `None` if the message is not about the consent that it holds now.
async fn end(
    state: &AppState,
    id: &crate::domain::id::GrantId,
    signal: &Signal,
) -> Result<Option<usize>, ServiceError> {
    let pen = Pen { now: state.clock.now(), random: &state.random };
    let mut tx = state.db.begin().await?;
    let Some(grant) = grants::lock(&mut tx, id).await? else { return Ok(None) };
    if signal.at.is_some_and(|at| at + CLOCKS_MS < grant.access_issued_at) {
        return Ok(None);
    }
    let mut news: Vec<News> = Vec::new();
    for account in accounts::of_grant_in(&mut tx, id).await?.iter().filter(|account| account.connected) {
        let sight = Sight { account, seen: Observation::Dead(Cause::Revoked), missing: &[], by: None };
        news.extend(lifecycle::record(&mut tx, pen, &sight).await?);
    }
    grants::forget_tokens(&mut tx, id).await?;
    if signal.happened == Happened::Forget {
        grants::forget_person(&mut tx, id).await?;
    }
    tx.commit().await?;
    let count = news.len();
    for one in news {
        one.tell(&state.live);
    }
    Ok(Some(count))
}

/// Notes what was deleted, under the hash of the code that the person gets.
async fn confirm(state: &AppState, platform: Platform, done: &Done) -> Result<String, ServiceError> {
    let code = state.random.token();
    let count = |many: usize| i64::try_from(many).unwrap_or(i64::MAX);
    let row = Deletion {
        platform: platform.key().to_owned(),
        done_at: state.clock.now(),
        grants: count(done.grants),
        accounts: count(done.accounts),
    };
    let mut tx = state.db.begin().await?;
    deletions::insert(&mut tx, &sha256(code.as_bytes()), &row).await?;
    tx.commit().await?;
    Ok(code)
}

/// What was deleted for the holder of a confirmation code.
///
/// # Errors
/// `NotFound` for a code that was never given.
pub async fn deleted(state: &AppState, code: &str) -> Result<Deletion, ServiceError> {
    deletions::get(&state.db, &sha256(code.as_bytes())).await?.ok_or(ServiceError::NotFound)
}
