//! `/live`: what changed, told to every open tab as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

use super::session::Member;
use crate::server::service::live::{Change, Tone};
use crate::server::state::AppState;

/// How long one stream lives. The browser opens the next one by itself, and is asked again who it is.
const LIFE: Duration = Duration::from_secs(300);

/// The stream of one tab.
pub async fn live(State(state): State<AppState>, member: Member) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let workspace = member.workspace.clone();
    let stop = state.stop.clone();
    let changes = BroadcastStream::new(state.live.listen())
        .filter_map(move |received| {
            let told = match received {
                Ok(change) if change.workspace == workspace => Some(change),
                Ok(_) => None,
                // This tab was too slow: it looks at everything again.
                Err(BroadcastStreamRecvError::Lagged(_)) => {
                    Some(Change { cursor: 0, workspace: workspace.clone(), account: None, toast: None, tone: Tone::Ok })
                }
            };
            std::future::ready(told.and_then(|change| Event::default().event("change").json_data(change).ok()))
        })
        .map(Ok)
        .take_until(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LIFE) => {}
            }
        });
    Sse::new(changes).keep_alive(KeepAlive::new().interval(Duration::from_secs(20)))
}
