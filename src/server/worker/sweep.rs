//! Clears away what has had its time: attempts to connect and sessions.

use std::time::Duration;

use crate::server::state::AppState;
use crate::server::store::{StoreError, flows, sessions};

/// Attempts are kept for a day, so that a late callback is still told what happened.
const FLOW_KEPT_MS: i64 = 24 * 3_600_000;

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
    tx.commit().await
}
