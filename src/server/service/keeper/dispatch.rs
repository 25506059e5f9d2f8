//! Hands due grants to looks: claims them in batches, keeps each platform to its pace, leaves those in peace that are down.
//!
//! A batch is claimed ahead, so that a place that becomes free is taken at once and one commit serves many looks. What
//! was claimed and not begun when the server stops is given back.

use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::task::JoinHandle;

use super::breaker::Admission;
use super::{claim, lease_ms, look_at_claimed};
use crate::domain::platform::Platform;
use crate::server::clock::Moment;
use crate::server::figures::BreakerState;
use crate::server::platform::adapter;
use crate::server::service::ServiceError;
use crate::server::state::AppState;
use crate::server::store::grants::Grant;
use crate::server::store::leases::{self, Claimed};

/// Looks at every grant that is due, until nothing more is. Answers how many were.
///
/// # Errors
/// What the store says; looks that have begun go on.
pub async fn run_due(state: &AppState) -> Result<usize, ServiceError> {
    if state.vault.is_read_only().is_some() {
        return Ok(0);
    }
    let platforms = state.config.all_platforms().filter(|platform| adapter(*platform).is_some());
    let lanes = platforms.map(Lane::new).collect();
    let mut round = Round { state, lanes, running: FuturesUnordered::new(), begun: 0 };
    let done = round.run().await;
    round.give_back().await;
    done.map(|()| round.begun)
}

/// One platform's part of a round.
struct Lane {
    platform: Platform,
    /// Claimed and not begun yet, with the moment of the claim.
    ready: Vec<(Claimed, Moment)>,
    busy: usize,
    /// Nothing more was due when it was asked last.
    empty: bool,
}

impl Lane {
    fn new(platform: Platform) -> Self {
        Self { platform, ready: Vec::new(), busy: 0, empty: false }
    }
}

struct Round<'a> {
    state: &'a AppState,
    lanes: Vec<Lane>,
    running: FuturesUnordered<JoinHandle<Platform>>,
    begun: usize,
}

impl Round<'_> {
    async fn run(&mut self) -> Result<(), ServiceError> {
        let ask_again = Duration::from_secs(u64::from(self.state.config.keeper.poll_seconds));
        loop {
            if !self.state.stop.is_cancelled() {
                self.claim().await?;
                self.begin();
            }
            if self.running.is_empty() {
                return Ok(());
            }
            tokio::select! {
                Some(landed) = self.running.next() => self.landed(landed),
                // A platform that hangs must not keep the others waiting.
                () = tokio::time::sleep(ask_again) => self.lanes.iter_mut().for_each(|lane| lane.empty = false),
            }
        }
    }

    fn landed(&mut self, landed: Result<Platform, tokio::task::JoinError>) {
        match landed {
            Ok(platform) => {
                self.lanes.iter_mut().filter(|lane| lane.platform == platform).for_each(|lane| lane.busy -= 1);
            }
            // Its place is lost for this round; its lease ends by itself.
            Err(error) => tracing::error!(%error, "a look broke off"),
        }
    }

    /// Fills up the lanes that have run half empty.
    async fn claim(&mut self) -> Result<(), ServiceError> {
        let state = self.state;
        let most = state.config.keeper.platform_parallel as usize;
        let now = state.clock.now();
        for lane in &mut self.lanes {
            if lane.empty || lane.ready.len() > most / 2 {
                continue;
            }
            let room = match state.keeper.breakers.admits(lane.platform, "", now) {
                Admission::All => (2 * most).saturating_sub(lane.busy + lane.ready.len()),
                Admission::One if lane.busy + lane.ready.len() == 0 => 1,
                Admission::One | Admission::Not { .. } => 0,
            };
            let room = state.keeper.paces.take(lane.platform, room);
            if room == 0 {
                continue;
            }
            if !any_due(state, lane.platform, now).await? {
                state.keeper.paces.give_back(lane.platform, room);
                lane.empty = true;
                continue;
            }
            let limit = i64::try_from(room).unwrap_or(i64::MAX);
            let claimed =
                leases::claim(&state.db, lane.platform, claim(state), limit, |grant| is_refreshed(grant, now)).await?;
            state.keeper.paces.give_back(lane.platform, room - claimed.len());
            state.figures.claimed(lane.platform, claimed.len());
            lane.empty = claimed.len() < room;
            let at = Moment::now();
            // The oldest is taken from the end.
            lane.ready.splice(0..0, claimed.into_iter().rev().map(|one| (one, at)));
            set_aside(state, lane, now).await?;
        }
        Ok(())
    }

    /// Begins looks while there are places.
    fn begin(&mut self) {
        let config = &self.state.config.keeper;
        let (all, each) = (config.parallel as usize, config.platform_parallel as usize);
        let mut begun = true;
        // One of each platform in turn, so that none waits behind another's crowd.
        while std::mem::take(&mut begun) {
            for lane in &mut self.lanes {
                if self.running.len() >= all || lane.busy >= each {
                    continue;
                }
                let Some((claimed, at)) = lane.ready.pop() else { continue };
                begun = true;
                lane.busy += 1;
                self.begun += 1;
                self.running.push(look(self.state, claimed, at));
            }
        }
    }

    /// Gives back what was claimed and not begun.
    async fn give_back(&mut self) {
        for lane in &mut self.lanes {
            for (claimed, _) in lane.ready.drain(..) {
                self.state.keeper.breakers.over(lane.platform, &claimed.grant.host);
                if let Err(error) = put_off(self.state, &claimed, claimed.grant.due_at).await {
                    tracing::warn!(%error, grant = %claimed.grant.id, "a claim could not be given back; it ends by itself");
                }
            }
        }
    }
}

/// Whether anything is due. When the database was away meanwhile, leases ended that were not over: whoever has received
/// a pair and could not store it gets a head start before anybody claims what looks abandoned.
async fn any_due(state: &AppState, platform: Platform, now: i64) -> Result<bool, ServiceError> {
    const AWAY: Duration = Duration::from_millis(500);
    const HEAD_START: Duration = Duration::from_secs(1);
    let asked = Moment::now();
    let answer = leases::any_due(&state.db, platform, now).await;
    if answer.is_err() || asked.elapsed() > AWAY {
        tokio::time::sleep(HEAD_START).await;
    }
    Ok(answer?)
}

/// Whether a look at this grant begins with a refresh.
fn is_refreshed(grant: &Grant, now: i64) -> bool {
    let Some(adapter) = adapter(grant.platform) else { return false };
    adapter
        .facts()
        .window(grant.access_issued_at, grant.access_ends_at, grant.sealed.refresh.is_some())
        .is_some_and(|window| window.is_open(now))
}

/// Grants on a server that is down wait until it is asked again. One look finds out whether it is back.
async fn set_aside(state: &AppState, lane: &mut Lane, now: i64) -> Result<(), ServiceError> {
    let mut kept = Vec::with_capacity(lane.ready.len());
    for (claimed, at) in lane.ready.drain(..).rev() {
        let host = &claimed.grant.host;
        let before = match state.keeper.breakers.admits(lane.platform, host, now) {
            Admission::All => None,
            Admission::One => {
                state.keeper.breakers.trying(lane.platform, host, now);
                state.figures.breaker(lane.platform, BreakerState::HalfOpen);
                None
            }
            Admission::Not { before } => Some(before),
        };
        match before {
            None => kept.push((claimed, at)),
            Some(before) => {
                let spread = (state.random.roll() * 10_000.0) as i64;
                put_off(state, &claimed, before + spread).await?;
            }
        }
    }
    kept.reverse();
    lane.ready = kept;
    Ok(())
}

async fn put_off(state: &AppState, claimed: &Claimed, due_at: i64) -> Result<(), ServiceError> {
    let mut tx = state.db.begin().await?;
    leases::give_back(&mut tx, claimed, due_at).await?;
    tx.commit().await?;
    Ok(())
}

/// A look in a task of its own: whatever becomes of the round, it is finished.
fn look(state: &AppState, claimed: Claimed, at: Moment) -> JoinHandle<Platform> {
    let state = state.clone();
    let tasks = state.tasks.clone();
    tasks.spawn(async move {
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
        state.keeper.breakers.over(platform, &host);
        platform
    })
}

/// A claim that waited long is made to last first; one that was lost is somebody else's.
async fn look_late(state: &AppState, claimed: Claimed) -> Result<Option<super::Look>, ServiceError> {
    if leases::renew(&state.db, &claimed.lease, lease_ms(state)).await? {
        look_at_claimed(state, claimed).await
    } else {
        Ok(None)
    }
}
