//! Platforms (and servers) that refuse our own app: noticed once for all instances, so that the operator is told once.

use super::{Db, StoreError, Tx, each};
use crate::domain::platform::Platform;

/// A refusal of our app that goes on.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Outage {
    /// Key of the platform.
    pub platform: String,
    /// The server; empty where a platform has only one.
    pub host: String,
    /// Unix milliseconds.
    pub since: i64,
    /// The platform's words, without secrets.
    pub detail: String,
}

/// Notes it. `true` for the first to notice: it tells the operator.
pub async fn begin(tx: &mut Tx, platform: Platform, host: &str, now: i64, detail: &str) -> Result<bool, StoreError> {
    const SQL: &str = "insert into platform_faults (platform, host, since, detail) values ($1, $2, $3, $4) on conflict (platform, host) do nothing";
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(platform.key()).bind(host).bind(now).bind(detail).execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// It is over. `true` for the first to notice.
pub async fn end(tx: &mut Tx, platform: Platform, host: &str) -> Result<bool, StoreError> {
    const SQL: &str = "delete from platform_faults where platform = $1 and host = $2";
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(platform.key()).bind(host).execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Those that go on, the oldest first.
pub async fn all(db: &Db) -> Result<Vec<Outage>, StoreError> {
    const SQL: &str = "select platform, host, since, detail from platform_faults order by since, platform, host";
    Ok(each!(Db, db, pool => sqlx::query_as::<_, Outage>(SQL).fetch_all(pool).await)?)
}
