//! Notices when everything stood still: a machine that gives nobody any time for seconds does to every server at once what
//! the rig does to one when it freezes it, and like there answers get lost that nobody promised to save.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pilotlight::server::clock::{Clock, SystemClock};
use tokio::task::JoinHandle;

/// How often the time is looked at.
const TICK: Duration = Duration::from_millis(50);
/// Later than this it was more than a busy moment, in milliseconds.
const LATE_MS: i64 = 500;

/// Looks at the time until it is dropped.
pub struct Stalls {
    seen: Arc<Mutex<Vec<(i64, i64)>>>,
    looking: JoinHandle<()>,
}

impl Stalls {
    pub fn watch() -> Self {
        let seen = Arc::<Mutex<Vec<(i64, i64)>>>::default();
        let noted = seen.clone();
        let looking = tokio::spawn(async move {
            let mut before = SystemClock.now();
            loop {
                tokio::time::sleep(TICK).await;
                let now = SystemClock.now();
                if now - before > LATE_MS {
                    noted.lock().expect("not poisoned").push((before, now));
                }
                before = now;
            }
        });
        Self { seen, looking }
    }

    /// From when to when (Unix milliseconds) everything stood still.
    pub fn seen(&self) -> Vec<(i64, i64)> {
        self.seen.lock().expect("not poisoned").clone()
    }
}

impl Drop for Stalls {
    fn drop(&mut self) {
        self.looking.abort();
    }
}
