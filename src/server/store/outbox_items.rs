//! What messages are about. A subject reaches an addressee once: that is what "one incident, one alert per channel" rests on.

use super::{Db, StoreError, Tx, each};
use crate::domain::health::Cause;
use crate::domain::id::{AccountId, IncidentId, MessageId, UserId, WorkspaceId};

/// What a message tells of one account.
#[derive(Clone, Debug)]
pub struct NewItem<'a> {
    pub addressee: &'a str,
    /// Once per addressee: `broken:<incident>`, `expiring:<account>:<end>:<days>`.
    pub subject: &'a str,
    pub message: &'a MessageId,
    pub account: &'a AccountId,
    pub incident: Option<&'a IncidentId>,
}

/// Adds it. `false` if this addressee was told of this subject before.
pub async fn add(tx: &mut Tx, item: &NewItem<'_>) -> Result<bool, StoreError> {
    const SQL: &str = "insert into outbox_items (addressee, subject, outbox_id, account_id, incident_id) values ($1, $2, $3, $4, $5) \
         on conflict (addressee, subject) do nothing";
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(item.addressee).bind(item.subject).bind(item.message.as_str()).bind(item.account.as_str())
            .bind(item.incident.map(IncidentId::as_str)).execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Lets one event at a time write to a member: of two in the same moment the second finds the mail of the first.
pub async fn hold_member(tx: &mut Tx, workspace: &WorkspaceId, user: &UserId) -> Result<(), StoreError> {
    const SQL: &str = "update memberships set role = role where workspace_id = $1 and user_id = $2";
    each!(Tx, tx, t => sqlx::query(SQL).bind(workspace.as_str()).bind(user.as_str()).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// A member's mail of a kind that leaves between `from` and `to` and can still take something in; nobody else can claim
/// it until the transaction ends.
pub async fn open_mail(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    user: &UserId,
    kind: &str,
    from: i64,
    to: i64,
) -> Result<Option<MessageId>, StoreError> {
    const SQL: &str = "update outbox set due_at = due_at where state = 'waiting' and attempts = 0 and lease_owner is null \
         and id = (select id from outbox where workspace_id = $1 and user_id = $2 and kind = $3 and channel = 'mail' \
             and state = 'waiting' and attempts = 0 and lease_owner is null and due_at between $4 and $5 order by due_at, id limit 1) \
         returning id";
    let id: Option<String> = each!(Tx, tx, t => {
        sqlx::query_scalar(SQL).bind(workspace.as_str()).bind(user.as_str()).bind(kind).bind(from).bind(to)
            .fetch_optional(&mut **t).await
    })?;
    Ok(id.map(MessageId::new))
}

/// Puts off until `to` a member's mail of a kind that leaves after `after` and can still take something in, unless it is
/// about an account of which its addressee was told last before `told`, or never.
pub async fn put_off(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    user: &UserId,
    kind: &str,
    after: i64,
    to: i64,
    told: i64,
) -> Result<Option<MessageId>, StoreError> {
    const SQL: &str = "update outbox set due_at = $5 where state = 'waiting' and attempts = 0 and lease_owner is null \
         and id = (select o.id from outbox o where o.workspace_id = $1 and o.user_id = $2 and o.kind = $3 and o.channel = 'mail' \
             and o.state = 'waiting' and o.attempts = 0 and o.lease_owner is null and o.due_at > $4 and o.due_at < $5 \
             and not exists (select 1 from outbox_items i where i.outbox_id = o.id and coalesce((select max(s.done_at) from outbox_items j \
                 join outbox s on s.id = j.outbox_id where j.addressee = i.addressee and j.account_id = i.account_id \
                 and s.kind = o.kind and s.state = 'sent'), 0) < $6) order by o.due_at desc, o.id limit 1) \
         returning id";
    let id: Option<String> = each!(Tx, tx, t => {
        sqlx::query_scalar(SQL).bind(workspace.as_str()).bind(user.as_str()).bind(kind).bind(after).bind(to).bind(told)
            .fetch_optional(&mut **t).await
    })?;
    Ok(id.map(MessageId::new))
}

/// When somebody may be told of an account again: `pause_ms` after they were told last, or when what is already written
/// leaves. `None` if they were not told lately.
pub async fn not_before(
    tx: &mut Tx,
    addressee: &str,
    account: &AccountId,
    kind: &str,
    since: i64,
    pause_ms: i64,
) -> Result<Option<i64>, StoreError> {
    const SQL: &str = "select max(case when o.state = 'sent' then o.done_at + $5 else o.due_at end) from outbox_items i \
         join outbox o on o.id = i.outbox_id where i.addressee = $1 and i.account_id = $2 and o.kind = $3 \
         and o.state in ('sent', 'waiting') and o.created_at >= $4";
    Ok(each!(Tx, tx, t => {
        sqlx::query_scalar::<_, Option<i64>>(SQL).bind(addressee).bind(account.as_str()).bind(kind).bind(since).bind(pause_ms)
            .fetch_one(&mut **t).await
    })?)
}

/// The members and webhooks that were told of an incident by messages of a kind, may have been, or are being told. Of a
/// mail that waits for its next attempt it is known whether a copy may have arrived; of a call it is not.
pub async fn told(tx: &mut Tx, incident: &IncidentId, kind: &str) -> Result<Vec<String>, StoreError> {
    const SQL: &str = "select distinct i.addressee from outbox_items i join outbox o on o.id = i.outbox_id \
         where i.incident_id = $1 and o.kind = $2 and o.state <> 'dropped' and (o.state = 'sent' or o.finishing is not null \
         or o.resent or o.lease_owner is not null or (o.channel = 'webhook' and o.attempts > 0))";
    Ok(each!(Tx, tx, t => sqlx::query_scalar(SQL).bind(incident.as_str()).bind(kind).fetch_all(&mut **t).await)?)
}

/// Something a message tells.
#[derive(Clone, Debug)]
pub struct Item {
    pub account: AccountId,
    pub subject: String,
    /// When the incident began and ended, and its cause.
    pub incident: Option<(i64, Option<i64>, Cause)>,
}

#[derive(sqlx::FromRow)]
struct ItemRow {
    account_id: String,
    subject: String,
    opened_at: Option<i64>,
    closed_at: Option<i64>,
    cause: Option<String>,
}

/// Everything a message tells, in no particular order.
pub async fn of_message(db: &Db, message: &MessageId) -> Result<Vec<Item>, StoreError> {
    const SQL: &str = "select i.account_id, i.subject, n.opened_at, n.closed_at, n.cause from outbox_items i \
         left join incidents n on n.id = i.incident_id where i.outbox_id = $1";
    let rows: Vec<ItemRow> = each!(Db, db, pool => sqlx::query_as(SQL).bind(message.as_str()).fetch_all(pool).await)?;
    Ok(rows
        .into_iter()
        .map(|row| Item {
            account: AccountId::new(row.account_id),
            subject: row.subject,
            incident: row
                .opened_at
                .zip(row.cause.as_deref().and_then(Cause::from_key))
                .map(|(opened, cause)| (opened, row.closed_at, cause)),
        })
        .collect())
}

/// Who was told of an account's incident, by which channel.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Told {
    /// Name of the member or of the webhook.
    pub name: String,
    pub channel: String,
    /// The first time and the last time, Unix milliseconds.
    pub at: i64,
    pub last: i64,
}

/// Who was told of the open incident of an account, each once, in the order in which they were.
pub async fn told_of_open(db: &Db, account: &AccountId) -> Result<Vec<Told>, StoreError> {
    const SQL: &str = "select coalesce(u.name, w.name, '') as name, o.channel, min(o.done_at) as at, max(o.done_at) as last from outbox_items i \
         join outbox o on o.id = i.outbox_id join incidents n on n.id = i.incident_id \
         left join users u on u.id = o.user_id left join webhooks w on w.id = o.webhook_id \
         where n.account_id = $1 and n.closed_at is null and o.state = 'sent' and o.done_at is not null \
         group by u.id, w.id, u.name, w.name, o.channel order by min(o.done_at), coalesce(u.name, w.name, '') limit 50";
    Ok(each!(Db, db, pool => sqlx::query_as(SQL).bind(account.as_str()).fetch_all(pool).await)?)
}
