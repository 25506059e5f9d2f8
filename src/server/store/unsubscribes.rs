//! Links by which a person ends a kind of mail with one click (SPEC A-4). Only hashes are kept.

use super::{Db, StoreError, Tx, each};
use crate::domain::id::{UserId, WorkspaceId};
use crate::domain::notify::AlertKind;

/// What a link ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsubscribe {
    pub workspace: WorkspaceId,
    pub user: UserId,
    pub kind: AlertKind,
}

/// Keeps a link's hash.
pub async fn put(tx: &mut Tx, hash: &str, what: &Unsubscribe, now: i64) -> Result<(), StoreError> {
    const SQL: &str =
        "insert into unsubscribes (token_hash, workspace_id, user_id, kind, created_at) values ($1, $2, $3, $4, $5)";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(hash).bind(what.workspace.as_str()).bind(what.user.as_str()).bind(what.kind.key()).bind(now)
            .execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// What a link ends; `None` for one that nobody made.
pub async fn find(db: &Db, hash: &str) -> Result<Option<Unsubscribe>, StoreError> {
    const SQL: &str = "select workspace_id, user_id, kind from unsubscribes where token_hash = $1";
    let row: Option<(String, String, String)> =
        each!(Db, db, pool => sqlx::query_as(SQL).bind(hash).fetch_optional(pool).await)?;
    Ok(row.and_then(|(workspace, user, kind)| {
        let kind = AlertKind::from_key(&kind)?;
        Some(Unsubscribe { workspace: WorkspaceId::new(workspace), user: UserId::new(user), kind })
    }))
}

/// Forgets links that were made before `before` (Unix milliseconds).
pub async fn sweep(tx: &mut Tx, before: i64) -> Result<(), StoreError> {
    const SQL: &str = "delete from unsubscribes where created_at < $1";
    each!(Tx, tx, t => sqlx::query(SQL).bind(before).execute(&mut **t).await.map(drop))?;
    Ok(())
}
