//! The secret address of a workspace's calendar. Only a hash of it is kept.

use super::{Db, StoreError, Tx, each};
use crate::domain::id::{UserId, WorkspaceId};

/// A calendar's address.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Feed {
    pub token_hash: String,
    pub created_at: i64,
    /// Name of the member who made it.
    pub by_name: String,
}

/// Stores the address of a workspace; the one before ends with it.
pub async fn put(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    user: &UserId,
    token_hash: &str,
    now: i64,
) -> Result<(), StoreError> {
    const SQL: &str = "insert into feeds (token_hash, workspace_id, user_id, created_at) values ($1, $2, $3, $4)";
    revoke(tx, workspace).await?;
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(token_hash).bind(workspace.as_str()).bind(user.as_str()).bind(now).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// Ends the address of a workspace; whether there was one.
pub async fn revoke(tx: &mut Tx, workspace: &WorkspaceId) -> Result<bool, StoreError> {
    const SQL: &str = "delete from feeds where workspace_id = $1";
    let gone = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(workspace.as_str()).execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    Ok(gone > 0)
}

/// The address of a workspace, if there is one.
pub async fn of_workspace(db: &Db, workspace: &WorkspaceId) -> Result<Option<Feed>, StoreError> {
    const SQL: &str = "select f.token_hash, f.created_at, u.name as by_name from feeds f join users u on u.id = f.user_id \
         where f.workspace_id = $1";
    Ok(each!(Db, db, pool => sqlx::query_as::<_, Feed>(SQL).bind(workspace.as_str()).fetch_optional(pool).await)?)
}

/// Whose address this is.
pub async fn workspace_of(db: &Db, token_hash: &str) -> Result<Option<WorkspaceId>, StoreError> {
    const SQL: &str = "select workspace_id from feeds where token_hash = $1";
    let id = each!(Db, db, pool => sqlx::query_scalar::<_, String>(SQL).bind(token_hash).fetch_optional(pool).await)?;
    Ok(id.map(WorkspaceId::new))
}
