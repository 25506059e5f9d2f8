//! Incidents: from green-to-amber until amber-to-green. At most one is open per account.

use super::{Db, StoreError, Tx, each};
use crate::domain::health::Cause;
use crate::domain::id::{AccountId, IncidentId, WorkspaceId};
use crate::domain::platform::Platform;

/// An incident with the account it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    pub account: AccountId,
    pub platform: Platform,
    pub name: String,
    pub cause: Cause,
    pub opened_at: i64,
    /// `None` while it is open.
    pub closed_at: Option<i64>,
    /// Posts that waited to be published when it was opened.
    pub posts: i64,
}

#[derive(sqlx::FromRow)]
struct RecentRow {
    account_id: String,
    platform: String,
    name: String,
    cause: String,
    opened_at: i64,
    closed_at: Option<i64>,
    posts: i64,
}

/// Opens an incident, with the number of posts that waited to be published then; an account that has an open one keeps that.
pub async fn open(
    tx: &mut Tx,
    id: &IncidentId,
    workspace: &WorkspaceId,
    account: &AccountId,
    cause: Cause,
    now: i64,
) -> Result<(), StoreError> {
    const SQL: &str = "insert into incidents (id, workspace_id, account_id, cause, opened_at, posts) values ($1, $2, $3, $4, $5, \
         (select count(*) from targets where account_id = $3 and state in ('scheduled', 'queued', 'held'))) \
         on conflict (account_id) where closed_at is null do nothing";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(id.as_str()).bind(workspace.as_str()).bind(account.as_str()).bind(cause.key()).bind(now)
            .execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// Counts the posts of the open incident again, as if those that wait now had waited then: the demo's past is made before its
/// plans.
pub async fn recount(tx: &mut Tx, account: &AccountId) -> Result<(), StoreError> {
    const SQL: &str = "update incidents set posts = \
         (select count(*) from targets where account_id = $1 and state in ('scheduled', 'queued', 'held')) \
         where account_id = $1 and closed_at is null";
    each!(Tx, tx, t => sqlx::query(SQL).bind(account.as_str()).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// The cause of the open incident is known better now.
pub async fn set_cause(tx: &mut Tx, account: &AccountId, cause: Cause) -> Result<(), StoreError> {
    const SQL: &str = "update incidents set cause = $2 where account_id = $1 and closed_at is null";
    each!(Tx, tx, t => sqlx::query(SQL).bind(account.as_str()).bind(cause.key()).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// Closes the open incident and answers which that was, if there was one.
pub async fn close(tx: &mut Tx, account: &AccountId, now: i64) -> Result<Option<IncidentId>, StoreError> {
    const SQL: &str = "update incidents set closed_at = $2 where account_id = $1 and closed_at is null returning id";
    let id: Option<String> =
        each!(Tx, tx, t => sqlx::query_scalar(SQL).bind(account.as_str()).bind(now).fetch_optional(&mut **t).await)?;
    Ok(id.map(IncidentId::new))
}

/// Opening and closing times of an account's incidents, oldest first.
pub async fn of_account(db: &Db, account: &AccountId) -> Result<Vec<(i64, Option<i64>)>, StoreError> {
    const SQL: &str = "select opened_at, closed_at from incidents where account_id = $1 order by opened_at, id";
    Ok(
        each!(Db, db, pool => sqlx::query_as::<_, (i64, Option<i64>)>(SQL).bind(account.as_str()).fetch_all(pool).await)?,
    )
}

/// A workspace's incidents: open ones first, then those that were closed at `closed_since` or later; each the newest first.
pub async fn recent(
    db: &Db,
    workspace: &WorkspaceId,
    closed_since: i64,
    limit: i64,
) -> Result<Vec<Recent>, StoreError> {
    const SQL: &str = "select i.account_id, a.platform, a.name, i.cause, i.opened_at, i.closed_at, i.posts \
         from incidents i join accounts a on a.id = i.account_id \
         where i.workspace_id = $1 and (i.closed_at is null or i.closed_at >= $2) \
         order by case when i.closed_at is null then 0 else 1 end, coalesce(i.closed_at, i.opened_at) desc, i.id desc limit $3";
    let rows = each!(Db, db, pool => {
        sqlx::query_as::<_, RecentRow>(SQL).bind(workspace.as_str()).bind(closed_since).bind(limit).fetch_all(pool).await
    })?;
    rows.into_iter().map(recent_one).collect()
}

fn recent_one(row: RecentRow) -> Result<Recent, StoreError> {
    let wrong = |what: &str| StoreError::inconsistent("incidents", &row.account_id, what);
    Ok(Recent {
        platform: Platform::stored(&row.platform).ok_or_else(|| wrong("unknown platform"))?,
        cause: Cause::from_key(&row.cause).ok_or_else(|| wrong("unknown cause"))?,
        account: AccountId::new(row.account_id),
        name: row.name,
        opened_at: row.opened_at,
        closed_at: row.closed_at,
        posts: row.posts,
    })
}

/// As [`of_account`], those that lasted beyond `since` (Unix milliseconds) only.
pub async fn lately(db: &Db, account: &AccountId, since: i64) -> Result<Vec<(i64, Option<i64>)>, StoreError> {
    const SQL: &str = "select opened_at, closed_at from incidents where account_id = $1 \
         and (closed_at is null or closed_at > $2) order by opened_at, id";
    Ok(each!(Db, db, pool => {
        sqlx::query_as::<_, (i64, Option<i64>)>(SQL).bind(account.as_str()).bind(since).fetch_all(pool).await
    })?)
}
