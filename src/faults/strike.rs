//! When a server is killed: at a point in its code, at a moment of a refresh as the vendor sees it, or at any time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pilotlight::sandbox::{Fault, FaultKind, Moment, Sandbox};
use rand::Rng;
use rand::rngs::StdRng;
use tokio::sync::Notify;

use super::server::{Killer, Server};

/// How long a server may take until it does what the strike waits for.
const WITHIN: Duration = Duration::from_secs(8);
/// Points are counted from 1 again after this many: so many are passed in the first seconds.
const POINTS: usize = 120;

/// When to kill.
#[derive(Clone, Copy, Debug)]
pub enum Strike {
    /// At the n-th write or call, before or after it.
    Point(usize),
    /// This long after the first refresh arrived.
    After(Duration),
    /// At the n-th time that a refresh comes to this.
    At(Moment, usize),
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    Point,
    Time,
    /// The server never came to it.
    Missed,
}

impl Strike {
    /// Of every two kills one goes to the next point in turn, the other where the dice say.
    pub fn of(kill: usize, dice: &mut StdRng) -> Self {
        if kill.is_multiple_of(2) {
            return Self::Point(kill / 2 % POINTS + 1);
        }
        match dice.random_range(0..6) {
            0 => Self::At(Moment::Arrived, dice.random_range(1..4)),
            1 => Self::At(Moment::Processed, dice.random_range(1..4)),
            2 => Self::At(Moment::Answering, dice.random_range(1..4)),
            _ => Self::After(Duration::from_millis(dice.random_range(5..=300))),
        }
    }

    pub fn crash_at(self) -> Option<usize> {
        if let Self::Point(number) = self { Some(number) } else { None }
    }

    /// Makes some of the vendor's answers late, so that strikes fall between sending, effect and answer.
    pub fn slow_down(twin: &Sandbox, dice: &mut StdRng) {
        twin.clear_faults();
        let milliseconds = dice.random_range(5..=20);
        let kind = match dice.random_range(0..3) {
            0 => FaultKind::Late(milliseconds),
            1 => FaultKind::Delay(milliseconds),
            _ => return,
        };
        twin.fault(Fault::on("x", kind, Some(dice.random_range(1..12))).at("/2/oauth2/token"));
    }

    /// Waits for the moment and kills. Afterwards the server is dead.
    pub async fn kill(self, watch: &Watch, mut server: Server) -> Hit {
        let hit = match self {
            Self::Point(_) => match server.crash_point(WITHIN).await {
                Some(_) => Hit::Point,
                None => Hit::Missed,
            },
            Self::After(pause) => {
                let arrived = watch.wait(WITHIN).await;
                tokio::time::sleep(pause).await;
                if arrived { Hit::Time } else { Hit::Missed }
            }
            Self::At(..) => {
                if watch.wait(WITHIN).await {
                    Hit::Time
                } else {
                    Hit::Missed
                }
            }
        };
        server.kill().await;
        hit
    }
}

/// Follows the refreshes as the vendor sees them.
#[derive(Clone)]
pub struct Watch(Arc<Inner>);

struct Inner {
    seen: AtomicUsize,
    reached: Notify,
    killer: Mutex<Option<Killer>>,
}

impl Watch {
    /// From now on, for this strike.
    pub fn start(twin: &Sandbox, strike: Strike) -> Self {
        let inner = Inner { seen: AtomicUsize::new(0), reached: Notify::new(), killer: Mutex::default() };
        let watch = Self(Arc::new(inner));
        let (awaited, number, at_once) = match strike {
            Strike::At(moment, number) => (moment, number, true),
            _ => (Moment::Arrived, 1, false),
        };
        let inner = watch.0.clone();
        twin.on_refresh(Box::new(move |moment, _| {
            if moment == awaited && inner.seen.fetch_add(1, Ordering::SeqCst) + 1 == number {
                if at_once && let Some(killer) = inner.killer.lock().expect("not poisoned").as_ref() {
                    killer.kill();
                }
                inner.reached.notify_one();
            }
        }));
        watch
    }

    /// Says who is struck.
    pub fn arm(&self, killer: Killer) {
        *self.0.killer.lock().expect("not poisoned") = Some(killer);
    }

    async fn wait(&self, within: Duration) -> bool {
        tokio::time::timeout(within, self.0.reached.notified()).await.is_ok()
    }
}
