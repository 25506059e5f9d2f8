//! Apps registered on the fly, one for each server and redirect address.

use super::{Db, StoreError, Tx, each};
use crate::domain::platform::Platform;

/// A registration, its secret sealed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct HostApp {
    pub client_id: String,
    pub client_secret: Vec<u8>,
}

/// The app registered with a server.
pub async fn get(db: &Db, platform: Platform, host: &str, redirect_uri: &str) -> Result<Option<HostApp>, StoreError> {
    const SQL: &str =
        "select client_id, client_secret from host_apps where platform = $1 and host = $2 and redirect_uri = $3";
    Ok(each!(Db, db, pool => {
        sqlx::query_as::<_, HostApp>(SQL).bind(platform.key()).bind(host).bind(redirect_uri).fetch_optional(pool).await
    })?)
}

/// Stores a registration in place of an older one.
pub async fn put(
    tx: &mut Tx,
    platform: Platform,
    host: &str,
    redirect_uri: &str,
    app: &HostApp,
    now: i64,
) -> Result<(), StoreError> {
    const SQL: &str = "insert into host_apps (platform, host, redirect_uri, client_id, client_secret, created_at) values ($1, $2, $3, $4, $5, $6) \
         on conflict (platform, host, redirect_uri) do update set client_id = excluded.client_id, client_secret = excluded.client_secret, \
         created_at = excluded.created_at";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(platform.key()).bind(host).bind(redirect_uri).bind(&app.client_id).bind(&app.client_secret).bind(now)
            .execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// Stores a registration unless there is one: of several who make one at once, the first is right for all.
pub async fn put_first(
    tx: &mut Tx,
    platform: Platform,
    host: &str,
    redirect_uri: &str,
    app: &HostApp,
    now: i64,
) -> Result<(), StoreError> {
    const SQL: &str = "insert into host_apps (platform, host, redirect_uri, client_id, client_secret, created_at) values ($1, $2, $3, $4, $5, $6) \
         on conflict (platform, host, redirect_uri) do nothing";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(platform.key()).bind(host).bind(redirect_uri).bind(&app.client_id).bind(&app.client_secret).bind(now)
            .execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// Forgets a registration that the server no longer knows.
pub async fn delete(tx: &mut Tx, platform: Platform, host: &str, redirect_uri: &str) -> Result<(), StoreError> {
    const SQL: &str = "delete from host_apps where platform = $1 and host = $2 and redirect_uri = $3";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(platform.key()).bind(host).bind(redirect_uri).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}
