//! How much of the last days an account was green (SPEC D-10).

use super::ServiceError;
use crate::domain::grant::DAY_MS;
use crate::domain::uptime::{DAYS, Span, Uptime};
use crate::server::state::AppState;
use crate::server::store::accounts::Account;
use crate::server::store::{events, incidents};

/// The last days of an account; `None` if it was not connected in them.
pub async fn of(state: &AppState, account: &Account, now: i64) -> Result<Option<Uptime>, ServiceError> {
    let amber = incidents::lately(&state.db, &account.id, now - DAYS * DAY_MS).await?;
    let off = spans(&events::given_up(&state.db, &account.id).await?);
    Ok(Uptime::of(now, account.connected_at, &amber, &off))
}

/// The times between giving up and taking up.
fn spans(moments: &[(i64, bool)]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for &(at, given_up) in moments {
        let open = spans.last_mut().filter(|span| span.1.is_none());
        match (open, given_up) {
            (Some(span), false) => span.1 = Some(at),
            (None, true) => spans.push((at, None)),
            _ => {}
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_away_from_giving_up_to_taking_up() {
        let moments = [(1, false), (5, true), (6, true), (9, false), (10, false), (20, true)];
        assert_eq!(spans(&moments), [(5, Some(9)), (20, None)]);
    }
}
