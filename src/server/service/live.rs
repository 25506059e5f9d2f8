//! What every open tab hears about, right after it was committed.
//!
//! The tabs of this process hear it at once. Where several processes share a database, each change also goes to an outbox,
//! from which a worker passes it on to the others (`worker/relay.rs`).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};

use crate::api::accounts::Progress;
use crate::domain::id::{AccountId, WorkspaceId};

/// How many changes a slow listener may lag behind before it is told to look at everything again.
const BACKLOG: usize = 256;
/// How many changes wait to be passed on, before the others are told to look at everything again.
const OUTBOX: usize = 4_096;

/// How a message feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    Ok,
    Warn,
}

/// Something changed in a workspace. Carries no more than is needed to look again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Counts up within one server process.
    pub cursor: u64,
    #[serde(skip)]
    pub whose: Whose,
    pub account: Option<AccountId>,
    /// A message for the corner of the page.
    pub toast: Option<String>,
    pub tone: Tone,
    /// How far a check of all accounts is. Such a change has nothing else to tell.
    pub progress: Option<Progress>,
}

/// Whom a change concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Whose {
    Of(WorkspaceId),
    /// Changes may have been missed: everybody looks at everything again.
    Everybodys,
}

impl Change {
    /// "Look at everything again", for one listener.
    pub fn look_again() -> Self {
        Self { cursor: 0, whose: Whose::Everybodys, account: None, toast: None, tone: Tone::Ok, progress: None }
    }

    /// Whether the tabs of this workspace are told.
    pub fn concerns(&self, workspace: &WorkspaceId) -> bool {
        match &self.whose {
            Whose::Of(one) => one == workspace,
            Whose::Everybodys => true,
        }
    }
}

/// The hub of all listeners.
#[derive(Clone)]
pub struct Live(Arc<Hub>);

struct Hub {
    sender: broadcast::Sender<Change>,
    cursor: AtomicU64,
    outbox: OnceLock<mpsc::Sender<Change>>,
    /// Something was told that the other processes will not hear of.
    missed: AtomicBool,
}

impl Default for Live {
    fn default() -> Self {
        Self(Arc::new(Hub {
            sender: broadcast::channel(BACKLOG).0,
            cursor: AtomicU64::default(),
            outbox: OnceLock::new(),
            missed: AtomicBool::default(),
        }))
    }
}

impl Live {
    /// Tells every listener. Only after the change is committed: whoever hears it will read the database.
    pub fn tell(&self, workspace: &WorkspaceId, account: Option<&AccountId>, toast: Option<(Tone, String)>) {
        let tone = toast.as_ref().map_or(Tone::Ok, |(tone, _)| *tone);
        let (account, toast) = (account.cloned(), toast.map(|(_, words)| words));
        self.publish(Change { whose: Whose::Of(workspace.clone()), account, toast, tone, ..Change::look_again() });
    }

    /// Tells every listener how far a check of all accounts is.
    pub fn progress(&self, workspace: &WorkspaceId, progress: Progress) {
        let (whose, progress) = (Whose::Of(workspace.clone()), Some(progress));
        self.publish(Change { whose, progress, ..Change::look_again() });
    }

    /// Tells the listeners of this process alone: the others know already.
    pub fn pass_on(&self, change: Change) {
        let cursor = self.0.cursor.fetch_add(1, Ordering::Relaxed) + 1;
        // Nobody listening is fine.
        let _ = self.0.sender.send(Change { cursor, ..change });
    }

    fn publish(&self, change: Change) {
        if let Some(outbox) = self.0.outbox.get()
            && outbox.try_send(change.clone()).is_err()
        {
            self.0.missed.store(true, Ordering::SeqCst);
        }
        self.pass_on(change);
    }

    /// Changes from now on, of all workspaces: whoever passes them on filters.
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.0.sender.subscribe()
    }

    /// The outbox of what other processes must hear. There is one; `None` the second time.
    pub fn outbox(&self) -> Option<mpsc::Receiver<Change>> {
        let (sender, receiver) = mpsc::channel(OUTBOX);
        self.0.outbox.set(sender).ok().map(|()| receiver)
    }

    /// Whether something was told meanwhile that found no room in the outbox. Asking forgets it.
    pub fn has_missed(&self) -> bool {
        self.0.missed.swap(false, Ordering::SeqCst)
    }
}
