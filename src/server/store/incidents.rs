//! Incidents: from green-to-amber until amber-to-green. At most one is open per account.

use super::{Db, StoreError, Tx, each};
use crate::domain::health::Cause;
use crate::domain::id::{AccountId, IncidentId, WorkspaceId};

/// Opens an incident; an account that has an open one keeps that.
pub async fn open(
    tx: &mut Tx,
    id: &IncidentId,
    workspace: &WorkspaceId,
    account: &AccountId,
    cause: Cause,
    now: i64,
) -> Result<(), StoreError> {
    const SQL: &str = "insert into incidents (id, workspace_id, account_id, cause, opened_at) values ($1, $2, $3, $4, $5) \
         on conflict (account_id) where closed_at is null do nothing";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(id.as_str()).bind(workspace.as_str()).bind(account.as_str()).bind(cause.key()).bind(now)
            .execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// The cause of the open incident is known better now.
pub async fn set_cause(tx: &mut Tx, account: &AccountId, cause: Cause) -> Result<(), StoreError> {
    const SQL: &str = "update incidents set cause = $2 where account_id = $1 and closed_at is null";
    each!(Tx, tx, t => sqlx::query(SQL).bind(account.as_str()).bind(cause.key()).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// Closes the open incident, if there is one.
pub async fn close(tx: &mut Tx, account: &AccountId, now: i64) -> Result<(), StoreError> {
    const SQL: &str = "update incidents set closed_at = $2 where account_id = $1 and closed_at is null";
    each!(Tx, tx, t => sqlx::query(SQL).bind(account.as_str()).bind(now).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// Opening and closing times of an account's incidents, oldest first.
pub async fn of_account(db: &Db, account: &AccountId) -> Result<Vec<(i64, Option<i64>)>, StoreError> {
    const SQL: &str = "select opened_at, closed_at from incidents where account_id = $1 order by opened_at, id";
    Ok(
        each!(Db, db, pool => sqlx::query_as::<_, (i64, Option<i64>)>(SQL).bind(account.as_str()).fetch_all(pool).await)?,
    )
}
