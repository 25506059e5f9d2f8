//! What every open tab hears about, right after it was committed: the tabs of this process at once, those of other
//! instances by way of the [`Outbox`], which `worker::relay` empties.

mod outbox;
mod ring;
mod wire;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

pub use outbox::{Batch, Outbox};
pub use wire::{Message, Word};

use ring::Ring;

use crate::api::accounts::Progress;
use crate::domain::id::{AccountId, WorkspaceId};

/// How much news a slow listener may lag behind before it must fetch them from the ring.
const BACKLOG: usize = 256;

/// How a message feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    Ok,
    Warn,
}

/// What a listener hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    Change(Change),
    /// Something may have gone unheard: every tab, of whatever workspace, looks at all it shows again. Carries its number.
    LookAgain(u64),
}

impl News {
    /// Its place among all that this process told.
    pub fn number(&self) -> u64 {
        match self {
            Self::Change(change) => change.cursor,
            Self::LookAgain(number) => *number,
        }
    }
}

/// Something changed in a workspace. Carries no more than is needed to look again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Counts up within one server process.
    pub cursor: u64,
    pub workspace: WorkspaceId,
    pub account: Option<AccountId>,
    /// A message for the corner of the page.
    pub toast: Option<String>,
    pub tone: Tone,
    /// How far a check of all accounts is. Such a change has nothing else to tell.
    pub progress: Option<Progress>,
}

/// The hub of all listeners.
#[derive(Clone)]
pub struct Live {
    sender: broadcast::Sender<News>,
    /// Locked while something is told, so that who begins to listen hears the rest of what the ring had.
    ring: Arc<Mutex<Ring>>,
    /// Tells the numbers of this process from those of others, and of itself before it was restarted.
    epoch: Arc<str>,
    outbox: Option<Arc<Outbox>>,
}

/// A listener that knows where it stands.
pub struct Following {
    /// What was told after the place it named; `None` if that is not known any more.
    pub missed: Option<VecDeque<News>>,
    /// The number of the last news before `news`.
    pub at: u64,
    /// From now on.
    pub news: broadcast::Receiver<News>,
}

impl Live {
    /// `epoch` is random text without a dot, another one for each process; `shared` says whether others use its database.
    pub fn new(epoch: &str, shared: bool) -> Self {
        Self {
            sender: broadcast::channel(BACKLOG).0,
            ring: Arc::default(),
            epoch: epoch.into(),
            outbox: shared.then(Arc::default),
        }
    }

    /// Tells every listener. Only after the change is committed: whoever hears it will read the database.
    pub fn tell(&self, workspace: &WorkspaceId, account: Option<&AccountId>, toast: Option<(Tone, String)>) {
        self.publish(|cursor| {
            let tone = toast.as_ref().map_or(Tone::Ok, |(tone, _)| *tone);
            Change {
                cursor,
                workspace: workspace.clone(),
                account: account.cloned(),
                toast: toast.map(|(_, words)| words),
                tone,
                progress: None,
            }
        });
    }

    /// Tells every listener how far a check of all accounts is.
    pub fn progress(&self, workspace: &WorkspaceId, progress: Progress) {
        self.publish(|cursor| {
            let (workspace, progress) = (workspace.clone(), Some(progress));
            Change { cursor, workspace, account: None, toast: None, tone: Tone::Ok, progress }
        });
    }

    /// Never waits. Nothing is made while nobody could hear it, nor come back for it: the keeper tells some thousand
    /// changes a second.
    fn publish(&self, change: impl FnOnce(u64) -> Change) {
        let mut ring = self.ring();
        if !ring.heard && self.outbox.is_none() {
            return;
        }
        let news = ring.push(|number| News::Change(change(number)));
        if let (Some(outbox), News::Change(change)) = (&self.outbox, &news) {
            outbox.put(change);
        }
        self.send(ring, news);
    }

    /// Hands on what another instance told, to this process's listeners only.
    pub fn pass_on(&self, change: Change) {
        let mut ring = self.ring();
        let news = ring.push(|cursor| News::Change(Change { cursor, ..change }));
        self.send(ring, news);
    }

    /// Tells this process's listeners that something may have gone unheard.
    pub fn look_again(&self) {
        let mut ring = self.ring();
        let news = ring.push(News::LookAgain);
        self.send(ring, news);
    }

    fn send(&self, ring: MutexGuard<'_, Ring>, news: News) {
        // That nobody listens is fine.
        let _ = self.sender.send(news);
        drop(ring);
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How a place among the news is written for a tab to come back with.
    pub fn place(&self, number: u64) -> String {
        format!("{}.{number}", self.epoch)
    }

    /// The number of a place that this process wrote.
    pub fn number(&self, place: &str) -> Option<u64> {
        let (epoch, number) = place.split_once('.')?;
        number.parse().ok().filter(|_| epoch == &*self.epoch)
    }

    /// What was told after number `seen`, and all that is told from now on: nothing twice, nothing in between lost. Of all
    /// workspaces: whoever passes them on filters.
    pub fn follow(&self, seen: Option<u64>) -> Following {
        let mut ring = self.ring();
        ring.heard = true;
        Following { missed: seen.and_then(|seen| ring.since(seen)), at: ring.count(), news: self.sender.subscribe() }
    }

    /// What other instances are to be told; `None` where there can't be any.
    pub fn outbox(&self) -> Option<Arc<Outbox>> {
        self.outbox.clone()
    }

    /// News from now on, of all workspaces.
    pub fn listen(&self) -> broadcast::Receiver<News> {
        self.follow(None).news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toast(live: &Live, words: &str) {
        live.tell(&WorkspaceId::new("w"), None, Some((Tone::Ok, words.into())));
    }

    #[test]
    fn nothing_is_made_before_anybody_could_hear_it() {
        let live = Live::new("e", false);
        live.publish(|_| panic!("made for nobody"));
        let mut heard = live.listen();
        live.tell(&WorkspaceId::new("w"), None, None);
        assert!(matches!(heard.try_recv(), Ok(News::Change(change)) if change.cursor == 1));
    }

    #[test]
    fn what_came_from_elsewhere_is_not_sent_on() {
        let live = Live::new("e", true);
        let mut heard = live.listen();
        live.tell(&WorkspaceId::new("w"), None, None);
        let outbox = live.outbox().expect("shared");
        let told = outbox.take().expect("something to tell").changes.pop().expect("a change");
        live.pass_on(told);
        live.look_again();
        assert!(outbox.take().is_none());
        assert!(matches!(heard.try_recv(), Ok(News::Change(change)) if change.cursor == 1));
        assert!(matches!(heard.try_recv(), Ok(News::Change(change)) if change.cursor == 2));
        assert_eq!(heard.try_recv(), Ok(News::LookAgain(3)));
    }

    // SPEC T-1: also what another instance told, and while nobody listens.
    #[test]
    fn who_comes_back_hears_what_was_missed_once() {
        let live = Live::new("e", true);
        drop(live.listen());
        toast(&live, "heard");
        let place = live.place(1);
        toast(&live, "missed");
        let told = live.outbox().and_then(|outbox| outbox.take()).expect("told");
        live.pass_on(told.changes.into_iter().next_back().expect("a change"));
        let mut back = live.follow(live.number(&place));
        toast(&live, "after");
        let missed: Vec<u64> = back.missed.expect("it is kept").iter().map(News::number).collect();
        assert_eq!((missed, back.at), (vec![2, 3], 3));
        assert_eq!(back.news.try_recv().expect("told").number(), 4);
        assert!(back.news.try_recv().is_err());
    }

    #[test]
    fn a_place_that_another_process_wrote_is_unknown() {
        let live = Live::new("e", false);
        assert_eq!(live.number("e.7"), Some(7));
        for place in ["f.7", "e7", "e.", "e.-1", "e.7.7", ".7", ""] {
            assert_eq!(live.number(place), None, "{place}");
        }
        drop(live.listen());
        assert!(live.follow(Some(7)).missed.is_none(), "this process has not come so far");
    }
}
