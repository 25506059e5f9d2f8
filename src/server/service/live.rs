//! What every open tab hears about, right after it was committed: the tabs of this process at once, those of other
//! instances by way of the [`Outbox`], which `worker::relay` empties.

mod outbox;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

pub use outbox::{Batch, Outbox};
pub use wire::{Message, Word};

use crate::api::accounts::Progress;
use crate::domain::id::{AccountId, WorkspaceId};

/// How much news a slow listener may lag behind before it is told to look at everything again.
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
    /// Something may have gone unheard: every tab, of whatever workspace, looks at all it shows again.
    LookAgain,
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
    cursor: Arc<AtomicU64>,
    outbox: Option<Arc<Outbox>>,
}

impl Default for Live {
    /// For a process that is alone on its database.
    fn default() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0, cursor: Arc::default(), outbox: None }
    }
}

impl Live {
    /// For a process that shares its database with others.
    pub fn shared() -> Self {
        Self { outbox: Some(Arc::default()), ..Self::default() }
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

    /// Never waits. Nothing is made while nobody could hear it: the keeper tells some thousand changes a second.
    fn publish(&self, change: impl FnOnce(u64) -> Change) {
        let listened = self.sender.receiver_count() > 0;
        if !listened && self.outbox.is_none() {
            return;
        }
        let change = change(self.count());
        if let Some(outbox) = &self.outbox {
            outbox.put(&change);
        }
        if listened {
            // That the last one has just gone is fine.
            let _ = self.sender.send(News::Change(change));
        }
    }

    /// Hands on what another instance told, to this process's listeners only.
    pub fn pass_on(&self, change: Change) {
        let cursor = self.count();
        let _ = self.sender.send(News::Change(Change { cursor, ..change }));
    }

    /// Tells this process's listeners that something may have gone unheard.
    pub fn look_again(&self) {
        let _ = self.sender.send(News::LookAgain);
    }

    fn count(&self) -> u64 {
        self.cursor.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// What other instances are to be told; `None` where there can't be any.
    pub fn outbox(&self) -> Option<Arc<Outbox>> {
        self.outbox.clone()
    }

    /// News from now on, of all workspaces: whoever passes them on filters.
    pub fn listen(&self) -> broadcast::Receiver<News> {
        self.sender.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_made_while_nobody_could_hear_it() {
        let live = Live::default();
        live.publish(|_| panic!("made for nobody"));
        let mut heard = live.listen();
        live.tell(&WorkspaceId::new("w"), None, None);
        assert!(matches!(heard.try_recv(), Ok(News::Change(change)) if change.cursor == 1));
    }

    #[test]
    fn what_came_from_elsewhere_is_not_sent_on() {
        let live = Live::shared();
        let mut heard = live.listen();
        live.tell(&WorkspaceId::new("w"), None, None);
        let outbox = live.outbox().expect("shared");
        let told = outbox.take().expect("something to tell").changes.pop().expect("a change");
        live.pass_on(told);
        live.look_again();
        assert!(outbox.take().is_none());
        assert!(matches!(heard.try_recv(), Ok(News::Change(change)) if change.cursor == 1));
        assert!(matches!(heard.try_recv(), Ok(News::Change(change)) if change.cursor == 2));
        assert_eq!(heard.try_recv(), Ok(News::LookAgain));
    }
}
