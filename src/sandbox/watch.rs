//! A watch over refreshes: what came of each, whether two of one consent were ever under way at once, and somebody who is told
//! in the moment.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde::Serialize;

use super::call::{Call, Reply};
use super::vendor::{Place, place};
use super::{Sandbox, lock};

/// Refreshes that are remembered.
const MAX: usize = 200_000;

/// A refresh request that reached a stand-in. At Facebook that is every trade of a person's token for a longer one, also the
/// first, which belongs to a connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refresh {
    /// When it arrived, in Unix milliseconds.
    pub at_ms: i64,
    /// Whose consent it was about, such as `x:crowd-3`; empty if the token was unknown.
    pub grant: String,
    pub outcome: RefreshOutcome,
}

/// What came of a refresh request, whether or not its answer got through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshOutcome {
    /// New tokens, or a longer life.
    Renewed,
    /// A refresh token came again that must not; at X this has ended the consent.
    Replayed,
    /// Nothing: a refusal, or a fault that kept the request from its effect.
    Refused,
}

/// A point in the life of a refresh request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It is here and has had no effect.
    Arrived,
    /// It has had its effect; nobody knows but the vendor. Not reached where a fault answers instead.
    Processed,
    /// The answer is on its way. Not reached where there will be none.
    Answering,
}

/// Is told the moments of refresh requests, with the consent's label as in [`Refresh::grant`].
pub type Observer = dyn Fn(Moment, &str) + Send + Sync;

/// All that is watched.
#[derive(Default)]
pub struct Watch {
    seen: Mutex<Seen>,
    observer: RwLock<Option<Arc<Observer>>>,
}

#[derive(Default)]
struct Seen {
    refreshes: VecDeque<Refresh>,
    /// How many requests are being answered, by consent.
    under_way: HashMap<u64, usize>,
    overlaps: BTreeSet<String>,
}

/// One refresh request.
#[derive(Clone, Debug)]
pub struct Sighting {
    pub at_ms: i64,
    /// Id of the consent, where the token is known.
    grant: Option<u64>,
    pub label: String,
}

/// While this lives, a refresh request is being answered.
pub struct UnderWay<'a> {
    watch: &'a Watch,
    pub sighting: Sighting,
}

impl Watch {
    /// A refresh request came in.
    pub fn arrived(&self, sighting: Sighting) -> UnderWay<'_> {
        if let Some(grant) = sighting.grant {
            let mut seen = lock(&self.seen);
            let count = seen.under_way.entry(grant).or_default();
            *count += 1;
            if *count > 1 {
                seen.overlaps.insert(sighting.label.clone());
            }
        }
        self.tell(Moment::Arrived, &sighting);
        UnderWay { watch: self, sighting }
    }

    /// A refresh request had its effect.
    pub fn processed(&self, sighting: &Sighting, reply: &Reply) {
        let outcome = match reply.status {
            200..=299 => RefreshOutcome::Renewed,
            _ if reply.replayed => RefreshOutcome::Replayed,
            _ => RefreshOutcome::Refused,
        };
        self.note(sighting, outcome);
        self.tell(Moment::Processed, sighting);
    }

    /// A refresh request will have no effect.
    pub fn kept_away(&self, sighting: &Sighting) {
        self.note(sighting, RefreshOutcome::Refused);
    }

    pub fn tell(&self, moment: Moment, sighting: &Sighting) {
        let observer = self.observer.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(observer) = observer {
            observer(moment, &sighting.label);
        }
    }

    fn note(&self, sighting: &Sighting, outcome: RefreshOutcome) {
        let mut seen = lock(&self.seen);
        if seen.refreshes.len() == MAX {
            seen.refreshes.pop_front();
        }
        seen.refreshes.push_back(Refresh { at_ms: sighting.at_ms, grant: sighting.label.clone(), outcome });
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let Some(grant) = self.sighting.grant else { return };
        let mut seen = lock(&self.watch.seen);
        if let Some(count) = seen.under_way.get_mut(&grant) {
            *count -= 1;
            if *count == 0 {
                seen.under_way.remove(&grant);
            }
        }
    }
}

impl Sandbox {
    /// The last 200 000 refresh requests, the oldest first, as soon as it is clear what became of each.
    pub fn refreshes(&self) -> Vec<Refresh> {
        lock(&self.0.watch.seen).refreshes.iter().cloned().collect()
    }

    /// Labels of consents of which a second refresh request came in while an earlier one was still being answered: from its
    /// arrival until its answer was handed over or its connection was gone. In alphabetical order, each once.
    pub fn overlaps(&self) -> Vec<String> {
        lock(&self.0.watch.seen).overlaps.iter().cloned().collect()
    }

    /// Refresh requests of known consents that are being answered now.
    pub fn under_way(&self) -> usize {
        lock(&self.0.watch.seen).under_way.values().sum()
    }

    /// Has somebody told of every refresh request, in the place of whoever was told before. The request waits meanwhile.
    pub fn on_refresh(&self, observer: Box<Observer>) {
        *self.0.watch.observer.write().unwrap_or_else(PoisonError::into_inner) = Some(observer.into());
    }

    /// What is seen of a refresh request; `None` for any other.
    pub(super) fn sighted(&self, call: &Call) -> Option<Sighting> {
        let secret = refresh_secret(call)?;
        let world = lock(&self.0.world);
        let owner = world.owner(secret);
        let label = owner.map(super::state::Grant::label).unwrap_or_default();
        Some(Sighting { at_ms: call.now, grant: owner.map(|grant| grant.id), label })
    }
}

/// The token that a refresh request brings, perhaps an empty one.
fn refresh_secret(call: &Call) -> Option<&str> {
    match place(&call.host, &call.path) {
        Place::Vendor(vendor) => vendor.twin().refreshed_with(call),
        Place::Pictures => None,
    }
}
