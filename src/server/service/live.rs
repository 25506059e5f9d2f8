//! What every open tab hears about, right after it was committed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use tokio::sync::broadcast;

use crate::api::accounts::Progress;
use crate::domain::id::{AccountId, WorkspaceId};

/// How many changes a slow listener may lag behind before it is told to look at everything again.
const BACKLOG: usize = 256;

/// How a message feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
    sender: broadcast::Sender<Change>,
    cursor: Arc<AtomicU64>,
}

impl Default for Live {
    fn default() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0, cursor: Arc::default() }
    }
}

impl Live {
    /// Tells every listener. Only after the change is committed: whoever hears it will read the database.
    pub fn tell(&self, workspace: &WorkspaceId, account: Option<&AccountId>, toast: Option<(Tone, String)>) {
        let cursor = self.cursor.fetch_add(1, Ordering::Relaxed) + 1;
        let tone = toast.as_ref().map_or(Tone::Ok, |(tone, _)| *tone);
        let change = Change {
            cursor,
            workspace: workspace.clone(),
            account: account.cloned(),
            toast: toast.map(|(_, words)| words),
            tone,
            progress: None,
        };
        // Nobody listening is fine.
        let _ = self.sender.send(change);
    }

    /// Tells every listener how far a check of all accounts is.
    pub fn progress(&self, workspace: &WorkspaceId, progress: Progress) {
        let cursor = self.cursor.fetch_add(1, Ordering::Relaxed) + 1;
        let (workspace, progress) = (workspace.clone(), Some(progress));
        let _ = self.sender.send(Change { cursor, workspace, account: None, toast: None, tone: Tone::Ok, progress });
    }

    /// Changes from now on, of all workspaces: whoever passes them on filters.
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }
}
