//! What the journal says of a look's refresh: that it is about to be sent, what became of it, and what one that came too late
//! may have done.

use std::time::Duration;

use super::lease_ms;
use super::refresh::CLOCKS_MS;
use super::watch::Watch;
use crate::server::clock::{Deadline, Moment};
use crate::server::platform::failure::Failure;
use crate::server::service::ServiceError;
use crate::server::store::journal::{self, Doubt};
use crate::server::store::leases;

/// How often, and how long each time, a refusal that came too late waits for whoever holds the grant by now.
const STRAY_TRIES: u32 = 120;
const STRAY_PAUSE: Duration = Duration::from_millis(500);

impl Watch<'_> {
    /// The journal says that a refresh is about to be sent, and the whole lease lies before the call.
    pub(super) async fn note_sending(&mut self, again: bool) -> Result<bool, ServiceError> {
        if std::mem::take(&mut self.noted) && self.age_ms() < lease_ms(self.state) / 4 {
            return Ok(true);
        }
        let held = Moment::now();
        let ours = leases::sending(&self.state.db, &self.lease, lease_ms(self.state), again).await?;
        self.held = held;
        Ok(ours)
    }

    /// A refresh may be sent in the first half of the lease: its answer comes in the second.
    pub(super) fn right_to_send(&self) -> Deadline {
        Deadline::after(self.held, Duration::from_secs(u64::from(self.state.config.keeper.lease_seconds)) / 2)
    }

    /// What a refresh without new tokens means for the journal. A verdict leaves it when it is written down.
    pub(super) async fn note_failure(&mut self, failure: &Failure, again: bool) -> Result<(), ServiceError> {
        if failure.is_death() {
            return self.note_stray().await;
        }
        if failure.is_verdict() {
            return Ok(());
        }
        let mut tx = self.state.db.begin().await?;
        match self.doubt {
            _ if failure.in_doubt => {
                journal::unanswered(&mut tx, &self.lease).await?;
                let Doubt { unanswered, sendings } = self.doubt.unwrap_or(Doubt { unanswered: 0, sendings: 0 });
                self.doubt = Some(Doubt { unanswered: unanswered + 1, sendings: sendings + 1 });
            }
            // Nothing was added for a second sending, so nothing is taken away.
            Some(_) if again => {}
            Some(_) => journal::not_sent(&mut tx, &self.lease).await?,
            None => journal::answered(&mut tx, &self.lease).await?,
        }
        tx.commit().await?;
        Ok(())
    }

    /// A process can be stopped between its last look at the clock and the wire. If its refresh was refused because somebody
    /// else had spent the token meanwhile, the platform may have ended the new pair for it: that must be found out now, and
    /// not be taken for a word of the person's. Without effect while the lease stands.
    async fn note_stray(&self) -> Result<(), ServiceError> {
        // Whoever comes first is to ask, even if its clock is behind by as much as ours is ahead.
        let due_at = self.pen.now.saturating_sub(2 * CLOCKS_MS);
        for _ in 0..STRAY_TRIES {
            let mut tx = self.state.db.begin().await?;
            if leases::hold(&mut tx, &self.lease).await? {
                return Ok(());
            }
            let noted = journal::strayed(&mut tx, &self.lease, due_at).await?;
            tx.commit().await?;
            if noted {
                tracing::warn!(grant = %self.grant.id, "a refresh went out after its lease was lost and was refused; asking at once what became of the tokens");
                return Ok(());
            }
            tokio::time::sleep(STRAY_PAUSE).await;
        }
        tracing::warn!(grant = %self.grant.id, "a refresh went out after its lease was lost and was refused; whoever holds the grant will find out");
        Ok(())
    }
}
