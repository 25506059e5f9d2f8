//! Users, their workspaces, and the one-time token of the first start.

use sqlx::FromRow;

use super::{Db, StoreError, Tx, each};
use crate::domain::id::{UserId, WorkspaceId};
use crate::domain::plan::Plan;
use crate::domain::role::Role;

/// A person, as far as signing in is concerned.
#[derive(Clone, FromRow)]
pub struct UserRow {
    pub id: String,
    pub email: String,
    pub name: String,
    /// Argon2id in its own text form.
    pub password_hash: String,
}

/// A workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    pub plan: Plan,
}

const USER_BY_EMAIL: &str = "select id, email, name, password_hash from users where email = $1";

/// The person with this e-mail (in lower case).
///
/// # Errors
/// When the database does not answer.
pub async fn user_by_email(db: &Db, email: &str) -> Result<Option<UserRow>, StoreError> {
    let row = each!(Db, db, pool => sqlx::query_as(USER_BY_EMAIL).bind(email).fetch_optional(pool).await)?;
    Ok(row)
}

const ANY_USER: &str = "select id from users limit 1";

/// Whether anybody can sign in yet.
///
/// # Errors
/// When the database does not answer.
pub async fn any_user(db: &Db) -> Result<bool, StoreError> {
    let row: Option<(String,)> = each!(Db, db, pool => sqlx::query_as(ANY_USER).fetch_optional(pool).await)?;
    Ok(row.is_some())
}

const INSERT_USER: &str = "insert into users (id, email, name, password_hash, created_at) values ($1, $2, $3, $4, $5) \
    on conflict (email) do nothing";

/// Adds a person; `false` if the e-mail is taken.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_user(tx: &mut Tx, user: &UserRow, now: i64) -> Result<bool, StoreError> {
    let added = each!(Tx, tx, tx => sqlx::query(INSERT_USER)
        .bind(&user.id)
        .bind(&user.email)
        .bind(&user.name)
        .bind(&user.password_hash)
        .bind(now)
        .execute(&mut **tx)
        .await?
        .rows_affected());
    Ok(added == 1)
}

const INSERT_WORKSPACE: &str = "insert into workspaces (id, name, plan, created_at) values ($1, $2, $3, $4)";

/// Adds a workspace.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_workspace(tx: &mut Tx, workspace: &Workspace, now: i64) -> Result<(), StoreError> {
    each!(Tx, tx, tx => sqlx::query(INSERT_WORKSPACE)
        .bind(workspace.id.as_str())
        .bind(&workspace.name)
        .bind(workspace.plan.key())
        .bind(now)
        .execute(&mut **tx)
        .await
        .map(drop))?;
    Ok(())
}

const INSERT_MEMBERSHIP: &str =
    "insert into memberships (workspace_id, user_id, role, created_at) values ($1, $2, $3, $4)";

/// Makes a person a member.
///
/// # Errors
/// When the database does not answer, the person is a member already, or the workspace has another owner.
pub async fn insert_membership(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    user: &UserId,
    role: Role,
    now: i64,
) -> Result<(), StoreError> {
    each!(Tx, tx, tx => sqlx::query(INSERT_MEMBERSHIP)
        .bind(workspace.as_str())
        .bind(user.as_str())
        .bind(role.key())
        .bind(now)
        .execute(&mut **tx)
        .await
        .map(drop))?;
    Ok(())
}

const WORKSPACES_OF: &str = "select workspace_id from memberships where user_id = $1 order by created_at, workspace_id";

/// The workspaces of a person, the one they joined first at the front.
///
/// # Errors
/// When the database does not answer.
pub async fn workspaces_of(db: &Db, user: &UserId) -> Result<Vec<WorkspaceId>, StoreError> {
    let rows: Vec<(String,)> =
        each!(Db, db, pool => sqlx::query_as(WORKSPACES_OF).bind(user.as_str()).fetch_all(pool).await)?;
    Ok(rows.into_iter().map(|(id,)| WorkspaceId::new(id)).collect())
}

const WORKSPACE: &str = "select name, plan from workspaces where id = $1";

/// One workspace.
///
/// # Errors
/// When the database does not answer, or holds a plan that does not exist.
pub async fn workspace(db: &Db, id: &WorkspaceId) -> Result<Option<Workspace>, StoreError> {
    let row: Option<(String, String)> =
        each!(Db, db, pool => sqlx::query_as(WORKSPACE).bind(id.as_str()).fetch_optional(pool).await)?;
    row.map(|(name, plan)| Ok(Workspace { id: id.clone(), name, plan: known_plan(id, Some((plan,)))? })).transpose()
}

const WORKSPACE_NAMED: &str = "select id from workspaces where name = $1 order by created_at, id limit 1";

/// The oldest workspace of a name.
///
/// # Errors
/// When the database does not answer.
pub async fn workspace_named(tx: &mut Tx, name: &str) -> Result<Option<WorkspaceId>, StoreError> {
    let row: Option<(String,)> =
        each!(Tx, tx, tx => sqlx::query_as(WORKSPACE_NAMED).bind(name).fetch_optional(&mut **tx).await)?;
    Ok(row.map(|(id,)| WorkspaceId::new(id)))
}

const PLAN: &str = "select plan from workspaces where id = $1";

/// A workspace's plan.
///
/// # Errors
/// When the database does not answer, or the workspace is gone.
pub async fn plan_of(db: &Db, id: &WorkspaceId) -> Result<Plan, StoreError> {
    let row = each!(Db, db, pool => sqlx::query_as(PLAN).bind(id.as_str()).fetch_optional(pool).await)?;
    known_plan(id, row)
}

/// The same inside a transaction.
///
/// # Errors
/// As [`plan_of`].
pub async fn plan_of_in(tx: &mut Tx, id: &WorkspaceId) -> Result<Plan, StoreError> {
    let row = each!(Tx, tx, tx => sqlx::query_as(PLAN).bind(id.as_str()).fetch_optional(&mut **tx).await)?;
    known_plan(id, row)
}

fn known_plan(id: &WorkspaceId, row: Option<(String,)>) -> Result<Plan, StoreError> {
    row.and_then(|(key,)| Plan::from_key(&key))
        .ok_or_else(|| StoreError::inconsistent("workspaces", id.as_str(), "plan"))
}

const NAME: &str = "select name from users where id = $1";

/// A person's name; `None` if they are gone.
///
/// # Errors
/// When the database does not answer.
pub async fn name_of(db: &Db, user: &UserId) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> =
        each!(Db, db, pool => sqlx::query_as(NAME).bind(user.as_str()).fetch_optional(pool).await)?;
    Ok(row.map(|(name,)| name))
}

const SET_PLAN: &str = "update workspaces set plan = $1 where id = $2";

/// Changes a workspace's plan (SPEC W-3: the operator's business).
///
/// # Errors
/// When the database does not answer.
pub async fn set_plan(tx: &mut Tx, id: &WorkspaceId, plan: Plan) -> Result<(), StoreError> {
    each!(Tx, tx, tx => sqlx::query(SET_PLAN).bind(plan.key()).bind(id.as_str()).execute(&mut **tx).await.map(drop))?;
    Ok(())
}

const FORGET_TOKENS: &str = "delete from setup_tokens";
const PUT_TOKEN: &str = "insert into setup_tokens (token_hash, created_at) values ($1, $2)";

/// Puts the hash of a new one-time token in the place of any older one.
///
/// # Errors
/// When the database does not answer.
pub async fn put_setup_token(tx: &mut Tx, hash: &str, now: i64) -> Result<(), StoreError> {
    each!(Tx, tx, tx => {
        sqlx::query(FORGET_TOKENS).execute(&mut **tx).await?;
        sqlx::query(PUT_TOKEN).bind(hash).bind(now).execute(&mut **tx).await?;
    });
    Ok(())
}

const TAKE_TOKEN: &str = "delete from setup_tokens where token_hash = $1";

/// Spends the one-time token; `false` if it is not this one. Of several at once only one gets `true`.
///
/// # Errors
/// When the database does not answer.
pub async fn take_setup_token(tx: &mut Tx, hash: &str) -> Result<bool, StoreError> {
    let taken = each!(Tx, tx, tx => sqlx::query(TAKE_TOKEN).bind(hash).execute(&mut **tx).await?.rows_affected());
    Ok(taken == 1)
}
