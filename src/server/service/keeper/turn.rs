//! A claimed grant whose turn has come: it is looked at, or given back while its server is down.

use super::breaker::Admission;
use super::{lease_ms, look_at_claimed};
use crate::server::clock::Moment;
use crate::server::figures::BreakerState;
use crate::server::service::ServiceError;
use crate::server::state::AppState;
use crate::server::store::grants::Grant;
use crate::server::store::leases::{self, Claimed};

/// What becomes of a claimed grant when its turn has come.
pub(super) enum Turn {
    /// `trial`: it is the one that finds out whether its server is back.
    Look { trial: bool },
    /// Its server is down.
    Later { due_at: i64 },
}

/// Whose server is down waits until it is asked again; one look finds out whether it is back.
pub(super) fn turn(state: &AppState, grant: &Grant) -> Turn {
    let (platform, host, now) = (grant.platform, &grant.host, state.clock.now());
    match state.keeper.breakers.admits(platform, host, now) {
        Admission::All => Turn::Look { trial: false },
        Admission::One => {
            state.keeper.breakers.trying(platform, host, now);
            state.figures.breaker(platform, BreakerState::HalfOpen);
            Turn::Look { trial: true }
        }
        // Not all of them at once.
        Admission::Not { before } => Turn::Later { due_at: before + (state.random.roll() * 10_000.0) as i64 },
    }
}

/// Gives a claim back with which nothing was begun.
pub(super) async fn give_back(state: AppState, claimed: Claimed, due_at: i64) {
    let put_off = async {
        let mut tx = state.db.begin().await?;
        leases::give_back(&mut tx, &claimed, due_at).await?;
        tx.commit().await
    };
    if let Err(error) = put_off.await {
        tracing::warn!(%error, grant = %claimed.grant.id, "a claim could not be given back; it ends by itself");
    }
}

/// Looks at a grant that was claimed at `at`.
pub(super) async fn look(state: AppState, claimed: Claimed, at: Moment, trial: bool) {
    let (platform, host, grant) = (claimed.grant.platform, claimed.grant.host.clone(), claimed.grant.id.clone());
    let _under_way = state.figures.in_flight(platform);
    let waited = i64::try_from(at.elapsed().as_millis()).unwrap_or(i64::MAX);
    let looked = if waited < lease_ms(&state) / 4 {
        look_at_claimed(&state, claimed).await
    } else {
        look_late(&state, claimed).await
    };
    if let Err(error) = looked {
        tracing::error!(%error, %grant, "a grant could not be looked at");
    }
    if trial {
        state.keeper.breakers.over(platform, &host);
    }
}

/// A claim that waited long is made to last first; one that was lost is somebody else's.
async fn look_late(state: &AppState, claimed: Claimed) -> Result<Option<super::Look>, ServiceError> {
    if leases::renew(&state.db, &claimed.lease, lease_ms(state)).await? {
        look_at_claimed(state, claimed).await
    } else {
        Ok(None)
    }
}
