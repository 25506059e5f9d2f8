//! Single flight: whoever wants a look at a grant that is being looked at in this process shares it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::Look;
use crate::domain::id::GrantId;

/// How a look ended: what it brought, `None` if somebody else held the grant or it was given up, or not at all.
#[derive(Clone, Debug)]
pub enum Landing {
    Arrived(Option<Look>),
    Failed,
}

type Board = HashMap<GrantId, watch::Receiver<Option<Landing>>>;

/// The looks of this process that are under way.
#[derive(Clone, Debug, Default)]
pub struct Flights(Arc<Mutex<Board>>);

/// A place in a look.
pub enum Seat {
    /// Whoever has it does the work.
    Pilot(Flight),
    /// The work is being done.
    Passenger(Waiting),
}

/// A look that is under way. Dropped without a landing, its passengers look for themselves.
pub struct Flight {
    flights: Flights,
    grant: GrantId,
    done: watch::Sender<Option<Landing>>,
}

/// Waits for somebody else's look.
pub struct Waiting(watch::Receiver<Option<Landing>>);

impl Flights {
    /// A place in the look at this grant.
    pub fn board(&self, grant: &GrantId) -> Seat {
        let mut board = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match board.entry(grant.clone()) {
            Entry::Occupied(flying) => Seat::Passenger(Waiting(flying.get().clone())),
            Entry::Vacant(free) => {
                let (done, waiting) = watch::channel(None);
                free.insert(waiting);
                Seat::Pilot(Flight { flights: self.clone(), grant: grant.clone(), done })
            }
        }
    }
}

impl Flight {
    /// Tells the passengers.
    pub fn land(self, landing: Landing) {
        self.done.send_replace(Some(landing));
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.grant);
    }
}

impl Waiting {
    /// How it ended; `None` if it never did.
    pub async fn landed(mut self) -> Option<Landing> {
        self.0.wait_for(Option::is_some).await.ok().and_then(|landing| landing.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC T-5
    #[tokio::test]
    async fn the_second_shares_what_the_first_brings() {
        let (flights, grant) = (Flights::default(), GrantId::new("one"));
        let Seat::Pilot(flight) = flights.board(&grant) else { panic!("nobody flies yet") };
        let Seat::Passenger(waiting) = flights.board(&grant) else { panic!("one flies") };
        assert!(matches!(flights.board(&GrantId::new("two")), Seat::Pilot(_)));
        flight.land(Landing::Arrived(Some(Look { refreshed: true, ..Look::default() })));
        assert!(matches!(waiting.landed().await, Some(Landing::Arrived(Some(look))) if look.refreshed));
        assert!(matches!(flights.board(&grant), Seat::Pilot(_)), "the next one begins anew");
    }

    #[tokio::test]
    async fn a_look_that_breaks_off_frees_its_passengers() {
        let (flights, grant) = (Flights::default(), GrantId::new("one"));
        let Seat::Pilot(flight) = flights.board(&grant) else { panic!("nobody flies yet") };
        let Seat::Passenger(waiting) = flights.board(&grant) else { panic!("one flies") };
        drop(flight);
        assert!(waiting.landed().await.is_none());
    }
}
