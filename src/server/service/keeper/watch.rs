//! One look at one grant: refresh if it is time, probe its accounts, write down what was seen, say when to look again.

use std::ops::ControlFlow;
use std::time::Duration;

use super::breaker::{Heard, Turned};
use super::{Look, Reason, lease_ms, token};
use crate::domain::health::{ATTEMPTS, Cause, Health, Observation};
use crate::domain::refresh::{RefreshKind, Window, back_off, next_due};
use crate::server::clock::Moment;
use crate::server::figures::BreakerState;
use crate::server::platform::failure::{Class, Failure};
use crate::server::platform::{Probe, Subject, Tokens, missing_scopes};
use crate::server::service::desk::Desk;
use crate::server::service::history::Happening;
use crate::server::service::lifecycle::{self, News, Pen, Sight};
use crate::server::service::{ServiceError, tokens};
use crate::server::state::AppState;
use crate::server::store::accounts::{self, Account};
use crate::server::store::grants::{self, Grant};
use crate::server::store::journal::{self, Doubt};
use crate::server::store::leases::{self, Claimed, Lease};
use crate::server::store::{Tx, outages};

/// One look at one grant.
pub(super) struct Watch<'a> {
    pub(super) state: &'a AppState,
    pub(super) desk: Desk,
    pub(super) lease: Lease,
    /// When the lease was taken or renewed.
    pub(super) held: Moment,
    /// The row as it was read under the lease: what was read before may be another one's old token.
    pub(super) grant: Grant,
    pub(super) accounts: Vec<Account>,
    /// An earlier refresh that nobody knows the end of.
    pub(super) doubt: Option<Doubt>,
    /// The journal says already that a refresh is sent.
    pub(super) noted: bool,
    /// The lease was given back with the last write.
    pub(super) released: bool,
    pub(super) pen: Pen<'a>,
    pub(super) look: Look,
}

impl<'a> Watch<'a> {
    /// Gets ready to look at a grant whose lease was just taken.
    pub(super) async fn begin(state: &'a AppState, claimed: Claimed) -> Result<Self, ServiceError> {
        let held = Moment::now();
        let Claimed { lease, grant, doubt, sending } = claimed;
        let accounts =
            accounts::of_grant(&state.db, &grant.id).await?.into_iter().filter(|one| one.connected).collect();
        let desk = Desk::new(state, grant.platform, &grant.host).await?;
        let pen = Pen { now: state.clock.now(), random: &state.random };
        let (released, look) = (false, Look::default());
        Ok(Self { state, desk, lease, held, grant, accounts, doubt, noted: sending, released, pen, look })
    }

    pub(super) async fn run(mut self, reason: Reason) -> Result<Look, ServiceError> {
        let mut tokens = match token::stored(self.state, &self.grant) {
            Ok(Some(tokens)) => tokens,
            Ok(None) => return self.finish().await,
            Err(error) => {
                tracing::error!(%error, grant = %self.grant.id, "the tokens of a grant can't be opened");
                self.record_all(Observation::Dead(Cause::KeyLost)).await?;
                return self.finish().await;
            }
        };
        if self.must_refresh(reason) {
            match self.refresh_surely(&tokens, reason).await? {
                Ok(fresh) => tokens = fresh,
                Err(failure) => {
                    self.refused(failure, &tokens).await?;
                    return self.finish().await;
                }
            }
        }
        if reason == Reason::Needed || self.released {
            return self.finish().await;
        }
        for account in self.accounts.clone() {
            if !self.renew().await? {
                break;
            }
            // For a healthy account of such a platform the refresh was the probe: it proves the grant and tells its scopes.
            if reason == Reason::Due && unsuspected(&account) && self.desk.adapter.facts().probe_on_suspicion_only {
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
    async fn renew(&mut self) -> Result<bool, ServiceError> {
        // A fresh one lasts: the call's time-out is at most half of it.
        if self.age_ms() < lease_ms(self.state) / 4 {
            return Ok(true);
        }
        let held = Moment::now();
        let ours = leases::renew(&self.state.db, &self.lease, lease_ms(self.state)).await?;
        self.held = held;
        Ok(ours)
    }

    /// How old the lease is since it was taken or renewed, by a clock that goes on while the process stands still.
    pub(super) fn age_ms(&self) -> i64 {
        i64::try_from(self.held.elapsed().as_millis()).unwrap_or(i64::MAX)
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
            match self.refresh_surely(tokens, Reason::Asked).await? {
                Ok(fresh) => *tokens = fresh,
                Err(refusal) => {
                    self.refused(refusal, tokens).await?;
                    return Ok(ControlFlow::Break(()));
                }
            }
            answer = self.ask(account, tokens).await?;
        }
        if self.alarms(&answer) {
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

    /// Whether an answer would turn an account amber, so that it is asked for a second time.
    fn alarms(&self, answer: &Result<Probe, Failure>) -> bool {
        match answer {
            Ok(probe) => !self.missing(probe.scopes.as_deref()).is_empty(),
            Err(failure) => matches!(failure.observation(), Observation::Dead(_) | Observation::Refused),
        }
    }

    /// Whether an access token that has ended can still be replaced without a person.
    fn can_refresh(&self, tokens: &Tokens) -> bool {
        self.desk.adapter.facts().refresh != RefreshKind::None && tokens.refresh.is_some()
    }

    pub(super) async fn ask(&self, account: &Account, tokens: &Tokens) -> Result<Result<Probe, Failure>, ServiceError> {
        let own = tokens::open_account(&self.state.vault, account)?;
        let subject = Subject {
            tokens,
            identity_id: &self.grant.identity_id,
            destination_id: &account.external_id,
            destination_token: own.as_ref(),
        };
        let sent = Moment::now();
        let answer = self.desk.adapter.probe(&self.desk.cx(self.state), &subject).await;
        self.state.figures.probed(self.grant.platform);
        self.heard(answer.as_ref().err(), sent).await?;
        Ok(answer)
    }

    /// Tells the breaker how a call ended that was sent at `sent`, and the operator, once, when the platform refuses our app.
    pub(super) async fn heard(&self, failure: Option<&Failure>, sent: Moment) -> Result<(), ServiceError> {
        let (platform, host, figures) = (self.grant.platform, &self.grant.host, &self.state.figures);
        if let Some(failure) = failure {
            figures.failed(platform, failure.class);
            if failure.class == Class::Unknown {
                figures.unexplained(platform);
            }
        }
        let heard = failure.map_or(Heard::Answer, Heard::of);
        // A call that took far longer than its time-out was slept through here: that says nothing about the platform.
        let patience = Duration::from_secs(u64::from(self.state.config.outbound.timeout_seconds)) * 2;
        if heard == Heard::Silence && sent.elapsed() > patience {
            return Ok(());
        }
        let now = self.state.clock.now();
        let turned = self.state.keeper.breakers.heard(platform, host, heard, now);
        match &turned {
            None => {}
            Some(Turned::Opened { .. }) => figures.breaker(platform, BreakerState::Open),
            Some(Turned::Closed) => figures.breaker(platform, BreakerState::Closed),
        }
        match turned {
            None => {}
            Some(Turned::Opened { refused: None }) => {
                tracing::warn!(%platform, host, "the platform is out of order; it is left in peace for a while");
            }
            Some(Turned::Opened { refused: Some(detail) }) => {
                let mut tx = self.state.db.begin().await?;
                if outages::begin(&mut tx, platform, host, now, &detail).await? {
                    tracing::error!(%platform, host, detail, "the platform refuses our app: look at its settings. All accounts stay as they are");
                }
                tx.commit().await?;
            }
            Some(Turned::Closed) => {
                let mut tx = self.state.db.begin().await?;
                outages::end(&mut tx, platform, host).await?;
                tx.commit().await?;
                tracing::info!(%platform, host, "the platform works again");
            }
        }
        Ok(())
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
            if let Some(id) = &probe.moved {
                accounts::renamed(&mut tx, account, id).await?;
                grants::renamed(&mut tx, &account.grant, &account.external_id, id).await?;
            }
        }
        tx.commit().await?;
        if probe.access_ends_at.is_some() {
            self.grant.access_ends_at = probe.access_ends_at;
        }
        self.record(account, seen, &missing).await
    }

    async fn record(&self, account: &Account, seen: Observation, missing: &[String]) -> Result<(), ServiceError> {
        self.write(std::slice::from_ref(account), seen, missing, false).await
    }

    pub(super) async fn record_all(&self, seen: Observation) -> Result<(), ServiceError> {
        self.write(&self.accounts, seen, &[], false).await
    }

    /// Writes down what was seen, if the lease still stands. `settled` takes the refresh out of the journal with it.
    pub(super) async fn write(
        &self,
        accounts: &[Account],
        seen: Observation,
        missing: &[String],
        settled: bool,
    ) -> Result<(), ServiceError> {
        let mut tx = self.state.db.begin().await?;
        if !leases::hold(&mut tx, &self.lease).await? {
            self.state.figures.fenced();
            tracing::info!(grant = %self.grant.id, "a look came too late: the grant has changed meanwhile");
            return Ok(());
        }
        if settled {
            journal::answered(&mut tx, &self.lease).await?;
        }
        let news = self.see(&mut tx, accounts, seen, missing).await?;
        tx.commit().await?;
        for one in news {
            one.tell(&self.state.live);
        }
        Ok(())
    }

    pub(super) async fn see(
        &self,
        tx: &mut Tx,
        accounts: &[Account],
        seen: Observation,
        missing: &[String],
    ) -> Result<Vec<News>, ServiceError> {
        let mut news = Vec::new();
        for account in accounts {
            let sight = Sight { account, seen, missing, by: None };
            news.extend(lifecycle::record(tx, self.pen, &sight).await?);
        }
        Ok(news)
    }

    /// An attempt without a clear answer counts once a look and shows in the history; a long outage does not flood it.
    pub(super) async fn note_attempt(&mut self, failure: &Failure) -> Result<(), ServiceError> {
        tracing::info!(%failure, grant = %self.grant.id, platform = self.grant.platform.key(), "a platform did not answer as hoped");
        if !self.look.failures.is_empty() {
            return Ok(());
        }
        self.grant.attempts += 1;
        if failure.is_death() || self.grant.attempts > i64::from(ATTEMPTS) {
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
        if !self.released {
            let (due, attempts) = self.next();
            let mut tx = self.state.db.begin().await?;
            if self.noted {
                // It was announced and came to nothing before it was sent.
                match self.doubt {
                    Some(_) => journal::not_sent(&mut tx, &self.lease).await?,
                    None => journal::answered(&mut tx, &self.lease).await?,
                }
            }
            leases::release(&mut tx, &self.lease, due, attempts).await?;
            tx.commit().await?;
        }
        Ok(self.look)
    }

    /// When the grant's token should be replaced.
    pub(super) fn window(&self) -> Option<Window> {
        let (grant, facts) = (&self.grant, self.desk.adapter.facts());
        facts.window(grant.access_issued_at, grant.access_ends_at, grant.sealed.refresh.is_some())
    }

    /// When to look again, and how many attempts have failed in a row by now.
    pub(super) fn next(&self) -> (i64, i64) {
        let facts = self.desk.adapter.facts();
        let (now, roll) = (self.pen.now, self.state.random.roll());
        let window = self.window();
        let Some((_, failure)) = self.look.failures.first() else {
            let (grant, renewable) = (&self.grant, self.grant.sealed.refresh.is_some());
            return (facts.next_look(now, grant.access_issued_at, grant.access_ends_at, renewable, roll), 0);
        };
        if failure.is_death() {
            // It is known and told. A person repairs it; now and then it is repaired at the platform alone.
            return (next_due(now, facts.probe_every_ms / 4, None, None, roll), self.grant.attempts);
        }
        let attempts = u32::try_from(self.grant.attempts).unwrap_or(u32::MAX).max(1);
        let again = now + back_off(attempts, failure.retry_after_ms, roll);
        let sooner = window.map(|window| window.pick(roll)).filter(|&at| at > now && failure.retry_after_ms.is_none());
        (sooner.map_or(again, |at| again.min(at)), self.grant.attempts)
    }
}

/// Green, and nothing speaks against it.
pub(super) fn unsuspected(account: &Account) -> bool {
    account.standing.health == Health::Healthy && account.standing.refused == 0
}
