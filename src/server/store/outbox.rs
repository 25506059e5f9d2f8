//! The outbox (DESIGN rule 12): what is to be told, to whom, and how far that is. Rows are written with the event they
//! tell; a worker claims what is due under a lease, as with grants.

use super::{Db, StoreError, Tx, each};
use crate::domain::id::{MessageId, UserId, WebhookId, WorkspaceId};

/// The way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Mail,
    Webhook,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Mail, Self::Webhook];

    /// The word in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }
}

/// Who gets a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    Member(UserId),
    Webhook(WebhookId),
}

impl To {
    fn channel(&self) -> Channel {
        match self {
            Self::Member(_) => Channel::Mail,
            Self::Webhook(_) => Channel::Webhook,
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Member(id) => id.as_str(),
            Self::Webhook(id) => id.as_str(),
        }
    }
}

/// A message before it is written.
#[derive(Clone, Debug)]
pub struct NewMessage<'a> {
    pub id: MessageId,
    pub workspace: &'a WorkspaceId,
    pub to: To,
    /// A kind of alert, or the type of a webhook's event.
    pub kind: &'a str,
    /// A webhook's message; `{}` for a mail.
    pub body: &'a str,
    /// Unix milliseconds.
    pub due_at: i64,
    pub now: i64,
}

/// The right to send a message, as long as owner and epoch still match.
#[derive(Clone, Debug)]
pub struct Lease {
    pub message: MessageId,
    pub owner: String,
    pub epoch: i64,
}

/// A message that is to be sent now.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub lease: Lease,
    pub workspace: WorkspaceId,
    pub to: To,
    pub kind: String,
    pub body: String,
    /// This attempt included.
    pub attempts: i64,
    /// It was sent to its end once, and nobody knows what came of it.
    pub in_doubt: bool,
    /// That has happened before: it was sent a second time already.
    pub resent: bool,
    /// Since when it is tried, Unix milliseconds: when it was written, or when an admin sent it again.
    pub created_at: i64,
}

#[derive(sqlx::FromRow)]
struct ClaimedRow {
    id: String,
    workspace_id: String,
    kind: String,
    user_id: Option<String>,
    webhook_id: Option<String>,
    body: String,
    attempts: i64,
    finishing: Option<i64>,
    resent: bool,
    epoch: i64,
    created_at: i64,
}

/// Writes a message.
pub async fn insert(tx: &mut Tx, new: &NewMessage<'_>) -> Result<(), StoreError> {
    const SQL: &str = "insert into outbox (id, workspace_id, channel, kind, user_id, webhook_id, body, state, due_at, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9)";
    let (user, webhook) = match &new.to {
        To::Member(user) => (Some(user.as_str()), None),
        To::Webhook(webhook) => (None, Some(webhook.as_str())),
    };
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(new.id.as_str()).bind(new.workspace.as_str()).bind(new.to.channel().key()).bind(new.kind)
            .bind(user).bind(webhook).bind(new.body).bind(new.due_at).bind(new.now).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// Claims waiting messages of a channel that are due at `now` and that nobody holds, the oldest first, at most `limit`.
pub async fn claim(
    db: &Db,
    channel: Channel,
    owner: &str,
    now: i64,
    lease_ms: i64,
    limit: i64,
) -> Result<Vec<Claimed>, StoreError> {
    // Locked rows are another server's: passing them over is what makes many servers share the work.
    const POSTGRES: &str = "with due as materialized (select id as due_id from outbox where state = 'waiting' and channel = $1 and due_at <= $2 \
         and (lease_ends_at is null or lease_ends_at <= (select now_ms from db_clock)) order by due_at limit $5 for update skip locked) \
         update outbox set lease_owner = $3, lease_ends_at = (select now_ms from db_clock) + $4, epoch = epoch + 1, attempts = attempts + 1 \
         from due where id = due_id \
         returning id, workspace_id, kind, user_id, webhook_id, body, attempts, finishing, resent, epoch, created_at";
    const SQLITE: &str = "update outbox set lease_owner = $3, lease_ends_at = (select now_ms from db_clock) + $4, epoch = epoch + 1, attempts = attempts + 1 \
         where rowid in (select rowid from outbox where state = 'waiting' and channel = $1 and due_at <= $2 \
         and (lease_ends_at is null or lease_ends_at <= (select now_ms from db_clock)) order by due_at limit $5) \
         returning id, workspace_id, kind, user_id, webhook_id, body, attempts, finishing, resent, epoch, created_at";
    let mut tx = db.begin().await?;
    let sql = if matches!(tx, Tx::Postgres(_)) { POSTGRES } else { SQLITE };
    let rows: Vec<ClaimedRow> = each!(Tx, &mut tx, t => {
        sqlx::query_as(sql).bind(channel.key()).bind(now).bind(owner).bind(lease_ms).bind(limit).fetch_all(&mut **t).await
    })?;
    tx.commit().await?;
    rows.into_iter().map(|row| claimed(row, owner)).collect()
}

/// Whether anything of a channel is due: the cheap question, before a transaction that may write.
pub async fn any_due(db: &Db, channel: Channel, now: i64) -> Result<bool, StoreError> {
    const SQL: &str = "select due_at from outbox where state = 'waiting' and channel = $1 and due_at <= $2 \
         and (lease_ends_at is null or lease_ends_at <= (select now_ms from db_clock)) limit 1";
    let found: Option<i64> =
        each!(Db, db, pool => sqlx::query_scalar(SQL).bind(channel.key()).bind(now).fetch_optional(pool).await)?;
    Ok(found.is_some())
}

fn claimed(row: ClaimedRow, owner: &str) -> Result<Claimed, StoreError> {
    let to = match (row.user_id, row.webhook_id) {
        (Some(user), None) => To::Member(UserId::new(user)),
        (None, Some(webhook)) => To::Webhook(WebhookId::new(webhook)),
        _ => return Err(StoreError::inconsistent("outbox", &row.id, "not one addressee")),
    };
    let lease = Lease { message: MessageId::new(row.id), owner: owner.to_owned(), epoch: row.epoch };
    Ok(Claimed {
        lease,
        workspace: WorkspaceId::new(row.workspace_id),
        to,
        kind: row.kind,
        body: row.body,
        attempts: row.attempts,
        in_doubt: row.finishing.is_some(),
        resent: row.resent,
        created_at: row.created_at,
    })
}

/// Notes that the end of the message is about to go out, and makes the lease last this long from now on. `resent` says
/// that it goes out a second time. `false` if the lease was lost: then it must not.
pub async fn finishing(tx: &mut Tx, lease: &Lease, lease_ms: i64, resent: bool) -> Result<bool, StoreError> {
    const SQL: &str = "update outbox set finishing = $3, resent = resent or $5, lease_ends_at = (select now_ms from db_clock) + $4 \
         where id = $1 and lease_owner = $2 and epoch = $3 and state = 'waiting'";
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(lease.message.as_str()).bind(&lease.owner).bind(lease.epoch).bind(lease_ms).bind(resent)
            .execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// The answer of a webhook's message that was dropped because its endpoint was off. By it the log knows what was missed
/// from what had nothing left to tell.
pub const ENDPOINT_OFF: &str = "The endpoint was off.";

/// How a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Sent,
    /// There was nothing left to tell, nobody who wants to know, or the endpoint was off ([`ENDPOINT_OFF`]).
    Dropped,
    /// Nobody will take it; an admin may send it again.
    Dead,
}

impl End {
    /// The word in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Dropped => "dropped",
            Self::Dead => "dead",
        }
    }
}

/// Ends a message. `false` if the lease was lost.
pub async fn end(tx: &mut Tx, lease: &Lease, end: End, answer: &str, now: i64) -> Result<bool, StoreError> {
    const SQL: &str = "update outbox set state = $4, answer = $5, done_at = $6, finishing = null, lease_owner = null, lease_ends_at = null \
         where id = $1 and lease_owner = $2 and epoch = $3 and state = 'waiting'";
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(lease.message.as_str()).bind(&lease.owner).bind(lease.epoch).bind(end.key()).bind(answer).bind(now)
            .execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// What is known of the copies that went out so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copies {
    /// Nobody knows what became of one.
    pub in_doubt: bool,
    /// Nor of a second.
    pub resent: bool,
}

/// Ends the lease; the message is due again at `due_at`. `false` if the lease was lost.
pub async fn retry(tx: &mut Tx, lease: &Lease, due_at: i64, copies: Copies, answer: &str) -> Result<bool, StoreError> {
    const SQL: &str = "update outbox set due_at = $4, answer = $6, finishing = case when $5 then finishing else null end, resent = $7, \
         lease_owner = null, lease_ends_at = null where id = $1 and lease_owner = $2 and epoch = $3 and state = 'waiting'";
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(lease.message.as_str()).bind(&lease.owner).bind(lease.epoch).bind(due_at).bind(copies.in_doubt).bind(answer).bind(copies.resent)
            .execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Has a workspace's message that ended sent again. `false` if there is none such, or it is on its way. One of which
/// copies may have arrived stays in doubt: what goes out now says so. It is tried as long as a new one, hence its new age.
pub async fn again(tx: &mut Tx, workspace: &WorkspaceId, id: &MessageId, now: i64) -> Result<bool, StoreError> {
    const SQL: &str = "update outbox set state = 'waiting', due_at = $3, created_at = $3, attempts = 0, finishing = case when resent then epoch else null end, resent = false, done_at = null \
         where id = $1 and workspace_id = $2 \
         and (state = 'dead' or (state = 'sent' and channel = 'webhook') or (state = 'dropped' and answer = $4))";
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(id.as_str()).bind(workspace.as_str()).bind(now).bind(ENDPOINT_OFF).execute(&mut **t).await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Forgets what ended before `before` (Unix milliseconds). What tells of an incident that is still open is kept: who was
/// told of it is to be told of its end.
pub async fn sweep(tx: &mut Tx, before: i64) -> Result<(), StoreError> {
    const SQL: &str = "delete from outbox where state <> 'waiting' and done_at < $1 and not exists (select 1 from outbox_items i \
         join incidents n on n.id = i.incident_id where i.outbox_id = outbox.id and n.closed_at is null)";
    each!(Tx, tx, t => sqlx::query(SQL).bind(before).execute(&mut **t).await.map(drop))?;
    Ok(())
}
