//! Flows: one attempt to connect each, from the start to the callback. Secrets are stored hashed or sealed.

use super::{Db, StoreError, Tx, each, platform};
use crate::domain::id::{AccountId, FlowId, UserId, WorkspaceId};
use crate::domain::platform::Platform;

/// An attempt to connect.
#[derive(Clone, Debug)]
pub struct Flow {
    pub id: FlowId,
    pub browser_hash: String,
    pub workspace: WorkspaceId,
    pub user: UserId,
    pub platform: Platform,
    pub host: String,
    pub redirect_uri: String,
    /// Sealed PKCE verifier.
    pub verifier: Vec<u8>,
    /// Sealed: what the tokens will be bound to.
    pub binding: Option<Vec<u8>>,
    /// The account that is reconnected.
    pub account: Option<AccountId>,
    /// The identity that must come back for it.
    pub expected_id: Option<String>,
    /// Where the person was.
    pub back: String,
    pub created_at: i64,
    pub used_at: Option<i64>,
    pub outcome: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    browser_hash: String,
    workspace_id: String,
    user_id: String,
    platform: String,
    host: String,
    redirect_uri: String,
    verifier: Vec<u8>,
    binding: Option<Vec<u8>>,
    account_id: Option<String>,
    expected_id: Option<String>,
    back: String,
    created_at: i64,
    used_at: Option<i64>,
    outcome: Option<String>,
}

/// Stores a new attempt under the hash of its state.
pub async fn insert(tx: &mut Tx, flow: &Flow, state_hash: &str) -> Result<(), StoreError> {
    const SQL: &str = "insert into flows (id, state_hash, browser_hash, workspace_id, user_id, platform, host, redirect_uri, verifier, \
         account_id, expected_id, back, created_at, binding) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(flow.id.as_str()).bind(state_hash).bind(&flow.browser_hash).bind(flow.workspace.as_str())
            .bind(flow.user.as_str()).bind(flow.platform.key()).bind(&flow.host).bind(&flow.redirect_uri).bind(&flow.verifier)
            .bind(flow.account.as_ref().map(AccountId::as_str)).bind(flow.expected_id.as_deref()).bind(&flow.back)
            .bind(flow.created_at).bind(flow.binding.as_deref()).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// The attempt of a state.
pub async fn by_state(db: &Db, state_hash: &str) -> Result<Option<Flow>, StoreError> {
    const SQL: &str = "select id, browser_hash, workspace_id, user_id, platform, host, redirect_uri, verifier, binding, account_id, expected_id, back, \
         created_at, used_at, outcome from flows where state_hash = $1";
    let row = each!(Db, db, pool => sqlx::query_as::<_, Row>(SQL).bind(state_hash).fetch_optional(pool).await)?;
    row.map(|row| {
        let platform = platform("flows", &row.id, &row.platform)?;
        Ok(Flow {
            id: FlowId::new(row.id),
            browser_hash: row.browser_hash,
            workspace: WorkspaceId::new(row.workspace_id),
            user: UserId::new(row.user_id),
            platform,
            host: row.host,
            redirect_uri: row.redirect_uri,
            verifier: row.verifier,
            binding: row.binding,
            account: row.account_id.map(AccountId::new),
            expected_id: row.expected_id,
            back: row.back,
            created_at: row.created_at,
            used_at: row.used_at,
            outcome: row.outcome,
        })
    })
    .transpose()
}

/// Uses an attempt up. Of many callbacks with one state, exactly one is told `true`.
pub async fn use_up(db: &Db, id: &FlowId, now: i64) -> Result<bool, StoreError> {
    const SQL: &str = "update flows set used_at = $2 where id = $1 and used_at is null";
    let mut tx = db.begin().await?;
    let rows = each!(Tx, &mut tx, t => {
        sqlx::query(SQL).bind(id.as_str()).bind(now).execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    tx.commit().await?;
    Ok(rows == 1)
}

/// Notes where an attempt led.
pub async fn set_outcome(db: &Db, id: &FlowId, outcome: &str) -> Result<(), StoreError> {
    const SQL: &str = "update flows set outcome = $2 where id = $1";
    let mut tx = db.begin().await?;
    each!(Tx, &mut tx, t => sqlx::query(SQL).bind(id.as_str()).bind(outcome).execute(&mut **t).await.map(drop))?;
    tx.commit().await
}

/// Where an attempt led, if it got there.
pub async fn outcome(db: &Db, id: &FlowId) -> Result<Option<String>, StoreError> {
    const SQL: &str = "select outcome from flows where id = $1";
    let found = each!(Db, db, pool => sqlx::query_scalar::<_, Option<String>>(SQL).bind(id.as_str()).fetch_optional(pool).await)?;
    Ok(found.flatten())
}

/// Deletes attempts begun before `before`.
pub async fn sweep(db: &Db, before: i64) -> Result<u64, StoreError> {
    const SQL: &str = "delete from flows where created_at < $1";
    let mut tx = db.begin().await?;
    let rows = each!(Tx, &mut tx, t => sqlx::query(SQL).bind(before).execute(&mut **t).await.map(|done| done.rows_affected()))?;
    tx.commit().await?;
    Ok(rows)
}
