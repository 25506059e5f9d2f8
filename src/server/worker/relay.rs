//! Carries the live stream between the processes of one PostgreSQL database, so that every open tab hears everything,
//! whichever process it is connected to.
//!
//! A tab never stays wrong for long: what could not be carried is replaced by "look at everything again", on both sides.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::api::accounts::Progress;
use crate::domain::id::AccountId;
use crate::server::service::live::{Change, Live, Tone, Whose};
use crate::server::state::AppState;
use crate::server::store::relay::{self, Ear};
use crate::server::store::{Db, StoreError};

/// Changes that travel in one statement.
const BATCH: usize = 256;
/// Pause before the database is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// A change on its way.
#[derive(Serialize, Deserialize)]
struct Message {
    /// The process it comes from, which has told its own tabs already.
    from: String,
    whose: Whose,
    account: Option<AccountId>,
    toast: Option<String>,
    tone: Tone,
    progress: Option<Progress>,
}

impl Message {
    fn text(from: &str, change: Change) -> Option<String> {
        let Change { whose, account, toast, tone, progress, cursor: _ } = change;
        let mut message = Self { from: from.to_owned(), whose, account, toast, tone, progress };
        let text = serde_json::to_string(&message).ok()?;
        if text.len() <= relay::LONGEST {
            return Some(text);
        }
        // The tabs look again; only the words are lost.
        message.toast = None;
        serde_json::to_string(&message).ok()
    }

    fn change(self) -> Change {
        let Self { whose, account, toast, tone, progress, from: _ } = self;
        Change { whose, account, toast, tone, progress, ..Change::look_again() }
    }
}

/// Runs until the server stops. Does nothing on SQLite.
pub async fn run(state: AppState) {
    if matches!(state.db, Db::Sqlite(..)) {
        return;
    }
    let Some(outbox) = state.live.outbox() else { return };
    tokio::select! {
        () = state.stop.cancelled() => {}
        () = send(&state, outbox) => {}
        () = hear(&state) => {}
    }
}

async fn send(state: &AppState, mut outbox: mpsc::Receiver<Change>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut missed = false;
    while outbox.recv_many(&mut batch, BATCH).await > 0 {
        missed |= state.live.has_missed();
        let looks = missed.then(Change::look_again);
        let texts: Vec<_> = looks
            .into_iter()
            .chain(batch.drain(..))
            .filter_map(|change| Message::text(&state.instance, change))
            .collect();
        missed = match relay::send(&state.db, &texts).await {
            Ok(()) => false,
            Err(error) => {
                tracing::warn!(%error, "changes could not be passed on to other servers");
                until_sent(state).await;
                false
            }
        };
    }
}

/// Tells the others to look at everything again, as soon as that is possible.
async fn until_sent(state: &AppState) {
    let Some(text) = Message::text(&state.instance, Change::look_again()) else { return };
    while relay::send(&state.db, std::slice::from_ref(&text)).await.is_err() {
        tokio::time::sleep(PAUSE).await;
    }
}

async fn hear(state: &AppState) {
    let mut heard_before = false;
    loop {
        match Ear::open(&state.db).await {
            Ok(Some(ear)) => {
                if std::mem::replace(&mut heard_before, true) {
                    state.live.pass_on(Change::look_again());
                }
                if let Err(error) = listen(&state.live, &state.instance, ear).await {
                    tracing::warn!(%error, "the connection to other servers was lost; it is made again");
                }
            }
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "other servers can't be heard; trying again");
                heard_before = true;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn listen(live: &Live, own: &str, mut ear: Ear) -> Result<(), StoreError> {
    while let Some(text) = ear.next().await? {
        match serde_json::from_str::<Message>(&text) {
            Ok(message) if message.from == own => {}
            Ok(message) => live.pass_on(message.change()),
            // A newer version on the same database may say more than this one understands.
            Err(_) => live.pass_on(Change::look_again()),
        }
    }
    Ok(())
}
