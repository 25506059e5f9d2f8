//! `/live`: what changed, told to every open tab as server-sent events.
//!
//! Each event says where in the news of this process it stands. A tab that comes back names the last one it heard (the
//! browser does that in `Last-Event-ID`, a stream that the page opened anew in `since`) and is told what it missed, once and
//! in order; where that is not known any more, it is told to look at everything again.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use futures::{Stream, StreamExt};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::session::Member;
use crate::domain::id::WorkspaceId;
use crate::server::service::live::{Following, Live, News};
use crate::server::state::AppState;
use crate::server::store::sessions;

/// How often a stream asks whether its session still stands.
const ASK_AGAIN: Duration = Duration::from_secs(30);

/// How often a tab hears that its stream still stands; the page takes a stream for dead after three times as long.
const BEAT: Duration = Duration::from_secs(20);

/// Tells a tab that it may have missed something.
const LOOK_AGAIN: &str = r#"{"again":true}"#;

/// Where a stream that the page opened anew goes on.
#[derive(Deserialize)]
pub struct From {
    since: Option<String>,
}

/// The stream of one tab.
pub async fn live(
    State(state): State<AppState>,
    Query(from): Query<From>,
    headers: HeaderMap,
    member: Member,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // The header is the newer one: the browser sends it when it restores a stream, with the address that it was opened by.
    let place = headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned).or(from.since);
    let tab = Tab::new(state.live.clone(), member.workspace.clone(), place.filter(|place| !place.is_empty()));
    let events = futures::stream::unfold(tab, |mut tab| async { Some((Ok(tab.next().await?), tab)) });
    Sse::new(events.take_until(until_over(state, member)))
}

struct Tab {
    live: Live,
    workspace: WorkspaceId,
    following: Following,
    /// News that were told before this stream stood, and are to be told first.
    missed: VecDeque<News>,
    /// The number of the last news that were told or are of no concern.
    seen: u64,
    beat: Interval,
}

impl Tab {
    fn new(live: Live, workspace: WorkspaceId, place: Option<String>) -> Self {
        let number = place.as_deref().and_then(|place| live.number(place));
        let following = live.follow(number);
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let seen = following.at;
        let mut tab = Self { live, workspace, following, missed: VecDeque::new(), seen, beat };
        // A tab that was never told anything looks by itself.
        if place.is_some() {
            tab.catch_up();
        }
        tab
    }

    /// Puts in front what was missed, or a call to look.
    fn catch_up(&mut self) {
        let at = self.following.at;
        self.missed = self.following.missed.take().unwrap_or_else(|| VecDeque::from([News::LookAgain(at)]));
    }

    /// The next event; `None` when nobody tells anything any more.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let news = match self.missed.pop_front() {
                Some(news) => news,
                None => tokio::select! {
                    told = self.following.news.recv() => match told {
                        Ok(news) => news,
                        // This tab was too slow. What it missed may still be kept.
                        Err(RecvError::Lagged(_)) => {
                            self.following = self.live.follow(Some(self.seen));
                            self.catch_up();
                            continue;
                        }
                        Err(RecvError::Closed) => return None,
                    },
                    // At once as well: so the tab knows a place to come back to before anything has changed.
                    _ = self.beat.tick() => return Some(self.event("beat").data("1")),
                },
            };
            self.seen = news.number();
            let told = match news {
                News::Change(change) if change.workspace == self.workspace => {
                    self.event("change").json_data(change).ok()
                }
                News::Change(_) => None,
                News::LookAgain(_) => Some(self.event("change").data(LOOK_AGAIN)),
            };
            if told.is_some() {
                return told;
            }
        }
    }

    fn event(&self, name: &str) -> Event {
        Event::default().event(name).id(self.live.place(self.seen))
    }
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
