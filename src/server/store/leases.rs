//! Who talks to a platform for a grant right now: leases with an epoch that fences late writers (DESIGN: one refresh at a time).
//!
//! A lease ends by the database's clock, so it means the same to servers whose own clocks differ.

use super::grants::{Grant, Row, TokenRow};
use super::journal::{self, Doubt};
use super::{Db, StoreError, Tx, each};
use crate::domain::id::GrantId;
use crate::domain::platform::Platform;

/// A lease that was taken: it may write while owner and epoch still match.
#[derive(Clone, Debug)]
pub struct Lease {
    pub grant: GrantId,
    pub owner: String,
    pub epoch: i64,
}

/// A grant under its lease, as it was read while the lease was taken.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub lease: Lease,
    pub grant: Grant,
    /// An earlier refresh that nobody knows the end of.
    pub doubt: Option<Doubt>,
    /// The journal says already that a refresh is sent under this lease.
    pub sending: bool,
}

/// Who claims, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The server process.
    pub owner: &'a str,
    /// Unix milliseconds, by our clock: due times are ours.
    pub now: i64,
    pub lease_ms: i64,
}

#[derive(sqlx::FromRow)]
struct ClaimedRow {
    #[sqlx(flatten)]
    grant: Row,
    unanswered: Option<i64>,
    sendings: Option<i64>,
}

impl ClaimedRow {
    fn read(self, owner: &str) -> Result<Claimed, StoreError> {
        let grant = Grant::try_from(self.grant)?;
        let lease = Lease { grant: grant.id.clone(), owner: owner.to_owned(), epoch: grant.epoch };
        let doubt = self.unanswered.zip(self.sendings).map(|(unanswered, sendings)| Doubt { unanswered, sendings });
        Ok(Claimed { lease, grant, doubt, sending: false })
    }
}

/// Claims active grants of a platform that are due and that nobody holds, the oldest first, at most `limit`.
///
/// A process takes its own lease for ended only after ten times its length: as long as it lives it knows better, and what
/// it still has to write must not be fenced off by itself. One that died has another name when it comes back.
/// For those that `refreshes` names, the journal says in the same transaction that a refresh is about to be sent.
pub async fn claim(
    db: &Db,
    platform: Platform,
    claim: Claim<'_>,
    limit: i64,
    refreshes: impl Fn(&Grant) -> bool,
) -> Result<Vec<Claimed>, StoreError> {
    // Locked rows are another server's: passing them over is what makes many servers share the work.
    const POSTGRES: &str = "with due as materialized (select id as due_id from grants where state = 'active' and platform = $1 and due_at <= $2 \
         and (lease_ends_at is null or lease_ends_at <= (select now_ms from db_clock) - case when lease_owner = $3 then 10 * $4 else 0 end) \
         order by due_at limit $5 for update skip locked) \
         update grants set lease_owner = $3, lease_ends_at = (select now_ms from db_clock) + $4, epoch = epoch + 1 from due where id = due_id \
         returning id, workspace_id, platform, host, identity_id, identity_name, setup, state, scopes, access_token, refresh_token, binding, \
         access_issued_at, access_ends_at, refresh_ends_at, offered, created_at, refreshed_at, due_at, attempts, epoch, \
         (select unanswered from refresh_journal where grant_id = id) as unanswered, \
         (select sendings from refresh_journal where grant_id = id) as sendings";
    const SQLITE: &str = "update grants set lease_owner = $3, lease_ends_at = (select now_ms from db_clock) + $4, epoch = epoch + 1 \
         where rowid in (select rowid from grants where state = 'active' and platform = $1 and due_at <= $2 \
         and (lease_ends_at is null or lease_ends_at <= (select now_ms from db_clock) - case when lease_owner = $3 then 10 * $4 else 0 end) \
         order by due_at limit $5) \
         returning id, workspace_id, platform, host, identity_id, identity_name, setup, state, scopes, access_token, refresh_token, binding, \
         access_issued_at, access_ends_at, refresh_ends_at, offered, created_at, refreshed_at, due_at, attempts, epoch, \
         (select unanswered from refresh_journal where grant_id = grants.id) as unanswered, \
         (select sendings from refresh_journal where grant_id = grants.id) as sendings";
    let mut tx = db.begin().await?;
    let sql = if matches!(tx, Tx::Postgres(_)) { POSTGRES } else { SQLITE };
    let rows = each!(Tx, &mut tx, t => {
        sqlx::query_as::<_, ClaimedRow>(sql).bind(platform.key()).bind(claim.now).bind(claim.owner).bind(claim.lease_ms).bind(limit)
            .fetch_all(&mut **t).await
    })?;
    let mut claimed = Vec::with_capacity(rows.len());
    for row in rows {
        let mut one = row.read(claim.owner)?;
        one.sending = refreshes(&one.grant);
        claimed.push(one);
    }
    let sending: Vec<&Lease> = claimed.iter().filter(|one| one.sending).map(|one| &one.lease).collect();
    journal::sending_all(&mut tx, claim.owner, &sending).await?;
    tx.commit().await?;
    Ok(claimed)
}

/// Whether anything of a platform is due: the cheap question, before a transaction that may write.
pub async fn any_due(db: &Db, platform: Platform, now: i64) -> Result<bool, StoreError> {
    const SQL: &str = "select due_at from grants where state = 'active' and platform = $1 and due_at <= $2 limit 1";
    let found = each!(Db, db, pool => {
        sqlx::query_scalar::<_, i64>(SQL).bind(platform.key()).bind(now).fetch_optional(pool).await
    })?;
    Ok(found.is_some())
}

/// Takes the lease of one active grant, due or not, if nobody holds it. One conditional update: whoever changes the row
/// first has it.
pub async fn take(db: &Db, grant: &GrantId, claim: Claim<'_>) -> Result<Option<Claimed>, StoreError> {
    const SQL: &str = "update grants set lease_owner = $2, lease_ends_at = (select now_ms from db_clock) + $3, epoch = epoch + 1 \
         where id = $1 and state = 'active' \
         and (lease_ends_at is null or lease_ends_at <= (select now_ms from db_clock) - case when lease_owner = $2 then 10 * $3 else 0 end) \
         returning id, workspace_id, platform, host, identity_id, identity_name, setup, state, scopes, access_token, refresh_token, binding, \
         access_issued_at, access_ends_at, refresh_ends_at, offered, created_at, refreshed_at, due_at, attempts, epoch, \
         (select unanswered from refresh_journal where grant_id = grants.id) as unanswered, \
         (select sendings from refresh_journal where grant_id = grants.id) as sendings";
    let mut tx = db.begin().await?;
    let row = each!(Tx, &mut tx, t => {
        sqlx::query_as::<_, ClaimedRow>(SQL).bind(grant.as_str()).bind(claim.owner).bind(claim.lease_ms).fetch_optional(&mut **t).await
    })?;
    tx.commit().await?;
    row.map(|row| row.read(claim.owner)).transpose()
}

/// Makes the lease last this long from now on. `false` if it was lost.
pub async fn renew(db: &Db, lease: &Lease, lease_ms: i64) -> Result<bool, StoreError> {
    let mut tx = db.begin().await?;
    let held = prolong(&mut tx, lease, lease_ms).await?;
    tx.commit().await?;
    Ok(held)
}

/// Writes into the journal that a refresh is about to be sent, and makes the lease last this long from now on.
/// `false` if it was lost. `again` is as in [`journal::sending`].
pub async fn sending(db: &Db, lease: &Lease, lease_ms: i64, again: bool) -> Result<bool, StoreError> {
    let mut tx = db.begin().await?;
    let held = prolong(&mut tx, lease, lease_ms).await?;
    if held {
        journal::sending(&mut tx, lease, again).await?;
    }
    tx.commit().await?;
    Ok(held)
}

async fn prolong(tx: &mut Tx, lease: &Lease, lease_ms: i64) -> Result<bool, StoreError> {
    const SQL: &str = "update grants set lease_ends_at = (select now_ms from db_clock) + $4 where id = $1 and lease_owner = $2 and epoch = $3";
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(lease.grant.as_str()).bind(&lease.owner).bind(lease.epoch).bind(lease_ms).execute(&mut **t).await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
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

/// Writes a received pair and takes the refresh out of the journal. A missing refresh token keeps the stored one.
/// `false` if the lease was lost.
pub async fn write_tokens(tx: &mut Tx, lease: &Lease, tokens: &TokenRow) -> Result<bool, StoreError> {
    const SQL: &str = "update grants set access_token = $4, refresh_token = coalesce($5, refresh_token), access_issued_at = $6, \
         access_ends_at = $7, refresh_ends_at = coalesce($8, refresh_ends_at), scopes = coalesce($9, scopes), binding = coalesce($10, binding), \
         refreshed_at = $6, attempts = 0 \
         where id = $1 and lease_owner = $2 and epoch = $3";
    let scopes = tokens.scopes.as_ref().map(|s| s.join(" "));
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(lease.grant.as_str()).bind(&lease.owner).bind(lease.epoch).bind(tokens.sealed.access.as_deref())
            .bind(tokens.sealed.refresh.as_deref()).bind(tokens.issued_at).bind(tokens.access_ends_at)
            .bind(tokens.refresh_ends_at).bind(scopes.as_deref()).bind(tokens.sealed.binding.as_deref()).execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    if rows == 1 {
        journal::answered(tx, lease).await?;
    }
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

/// Gives a claim back with which nothing was begun: the grant is due at `due_at`, and nothing was sent.
pub async fn give_back(tx: &mut Tx, claimed: &Claimed, due_at: i64) -> Result<(), StoreError> {
    if claimed.sending {
        match claimed.doubt {
            Some(_) => journal::not_sent(tx, &claimed.lease).await?,
            None => journal::answered(tx, &claimed.lease).await?,
        }
    }
    release(tx, &claimed.lease, due_at, claimed.grant.attempts).await
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
