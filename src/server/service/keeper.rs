//! The keeper: looks at each grant when it is due, refreshes its tokens under a lease, and probes its accounts.
//!
//! The network is called outside any transaction; what it answered is written only while the lease still stands.
//! A look runs in a task of its own: a person who closes the tab must not cancel a refresh that was sent.

use std::ops::ControlFlow;

use futures::StreamExt as _;

use super::desk::Desk;
use super::history::Happening;
use super::lifecycle::{self, News, Pen, Sight};
use super::{ServiceError, tokens};
use crate::api::accounts::Outcome;
use crate::domain::alert;
use crate::domain::health::{ATTEMPTS, Cause, Health, Observation};
use crate::domain::id::{AccountId, GrantId};
use crate::domain::refresh::{RefreshKind, back_off, next_due, refresh_from};
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::platform::failure::{Class, Failure};
use crate::server::platform::{Probe, Subject, Tokens, missing_scopes};
use crate::server::state::AppState;
use crate::server::store::accounts::{self, Account};
use crate::server::store::grants::{self, Grant};
use crate::server::store::leases::{self, Lease};

/// Why a grant is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It was due.
    Due,
    /// A person pressed "Refresh now".
    Asked,
}

/// Answers "Refresh now" for one account.
///
/// # Errors
/// `Busy` while another look is under way, `Conflict` for a disconnected account, `ReadOnly` while nothing could be stored.
pub async fn check_now(state: &AppState, member: &Member, id: &AccountId) -> Result<Outcome, ServiceError> {
    member.may(Action::Check)?;
    let account = accounts::get(&state.db, &member.workspace, id).await?.ok_or(ServiceError::NotFound)?;
    if !account.connected {
        return Err(ServiceError::Conflict(format!("{} is disconnected. Reconnect it first.", account.name)));
    }
    let task = {
        let (state, grant) = (state.clone(), account.grant.clone());
        let tasks = state.tasks.clone();
        tasks.spawn(async move { look_at(&state, &grant, Reason::Asked).await })
    };
    let look = task.await.map_err(|error| ServiceError::Broken(error.to_string()))??;
    let look = look.ok_or(ServiceError::Busy { seconds: 5 })?;
    let after = accounts::get(&state.db, &member.workspace, id).await?.ok_or(ServiceError::NotFound)?;
    Ok(outcome(&after, &look))
}

fn outcome(account: &Account, look: &Look) -> Outcome {
    let name = &account.name;
    let words = match (look.failure_of(&account.id), account.standing.health) {
        (_, Health::NeedsReconnect) => alert::please_reconnect(name),
        (Some(failure), _) if failure.class == Class::Rate => {
            format!("{} asks us to wait before {name} is checked again.", account.platform)
        }
        (Some(failure), _) if failure.class == Class::App => {
            format!(
                "{} refused our app's own credentials. {name} is not at fault; the operator must look at the settings.",
                account.platform
            )
        }
        (Some(_), _) => format!("{} could not be reached. {name} stays as it was; we try again.", account.platform),
        (None, Health::Healthy) if look.refreshed => alert::refreshed(name),
        (None, Health::Healthy) => format!("{name} is healthy"),
    };
    Outcome { words, health: Some(account.standing.health) }
}

/// Looks at every grant that is due. Answers how many were.
pub async fn run_due(state: &AppState) -> Result<usize, ServiceError> {
    const BATCH: i64 = 50;
    const PARALLEL: usize = 4;
    if state.vault.is_read_only().is_some() {
        return Ok(0);
    }
    let due = leases::due(&state.db, state.clock.now(), BATCH).await?;
    let count = due.len();
    let looks = futures::stream::iter(due).map(|grant| async move {
        if let Err(error) = look_at(state, &grant, Reason::Due).await {
            tracing::error!(%error, %grant, "a grant could not be looked at");
        }
    });
    looks.buffer_unordered(PARALLEL).for_each(|()| async {}).await;
    Ok(count)
}

/// What a look at a grant brought.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub refreshed: bool,
    /// What failed, and for which account; `None` for all of the grant's.
    pub failures: Vec<(Option<AccountId>, Failure)>,
}

impl Look {
    fn failure_of(&self, account: &AccountId) -> Option<&Failure> {
        let concerns = |of: &Option<AccountId>| of.as_ref().is_none_or(|id| id == account);
        self.failures.iter().find(|(of, _)| concerns(of)).map(|(_, failure)| failure)
    }
}

/// Looks at one grant under its lease. `None` if somebody else holds it, or it was given up.
pub async fn look_at(state: &AppState, id: &GrantId, reason: Reason) -> Result<Option<Look>, ServiceError> {
    if let Some(why) = state.vault.is_read_only() {
        return Err(ServiceError::ReadOnly(why));
    }
    let now = state.clock.now();
    let owner = state.random.token();
    let Some(lease) = leases::take(&state.db, id, &owner, now, now + lease_ms(state)).await? else { return Ok(None) };
    // Read again under the lease: what was read before may be another one's old token.
    let Some(grant) = grants::get(&state.db, id).await? else { return Ok(None) };
    let accounts: Vec<Account> =
        accounts::of_grant(&state.db, id).await?.into_iter().filter(|one| one.connected).collect();
    let desk = Desk::new(state, grant.platform, &grant.host).await?;
    let watch =
        Watch { state, desk, lease, grant, accounts, pen: Pen { now, random: &state.random }, look: Look::default() };
    watch.run(reason).await.map(Some)
}

fn lease_ms(state: &AppState) -> i64 {
    i64::from(state.config.keeper.lease_seconds) * 1_000
}

/// One look at one grant.
pub(super) struct Watch<'a> {
    pub(super) state: &'a AppState,
    pub(super) desk: Desk,
    pub(super) lease: Lease,
    pub(super) grant: Grant,
    pub(super) accounts: Vec<Account>,
    pub(super) pen: Pen<'a>,
    pub(super) look: Look,
}

impl Watch<'_> {
    async fn run(mut self, reason: Reason) -> Result<Look, ServiceError> {
        let mut tokens = match tokens::open(&self.state.vault, &self.grant) {
            Ok(Some(tokens)) => tokens,
            Ok(None) => return self.finish().await,
            Err(error) => {
                tracing::error!(%error, grant = %self.grant.id, "the tokens of a grant can't be opened");
                self.record_all(Observation::Dead(Cause::KeyLost)).await?;
                return self.finish().await;
            }
        };
        if self.must_refresh(reason) {
            match self.refresh_surely(&tokens).await? {
                Ok(fresh) => tokens = fresh,
                Err(failure) => {
                    self.refused(failure).await?;
                    return self.finish().await;
                }
            }
        }
        for account in self.accounts.clone() {
            if !self.renew().await? {
                break;
            }
            // For a healthy account of such a platform the refresh was the probe: it proves the grant and tells its scopes.
            let unsuspected = account.standing.health == Health::Healthy && account.standing.refused == 0;
            if reason == Reason::Due && unsuspected && self.desk.adapter.facts().probe_on_suspicion_only {
                if self.look.refreshed {
                    self.worked(&account, &Probe::default()).await?;
                }
                continue;
            }
            if self.probe(&account, &mut tokens).await?.is_break() {
                break;
            }
        }
        self.finish().await
    }

    /// Keeps the lease while there is more to ask. `false` if it was lost: then the rest is somebody else's.
    async fn renew(&self) -> Result<bool, ServiceError> {
        Ok(leases::renew(&self.state.db, &self.lease, self.state.clock.now() + lease_ms(self.state)).await?)
    }

    /// Asks about one account; a bad answer is asked for a second time before anybody is alarmed.
    /// Breaks off where the answer concerned all accounts of the grant.
    async fn probe(&mut self, account: &Account, tokens: &mut Tokens) -> Result<ControlFlow<()>, ServiceError> {
        let mut answer = self.ask(account, tokens).await?;
        if let Err(failure) = &answer
            && failure.class == Class::Expired
            && !self.look.refreshed
            && self.can_refresh(tokens)
        {
            match self.refresh_surely(tokens).await? {
                Ok(fresh) => *tokens = fresh,
                Err(refusal) => {
                    self.refused(refusal).await?;
                    return Ok(ControlFlow::Break(()));
                }
            }
            answer = self.ask(account, tokens).await?;
        }
        if let Err(failure) = &answer
            && matches!(failure.observation(), Observation::Dead(_) | Observation::Refused)
        {
            answer = self.ask(account, tokens).await?;
        }
        match answer {
            Ok(probe) => self.worked(account, &probe).await?,
            Err(failure) => {
                self.note_attempt(&failure).await?;
                let missing = self.missing(None);
                self.record(account, failure.observation(), &missing).await?;
                self.look.failures.push((Some(account.id.clone()), failure));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Whether an access token that has ended can still be replaced without a person.
    fn can_refresh(&self, tokens: &Tokens) -> bool {
        self.desk.adapter.facts().refresh == RefreshKind::OnNeed && tokens.refresh.is_some()
    }

    pub(super) async fn ask(&self, account: &Account, tokens: &Tokens) -> Result<Result<Probe, Failure>, ServiceError> {
        let own = tokens::open_account(&self.state.vault, account)?;
        let subject = Subject {
            tokens,
            identity_id: &self.grant.identity_id,
            destination_id: &account.external_id,
            destination_token: own.as_ref(),
        };
        Ok(self.desk.adapter.probe(&self.desk.cx(self.state), &subject).await)
    }

    /// Required permissions that are not there, by what the probe told or else by what the consent told.
    fn missing(&self, told: Option<&[String]>) -> Vec<String> {
        missing_scopes(self.desk.adapter.facts(), told.or(self.grant.scopes.as_deref()))
    }

    async fn worked(&mut self, account: &Account, probe: &Probe) -> Result<(), ServiceError> {
        let missing = self.missing(probe.scopes.as_deref());
        let seen = if missing.is_empty() { Observation::Works } else { Observation::Dead(Cause::PermissionsMissing) };
        let mut tx = self.state.db.begin().await?;
        if leases::hold(&mut tx, &self.lease).await? {
            leases::learnt(&mut tx, &self.lease, probe.access_ends_at, probe.scopes.as_deref()).await?;
            if let Some(profile) = &probe.profile {
                accounts::set_profile(&mut tx, &account.id, &profile.name, profile.handle.as_deref()).await?;
            }
        }
        tx.commit().await?;
        if probe.access_ends_at.is_some() {
            self.grant.access_ends_at = probe.access_ends_at;
        }
        self.record(account, seen, &missing).await
    }

    async fn record(&self, account: &Account, seen: Observation, missing: &[String]) -> Result<(), ServiceError> {
        self.write(std::slice::from_ref(account), seen, missing).await
    }

    pub(super) async fn record_all(&self, seen: Observation) -> Result<(), ServiceError> {
        self.write(&self.accounts, seen, &[]).await
    }

    async fn write(&self, accounts: &[Account], seen: Observation, missing: &[String]) -> Result<(), ServiceError> {
        let mut news: Vec<News> = Vec::new();
        let mut tx = self.state.db.begin().await?;
        if !leases::hold(&mut tx, &self.lease).await? {
            tracing::info!(grant = %self.grant.id, "a look came too late: the grant has changed meanwhile");
            return Ok(());
        }
        for account in accounts {
            let sight = Sight { account, seen, missing, by: None };
            news.extend(lifecycle::record(&mut tx, self.pen, &sight).await?);
        }
        tx.commit().await?;
        for one in news {
            one.tell(&self.state.live);
        }
        Ok(())
    }

    /// An attempt without a clear answer counts once a look and shows in the history; a long outage does not flood it.
    pub(super) async fn note_attempt(&mut self, failure: &Failure) -> Result<(), ServiceError> {
        tracing::info!(%failure, grant = %self.grant.id, platform = self.grant.platform.key(), "a platform did not answer as hoped");
        if !self.look.failures.is_empty() {
            return Ok(());
        }
        self.grant.attempts += 1;
        if matches!(failure.observation(), Observation::Dead(_)) || self.grant.attempts > i64::from(ATTEMPTS) {
            return Ok(());
        }
        let class = match failure.class {
            Class::Rate => "rate",
            Class::App => "app",
            Class::Unknown | Class::Content => "unknown",
            _ => "transient",
        };
        let mut tx = self.state.db.begin().await?;
        for account in &self.accounts {
            let what = Happening::CheckFailed { class: class.into() };
            self.pen.note(&mut tx, &account.workspace, Some(&account.id), None, &what).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Gives the lease back and says when to look again.
    async fn finish(self) -> Result<Look, ServiceError> {
        let facts = self.desk.adapter.facts();
        let replace = refresh_from(facts.refresh, self.grant.access_issued_at, self.grant.access_ends_at);
        let (due, attempts) = match self.look.failures.first() {
            Some((_, failure)) => {
                let attempts = u32::try_from(self.grant.attempts).unwrap_or(u32::MAX).max(1);
                let again = self.pen.now + back_off(attempts, failure.retry_after_ms);
                let sooner = replace.filter(|&at| at > self.pen.now && failure.retry_after_ms.is_none());
                (sooner.map_or(again, |at| again.min(at)), self.grant.attempts)
            }
            None => {
                let roll = self.state.random.roll();
                (next_due(self.pen.now, facts.probe_every_ms, replace, self.grant.access_ends_at, roll), 0)
            }
        };
        let mut tx = self.state.db.begin().await?;
        leases::release(&mut tx, &self.lease, due, attempts).await?;
        tx.commit().await?;
        Ok(self.look)
    }
}
