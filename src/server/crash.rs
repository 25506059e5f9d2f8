//! Places at which a fault rig may stop the process dead (`src/faults`). In every build but that of the tests they are nothing.

use std::sync::atomic::{AtomicBool, Ordering};

/// The one failpoint behind all places: its count runs through them in the order in which they are reached.
const NAME: &str = "crash";

/// Takes the orders from `FAILPOINTS`, as in `crash=9*off->return` for the tenth point. They hold until the answer is dropped.
#[must_use = "the orders end when this is dropped"]
pub fn arm() -> Option<fail::FailScenario<'static>> {
    fail::has_failpoints().then(fail::FailScenario::setup)
}

/// A place at which the rig may strike; `place` is what it is told.
pub fn point(place: &str) {
    if fail::has_failpoints() {
        fail::eval(NAME, |_| stand_still(place));
    }
}

/// Tells the rig, then nothing more happens on this thread. Whoever comes to a point after this one stops as well, so that
/// what the rig finds is what was true here.
fn stand_still(place: &str) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if !TOLD.swap(true, Ordering::SeqCst) {
        eprintln!("crash point: {place}");
    }
    loop {
        std::thread::park();
    }
}
