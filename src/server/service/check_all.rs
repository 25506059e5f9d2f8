//! "Check all": looks at every connected account of a workspace once, and tells every open tab how far it is (SPEC T-7).
//!
//! It runs in a task of its own: a tab that is closed cancels nothing. A server that stops begins no further look, and lets
//! those come to their end that are under way.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::StreamExt as _;
use tokio::time::MissedTickBehavior;

use super::ServiceError;
use super::keeper::{self, Look, Reason};
use super::live::Tone;
use crate::api::accounts::Progress;
use crate::domain::alert;
use crate::domain::health::Health;
use crate::domain::id::{GrantId, WorkspaceId};
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::state::AppState;
use crate::server::store::accounts;

/// How many grants are looked at side by side.
const PARALLEL: usize = 4;

/// The shortest time between two tellings of the progress.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// The checks that are under way in this process: at most one a workspace.
#[derive(Debug, Default)]
pub struct Checks {
    running: Mutex<HashMap<WorkspaceId, Progress>>,
}

impl Checks {
    /// How far the workspace's check is; `None` while there is none.
    pub fn progress(&self, workspace: &WorkspaceId) -> Option<Progress> {
        self.map().get(workspace).copied()
    }

    /// Begins one, or answers how far the one is that is under way.
    fn begin(self: &Arc<Self>, workspace: &WorkspaceId, total: u32) -> Result<Run, Progress> {
        match self.map().entry(workspace.clone()) {
            Entry::Occupied(running) => Err(*running.get()),
            Entry::Vacant(free) => {
                let progress = Progress { done: 0, total };
                free.insert(progress);
                Ok(Run { checks: self.clone(), workspace: workspace.clone(), progress })
            }
        }
    }

    fn map(&self) -> MutexGuard<'_, HashMap<WorkspaceId, Progress>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A check that is under way, as long as it lives.
struct Run {
    checks: Arc<Checks>,
    workspace: WorkspaceId,
    progress: Progress,
}

impl Run {
    fn advance(&mut self, accounts: u32) {
        self.progress.done += accounts;
        self.checks.map().insert(self.workspace.clone(), self.progress);
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.checks.map().remove(&self.workspace);
    }
}

/// Begins to look at every connected account of the member's workspace, and answers at once. If that is under way already,
/// nothing begins and its progress is the answer.
///
/// # Errors
/// `Conflict` while no account is connected, `ReadOnly` while nothing could be stored.
pub async fn start(state: &AppState, member: &Member) -> Result<Progress, ServiceError> {
    member.may(Action::Check)?;
    if let Some(why) = state.vault.is_read_only() {
        return Err(ServiceError::ReadOnly(why));
    }
    let grants = accounts::connected_by_grant(&state.db, &member.workspace).await?;
    if grants.is_empty() {
        return Err(ServiceError::Conflict("No account is connected yet, so there is nothing to check.".into()));
    }
    let total = grants.iter().map(|(_, accounts)| accounts).sum();
    let run = match state.checks.begin(&member.workspace, total) {
        Ok(run) => run,
        Err(progress) => return Ok(progress),
    };
    let progress = run.progress;
    state.live.progress(&run.workspace, progress);
    let tasks = state.tasks.clone();
    tasks.spawn(look_at_all(state.clone(), run, grants));
    Ok(progress)
}

async fn look_at_all(state: AppState, mut run: Run, grants: Vec<(GrantId, u32)>) {
    let looks = futures::stream::iter(grants)
        .take_until(state.stop.cancelled())
        .map(|(grant, accounts)| {
            let state = &state;
            async move { (accounts, look_at(state, grant).await) }
        })
        .buffer_unordered(PARALLEL);
    let mut looks = std::pin::pin!(looks);
    let mut pulse = tokio::time::interval(TELL_EVERY);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut sum, mut untold) = (Seen::default(), false);
    loop {
        tokio::select! {
            look = looks.next() => {
                let Some((accounts, seen)) = look else { break };
                run.advance(accounts);
                sum.add(seen);
                untold = true;
            }
            _ = pulse.tick(), if untold => {
                state.live.progress(&run.workspace, run.progress);
                untold = false;
            }
        }
    }
    if !run.progress.running() {
        finish(&state, run, sum);
    }
}

/// Whoever asks after the end was told must not hear of a check that is under way: so it ends first.
fn finish(state: &AppState, run: Run, sum: Seen) {
    let (workspace, progress) = (run.workspace.clone(), run.progress);
    drop(run);
    state.live.progress(&workspace, progress);
    let tone = if sum.amber > 0 { Tone::Warn } else { Tone::Ok };
    let words = alert::checked(sum.healthy, sum.amber, sum.unclear);
    state.live.tell(&workspace, None, Some((tone, words)));
}

/// How many accounts were found in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    healthy: u32,
    amber: u32,
    /// Still what they were: their platform gave no answer that tells anything.
    unclear: u32,
}

impl Seen {
    fn add(&mut self, more: Self) {
        self.healthy += more.healthy;
        self.amber += more.amber;
        self.unclear += more.unclear;
    }
}

/// Looks at one grant and says how its accounts are. One that somebody else holds just now is as the database says.
async fn look_at(state: &AppState, grant: GrantId) -> Seen {
    let task = {
        let (state, grant) = (state.clone(), grant.clone());
        let tasks = state.tasks.clone();
        // Of its own, so that a fault in one look does not end the others.
        tasks.spawn(async move { keeper::look_at(&state, &grant, Reason::Asked).await })
    };
    let look = match task.await {
        Ok(Ok(look)) => Some(look.unwrap_or_default()),
        Ok(Err(error)) => {
            tracing::error!(%error, %grant, "a grant could not be looked at");
            None
        }
        Err(error) => {
            tracing::error!(%error, %grant, "a look broke off");
            None
        }
    };
    match accounts::of_grant(&state.db, &grant).await {
        Ok(accounts) => count(&accounts, look.as_ref()),
        Err(error) => {
            tracing::error!(%error, %grant, "the accounts of a grant can't be read");
            Seen::default()
        }
    }
}

fn count(accounts: &[accounts::Account], look: Option<&Look>) -> Seen {
    let mut seen = Seen::default();
    for account in accounts.iter().filter(|account| account.connected) {
        let answered = look.is_some_and(|look| {
            !look.failures.iter().any(|(of, _)| of.as_ref().is_none_or(|failed| *failed == account.id))
        });
        match (account.standing.health, answered) {
            (Health::NeedsReconnect, _) => seen.amber += 1,
            (Health::Healthy, true) => seen.healthy += 1,
            (Health::Healthy, false) => seen.unclear += 1,
        }
    }
    seen
}
