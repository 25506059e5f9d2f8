//! `/live`: what changed, told to every open tab as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

use super::session::Member;
use crate::server::service::live::News;
use crate::server::state::AppState;
use crate::server::store::sessions;

/// How often a stream asks whether its session still stands.
const ASK_AGAIN: Duration = Duration::from_secs(30);

/// Tells a tab that it may have missed something.
const LOOK_AGAIN: &str = r#"{"again":true}"#;

/// The stream of one tab.
pub async fn live(State(state): State<AppState>, member: Member) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let workspace = member.workspace.clone();
    let changes = BroadcastStream::new(state.live.listen())
        .filter_map(move |received| {
            let told = match received {
                Ok(News::Change(change)) if change.workspace == workspace => event().json_data(change).ok(),
                Ok(News::Change(_)) => None,
                // The second: this tab was too slow.
                Ok(News::LookAgain) | Err(BroadcastStreamRecvError::Lagged(_)) => Some(event().data(LOOK_AGAIN)),
            };
            std::future::ready(told)
        })
        .map(Ok)
        .take_until(until_over(state, member));
    Sse::new(changes).keep_alive(KeepAlive::new().interval(Duration::from_secs(20)))
}

fn event() -> Event {
    Event::default().event("change")
}

/// Ready when the server stops, or the session does not carry this workspace any more. Asking does not count as a visit.
async fn until_over(state: AppState, member: Member) {
    loop {
        tokio::select! {
            () = state.stop.cancelled() => return,
            () = tokio::time::sleep(ASK_AGAIN) => {}
        }
        let now = state.clock.now();
        let idle_since = state.config.sessions.idle_since(now);
        match sessions::find(&state.db, &member.session_hash, now, idle_since).await {
            Ok(Some(session)) if session.workspace == member.workspace => {}
            Ok(_) => return,
            Err(error) => tracing::debug!(%error, "a stream could not ask for its session"),
        }
    }
}
