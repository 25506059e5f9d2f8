//! The only place where an account's health changes: in one transaction with its event, its incident and
//! what is to be told of it.

use super::alerts;
use super::history::Happening;
use super::live::{Live, Tone};
use crate::domain::alert;
use crate::domain::health::{Cause, Health, Observation, Standing, Turn};
use crate::domain::id::{AccountId, EventId, IncidentId, UserId, WorkspaceId};
use crate::server::clock::Randomness;
use crate::server::store::accounts::{self, Account};
use crate::server::store::events::{self, NewEvent};
use crate::server::store::{StoreError, Tx, incidents};

/// What was seen of an account.
#[derive(Clone, Debug)]
pub struct Sight<'a> {
    pub account: &'a Account,
    pub seen: Observation,
    /// Names of missing permissions, when that is what was seen.
    pub missing: &'a [String],
    /// The member who made us look; `None` for the keeper.
    pub by: Option<&'a UserId>,
}

/// News for the open tabs, to be told after the commit.
#[derive(Clone, Debug)]
#[must_use = "tell it after the commit"]
pub struct News {
    pub workspace: WorkspaceId,
    pub account: AccountId,
    pub toast: Option<(Tone, String)>,
    pub health: Health,
}

impl News {
    /// Tells every open tab.
    pub fn tell(self, live: &Live) {
        live.tell(&self.workspace, Some(&self.account), self.toast);
    }
}

/// What every change is written with: the time and fresh ids.
#[derive(Clone, Copy)]
pub struct Pen<'a> {
    pub now: i64,
    pub random: &'a Randomness,
}

impl Pen<'_> {
    /// Adds a line to the history.
    pub async fn note(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        account: Option<&AccountId>,
        by: Option<&UserId>,
        what: &Happening,
    ) -> Result<(), StoreError> {
        let id = EventId::new(self.random.uuid(self.now));
        let event = NewEvent { id, workspace, account, by, at: self.now, kind: what.kind(), detail: what.detail() };
        events::insert(tx, &event).await
    }
}

/// Records what was seen of an account. `None` if it is gone, disconnected, or carried by another grant now.
///
/// Where it stands is read again inside the transaction: two looks at once can't both open an incident.
pub async fn record(tx: &mut Tx, pen: Pen<'_>, sight: &Sight<'_>) -> Result<Option<News>, StoreError> {
    let account = sight.account;
    let Some(standing) = accounts::looked_at(tx, &account.id, &account.grant, pen.now).await? else { return Ok(None) };
    let (next, turn) = standing.after(sight.seen);
    let missing: &[String] = if next.cause == Some(Cause::PermissionsMissing) { sight.missing } else { &[] };
    if next != standing || missing != account.missing_scopes {
        accounts::set_standing(tx, &account.id, &next, missing, Some(pen.now)).await?;
    }
    let toast = turned(tx, pen, sight, turn, missing).await?;
    Ok(Some(News { workspace: account.workspace.clone(), account: account.id.clone(), toast, health: next.health }))
}

async fn turned(
    tx: &mut Tx,
    pen: Pen<'_>,
    sight: &Sight<'_>,
    turn: Turn,
    missing: &[String],
) -> Result<Option<(Tone, String)>, StoreError> {
    let account = sight.account;
    let (what, toast) = match turn {
        Turn::Steady => return Ok(None),
        Turn::WentAmber(cause) => {
            let incident = IncidentId::new(pen.random.uuid(pen.now));
            incidents::open(tx, &incident, &account.workspace, &account.id, cause, pen.now).await?;
            alerts::broke(tx, pen, account, &incident, cause).await?;
            let words = alert::needs_reconnect(&account.name, Some(cause));
            (Happening::WentAmber { cause, missing: missing.to_vec() }, Some((Tone::Warn, words)))
        }
        Turn::CauseChanged(cause) => {
            incidents::set_cause(tx, &account.id, cause).await?;
            (Happening::CauseChanged { cause }, None)
        }
        Turn::Healed => {
            if let Some(incident) = incidents::close(tx, &account.id, pen.now).await? {
                alerts::healed(tx, pen, account, &incident).await?;
            }
            (Happening::Healed, Some((Tone::Ok, alert::healed(&account.name))))
        }
    };
    pen.note(tx, &account.workspace, Some(&account.id), sight.by, &what).await?;
    Ok(toast)
}

/// A member gave the connection up. Its incident ends: nobody waits for a repair any more.
pub async fn disconnected(tx: &mut Tx, pen: Pen<'_>, account: &Account, by: &UserId) -> Result<News, StoreError> {
    accounts::disconnect(tx, &account.id).await?;
    incidents::close(tx, &account.id, pen.now).await?;
    alerts::given_up(tx, pen, account).await?;
    accounts::set_standing(tx, &account.id, &Standing::FRESH, &[], None).await?;
    pen.note(tx, &account.workspace, Some(&account.id), Some(by), &Happening::Disconnected).await?;
    Ok(News { workspace: account.workspace.clone(), account: account.id.clone(), toast: None, health: Health::Healthy })
}
