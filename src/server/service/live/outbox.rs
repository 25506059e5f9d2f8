//! What other instances are still to be told. Bounded: what does not fit is made up for by one look at everything.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Change;

/// How many changes may wait. Rather more than one batch takes, far less than would matter.
const ROOM: usize = 1_024;

/// The waiting changes, in the order in which they were told.
#[derive(Default)]
pub struct Outbox {
    waiting: Mutex<Batch>,
    filled: Notify,
}

/// What goes out together.
#[derive(Debug, Default)]
pub struct Batch {
    pub changes: Vec<Change>,
    /// More was told than these, or earlier ones did not get through: the others look at everything again.
    pub missed: bool,
}

impl Outbox {
    /// Puts a change in, unless a look at everything is to be told, which covers it.
    pub(super) fn put(&self, change: &Change) {
        let mut waiting = self.waiting();
        if waiting.missed {
            return;
        }
        if waiting.changes.len() < ROOM {
            waiting.changes.push(change.clone());
        } else {
            *waiting = Batch { changes: Vec::new(), missed: true };
        }
        drop(waiting);
        self.filled.notify_one();
    }

    /// Notes that something which was taken may not have got through.
    pub fn missed(&self) {
        *self.waiting() = Batch { changes: Vec::new(), missed: true };
        self.filled.notify_one();
    }

    /// All that waits, as soon as something does. Dropped before it is ready, it has taken nothing.
    pub async fn next(&self) -> Batch {
        loop {
            if let Some(batch) = self.take() {
                return batch;
            }
            self.filled.notified().await;
        }
    }

    /// All that waits now.
    pub fn take(&self) -> Option<Batch> {
        let batch = std::mem::take(&mut *self.waiting());
        (batch.missed || !batch.changes.is_empty()).then_some(batch)
    }

    fn waiting(&self) -> MutexGuard<'_, Batch> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Tone;
    use super::*;
    use crate::domain::id::WorkspaceId;

    fn change(cursor: u64) -> Change {
        let workspace = WorkspaceId::new("w");
        Change { cursor, workspace, account: None, toast: None, tone: Tone::Ok, progress: None }
    }

    #[tokio::test]
    async fn what_waits_is_taken_once_and_in_order() {
        let outbox = Outbox::default();
        (1..=3).for_each(|cursor| outbox.put(&change(cursor)));
        let batch = outbox.next().await;
        assert_eq!(batch.changes, [change(1), change(2), change(3)]);
        assert!(!batch.missed && outbox.take().is_none());
    }

    #[test]
    fn what_does_not_fit_becomes_one_look_at_everything() {
        let outbox = Outbox::default();
        (0..10 * ROOM as u64).for_each(|cursor| outbox.put(&change(cursor)));
        let batch = outbox.take().expect("something waits");
        assert!(batch.missed && batch.changes.is_empty());
        outbox.put(&change(7));
        assert_eq!(outbox.take().expect("there is room again").changes, [change(7)]);
    }

    #[test]
    fn a_failed_batch_becomes_one_look_at_everything() {
        let outbox = Outbox::default();
        outbox.put(&change(1));
        outbox.missed();
        outbox.put(&change(2));
        let batch = outbox.take().expect("something waits");
        assert!(batch.missed && batch.changes.is_empty());
    }
}
