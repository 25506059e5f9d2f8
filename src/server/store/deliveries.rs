//! The outbox as people see it: the newest messages of a workspace, of all channels or of one webhook.

use super::outbox::ENDPOINT_OFF;
use super::{Db, StoreError, each};
use crate::domain::id::{WebhookId, WorkspaceId};

/// A message and how far it is.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Delivery {
    pub id: String,
    pub channel: String,
    pub kind: String,
    /// Name of the member or of the webhook.
    pub to_name: String,
    /// `None` for a mail.
    pub webhook_id: Option<String>,
    /// `waiting`, `sent`, `dropped` or `dead`.
    pub state: String,
    pub attempts: i64,
    pub resent: bool,
    /// What the other side answered last.
    pub answer: Option<String>,
    /// Unix milliseconds, as the others.
    pub created_at: i64,
    pub due_at: i64,
    pub done_at: Option<i64>,
}

/// The newest messages of a workspace, those that nobody took first: of a channel (`mail` or `webhook`), and of one webhook if it is named. Those that
/// had nothing left to tell are left out; what an endpoint missed while it was off is not.
pub async fn newest(
    db: &Db,
    workspace: &WorkspaceId,
    channel: &str,
    webhook: Option<&WebhookId>,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    const SQL: &str = "select o.id, o.channel, o.kind, coalesce(u.name, w.name, '') as to_name, o.webhook_id, o.state, o.attempts, o.resent, o.answer, \
         o.created_at, o.due_at, o.done_at from outbox o left join users u on u.id = o.user_id left join webhooks w on w.id = o.webhook_id \
         where o.workspace_id = $1 and o.channel = $2 and ($3 = '' or o.webhook_id = $3) \
         and (o.state <> 'dropped' or o.answer = $5) \
         order by case when o.state = 'dead' then 0 else 1 end, o.created_at desc, o.id desc limit $4";
    Ok(each!(Db, db, pool => {
        sqlx::query_as(SQL).bind(workspace.as_str()).bind(channel).bind(webhook.map_or("", WebhookId::as_str)).bind(limit)
            .bind(ENDPOINT_OFF).fetch_all(pool).await
    })?)
}

/// One message of a workspace.
pub async fn one(db: &Db, workspace: &WorkspaceId, id: &str) -> Result<Option<Delivery>, StoreError> {
    const SQL: &str = "select o.id, o.channel, o.kind, coalesce(u.name, w.name, '') as to_name, o.webhook_id, o.state, o.attempts, o.resent, o.answer, \
         o.created_at, o.due_at, o.done_at from outbox o left join users u on u.id = o.user_id left join webhooks w on w.id = o.webhook_id \
         where o.workspace_id = $1 and o.id = $2";
    Ok(each!(Db, db, pool => sqlx::query_as(SQL).bind(workspace.as_str()).bind(id).fetch_optional(pool).await)?)
}

/// How many messages of a workspace nobody would take.
pub async fn dead(db: &Db, workspace: &WorkspaceId) -> Result<i64, StoreError> {
    const SQL: &str = "select count(*) from outbox where workspace_id = $1 and state = 'dead'";
    Ok(each!(Db, db, pool => sqlx::query_scalar(SQL).bind(workspace.as_str()).fetch_one(pool).await)?)
}
