//! The keeper's refresh: new tokens for old, sent once, stored before anything else is done with them.

use std::time::Duration;

use super::history::Happening;
use super::keeper::{Reason, Watch};
use super::live::Tone;
use super::{ServiceError, tokens};
use crate::domain::alert;
use crate::domain::health::Observation;
use crate::domain::refresh::refresh_from;
use crate::server::platform::Tokens;
use crate::server::platform::failure::{Class, Failure};
use crate::server::store::grants::TokenRow;
use crate::server::store::leases;

/// How often a single-use refresh token is sent although an earlier sending was never cleanly answered.
const SENDINGS: i64 = 2;

/// How often the database is asked to take a received pair, and the pause between two tries.
const WRITES: u32 = 20;
const WRITE_PAUSE: Duration = Duration::from_millis(250);

impl Watch<'_> {
    /// Whether this look begins with a refresh. Where only a refresh proves that the session lives, a person's question is one.
    pub(super) fn must_refresh(&self, reason: Reason) -> bool {
        let facts = self.desk.adapter.facts();
        let due = refresh_from(facts.refresh, self.grant.access_issued_at, self.grant.access_ends_at)
            .is_some_and(|from| from <= self.pen.now);
        due || (reason == Reason::Asked && facts.refresh_repeatable)
    }

    /// A refresh whose death sentence was heard twice.
    ///
    /// Where a second sending does no harm, it is the second check. Elsewhere the access token is asked, as long as it may
    /// still live: if it works, the refusal was not the last word.
    pub(super) async fn refresh_surely(&mut self, old: &Tokens) -> Result<Result<Tokens, Failure>, ServiceError> {
        let failure = match self.refresh(old).await? {
            Err(failure) if matches!(failure.observation(), Observation::Dead(_)) => failure,
            answer => return Ok(answer),
        };
        if self.desk.adapter.facts().refresh_repeatable {
            return self.refresh(old).await;
        }
        let lives = self.grant.access_ends_at.is_none_or(|end| end > self.pen.now);
        if lives
            && let Some(first) = self.accounts.first()
            && self.ask(first, old).await?.is_ok()
        {
            return Ok(Err(Failure { class: Class::Unknown, ..failure }));
        }
        Ok(Err(failure))
    }

    async fn refresh(&mut self, old: &Tokens) -> Result<Result<Tokens, Failure>, ServiceError> {
        if let Some(why) = self.state.vault.is_read_only() {
            return Err(ServiceError::ReadOnly(why));
        }
        let facts = self.desk.adapter.facts();
        if self.grant.doubts >= SENDINGS && !facts.refresh_repeatable {
            // Sent and not answered, and sent again: a third time is asking for the whole family to be revoked.
            return Ok(Err(Failure::new(Class::Unknown, "earlier refreshes were never answered")));
        }
        // A whole lease lies before the call: nobody else refreshes while we wait for the answer.
        let until = self.state.clock.now() + i64::from(self.state.config.keeper.lease_seconds) * 1_000;
        if !leases::sending(&self.state.db, &self.lease, until).await? {
            return Ok(Err(Failure::new(Class::Transient, "the lease was lost before the refresh was sent")));
        }
        self.grant.doubts += 1;
        let mut fresh = match self.desk.adapter.refresh(&self.desk.cx(self.state), old).await {
            Ok(fresh) => fresh,
            Err(failure) => {
                if !failure.in_doubt {
                    self.grant.doubts = 0;
                    leases::answered(&self.state.db, &self.lease).await?;
                }
                return Ok(Err(failure));
            }
        };
        if fresh.refresh.is_none() {
            fresh.refresh.clone_from(&old.refresh);
            fresh.refresh_ends_at = fresh.refresh_ends_at.or(old.refresh_ends_at);
        }
        let row = tokens::seal(&self.state.vault, &self.grant.id, &self.grant.workspace, &fresh, self.pen.now)?;
        if !self.store(&row).await? {
            let detail = "another consent took the place of the one that was refreshed";
            return Ok(Err(Failure::new(Class::Transient, detail)));
        }
        self.look.refreshed = true;
        self.grant.doubts = 0;
        self.grant.attempts = 0;
        self.grant.access_issued_at = self.pen.now;
        self.grant.access_ends_at = fresh.access_ends_at;
        if fresh.scopes.is_some() {
            self.grant.scopes.clone_from(&fresh.scopes);
        }
        for account in &self.accounts {
            let toast = (Tone::Ok, alert::refreshed(&account.name));
            self.state.live.tell(&account.workspace, Some(&account.id), Some(toast));
        }
        Ok(Ok(fresh))
    }

    /// Stores a received pair. A database that is away for a moment does not cost it: the old token is spent.
    async fn store(&self, row: &TokenRow) -> Result<bool, ServiceError> {
        for _ in 1..WRITES {
            match self.store_once(row).await {
                Ok(stored) => return Ok(stored),
                Err(error) => {
                    tracing::warn!(%error, grant = %self.grant.id, "a received pair could not be stored; trying again")
                }
            }
            tokio::time::sleep(WRITE_PAUSE).await;
        }
        self.store_once(row).await
    }

    async fn store_once(&self, row: &TokenRow) -> Result<bool, ServiceError> {
        let mut tx = self.state.db.begin().await?;
        if !leases::write_tokens(&mut tx, &self.lease, row).await? {
            return Ok(false);
        }
        for account in &self.accounts {
            self.pen.note(&mut tx, &account.workspace, Some(&account.id), None, &Happening::Refreshed).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// A refresh that was refused concerns every account of the grant.
    pub(super) async fn refused(&mut self, failure: Failure) -> Result<(), ServiceError> {
        self.note_attempt(&failure).await?;
        self.record_all(failure.observation()).await?;
        self.look.failures.push((None, failure));
        Ok(())
    }
}
