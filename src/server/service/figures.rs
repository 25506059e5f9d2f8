//! The operator's figures as a reader gets them: what this process counted, and what the database tells right now.

use std::time::Duration;

use crate::server::figures::{Accounts, DueGrants, Messages, Stored};
use crate::server::state::AppState;
use crate::server::store::outbox::Channel;
use crate::server::store::{StoreError, figures};

/// How long the database gets to answer. Readers give up after ten seconds, and what the process counted is worth
/// reading most when the database is in trouble.
const PATIENCE: Duration = Duration::from_secs(4);

/// All figures in Prometheus' text format.
pub async fn text(state: &AppState) -> String {
    let now = state.clock.now();
    let stored = match tokio::time::timeout(PATIENCE, stored(state, now)).await {
        Ok(Ok(stored)) => Some(stored),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the stored figures can't be read");
            None
        }
        Err(_) => {
            tracing::warn!("the stored figures can't be read: the database takes too long");
            None
        }
    };
    state.figures.stored(stored.as_ref());
    state.figures.render(now)
}

async fn stored(state: &AppState, now: i64) -> Result<Stored, StoreError> {
    let db = &state.db;
    let (under_way, in_doubt) = figures::refreshes(db).await?;
    let accounts = figures::accounts(db).await?;
    let mut stored = Stored {
        due: Vec::new(),
        under_way,
        in_doubt,
        accounts: accounts.into_iter().map(|(platform, health, count)| Accounts { platform, health, count }).collect(),
        open_incidents: figures::open_incidents(db).await?,
        faults: figures::platform_faults(db).await?,
        messages: Vec::new(),
    };
    for channel in Channel::ALL {
        let (waiting, oldest) = figures::waiting(db, channel).await?;
        let (oldest_ms, dead) = (oldest.map_or(0, |oldest| now - oldest), figures::dead(db, channel).await?);
        stored.messages.push(Messages { channel, waiting, oldest_ms, dead });
    }
    for platform in state.config.all_platforms().filter(|platform| platform.entry().is_some()) {
        let (count, oldest) = figures::due(db, platform, now).await?;
        stored.due.push(DueGrants { platform, count, oldest_ms: oldest.map_or(0, |oldest| now - oldest) });
    }
    Ok(stored)
}
