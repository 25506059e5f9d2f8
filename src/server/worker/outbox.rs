//! Sends what the outbox holds, and writes reminders when they are due. One loop a channel: a mail server that hangs
//! keeps no webhook waiting.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::server::service::alerts::remind;
use crate::server::service::{ServiceError, outbox};
use crate::server::state::AppState;
use crate::server::store::outbox::Channel;

/// How often a loop looks for what is due.
const LOOK: Duration = Duration::from_secs(2);

/// How often reminders are looked for, on the clock: in every zone on earth it is nine o'clock at a quarter of an hour.
const QUARTER_MS: i64 = 15 * 60_000;

/// Sends a channel's messages until the server stops. One that has begun is finished.
pub async fn run(state: AppState, channel: Channel) {
    let places = usize::try_from(outbox::at_once(channel)).unwrap_or(1);
    let places = Arc::new(Semaphore::new(places));
    while !state.stop.is_cancelled() {
        match fill(&state, channel, &places).await {
            // There may be more.
            Ok(begun) if begun > 0 => continue,
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "the outbox could not be read; trying again"),
        }
        tokio::select! {
            () = state.stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Claims as many messages as there are free places, waiting for the first of them, and begins them.
async fn fill(state: &AppState, channel: Channel, places: &Arc<Semaphore>) -> Result<usize, ServiceError> {
    tokio::select! {
        () = state.stop.cancelled() => return Ok(0),
        first = places.acquire() => drop(first),
    }
    let free = i64::try_from(places.available_permits()).unwrap_or(1).max(1);
    let due = outbox::claim(state, channel, free).await?;
    let begun = due.len();
    for message in due {
        let Ok(place) = places.clone().acquire_owned().await else { return Ok(begun) };
        let state = state.clone();
        state.tasks.clone().spawn(async move {
            outbox::one(&state, message).await;
            drop(place);
        });
    }
    Ok(begun)
}

/// Writes reminders until the server stops.
pub async fn remind(state: AppState) {
    while !state.stop.is_cancelled() {
        if let Err(error) = remind::round(&state).await {
            tracing::error!(%error, "reminders could not be written; trying again");
        }
        tokio::select! {
            () = state.stop.cancelled() => {}
            () = tokio::time::sleep(until_quarter(state.clock.now())) => {}
        }
    }
}

/// From `now` (Unix milliseconds) until a moment after the next quarter of an hour.
fn until_quarter(now: i64) -> Duration {
    Duration::from_millis(u64::try_from(QUARTER_MS - now.rem_euclid(QUARTER_MS)).unwrap_or(0)) + Duration::from_secs(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC A-4: nine in the morning is a quarter of an hour in every zone
    #[test]
    fn reminders_are_looked_for_right_after_each_quarter() {
        assert_eq!(until_quarter(0), Duration::from_secs(901));
        assert_eq!(until_quarter(QUARTER_MS - 1), Duration::from_millis(1_001));
    }
}
