//! Clears away what has had its time: attempts to connect, sessions, messages and links.

use std::time::Duration;

use crate::domain::grant::DAY_MS;
use crate::server::state::AppState;
use crate::server::store::{StoreError, flows, outbox, sessions, unsubscribes};

/// Attempts are kept for a day, so that a late callback is still told what happened.
const FLOW_KEPT_MS: i64 = 24 * 3_600_000;

/// Messages are kept as long as alerts are shown (SPEC A-9).
const MESSAGE_KEPT_MS: i64 = 90 * DAY_MS;

/// A link in an old mail still ends its kind.
const LINK_KEPT_MS: i64 = 400 * DAY_MS;

/// Runs until the server stops.
pub async fn run(state: AppState) {
    while !state.stop.is_cancelled() {
        if let Err(error) = sweep(&state).await {
            tracing::warn!(%error, "old rows could not be cleared away");
        }
        tokio::select! {
            () = state.stop.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(3_600)) => {}
        }
    }
}

/// One round.
pub async fn sweep(state: &AppState) -> Result<(), StoreError> {
    let now = state.clock.now();
    flows::sweep(&state.db, now - FLOW_KEPT_MS).await?;
    let idle_since = state.config.sessions.idle_since(now);
    let mut tx = state.db.begin().await?;
    sessions::sweep(&mut tx, now, idle_since).await?;
    outbox::sweep(&mut tx, now - MESSAGE_KEPT_MS).await?;
    unsubscribes::sweep(&mut tx, now - LINK_KEPT_MS).await?;
    tx.commit().await
}
