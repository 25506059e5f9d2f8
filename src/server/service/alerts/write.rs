//! Puts what is to be told into the outbox: one mail for all that happens within a minute, one subject once.

use super::{GATHER_MS, PAUSE_MS, TOGETHER_MS};
use crate::domain::grant::DAY_MS;
use crate::domain::id::{AccountId, IncidentId, MessageId, WorkspaceId};
use crate::domain::notify::AlertKind;
use crate::server::service::lifecycle::Pen;
use crate::server::store::outbox::{self, NewMessage, To};
use crate::server::store::outbox_items::{self, NewItem};
use crate::server::store::{StoreError, Tx, alert_rules};

/// Something to tell about an account.
pub struct Subject<'a> {
    pub kind: AlertKind,
    /// Once per addressee.
    pub text: String,
    pub workspace: &'a WorkspaceId,
    pub account: &'a AccountId,
    pub incident: Option<&'a IncidentId>,
}

/// Tells every member who wants to know; of them `only` those, if they are named.
pub async fn members(
    tx: &mut Tx,
    pen: Pen<'_>,
    subject: &Subject<'_>,
    only: Option<&[String]>,
) -> Result<(), StoreError> {
    for member in alert_rules::told(tx, subject.workspace, subject.kind).await? {
        if only.is_some_and(|only| !only.iter().any(|id| id == member.user.as_str())) {
            continue;
        }
        outbox_items::hold_member(tx, subject.workspace, &member.user).await?;
        let not_before = match subject.kind {
            AlertKind::Broken => not_before(tx, pen, member.user.as_str(), subject.account, subject.kind.key()).await?,
            _ => None,
        };
        let from = not_before.unwrap_or(pen.now).max(pen.now);
        let gathered_at = pen.now + GATHER_MS;
        let due_at = from.max(gathered_at);
        let paused = from > gathered_at;
        let latest = if paused { from + TOGETHER_MS } else { due_at };
        let kind = subject.kind.key();
        let mut open = outbox_items::open_mail(tx, subject.workspace, &member.user, kind, from, latest).await?;
        if open.is_none() && paused {
            // What leaves within the minute may hold a first alarm, which is never put off.
            let told = from - PAUSE_MS - TOGETHER_MS;
            open = outbox_items::put_off(tx, subject.workspace, &member.user, kind, gathered_at, from, told).await?;
        }
        let message = match open {
            Some(message) => message,
            None => {
                let to = To::Member(member.user.clone());
                let id = MessageId::new(pen.random.uuid(pen.now));
                let new = NewMessage {
                    id: id.clone(),
                    workspace: subject.workspace,
                    to,
                    kind,
                    body: "{}",
                    due_at,
                    now: pen.now,
                };
                outbox::insert(tx, &new).await?;
                id
            }
        };
        let (account, incident) = (subject.account, subject.incident);
        let addressee = member.user.as_str();
        outbox_items::add(tx, &NewItem { addressee, subject: &subject.text, message: &message, account, incident })
            .await?;
    }
    Ok(())
}

/// When somebody may be told of an account's breaking again; `None` if they were not told lately.
pub async fn not_before(
    tx: &mut Tx,
    pen: Pen<'_>,
    addressee: &str,
    account: &AccountId,
    kind: &str,
) -> Result<Option<i64>, StoreError> {
    outbox_items::not_before(tx, addressee, account, kind, pen.now - DAY_MS, PAUSE_MS).await
}
