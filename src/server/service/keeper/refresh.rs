//! The keeper's refresh: new tokens for old, noted before it is sent, stored before anything else is done with them.
//!
//! A refresh that was sent and not cleanly answered is in doubt: the platform may have used the token up. It is sent again
//! until a clean answer settles it. Where tokens can be used once, that second sending is refused if the first was
//! carried out; but then the new pair was lost already, and the refusal is how we learn of it.

use std::time::Duration;

use super::Reason;
use super::watch::{Watch, unsuspected};
use crate::domain::alert;
use crate::domain::health::{ATTEMPTS, Cause, Observation};
use crate::server::clock::Moment;
use crate::server::platform::failure::{Class, Failure};
use crate::server::platform::{Context, Tokens, missing_scopes};
use crate::server::service::history::Happening;
use crate::server::service::lifecycle::News;
use crate::server::service::live::Tone;
use crate::server::service::{ServiceError, tokens};
use crate::server::store::grants::TokenRow;
use crate::server::store::leases;

/// How often the database is asked to take a received pair, and the pause between two tries.
const WRITES: u32 = 40;
const WRITE_PAUSE: Duration = Duration::from_millis(250);

/// By how much clocks may differ, in milliseconds. An access token that ends sooner may be refused for its age.
pub(super) const CLOCKS_MS: i64 = 5 * 60_000;

/// A refresh that brought nothing.
pub(super) struct Refusal {
    failure: Failure,
    /// What it says about the accounts.
    seen: Observation,
}

impl Refusal {
    fn of(failure: Failure) -> Self {
        Self { seen: failure.observation(), failure }
    }
}

impl Watch<'_> {
    /// Whether this look begins with a refresh. Where only a refresh proves that the session lives, a person's question is
    /// one; and only a refresh settles what is in doubt.
    pub(super) fn must_refresh(&self, reason: Reason) -> bool {
        let window = self.window();
        let open = window.is_some_and(|window| window.is_open(self.pen.now));
        open || self.doubt.is_some() || reason == Reason::Needed || (reason == Reason::Asked && self.is_repeatable())
    }

    /// Whether a refresh of this grant can be sent again without harm.
    fn is_repeatable(&self) -> bool {
        self.desk.adapter.refresh_repeatable(self.grant.sealed.binding.is_some())
    }

    /// A refresh whose death sentence was heard twice.
    ///
    /// The access token is asked, as long as it may still live: if it works, the refusal was not the last word. Otherwise
    /// the refresh is sent once more: a token that was refused is not used up by it.
    pub(super) async fn refresh_surely(
        &mut self,
        old: &Tokens,
        reason: Reason,
    ) -> Result<Result<Tokens, Refusal>, ServiceError> {
        let lost = self.may_be_lost(old).await?;
        let failure = match self.refresh(old, reason, false).await? {
            Ok(fresh) => return Ok(Ok(fresh)),
            Err(failure) if failure.is_death() => failure,
            Err(failure) => return Ok(Err(Refusal::of(failure))),
        };
        let repeatable = self.is_repeatable();
        if !repeatable && self.access_works(old).await? {
            return Ok(Err(Refusal::of(Failure { class: Class::Unknown, ..failure })));
        }
        match self.refresh(old, reason, true).await? {
            Ok(fresh) => Ok(Ok(fresh)),
            Err(again) if again.is_death() && lost => {
                Ok(Err(Refusal { failure: again, seen: Observation::Dead(Cause::RefreshFailed) }))
            }
            Err(again) => Ok(Err(Refusal::of(again))),
        }
    }

    /// Whether a refusal would mean that the token was used up by an earlier refresh of ours, whose answer never reached
    /// the store. Not where a second sending is allowed; and not if the access token is refused already, before that
    /// second sending: then somebody took the consent back. After a second sending it may be refused because of that one,
    /// and near its end because of that.
    async fn may_be_lost(&self, old: &Tokens) -> Result<bool, ServiceError> {
        let Some(doubt) = self.doubt.filter(|_| !self.is_repeatable()) else {
            return Ok(false);
        };
        if doubt.sendings > 1 {
            return Ok(true);
        }
        let lives = self.grant.access_ends_at.is_some_and(|end| end > self.state.clock.now().saturating_add(CLOCKS_MS));
        match self.accounts.first() {
            Some(first) if lives => Ok(!self.ask(first, old).await?.is_err_and(|failure| failure.is_death())),
            _ => Ok(true),
        }
    }

    /// Whether the access token that is to be replaced still opens the first account.
    async fn access_works(&self, old: &Tokens) -> Result<bool, ServiceError> {
        let lives = self.grant.access_ends_at.is_none_or(|end| end > self.state.clock.now());
        match self.accounts.first() {
            Some(first) if lives => Ok(self.ask(first, old).await?.is_ok()),
            _ => Ok(false),
        }
    }

    /// Sends a refresh. `again`: the one before was cleanly refused.
    async fn refresh(
        &mut self,
        old: &Tokens,
        reason: Reason,
        again: bool,
    ) -> Result<Result<Tokens, Failure>, ServiceError> {
        if let Some(why) = self.state.vault.is_read_only() {
            return Err(ServiceError::ReadOnly(why));
        }
        let lost = |when| Ok(Err(Failure::new(Class::Transient, format!("the lease was lost {when}"))));
        if !self.note_sending(again).await? {
            return lost("before the refresh was noted");
        }
        // Whoever stood still between the note and here (a stopped process, a sleeping machine) has no right to send.
        if self.right_to_send().is_over() {
            let failure = Failure::new(Class::Transient, "the lease was lost before the refresh was sent");
            self.note_failure(&failure, again).await?;
            return Ok(Err(failure));
        }
        let sent = Moment::now();
        let cx = Context { until: Some(self.right_to_send()), ..self.desk.cx(self.state) };
        let answer = self.desk.adapter.refresh(&cx, old).await;
        self.state.figures.refresh_took(self.grant.platform, sent.elapsed().as_secs_f64());
        // The pair first: the rest has time.
        let answer = match answer {
            Ok(fresh) => match self.keep(old, fresh, reason).await? {
                Some(fresh) => Ok(fresh),
                None => return lost("to a newer consent before the answer came"),
            },
            Err(failure) => {
                self.note_failure(&failure, again).await?;
                Err(failure)
            }
        };
        self.heard(answer.as_ref().err(), sent).await?;
        Ok(answer)
    }

    /// Stores a received pair. `None` if it came too late: another consent took the place of the one that was refreshed.
    async fn keep(&mut self, old: &Tokens, mut fresh: Tokens, reason: Reason) -> Result<Option<Tokens>, ServiceError> {
        if fresh.refresh.is_none() {
            fresh.refresh.clone_from(&old.refresh);
            fresh.refresh_ends_at = fresh.refresh_ends_at.or(old.refresh_ends_at);
        }
        let row = tokens::seal(&self.state.vault, &self.grant.id, &self.grant.workspace, &fresh, self.pen.now)?;
        self.look.refreshed = true;
        self.doubt = None;
        self.grant.attempts = 0;
        self.grant.access_issued_at = self.pen.now;
        self.grant.access_ends_at = fresh.access_ends_at;
        if fresh.scopes.is_some() {
            self.grant.scopes.clone_from(&fresh.scopes);
        }
        if !self.store(&row, reason).await? {
            self.look.refreshed = false;
            self.state.figures.fenced();
            return Ok(None);
        }
        self.state.figures.refreshed(self.grant.platform);
        for account in &self.accounts {
            let toast = (Tone::Ok, alert::refreshed(&account.name));
            self.state.live.tell(&account.workspace, Some(&account.id), Some(toast));
        }
        Ok(Some(fresh))
    }

    /// Stores a received pair. A database that is away for a moment does not cost it: the old token is spent.
    async fn store(&mut self, row: &TokenRow, reason: Reason) -> Result<bool, ServiceError> {
        // Where the refresh was the whole look, its end goes into the same commit. Should that part not be possible, the
        // pair is stored without it.
        let mut whole = reason == Reason::Due && self.was_all();
        for left in (0..WRITES).rev() {
            match self.store_once(row, whole).await {
                Ok(stored) => {
                    self.released = stored && whole;
                    return Ok(stored);
                }
                Err(error) if left == 0 => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, grant = %self.grant.id, "a received pair could not be stored; trying again");
                }
            }
            whole = false;
            tokio::time::sleep(WRITE_PAUSE).await;
        }
        Ok(false)
    }

    /// Whether nothing is left to ask after a refresh: it proved the grant and told its scopes.
    fn was_all(&self) -> bool {
        let facts = self.desk.adapter.facts();
        facts.probe_on_suspicion_only
            && self.accounts.iter().all(unsuspected)
            && missing_scopes(facts, self.grant.scopes.as_deref()).is_empty()
    }

    async fn store_once(&self, row: &TokenRow, whole: bool) -> Result<bool, ServiceError> {
        let mut tx = self.state.db.begin().await?;
        if !leases::write_tokens(&mut tx, &self.lease, row).await? {
            return Ok(false);
        }
        let mut news: Vec<News> = Vec::new();
        if whole {
            news = self.see(&mut tx, &self.accounts, Observation::Works, &[]).await?;
            let (due, attempts) = self.next();
            leases::release(&mut tx, &self.lease, due, attempts).await?;
        }
        for account in &self.accounts {
            self.pen.note(&mut tx, &account.workspace, Some(&account.id), None, &Happening::Refreshed).await?;
        }
        tx.commit().await?;
        for one in news {
            one.tell(&self.state.live);
        }
        Ok(true)
    }

    /// A refresh that was refused concerns every account of the grant.
    pub(super) async fn refused(&mut self, refusal: Refusal, old: &Tokens) -> Result<(), ServiceError> {
        let Refusal { failure, mut seen } = refusal;
        self.note_attempt(&failure).await?;
        // The third refusal would raise the alarm: the access token is asked first.
        let alarming = |refused: u32| refused + 1 >= ATTEMPTS;
        if seen == Observation::Refused
            && self.accounts.iter().any(|one| alarming(one.standing.refused))
            && self.access_works(old).await?
        {
            seen = Observation::Unreachable;
        }
        self.write(&self.accounts, seen, &[], failure.is_verdict()).await?;
        self.look.failures.push((None, failure));
        Ok(())
    }
}
