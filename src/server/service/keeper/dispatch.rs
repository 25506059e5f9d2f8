//! Hands due grants to looks: claims them in batches, keeps each platform to its pace, leaves those in peace that are down.
//!
//! A batch is claimed ahead, while looks go on, so that a place that becomes free is taken at once and one commit serves
//! many looks. What was claimed and not begun when the server stops is given back.

use std::collections::VecDeque;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio::task::JoinError;
use tokio::time::{MissedTickBehavior, interval};

use super::breaker::Admission;
use super::claim;
use super::turn::{Turn, give_back, look, turn};
use crate::domain::platform::Platform;
use crate::server::clock::Moment;
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
    let mut round = Round { state, lanes, claiming: None, running: FuturesUnordered::new(), begun: 0 };
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

    /// How many more it may claim, taken out of its pace: enough for a second look in every place.
    fn take_room(&self, state: &AppState) -> usize {
        let most = state.config.keeper.platform_parallel as usize;
        if self.empty || self.ready.len() > most / 2 {
            return 0;
        }
        let held = self.busy + self.ready.len();
        let room = match state.keeper.breakers.admits(self.platform, "", state.clock.now()) {
            Admission::All => (2 * most).saturating_sub(held),
            Admission::One if held == 0 => 1,
            Admission::One | Admission::Not { .. } => 0,
        };
        state.keeper.paces.take(self.platform, room)
    }
}

/// The end of a task that holds a place of a platform.
type Landing = BoxFuture<'static, (Platform, Result<(), JoinError>)>;

/// What a claim brought for one lane.
struct Batch {
    platform: Platform,
    /// The oldest last.
    claimed: Vec<(Claimed, Moment)>,
    /// Nothing more is due.
    last: bool,
}

struct Round<'a> {
    state: &'a AppState,
    /// Whose turn it is to claim comes first.
    lanes: VecDeque<Lane>,
    /// One claim at a time.
    claiming: Option<BoxFuture<'a, Result<Batch, ServiceError>>>,
    running: FuturesUnordered<Landing>,
    begun: usize,
}

impl Round<'_> {
    async fn run(&mut self) -> Result<(), ServiceError> {
        let pause = Duration::from_secs(u64::from(self.state.config.keeper.poll_seconds));
        let mut ask_again = interval(pause);
        ask_again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick of all comes at once: not now.
        ask_again.reset();
        loop {
            if !self.state.stop.is_cancelled() && self.state.vault.is_read_only().is_none() {
                self.begin();
                self.claim_ahead();
            }
            if self.running.is_empty() && self.claiming.is_none() {
                return Ok(());
            }
            tokio::select! {
                Some((platform, landed)) = self.running.next() => self.landed(platform, landed),
                batch = claimed(&mut self.claiming) => self.received(batch?),
                // A platform that hangs, or has a crowd, must not keep the others waiting.
                _ = ask_again.tick() => self.lanes.iter_mut().for_each(|lane| lane.empty = false),
            }
        }
    }

    fn landed(&mut self, platform: Platform, landed: Result<(), JoinError>) {
        self.lane(platform, |lane| lane.busy -= 1);
        if let Err(error) = landed {
            tracing::error!(%error, %platform, "a look broke off; its lease ends by itself");
        }
    }

    fn received(&mut self, batch: Batch) {
        self.lane(batch.platform, |lane| {
            lane.empty = batch.last;
            lane.ready.splice(0..0, batch.claimed);
        });
    }

    fn lane(&mut self, platform: Platform, change: impl FnOnce(&mut Lane)) {
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.platform == platform) {
            change(lane);
        }
    }

    /// Begins to claim for the next lane that has run half empty, unless a claim is under way.
    fn claim_ahead(&mut self) {
        let state = self.state;
        for _ in 0..self.lanes.len() {
            if self.claiming.is_some() {
                return;
            }
            self.lanes.rotate_left(1);
            let Some(lane) = self.lanes.back() else { return };
            let room = lane.take_room(state);
            if room > 0 {
                self.claiming = Some(Box::pin(claim_batch(state, lane.platform, room)));
            }
        }
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
                let state = self.state.clone();
                self.running.push(match turn(&state, &claimed.grant) {
                    Turn::Look { trial } => {
                        self.begun += 1;
                        landing(self.state, claimed.grant.platform, look(state, claimed, at, trial))
                    }
                    Turn::Later { due_at } => {
                        landing(self.state, claimed.grant.platform, give_back(state, claimed, due_at))
                    }
                });
            }
        }
    }

    /// Gives back what was claimed and not begun.
    async fn give_back(&mut self) {
        for (claimed, _) in self.lanes.iter_mut().flat_map(|lane| lane.ready.drain(..)) {
            let due_at = claimed.grant.due_at;
            give_back(self.state.clone(), claimed, due_at).await;
        }
    }
}

/// What the claim that is under way brings; it never ends where none is.
async fn claimed(claiming: &mut Option<BoxFuture<'_, Result<Batch, ServiceError>>>) -> Result<Batch, ServiceError> {
    match claiming {
        Some(under_way) => {
            let batch = under_way.await;
            *claiming = None;
            batch
        }
        None => std::future::pending().await,
    }
}

/// Claims up to `room` grants of a platform that are due. What the pace had room for and nobody needed is given back.
async fn claim_batch(state: &AppState, platform: Platform, room: usize) -> Result<Batch, ServiceError> {
    let now = state.clock.now();
    if !any_due(state, platform, now).await? {
        state.keeper.paces.give_back(platform, room);
        return Ok(Batch { platform, claimed: Vec::new(), last: true });
    }
    let limit = i64::try_from(room).unwrap_or(i64::MAX);
    let claimed = leases::claim(&state.db, platform, claim(state), limit, |grant| is_refreshed(grant, now)).await?;
    let at = Moment::now();
    state.keeper.paces.give_back(platform, room - claimed.len());
    state.figures.claimed(platform, claimed.len());
    let last = claimed.len() < room;
    Ok(Batch { platform, claimed: claimed.into_iter().rev().map(|one| (one, at)).collect(), last })
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

/// A task of its own: whatever becomes of the round, it is finished.
fn landing(state: &AppState, platform: Platform, task: impl Future<Output = ()> + Send + 'static) -> Landing {
    let task = state.tasks.spawn(task);
    Box::pin(async move { (platform, task.await) })
}
