//! Posts and their targets, as far as the Connections page counts them. Composer and publisher come later.

use super::{Db, StoreError, Tx, each};
use crate::domain::id::{AccountId, UserId, WorkspaceId};

/// A post with one target, as the demo plans it.
#[derive(Clone, Debug)]
pub struct Planned<'a> {
    pub post: &'a str,
    pub target: &'a str,
    pub workspace: &'a WorkspaceId,
    pub author: &'a UserId,
    pub account: &'a AccountId,
    pub body: &'a str,
    /// `scheduled` or `held`.
    pub state: &'static str,
    pub due_at: i64,
    pub now: i64,
}

/// Stores a post and its target.
pub async fn plan(tx: &mut Tx, planned: &Planned<'_>) -> Result<(), StoreError> {
    const POST: &str = "insert into posts (id, workspace_id, author_id, body, created_at) values ($1, $2, $3, $4, $5)";
    const TARGET: &str = "insert into targets (id, post_id, account_id, state, due_at) values ($1, $2, $3, $4, $5)";
    each!(Tx, tx, t => {
        sqlx::query(POST).bind(planned.post).bind(planned.workspace.as_str()).bind(planned.author.as_str()).bind(planned.body)
            .bind(planned.now).execute(&mut **t).await.map(drop)
    })?;
    each!(Tx, tx, t => {
        sqlx::query(TARGET).bind(planned.target).bind(planned.post).bind(planned.account.as_str()).bind(planned.state)
            .bind(planned.due_at).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// How many targets an account has.
pub async fn count_of_account(db: &Db, account: &AccountId) -> Result<i64, StoreError> {
    const SQL: &str = "select count(*) from targets where account_id = $1";
    Ok(each!(Db, db, pool => sqlx::query_scalar::<_, i64>(SQL).bind(account.as_str()).fetch_one(pool).await)?)
}

/// Deletes posts of a workspace that have no target any more.
pub async fn delete_orphans(tx: &mut Tx, workspace: &WorkspaceId) -> Result<(), StoreError> {
    const SQL: &str =
        "delete from posts where workspace_id = $1 and not exists (select 1 from targets t where t.post_id = posts.id)";
    each!(Tx, tx, t => sqlx::query(SQL).bind(workspace.as_str()).execute(&mut **t).await.map(drop))?;
    Ok(())
}
