//! Several accounts reconnected one after another, each consent asked for once (SPEC H-10).
//!
//! The queue lives in the address that a reconnect leads back to, so it needs no row, survives a restart, and ends when
//! the person goes elsewhere.

use super::forecast::extends_itself;
use super::{ServiceError, listing};
use crate::api::connect::RECONNECT;
use crate::domain::filter::{Filter, escaped};
use crate::domain::grant::TokenStatus;
use crate::domain::health::Health;
use crate::domain::id::AccountId;
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::state::AppState;
use crate::server::store::accounts::{self, Account};
use crate::server::store::cards;

/// More sign-ins than anybody does in one sitting; an address has to hold them.
const AT_MOST: usize = 50;

/// What is left to reconnect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    left: Vec<AccountId>,
    total: u32,
    /// How many sign-ins were renewed so far.
    well: u32,
    /// The page the person came from; Connections if empty.
    back: String,
}

impl Queue {
    /// The same, ending at the page that the person came from; `back` must be a path of ours.
    pub fn back_to(self, back: String) -> Self {
        Self { back, ..self }
    }

    /// Where it ends; empty for Connections.
    pub fn back(&self) -> &str {
        &self.back
    }

    /// The address at which this queue goes on.
    pub fn path(&self) -> String {
        let left: Vec<&str> = self.left.iter().map(AccountId::as_str).collect();
        let back = if self.back.is_empty() { String::new() } else { format!("&back={}", escaped(&self.back)) };
        format!("{RECONNECT}?total={}&well={}&left={}{back}", self.total, self.well, left.join(","))
    }

    /// Reads the query of such an address, with what the last reconnect has added to it; `None` for any other.
    pub fn read(query: &str) -> Option<Self> {
        let mut queue = Self::default();
        let mut begun = false;
        let mut healed = false;
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "total" => {
                    begun = true;
                    queue.total = value.parse().ok()?;
                }
                "well" => queue.well = value.parse().ok()?,
                "left" => {
                    let ids = value.split(',').filter(|id| !id.is_empty()).take(AT_MOST);
                    queue.left = ids.map(AccountId::new).collect();
                }
                "back" => queue.back = value.into_owned(),
                "done" => healed = value == "reconnected",
                _ => {}
            }
        }
        queue.well = queue.well.saturating_add(u32::from(healed)).min(queue.total);
        begun.then_some(queue)
    }

    /// Where the person lands when nothing is left.
    fn end(&self) -> String {
        let back = if self.back.is_empty() { "/connections" } else { &self.back };
        let joint = if back.contains('?') { '&' } else { '?' };
        format!("{back}{joint}done=queue&count={}&total={}", self.well, self.total)
    }
}

/// What comes next.
pub enum Next {
    /// An account to reconnect, and the queue behind it.
    Reconnect(Box<Account>, Queue),
    /// The path of ours to end at.
    End(String),
}

/// A queue of the accounts that were ticked, or of all that need it: in the list's order, one account of each consent.
pub async fn begin(state: &AppState, member: &Member, ticked: Option<&[AccountId]>) -> Result<Queue, ServiceError> {
    member.may(Action::ManageAccounts)?;
    let order = listing::in_order(state, member, &Filter::default()).await?;
    let mut queue = Queue::default();
    let mut grants = Vec::new();
    for line in order {
        let wanted = match ticked {
            Some(ticked) => ticked.contains(&line.id),
            None => line.is_amber(),
        };
        if !wanted || queue.left.len() == AT_MOST {
            continue;
        }
        let Some(account) = accounts::get(&state.db, &member.workspace, &line.id).await? else { continue };
        if !grants.contains(&account.grant) {
            grants.push(account.grant);
            queue.left.push(line.id);
        }
    }
    queue.total = u32::try_from(queue.left.len()).unwrap_or(u32::MAX);
    Ok(queue)
}

/// The next account of a queue. One that was healed meanwhile, by whomever, counts as done; one that is gone is left out.
pub async fn next(state: &AppState, member: &Member, mut queue: Queue) -> Result<Next, ServiceError> {
    member.may(Action::ManageAccounts)?;
    while !queue.left.is_empty() {
        let id = queue.left.remove(0);
        match accounts::get(&state.db, &member.workspace, &id).await? {
            Some(account) if account.connected && is_fine(state, member, &account).await? => {
                queue.well = queue.well.saturating_add(1).min(queue.total);
            }
            Some(account) => return Ok(Next::Reconnect(Box::new(account), queue)),
            None => {}
        }
    }
    Ok(Next::End(queue.end()))
}

/// Whether nobody has to sign in for this account: it is green, and no end of its token is near that a person must put off.
async fn is_fine(state: &AppState, member: &Member, account: &Account) -> Result<bool, ServiceError> {
    if account.standing.health != Health::Healthy {
        return Ok(false);
    }
    let row = cards::one(&state.db, &member.workspace, &account.id).await?;
    let ends = |row: cards::CardRow| {
        let renews = extends_itself(row.platform, row.has_refresh);
        let token = listing::card(row, state.clock.now()).token;
        !renews && matches!(token, Some(TokenStatus::ExpiringSoon { .. }))
    };
    Ok(!row.is_some_and(ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC H-10
    #[test]
    fn a_queue_survives_its_address() {
        let queue =
            Queue { left: vec![AccountId::new("b"), AccountId::new("c")], total: 3, well: 0, back: String::new() };
        let path = queue.path();
        let query = path.split_once('?').expect("a query").1;
        assert_eq!(Queue::read(query), Some(queue.clone()));
        let after = format!("{query}&account=a&done=reconnected&healed=2");
        assert_eq!(Queue::read(&after), Some(Queue { well: 1, ..queue.clone() }));
        assert_eq!(Queue::read(&format!("{query}&account=a&done=left-out")), Some(queue.clone()));
        let back = queue.clone().back_to("/connections?status=attention&q=a%20b".into());
        let path = back.path();
        let query = path.split_once('?').expect("a query").1;
        assert_eq!(Queue::read(query), Some(back.clone()), "SPEC A-1: back to where the person was");
        assert_eq!(back.end(), "/connections?status=attention&q=a%20b&done=queue&count=0&total=3");
        let overview = queue.back_to("/overview".into());
        assert_eq!(overview.end(), "/overview?done=queue&count=0&total=3");
        assert_eq!(Queue::read("account=a&account=b"), None);
        assert_eq!(Queue::read("total=x"), None);
    }
}
