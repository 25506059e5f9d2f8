//! Loops beside the web server. Each wakes up, does what is due by way of a service, and sleeps again.

pub mod keeper;
pub mod outbox;
pub mod relay;
pub mod sweep;

use super::state::AppState;
use super::store::outbox::Channel;

/// Starts every loop. They end when the server stops.
pub fn start(state: &AppState) {
    state.tasks.spawn(keeper::run(state.clone()));
    state.tasks.spawn(sweep::run(state.clone()));
    state.tasks.spawn(relay::run(state.clone(), relay::PULSE));
    state.tasks.spawn(outbox::run(state.clone(), Channel::Mail));
    state.tasks.spawn(outbox::run(state.clone(), Channel::Webhook));
    state.tasks.spawn(outbox::remind(state.clone()));
    state.tasks.spawn(follow_key(state.clone()));
}

/// Notices when the vault's key is rotated, lost or put back.
async fn follow_key(state: AppState) {
    tokio::select! {
        () = state.stop.cancelled() => {}
        () = state.vault.follow(&state.db) => {}
    }
}
