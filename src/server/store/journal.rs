//! The refresh journal: what was sent and not cleanly answered. A row is written before the call, in the transaction that
//! takes the lease or in one of its own, and goes with the clean answer. Instants are the database's.

use super::leases::Lease;
use super::{Db, StoreError, Tx, each};
use crate::domain::id::GrantId;

/// An earlier refresh that nobody knows the end of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// How often it was sent by somebody who lived on and got no clean answer.
    pub unanswered: i64,
    /// How often it was sent since the last clean answer, or announced by somebody who then died.
    pub sendings: i64,
}

/// Notes that a refresh is about to be sent under this lease. `again`: the last one under this lease was cleanly refused,
/// so that nothing is added to what is in doubt but this one in its place.
pub async fn sending(tx: &mut Tx, lease: &Lease, again: bool) -> Result<(), StoreError> {
    const SQL: &str = "insert into refresh_journal (grant_id, epoch, instance, sent_at, state) \
         values ($1, $2, $3, (select now_ms from db_clock), 'sent') \
         on conflict (grant_id) do update set epoch = excluded.epoch, instance = excluded.instance, sent_at = excluded.sent_at, state = 'sent', \
         sendings = refresh_journal.sendings + $4";
    let more = i64::from(!again);
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(lease.grant.as_str()).bind(lease.epoch).bind(&lease.owner).bind(more).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// The same for many leases of one owner.
pub async fn sending_all(tx: &mut Tx, owner: &str, leases: &[&Lease]) -> Result<(), StoreError> {
    // One statement where each costs a way to the server and back.
    const POSTGRES: &str = "insert into refresh_journal (grant_id, epoch, instance, sent_at, state) \
         select grant_id, epoch, $3, (select now_ms from db_clock), 'sent' from unnest($1::text[], $2::bigint[]) as sent (grant_id, epoch) \
         on conflict (grant_id) do update set epoch = excluded.epoch, instance = excluded.instance, sent_at = excluded.sent_at, state = 'sent', \
         sendings = refresh_journal.sendings + 1";
    if leases.is_empty() {
        return Ok(());
    }
    match tx {
        Tx::Postgres(t) => {
            let ids: Vec<&str> = leases.iter().map(|lease| lease.grant.as_str()).collect();
            let epochs: Vec<i64> = leases.iter().map(|lease| lease.epoch).collect();
            sqlx::query(POSTGRES).bind(ids).bind(epochs).bind(owner).execute(&mut **t).await?;
        }
        Tx::Sqlite(..) => {
            for lease in leases {
                sending(tx, lease, false).await?;
            }
        }
    }
    Ok(())
}

/// Whoever sent it lives and has no clean answer. Without effect if the lease was lost.
pub async fn unanswered(tx: &mut Tx, lease: &Lease) -> Result<(), StoreError> {
    const SQL: &str = "update refresh_journal set state = 'unanswered', unanswered = unanswered + 1 where grant_id = $1 and epoch = $2";
    run(tx, lease, SQL).await
}

/// It certainly was not sent, but an earlier one is still in doubt. Without effect if the lease was lost.
pub async fn not_sent(tx: &mut Tx, lease: &Lease) -> Result<(), StoreError> {
    const SQL: &str =
        "update refresh_journal set state = 'unanswered', sendings = sendings - 1 where grant_id = $1 and epoch = $2";
    run(tx, lease, SQL).await
}

/// A clean answer came. Without effect if the lease was lost.
pub async fn answered(tx: &mut Tx, lease: &Lease) -> Result<(), StoreError> {
    const SQL: &str = "delete from refresh_journal where grant_id = $1 and epoch = $2";
    run(tx, lease, SQL).await
}

/// A refresh was refused that went out after its lease had been lost: the tokens that somebody else has stored meanwhile may
/// have ended by it. The grant is due at `due_at`, with a doubt that counts as a second sending. `false`, and nothing is
/// written, while anybody holds the grant: who stores a pair now would take the doubt for settled.
pub async fn strayed(tx: &mut Tx, lease: &Lease, due_at: i64) -> Result<bool, StoreError> {
    const DUE: &str =
        "update grants set due_at = $3 where id = $1 and epoch <> $2 and lease_owner is null and state = 'active'";
    const NOTE: &str = "insert into refresh_journal (grant_id, epoch, instance, sent_at, state, unanswered, sendings) \
         values ($1, $2, $3, (select now_ms from db_clock), 'unanswered', 1, 2) \
         on conflict (grant_id) do update set state = 'unanswered', sendings = refresh_journal.sendings + 1";
    let free = each!(Tx, tx, t => {
        sqlx::query(DUE).bind(lease.grant.as_str()).bind(lease.epoch).bind(due_at).execute(&mut **t).await
            .map(|done| done.rows_affected() == 1)
    })?;
    if free {
        each!(Tx, tx, t => {
            sqlx::query(NOTE).bind(lease.grant.as_str()).bind(lease.epoch).bind(&lease.owner).execute(&mut **t).await.map(drop)
        })?;
    }
    Ok(free)
}

async fn run(tx: &mut Tx, lease: &Lease, sql: &'static str) -> Result<(), StoreError> {
    each!(Tx, tx, t => {
        sqlx::query(sql).bind(lease.grant.as_str()).bind(lease.epoch).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// Other tokens took the place of those in doubt.
pub async fn settled(tx: &mut Tx, grant: &GrantId) -> Result<(), StoreError> {
    const SQL: &str = "delete from refresh_journal where grant_id = $1";
    each!(Tx, tx, t => sqlx::query(SQL).bind(grant.as_str()).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// What is in the journal about a grant.
pub async fn of_grant(db: &Db, grant: &GrantId) -> Result<Option<Doubt>, StoreError> {
    const SQL: &str = "select unanswered, sendings from refresh_journal where grant_id = $1";
    let found = each!(Db, db, pool => {
        sqlx::query_as::<_, (i64, i64)>(SQL).bind(grant.as_str()).fetch_optional(pool).await
    })?;
    Ok(found.map(|(unanswered, sendings)| Doubt { unanswered, sendings }))
}
