//! The history: who did what, when. Rows are only ever added.

use super::{Db, StoreError, Tx, each};
use crate::domain::id::{AccountId, EventId, UserId, WorkspaceId};

/// A line of the history before it is written.
#[derive(Clone, Debug)]
pub struct NewEvent<'a> {
    pub id: EventId,
    pub workspace: &'a WorkspaceId,
    pub account: Option<&'a AccountId>,
    /// `None` if the software did it by itself.
    pub by: Option<&'a UserId>,
    pub at: i64,
    pub kind: &'static str,
    /// Small JSON; never a secret.
    pub detail: String,
}

/// A line of the history.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Event {
    pub at: i64,
    pub kind: String,
    pub detail: String,
    /// Name of the member.
    pub by_name: Option<String>,
}

/// Adds a line.
pub async fn insert(tx: &mut Tx, event: &NewEvent<'_>) -> Result<(), StoreError> {
    const SQL: &str = "insert into events (id, workspace_id, account_id, user_id, at, kind, detail) values ($1, $2, $3, $4, $5, $6, $7)";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(event.id.as_str()).bind(event.workspace.as_str()).bind(event.account.map(AccountId::as_str))
            .bind(event.by.map(UserId::as_str)).bind(event.at).bind(event.kind).bind(&event.detail).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// The newest lines of an account.
pub async fn of_account(db: &Db, account: &AccountId, limit: i64) -> Result<Vec<Event>, StoreError> {
    const SQL: &str = "select e.at, e.kind, e.detail, u.name as by_name from events e left join users u on u.id = e.user_id \
         where e.account_id = $1 order by e.at desc, e.id desc limit $2";
    Ok(each!(Db, db, pool => sqlx::query_as::<_, Event>(SQL).bind(account.as_str()).bind(limit).fetch_all(pool).await)?)
}

/// When an account's connection was given up (true) or taken up (false), oldest first.
pub async fn given_up(db: &Db, account: &AccountId) -> Result<Vec<(i64, bool)>, StoreError> {
    const SQL: &str = "select at, kind from events where account_id = $1 \
         and kind in ('connected', 'reconnected', 'disconnected') order by at, id";
    let rows = each!(Db, db, pool => {
        sqlx::query_as::<_, (i64, String)>(SQL).bind(account.as_str()).fetch_all(pool).await
    })?;
    Ok(rows.into_iter().map(|(at, kind)| (at, kind == "disconnected")).collect())
}

/// How many lines an account has.
pub async fn count_of_account(db: &Db, account: &AccountId) -> Result<i64, StoreError> {
    const SQL: &str = "select count(*) from events where account_id = $1";
    Ok(each!(Db, db, pool => sqlx::query_scalar::<_, i64>(SQL).bind(account.as_str()).fetch_one(pool).await)?)
}

/// The newest lines of a workspace.
pub async fn of_workspace(db: &Db, workspace: &WorkspaceId, limit: i64) -> Result<Vec<Event>, StoreError> {
    const SQL: &str = "select e.at, e.kind, e.detail, u.name as by_name from events e left join users u on u.id = e.user_id \
         where e.workspace_id = $1 order by e.at desc, e.id desc limit $2";
    Ok(
        each!(Db, db, pool => sqlx::query_as::<_, Event>(SQL).bind(workspace.as_str()).bind(limit).fetch_all(pool).await)?,
    )
}
