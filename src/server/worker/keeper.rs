//! Looks at grants when they are due.

use std::time::Duration;

use crate::server::service::keeper;
use crate::server::state::AppState;

/// Runs until the server stops. A look that has begun is finished.
pub async fn run(state: AppState) {
    let pause = Duration::from_secs(u64::from(state.config.keeper.poll_seconds));
    let mut remembers = false;
    while !state.stop.is_cancelled() {
        if !remembers {
            remembers = keeper::remember(&state).await.is_ok();
        }
        if let Err(error) = keeper::run_due(&state).await {
            tracing::error!(%error, "due grants could not be read; trying again");
        }
        tokio::select! {
            () = state.stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}
