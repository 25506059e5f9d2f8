//! What platforms tell us by themselves (SPEC T-8), carried out: every account that hangs on the consent in question, in
//! whatever workspace, turns amber at once, and its tokens are forgotten. So the keeper asks nobody with them and can't
//! contradict; a reconnect brings new ones.

use axum::http::HeaderMap;

use super::desk::Desk;
use super::keeper::{self, Reason};
use super::lifecycle::{self, News, Pen, Sight};
use super::{ServiceError, tokens};
use crate::domain::health::{Cause, Observation};
use crate::domain::id::GrantId;
use crate::domain::platform::Platform;
use crate::server::digest::sha256;
use crate::server::platform::signal::{About, Delivery, Happened, Kind, Signal, TokenMark, Unheard};
use crate::server::state::AppState;
use crate::server::store::deletions::{self, Deletion};
use crate::server::store::{accounts, grants};

/// By how much the platform's clock may differ from ours, in milliseconds. A consent that is younger than the message by
/// more is another one; one that is about as old may be.
const CLOCKS_MS: i64 = 60_000;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Consents that ended by it, with their accounts.
    pub grants: usize,
    pub accounts: usize,
    /// The HTTP status that the platform expects.
    pub status: u16,
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
    let delivery = Delivery { kind, headers, body };
    let (platform, desk, told) = verified(state, platform, &delivery).await?;
    let mut done = Done { grants: 0, accounts: 0, status: desk.adapter.heard_status(), confirmation: None };
    for signal in &told {
        for grant in meant(state, platform, signal).await? {
            match end(state, &grant, signal).await? {
                Outcome::AnotherConsent => {}
                Outcome::Unclear => look(state, grant),
                Outcome::Ended { accounts } => {
                    done.grants += 1;
                    done.accounts += accounts;
                }
            }
        }
    }
    if told.iter().any(|signal| signal.happened == Happened::Forget) {
        done.confirmation = Some(confirm(state, platform, &done).await?);
    }
    tracing::info!(%platform, grants = done.grants, accounts = done.accounts, "a platform told something about consents");
    Ok(done)
}

/// What a message tells, and of which platform's app. Sister platforms may have one address for the messages of both: what
/// was not written for the app of the one may have been for that of the other.
async fn verified(
    state: &AppState,
    platform: Platform,
    delivery: &Delivery<'_>,
) -> Result<(Platform, Desk, Vec<Signal>), Refused> {
    let desk = Desk::new(state, platform, "").await?;
    let forged = match desk.adapter.signal(&desk.cx(state), delivery).await {
        Ok(told) => return Ok((platform, desk, told)),
        Err(forged @ Unheard::Forged(_)) => forged,
        Err(unheard) => return Err(unheard.into()),
    };
    let Some(Kin { platform: kin, same_app: false }) = kin(state, platform) else { return Err(forged.into()) };
    let desk = Desk::new(state, kin, "").await?;
    match desk.adapter.signal(&desk.cx(state), delivery).await {
        Ok(told) => Ok((kin, desk, told)),
        Err(_) => Err(forged.into()),
    }
}

/// A sister platform for which the operator has set an app.
struct Kin {
    platform: Platform,
    /// Whether one app asks for both.
    same_app: bool,
}

fn kin(state: &AppState, platform: Platform) -> Option<Kin> {
    let kin = platform.ends_together_with()?;
    let app = state.config.app(kin)?;
    let same_app = state.config.app(platform).is_some_and(|own| own.client_id == app.client_id);
    Some(Kin { platform: kin, same_app })
}

/// The grants that a message is about: also those of a platform whose consents end together with these, if both are asked
/// for by one app; and those that were given up, where there is something left of the person to forget.
async fn meant(state: &AppState, platform: Platform, signal: &Signal) -> Result<Vec<GrantId>, ServiceError> {
    let kin = kin(state, platform).filter(|kin| kin.same_app).map(|kin| kin.platform);
    let mut found = Vec::new();
    for place in [Some(platform), kin].into_iter().flatten() {
        found.extend(match &signal.about {
            About::Person(person) => {
                grants::of_person(&state.db, place, person, signal.happened == Happened::Forget).await?
            }
            About::Token(mark) => holders(state, place, mark).await?,
        });
    }
    Ok(found)
}

/// Who holds a refresh token. All are opened for it: such a message is rare, and what would find them faster would have
/// to be stored beside each token.
async fn holders(state: &AppState, platform: Platform, mark: &TokenMark) -> Result<Vec<GrantId>, ServiceError> {
    let mut found = Vec::new();
    for id in grants::refreshable(&state.db, platform).await? {
        let Some(grant) = grants::get(&state.db, &id).await? else { continue };
        let refresh = tokens::open(&state.vault, &grant)?.and_then(|tokens| tokens.refresh);
        if refresh.is_some_and(|refresh| mark.names(&refresh)) {
            found.push(id);
        }
    }
    Ok(found)
}

/// Has the keeper look at a grant while the platform already gets its answer.
fn look(state: &AppState, grant: GrantId) {
    let state = state.clone();
    state.tasks.clone().spawn(async move {
        if let Err(error) = keeper::look_at(&state, &grant, Reason::Asked).await {
            tracing::warn!(%grant, %error, "could not look at what a platform told of; it is looked at when it is due");
        }
    });
}

/// What a message meant for one grant.
enum Outcome {
    /// It holds a younger consent.
    AnotherConsent,
    /// Only the platform itself can say whether this consent is over.
    Unclear,
    Ended {
        accounts: usize,
    },
}

/// Ends one grant, if that is what the message says of the consent that it holds now.
async fn end(state: &AppState, id: &GrantId, signal: &Signal) -> Result<Outcome, ServiceError> {
    let pen = Pen { now: state.clock.now(), random: &state.random };
    let mut tx = state.db.begin().await?;
    let Some(grant) = grants::lock(&mut tx, id).await? else { return Ok(Outcome::AnotherConsent) };
    if signal.at.is_some_and(|at| at + CLOCKS_MS < grant.access_issued_at) {
        return Ok(Outcome::AnotherConsent);
    }
    // Somebody who takes a consent back and gives a new one within the minute must not lose the new one.
    let maybe = signal.at.is_some_and(|at| at - CLOCKS_MS < grant.access_issued_at);
    if signal.happened == Happened::Look || (maybe && signal.happened == Happened::Revoked) {
        return Ok(Outcome::Unclear);
    }
    let mut news: Vec<News> = Vec::new();
    for account in accounts::of_grant_in(&mut tx, id).await?.iter().filter(|account| account.connected) {
        let sight = Sight { account, seen: Observation::Dead(Cause::Revoked), missing: &[], by: None };
        news.extend(lifecycle::record(&mut tx, pen, &sight).await?);
    }
    grants::forget_tokens(&mut tx, id).await?;
    if signal.happened == Happened::Forget {
        grants::forget_person(&mut tx, id).await?;
        accounts::forget_pictures(&mut tx, id).await?;
    }
    tx.commit().await?;
    let count = news.len();
    for one in news {
        one.tell(&state.live);
    }
    Ok(Outcome::Ended { accounts: count })
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
