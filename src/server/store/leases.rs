//! Who talks to a platform for a grant right now: leases with an epoch that fences late writers (DESIGN: one refresh at a time).

use super::grants::TokenRow;
use super::{Db, StoreError, Tx, each};
use crate::domain::id::GrantId;

/// A lease that was taken: it may write while owner and epoch still match.
#[derive(Clone, Debug)]
pub struct Lease {
    pub grant: GrantId,
    pub owner: String,
    pub epoch: i64,
}

/// Ids of active grants that are due and not leased, oldest first.
pub async fn due(db: &Db, now: i64, limit: i64) -> Result<Vec<GrantId>, StoreError> {
    const SQL: &str = "select id from grants where state = 'active' and due_at <= $1 and (lease_ends_at is null or lease_ends_at <= $1) \
         order by due_at limit $2";
    let ids = each!(Db, db, pool => sqlx::query_scalar::<_, String>(SQL).bind(now).bind(limit).fetch_all(pool).await)?;
    Ok(ids.into_iter().map(GrantId::new).collect())
}

/// Takes the lease of an active grant if nobody holds it. One conditional update: whoever changes the row first has it.
pub async fn take(db: &Db, grant: &GrantId, owner: &str, now: i64, ends_at: i64) -> Result<Option<Lease>, StoreError> {
    const SQL: &str = "update grants set lease_owner = $2, lease_ends_at = $4, epoch = epoch + 1 \
         where id = $1 and state = 'active' and (lease_ends_at is null or lease_ends_at <= $3) returning epoch";
    let mut tx = db.begin().await?;
    let epoch = each!(Tx, &mut tx, t => {
        sqlx::query_scalar::<_, i64>(SQL).bind(grant.as_str()).bind(owner).bind(now).bind(ends_at).fetch_optional(&mut **t).await
    })?;
    tx.commit().await?;
    Ok(epoch.map(|epoch| Lease { grant: grant.clone(), owner: owner.to_owned(), epoch }))
}

/// Makes the lease last until `ends_at`. `false` if it was lost.
pub async fn renew(db: &Db, lease: &Lease, ends_at: i64) -> Result<bool, StoreError> {
    const SQL: &str = "update grants set lease_ends_at = $4 where id = $1 and lease_owner = $2 and epoch = $3";
    prolong(db, lease, ends_at, SQL).await
}

/// Notes that a refresh is about to be sent, and makes the lease last until `ends_at`. `false` if it was lost.
pub async fn sending(db: &Db, lease: &Lease, ends_at: i64) -> Result<bool, StoreError> {
    const SQL: &str =
        "update grants set lease_ends_at = $4, doubts = doubts + 1 where id = $1 and lease_owner = $2 and epoch = $3";
    prolong(db, lease, ends_at, SQL).await
}

async fn prolong(db: &Db, lease: &Lease, ends_at: i64, sql: &'static str) -> Result<bool, StoreError> {
    let mut tx = db.begin().await?;
    let rows = each!(Tx, &mut tx, t => {
        sqlx::query(sql).bind(lease.grant.as_str()).bind(&lease.owner).bind(lease.epoch).bind(ends_at).execute(&mut **t).await
            .map(|done| done.rows_affected())
    })?;
    tx.commit().await?;
    Ok(rows == 1)
}

/// The refresh that was sent was cleanly answered, if only with a refusal.
pub async fn answered(db: &Db, lease: &Lease) -> Result<(), StoreError> {
    const SQL: &str = "update grants set doubts = 0 where id = $1 and lease_owner = $2 and epoch = $3";
    let mut tx = db.begin().await?;
    each!(Tx, &mut tx, t => {
        sqlx::query(SQL).bind(lease.grant.as_str()).bind(&lease.owner).bind(lease.epoch).execute(&mut **t).await.map(drop)
    })?;
    tx.commit().await
}

/// Whether the lease still stands, and keeps everybody else from changing the grant until the transaction ends.
pub async fn hold(tx: &mut Tx, lease: &Lease) -> Result<bool, StoreError> {
    const SQL: &str = "update grants set epoch = epoch where id = $1 and lease_owner = $2 and epoch = $3";
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(lease.grant.as_str()).bind(&lease.owner).bind(lease.epoch).execute(&mut **t).await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Writes a received pair. A missing refresh token keeps the stored one. `false` if the lease was lost.
pub async fn write_tokens(tx: &mut Tx, lease: &Lease, tokens: &TokenRow) -> Result<bool, StoreError> {
    const SQL: &str = "update grants set access_token = $4, refresh_token = coalesce($5, refresh_token), access_issued_at = $6, \
         access_ends_at = $7, refresh_ends_at = coalesce($8, refresh_ends_at), scopes = coalesce($9, scopes), refreshed_at = $6, attempts = 0, doubts = 0 \
         where id = $1 and lease_owner = $2 and epoch = $3";
    let scopes = tokens.scopes.as_ref().map(|s| s.join(" "));
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(lease.grant.as_str()).bind(&lease.owner).bind(lease.epoch).bind(tokens.sealed.access.as_deref())
            .bind(tokens.sealed.refresh.as_deref()).bind(tokens.issued_at).bind(tokens.access_ends_at)
            .bind(tokens.refresh_ends_at).bind(scopes.as_deref()).execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Ends the lease and says when the grant is due again. Without effect if the lease was lost.
pub async fn release(tx: &mut Tx, lease: &Lease, due_at: i64, attempts: i64) -> Result<(), StoreError> {
    const SQL: &str = "update grants set lease_owner = null, lease_ends_at = null, due_at = $4, attempts = $5 \
         where id = $1 and lease_owner = $2 and epoch = $3";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(lease.grant.as_str()).bind(&lease.owner).bind(lease.epoch).bind(due_at).bind(attempts)
            .execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// The end of the person's token and its scopes, as a probe reported them.
pub async fn learnt(
    tx: &mut Tx,
    lease: &Lease,
    access_ends_at: Option<i64>,
    scopes: Option<&[String]>,
) -> Result<(), StoreError> {
    const SQL: &str = "update grants set access_ends_at = coalesce($4, access_ends_at), scopes = coalesce($5, scopes) \
         where id = $1 and lease_owner = $2 and epoch = $3";
    let scopes = scopes.map(|s| s.join(" "));
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(lease.grant.as_str()).bind(&lease.owner).bind(lease.epoch).bind(access_ends_at)
            .bind(scopes.as_deref()).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}
