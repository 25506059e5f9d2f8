//! Addresses that are told by HTTP. What is secret about them is sealed before it gets here.

use super::{Db, StoreError, Tx, each};
use crate::domain::id::{WebhookId, WorkspaceId};

/// A webhook.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Webhook {
    pub id: String,
    pub workspace_id: String,
    pub name: String,
    /// `standard`, `slack` or `discord`.
    pub format: String,
    /// Where it leads, as far as everybody may see it.
    pub host: String,
    /// Sealed.
    pub url: Vec<u8>,
    /// Sealed; only the standard format has one.
    pub secret: Option<Vec<u8>>,
    /// Sealed: signs beside the new one until `old_secret_ends_at`.
    pub old_secret: Option<Vec<u8>>,
    pub old_secret_ends_at: Option<i64>,
    /// `on`, `off` or `given-up`.
    pub state: String,
    /// Since when every delivery failed, Unix milliseconds.
    pub failing_since: Option<i64>,
    pub created_at: i64,
}

/// Adds one.
pub async fn insert(tx: &mut Tx, new: &Webhook) -> Result<(), StoreError> {
    const SQL: &str = "insert into webhooks (id, workspace_id, name, format, host, url, secret, state, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(&new.id).bind(&new.workspace_id).bind(&new.name).bind(&new.format).bind(&new.host).bind(&new.url)
            .bind(new.secret.as_deref()).bind(&new.state).bind(new.created_at).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// All of a workspace, the oldest first.
pub async fn list(db: &Db, workspace: &WorkspaceId) -> Result<Vec<Webhook>, StoreError> {
    const SQL: &str = "select * from webhooks where workspace_id = $1 order by created_at, id";
    Ok(each!(Db, db, pool => sqlx::query_as(SQL).bind(workspace.as_str()).fetch_all(pool).await)?)
}

/// The id, format and name of those of a workspace that are on.
pub async fn on(tx: &mut Tx, workspace: &WorkspaceId) -> Result<Vec<(WebhookId, String)>, StoreError> {
    const SQL: &str = "select id, format from webhooks where workspace_id = $1 and state = 'on' order by id";
    let rows: Vec<(String, String)> =
        each!(Tx, tx, t => sqlx::query_as(SQL).bind(workspace.as_str()).fetch_all(&mut **t).await)?;
    Ok(rows.into_iter().map(|(id, format)| (WebhookId::new(id), format)).collect())
}

/// One of a workspace.
pub async fn get(db: &Db, workspace: &WorkspaceId, id: &WebhookId) -> Result<Option<Webhook>, StoreError> {
    const SQL: &str = "select * from webhooks where id = $1 and workspace_id = $2";
    Ok(each!(Db, db, pool => {
        sqlx::query_as(SQL).bind(id.as_str()).bind(workspace.as_str()).fetch_optional(pool).await
    })?)
}

/// Deletes one with all its deliveries.
pub async fn delete(tx: &mut Tx, workspace: &WorkspaceId, id: &WebhookId) -> Result<bool, StoreError> {
    const SQL: &str = "delete from webhooks where id = $1 and workspace_id = $2";
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(id.as_str()).bind(workspace.as_str()).execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Switches one on, off, or gives it up. What failed before is forgotten. `false` if it was so already.
pub async fn set_state(tx: &mut Tx, id: &WebhookId, state: &str) -> Result<bool, StoreError> {
    const SQL: &str = "update webhooks set state = $2, failing_since = null where id = $1 and state <> $2";
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(id.as_str()).bind(state).execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Puts a new secret in place; the one before signs beside it until `old_ends_at`.
pub async fn rotate(
    tx: &mut Tx,
    id: &WebhookId,
    secret: &[u8],
    old: Option<&[u8]>,
    old_ends_at: i64,
) -> Result<(), StoreError> {
    const SQL: &str = "update webhooks set old_secret = $3, old_secret_ends_at = $4, secret = $2 where id = $1";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(id.as_str()).bind(secret).bind(old).bind(old_ends_at).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// A delivery worked.
pub async fn worked(tx: &mut Tx, id: &WebhookId) -> Result<(), StoreError> {
    const SQL: &str = "update webhooks set failing_since = null where id = $1 and failing_since is not null";
    each!(Tx, tx, t => sqlx::query(SQL).bind(id.as_str()).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// A delivery failed: since when all of them have, Unix milliseconds.
pub async fn failed(tx: &mut Tx, id: &WebhookId, now: i64) -> Result<i64, StoreError> {
    const SQL: &str =
        "update webhooks set failing_since = coalesce(failing_since, $2) where id = $1 returning failing_since";
    let since: Option<i64> =
        each!(Tx, tx, t => sqlx::query_scalar(SQL).bind(id.as_str()).bind(now).fetch_optional(&mut **t).await)?;
    Ok(since.unwrap_or(now))
}
