//! The keeper: looks at each grant when it is due, refreshes its tokens under a lease, and probes its accounts.
//!
//! The network is called outside any transaction; what it answered is written only while the lease still stands.
//! A look runs in a task of its own: a person who closes the tab must not cancel a refresh that was sent.
//! Nobody else reads a grant's tokens: who needs one asks [`token`].

pub mod breaker;
mod check;
mod dispatch;
pub mod flights;
mod noted;
pub mod pace;
mod refresh;
pub mod token;
mod turn;
mod watch;

pub use check::check_now;
pub use dispatch::run_due;

use super::ServiceError;
use crate::domain::id::{AccountId, GrantId};
use crate::domain::platform::Platform;
use crate::server::config::KeeperConfig;
use crate::server::platform::failure::Failure;
use crate::server::state::AppState;
use crate::server::store::leases::{self, Claim, Claimed};
use crate::server::store::outages;
use breaker::Breakers;
use flights::{Flights, Landing, Seat};
use pace::Paces;
use watch::Watch;

/// What the keeper of one process knows beyond the database.
pub struct Keeper {
    pub breakers: Breakers,
    pub flights: Flights,
    pub paces: Paces,
}

impl Keeper {
    /// A keeper that has not looked at anything yet.
    pub fn new(config: &KeeperConfig) -> Self {
        let paces = Paces::new(config.platform_per_second);
        Self { breakers: Breakers::default(), flights: Flights::default(), paces }
    }
}

/// Why a grant is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It was due.
    Due,
    /// A person pressed "Refresh now".
    Asked,
    /// Somebody needs its token now.
    Needed,
}

/// What a look at a grant brought.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub refreshed: bool,
    /// What failed, and for which account; `None` for all of the grant's.
    pub failures: Vec<(Option<AccountId>, Failure)>,
}

impl Look {
    /// What failed for this account.
    pub fn failure_of(&self, account: &AccountId) -> Option<&Failure> {
        let concerns = |of: &Option<AccountId>| of.as_ref().is_none_or(|id| id == account);
        self.failures.iter().find(|(of, _)| concerns(of)).map(|(_, failure)| failure)
    }
}

/// Looks at one grant under its lease, or shares a look that is under way in this process. `None` if another process
/// holds it, or it was given up.
///
/// # Errors
/// `ReadOnly` while nothing could be stored; what the store says.
pub async fn look_at(state: &AppState, id: &GrantId, reason: Reason) -> Result<Option<Look>, ServiceError> {
    if let Some(why) = state.vault.is_read_only() {
        return Err(ServiceError::ReadOnly(why));
    }
    loop {
        match state.keeper.flights.board(id) {
            Seat::Pilot(flight) => {
                let result = look_alone(state, id, reason).await;
                flight.land(landing(&result));
                return result;
            }
            Seat::Passenger(waiting) => match waiting.landed().await {
                Some(Landing::Arrived(look)) => return Ok(look),
                Some(Landing::Failed) => return Err(ServiceError::Busy { seconds: 5 }),
                None => {}
            },
        }
    }
}

fn landing(result: &Result<Option<Look>, ServiceError>) -> Landing {
    result.as_ref().map_or(Landing::Failed, |look| Landing::Arrived(look.clone()))
}

async fn look_alone(state: &AppState, id: &GrantId, reason: Reason) -> Result<Option<Look>, ServiceError> {
    match leases::take(&state.db, id, claim(state)).await? {
        Some(claimed) => Watch::begin(state, claimed).await?.run(reason).await.map(Some),
        None => Ok(None),
    }
}

/// Looks at a grant that was claimed because it was due.
async fn look_at_claimed(state: &AppState, claimed: Claimed) -> Result<Option<Look>, ServiceError> {
    let flight = match state.keeper.flights.board(&claimed.grant.id) {
        Seat::Pilot(flight) => Some(flight),
        // Somebody who wanted a look has just found the lease taken by this one.
        Seat::Passenger(_) => None,
    };
    let result = match Watch::begin(state, claimed).await {
        Ok(watch) => watch.run(Reason::Due).await.map(Some),
        Err(error) => Err(error),
    };
    if let Some(flight) = flight {
        flight.land(landing(&result));
    }
    result
}

/// How this process claims grants.
fn claim(state: &AppState) -> Claim<'_> {
    Claim { owner: &state.instance, now: state.clock.now(), lease_ms: lease_ms(state) }
}

fn lease_ms(state: &AppState) -> i64 {
    i64::from(state.config.keeper.lease_seconds) * 1_000
}

/// What the breakers must know from before this process began.
///
/// # Errors
/// What the store says.
pub async fn remember(state: &AppState) -> Result<(), ServiceError> {
    for outage in outages::all(&state.db).await? {
        if let Some(platform) = Platform::stored(&outage.platform) {
            state.keeper.breakers.known(platform, &outage.host, state.clock.now());
        }
    }
    Ok(())
}
