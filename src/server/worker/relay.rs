//! Carries the live stream between the instances that share a PostgreSQL. Whatever may have been lost on the way is made
//! up for by a call to look at everything again.

mod peers;

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use peers::Peers;

use crate::server::service::live::{Batch, Message, Outbox, Word};
use crate::server::state::AppState;
use crate::server::store::StoreError;
use crate::server::store::relay::{Relay, notify};

/// How often an instance says that it is there, and asks whether its connection still stands.
pub const PULSE: Duration = Duration::from_secs(10);

const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(4);

/// Runs until the server stops; on SQLite there is nothing to do. A batch that is on its way is waited for.
pub async fn run(state: AppState, pulse: Duration) {
    let Some(outbox) = state.live.outbox() else { return };
    let hearing = async {
        tokio::select! {
            () = state.stop.cancelled() => {}
            () = hear(&state, pulse) => {}
        }
    };
    tokio::join!(send(&state, &outbox, pulse), hearing);
}

/// Sends what was told after [`run`] had ended, and says goodbye. Tries once.
pub async fn finish(state: &AppState) {
    let Some(outbox) = state.live.outbox() else { return };
    let mut last = words(outbox.take().unwrap_or_default());
    last.push(Word::Gone);
    if let Err(error) = notify(&state.db, &encode(state, last)).await {
        // They notice that we are silent and look for themselves.
        tracing::warn!(%error, "the other instances were not told of the last changes");
    }
}

async fn send(state: &AppState, outbox: &Outbox, pulse: Duration) {
    let mut pulse = interval(pulse);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut wait = Wait::default();
    loop {
        let (news, words) = tokio::select! {
            () = state.stop.cancelled() => return,
            batch = outbox.next() => (true, words(batch)),
            _ = pulse.tick() => (false, vec![Word::Here]),
        };
        let Err(error) = notify(&state.db, &encode(state, words)).await else {
            wait = Wait::default();
            continue;
        };
        tracing::warn!(%error, "the other instances could not be told; they will look at everything as soon as they can be");
        if news {
            outbox.missed();
        }
        wait.pass(state).await;
    }
}

fn words(batch: Batch) -> Vec<Word> {
    let missed = batch.missed.then_some(Word::LookAgain);
    missed.into_iter().chain(batch.changes.into_iter().map(Word::Change)).collect()
}

fn encode(state: &AppState, words: Vec<Word>) -> Vec<String> {
    words.into_iter().map(|word| Message::encode(&state.instance, word)).collect()
}

async fn hear(state: &AppState, pulse: Duration) {
    let mut wait = Wait::default();
    loop {
        let lost = match Relay::listen(&state.db).await {
            Ok(Some(relay)) => {
                tracing::debug!("listening to the other instances");
                wait = Wait::default();
                // Nobody knows what was told until now.
                state.live.look_again();
                let Err(error) = pass_on(state, relay, pulse).await;
                error
            }
            Ok(None) => return,
            Err(error) => error,
        };
        tracing::warn!(error = %lost, "the other instances are not heard; trying again");
        wait.pass(state).await;
    }
}

async fn pass_on(state: &AppState, mut relay: Relay, pulse: Duration) -> Result<Infallible, StoreError> {
    let mut peers = Peers::default();
    let mut pulse = interval(pulse);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            heard = relay.next() => take(state, &mut peers, Message::decode(&heard?)),
            _ = pulse.tick() => {
                relay.ask().await?;
                if peers.pulse() {
                    tracing::info!("an instance fell silent; what it did last may not have been told");
                    state.live.look_again();
                }
            }
        }
    }
}

fn take(state: &AppState, peers: &mut Peers, message: Message<'static>) {
    // Our own tabs have heard it already.
    if *message.from == *state.instance {
        return;
    }
    match message.word {
        Word::Gone => return peers.gone(&message.from),
        Word::Change(change) => state.live.pass_on(change),
        Word::LookAgain => state.live.look_again(),
        Word::Here => {}
    }
    peers.heard(message.from.into_owned());
}

/// A wait that gets longer each time, and not for all instances at the same rate.
struct Wait(Duration);

impl Default for Wait {
    fn default() -> Self {
        Self(FIRST_WAIT)
    }
}

impl Wait {
    /// Ends early when the server stops.
    async fn pass(&mut self, state: &AppState) {
        let now = self.0.mul_f64(0.5 + state.random.roll());
        self.0 = (self.0 * 2).min(LONGEST_WAIT);
        tokio::select! {
            () = state.stop.cancelled() => {}
            () = tokio::time::sleep(now) => {}
        }
    }
}
