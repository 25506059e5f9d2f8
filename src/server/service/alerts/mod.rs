//! Everyone who should know knows at once, once (SPEC 6): what is to be told is written with the event it tells; a worker
//! sends it afterwards.

mod compose;
mod events;
pub mod moments;
pub mod remind;
pub mod send;
pub mod settings;
pub mod unsubscribe;
pub mod webhook_off;
mod write;

use crate::domain::health::Cause;
use crate::domain::id::IncidentId;
use crate::domain::notify::AlertKind;
use crate::server::service::lifecycle::Pen;
use crate::server::store::accounts::Account;
use crate::server::store::{StoreError, Tx, outbox_items};

pub use events::{BROKE, Event};
use write::Subject;

/// How long a mail waits for others of its kind: several accounts that break within a minute make one mail.
pub const GATHER_MS: i64 = 60_000;

/// A member is told of the same account's breaking at most this often. What is broken longer is told all the same, later;
/// what is mended by then is not. So an account that flickers makes at most one mail an hour, and one when it recovers.
pub const PAUSE_MS: i64 = 3_600_000;

/// How long a mail that waits for the end of a pause may be put off, so that accounts whose pauses end one after another
/// are in one mail.
pub const TOGETHER_MS: i64 = 300_000;

/// An account turned amber: its incident is told to members and webhooks.
pub async fn broke(
    tx: &mut Tx,
    pen: Pen<'_>,
    account: &Account,
    incident: &IncidentId,
    cause: Cause,
) -> Result<(), StoreError> {
    let subject = Subject {
        kind: AlertKind::Broken,
        text: format!("broken:{incident}"),
        workspace: &account.workspace,
        account: &account.id,
        incident: Some(incident),
    };
    write::members(tx, pen, &subject, None).await?;
    events::write(tx, pen, account, &Event::NeedsReconnect { incident, cause }).await
}

/// An account is healthy again: those who were told of the incident are told of its end.
pub async fn healed(tx: &mut Tx, pen: Pen<'_>, account: &Account, incident: &IncidentId) -> Result<(), StoreError> {
    let subject = Subject {
        kind: AlertKind::Recovered,
        text: format!("recovered:{incident}"),
        workspace: &account.workspace,
        account: &account.id,
        incident: Some(incident),
    };
    let told = outbox_items::told(tx, incident, AlertKind::Broken.key()).await?;
    if !told.is_empty() {
        write::members(tx, pen, &subject, Some(&told)).await?;
    }
    events::write(tx, pen, account, &Event::Recovered { incident }).await
}

/// A member gave the connection up: nobody is reminded of it any more.
pub async fn given_up(tx: &mut Tx, pen: Pen<'_>, account: &Account) -> Result<(), StoreError> {
    events::write(tx, pen, account, &Event::Disconnected).await
}
