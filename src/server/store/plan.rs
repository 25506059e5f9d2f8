//! Small look-ups around workspaces and people.

use super::{Db, StoreError, Tx, each};
use crate::domain::id::{UserId, WorkspaceId};
use crate::domain::plan::Plan;

const PLAN: &str = "select plan from workspaces where id = $1";

/// The plan of a workspace.
pub async fn of(db: &Db, workspace: &WorkspaceId) -> Result<Plan, StoreError> {
    let key = each!(Db, db, pool => sqlx::query_scalar::<_, String>(PLAN).bind(workspace.as_str()).fetch_one(pool).await)?;
    known(workspace, &key)
}

/// The same inside a transaction.
pub async fn of_in(tx: &mut Tx, workspace: &WorkspaceId) -> Result<Plan, StoreError> {
    let key = each!(Tx, tx, t => sqlx::query_scalar::<_, String>(PLAN).bind(workspace.as_str()).fetch_one(&mut **t).await)?;
    known(workspace, &key)
}

fn known(workspace: &WorkspaceId, key: &str) -> Result<Plan, StoreError> {
    Plan::from_key(key).ok_or_else(|| StoreError::inconsistent("workspaces", workspace.as_str(), format!("unknown plan {key}")))
}

/// A person's name.
pub async fn name_of(db: &Db, user: &UserId) -> Result<Option<String>, StoreError> {
    const SQL: &str = "select name from users where id = $1";
    Ok(each!(Db, db, pool => sqlx::query_scalar::<_, String>(SQL).bind(user.as_str()).fetch_optional(pool).await)?)
}
