//! Signed-in browsers. A row holds the hash of what the browser's cookie holds.

use sqlx::FromRow;

use super::{Db, StoreError, Tx, each};
use crate::domain::id::{UserId, WorkspaceId};
use crate::domain::role::Role;

/// A session to be stored. Instants are Unix milliseconds.
pub struct NewSession<'a> {
    pub hash: &'a str,
    pub user: &'a UserId,
    pub workspace: &'a WorkspaceId,
    pub now: i64,
    pub ends_at: i64,
}

/// A session with the member behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub user: UserId,
    pub workspace: WorkspaceId,
    pub role: Role,
    pub name: String,
    pub email: String,
    pub seen_at: i64,
}

/// A session in a person's list of them.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct SessionRow {
    pub id_hash: String,
    pub created_at: i64,
    pub seen_at: i64,
    pub ends_at: i64,
}

#[derive(FromRow)]
struct Row {
    user_id: String,
    workspace_id: String,
    role: String,
    name: String,
    email: String,
    seen_at: i64,
}

const INSERT: &str = "insert into sessions (id_hash, user_id, workspace_id, created_at, seen_at, ends_at) \
    values ($1, $2, $3, $4, $4, $5)";

/// Stores a new session.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Tx, session: &NewSession<'_>) -> Result<(), StoreError> {
    each!(Tx, tx, tx => sqlx::query(INSERT)
        .bind(session.hash)
        .bind(session.user.as_str())
        .bind(session.workspace.as_str())
        .bind(session.now)
        .bind(session.ends_at)
        .execute(&mut **tx)
        .await
        .map(drop))?;
    Ok(())
}

const FIND: &str = "select s.user_id, s.workspace_id, m.role, u.name, u.email, s.seen_at from sessions s \
    join users u on u.id = s.user_id \
    join memberships m on m.user_id = s.user_id and m.workspace_id = s.workspace_id \
    where s.id_hash = $1 and s.ends_at > $2 and s.seen_at > $3";

/// The session with this hash if it has not ended by `now` and was seen after `idle_since`.
///
/// # Errors
/// When the database does not answer, or holds a role that does not exist.
pub async fn find(db: &Db, hash: &str, now: i64, idle_since: i64) -> Result<Option<Session>, StoreError> {
    let row: Option<Row> = each!(Db, db, pool => sqlx::query_as(FIND)
        .bind(hash)
        .bind(now)
        .bind(idle_since)
        .fetch_optional(pool)
        .await)?;
    row.map(|row| {
        let role =
            Role::from_key(&row.role).ok_or_else(|| StoreError::inconsistent("memberships", &row.user_id, "role"))?;
        Ok(Session {
            user: UserId::new(row.user_id),
            workspace: WorkspaceId::new(row.workspace_id),
            role,
            name: row.name,
            email: row.email,
            seen_at: row.seen_at,
        })
    })
    .transpose()
}

const TOUCH: &str = "update sessions set seen_at = $1 where id_hash = $2 and seen_at < $1";

/// Notes that the session was used.
///
/// # Errors
/// When the database does not answer.
pub async fn touch(tx: &mut Tx, hash: &str, now: i64) -> Result<(), StoreError> {
    each!(Tx, tx, tx => sqlx::query(TOUCH).bind(now).bind(hash).execute(&mut **tx).await.map(drop))?;
    Ok(())
}

const LIST: &str = "select id_hash, created_at, seen_at, ends_at from sessions \
    where user_id = $1 and ends_at > $2 and seen_at > $3 order by seen_at desc, id_hash";

/// A person's sessions that have not ended, the one used last at the front.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &Db, user: &UserId, now: i64, idle_since: i64) -> Result<Vec<SessionRow>, StoreError> {
    let rows = each!(Db, db, pool => sqlx::query_as(LIST)
        .bind(user.as_str())
        .bind(now)
        .bind(idle_since)
        .fetch_all(pool)
        .await)?;
    Ok(rows)
}

const REVOKE: &str = "delete from sessions where id_hash = $1 and user_id = $2";

/// Ends one session of a person; `false` if they have no such session.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke(tx: &mut Tx, user: &UserId, hash: &str) -> Result<bool, StoreError> {
    let gone = each!(Tx, tx, tx => sqlx::query(REVOKE)
        .bind(hash)
        .bind(user.as_str())
        .execute(&mut **tx)
        .await?
        .rows_affected());
    Ok(gone == 1)
}

const END: &str = "delete from sessions where id_hash = $1";

/// Ends the session of this browser, whoever it belongs to.
///
/// # Errors
/// When the database does not answer.
pub async fn end(tx: &mut Tx, hash: &str) -> Result<(), StoreError> {
    each!(Tx, tx, tx => sqlx::query(END).bind(hash).execute(&mut **tx).await.map(drop))?;
    Ok(())
}

const SWEEP: &str = "delete from sessions where ends_at <= $1 or seen_at <= $2";

/// Deletes what has ended by `now` or was not seen after `idle_since`.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep(tx: &mut Tx, now: i64, idle_since: i64) -> Result<(), StoreError> {
    each!(Tx, tx, tx => sqlx::query(SWEEP).bind(now).bind(idle_since).execute(&mut **tx).await.map(drop))?;
    Ok(())
}
