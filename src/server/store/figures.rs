//! What the operator's figures count. Each question is answered from an index: it is asked every few seconds.

use super::{Db, StoreError, each};
use crate::domain::health::Health;
use crate::domain::platform::Platform;
use crate::server::store::outbox::Channel;

/// Active grants of `platform` that were due at `now` (Unix milliseconds) and that nobody holds: how many, and when the
/// oldest became due.
///
/// # Errors
/// When the database does not answer.
pub async fn due(db: &Db, platform: Platform, now: i64) -> Result<(i64, Option<i64>), StoreError> {
    const SQL: &str = "select count(*), min(due_at) from grants where state = 'active' and platform = $1 and due_at <= $2 \
         and (lease_ends_at is null or lease_ends_at <= (select now_ms from db_clock))";
    Ok(each!(Db, db, pool => sqlx::query_as(SQL).bind(platform.key()).bind(now).fetch_one(pool).await)?)
}

/// Refreshes that are under way (sent under a lease that still lives), and those in doubt: all others in the journal.
///
/// # Errors
/// When the database does not answer.
pub async fn refreshes(db: &Db) -> Result<(i64, i64), StoreError> {
    const SQL: &str = "select count(case when j.state = 'sent' and g.lease_ends_at > (select now_ms from db_clock) then 1 end), count(*) \
         from refresh_journal j join grants g on g.id = j.grant_id";
    let (under_way, all): (i64, i64) = each!(Db, db, pool => sqlx::query_as(SQL).fetch_one(pool).await)?;
    Ok((under_way, all - under_way))
}

/// Connected accounts by platform and health. Platforms that this version does not know are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn accounts(db: &Db) -> Result<Vec<(Platform, Health, i64)>, StoreError> {
    const SQL: &str =
        "select platform, health, count(*) from accounts where state = 'connected' group by platform, health";
    let rows: Vec<(String, String, i64)> = each!(Db, db, pool => sqlx::query_as(SQL).fetch_all(pool).await)?;
    let health = |key: &str| [Health::Healthy, Health::NeedsReconnect].into_iter().find(|health| health.key() == key);
    let known =
        |(platform, of, count): (String, String, i64)| Some((Platform::stored(&platform)?, health(&of)?, count));
    Ok(rows.into_iter().filter_map(known).collect())
}

/// How many incidents are open.
///
/// # Errors
/// When the database does not answer.
pub async fn open_incidents(db: &Db) -> Result<i64, StoreError> {
    const SQL: &str = "select count(*) from incidents where closed_at is null";
    Ok(each!(Db, db, pool => sqlx::query_scalar(SQL).fetch_one(pool).await)?)
}

/// Messages of a channel that were neither taken nor given up yet: how many, and when the oldest was written (Unix
/// milliseconds).
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(db: &Db, channel: Channel) -> Result<(i64, Option<i64>), StoreError> {
    const SQL: &str = "select count(*), min(created_at) from outbox where state = 'waiting' and channel = $1";
    Ok(each!(Db, db, pool => sqlx::query_as(SQL).bind(channel.key()).fetch_one(pool).await)?)
}

/// How many messages of a channel were given up.
///
/// # Errors
/// When the database does not answer.
pub async fn dead(db: &Db, channel: Channel) -> Result<i64, StoreError> {
    const SQL: &str = "select count(*) from outbox where state = 'dead' and channel = $1";
    Ok(each!(Db, db, pool => sqlx::query_scalar(SQL).bind(channel.key()).fetch_one(pool).await)?)
}

/// How many platforms or servers refuse our own app.
///
/// # Errors
/// When the database does not answer.
pub async fn platform_faults(db: &Db) -> Result<i64, StoreError> {
    const SQL: &str = "select count(*) from platform_faults";
    Ok(each!(Db, db, pool => sqlx::query_scalar(SQL).fetch_one(pool).await)?)
}
