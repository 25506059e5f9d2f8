//! Opens the database to look at it. Nothing is made, nothing is migrated, only selects are sent; a server may run.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::open::{self, OpenError, Place};
use super::{Db, StoreError, each};
use crate::server::config::DatabaseConfig;

/// How the schema stands beside this version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schema {
    /// It is the one this version works with.
    Current,
    /// It has no table of ours.
    Empty,
    /// This many migrations have not run yet.
    Pending(usize),
    /// A newer version has run this migration.
    Newer(i64),
    /// This migration is not the one the database went through.
    Edited(i64),
}

/// The file of a SQLite database, if it is one.
pub fn file(config: &DatabaseConfig, data: &Path) -> Option<PathBuf> {
    match open::place(config, data) {
        Place::Sqlite(path) => Some(path),
        Place::Postgres(_) => None,
    }
}

/// Opens the database that is there.
///
/// # Errors
/// [`OpenError`]; a SQLite file that does not exist is one.
pub async fn open(config: &DatabaseConfig, data: &Path) -> Result<Db, OpenError> {
    match open::place(config, data) {
        Place::Sqlite(path) => sqlite(path).await,
        Place::Postgres(url) => postgres(url).await,
    }
}

async fn sqlite(path: PathBuf) -> Result<Db, OpenError> {
    if !path.exists() {
        return Err(OpenError::Missing { path });
    }
    let options = SqliteConnectOptions::new().filename(&path).read_only(true).busy_timeout(Duration::from_secs(5));
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
    Ok(Db::sqlite(pool.map_err(|error| open::not_a_database(&path, &error))?))
}

async fn postgres(url: &str) -> Result<Db, OpenError> {
    let options = PgConnectOptions::from_str(url).map_err(|_| open::bad_address())?;
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(10)).connect_with(options);
    Ok(Db::Postgres(pool.await.map_err(|error| OpenError::Unreachable(error.to_string()))?))
}

const APPLIED: &str = "select version, checksum from _sqlx_migrations where success order by version";

/// Compares the database's note of its migrations with those of this version.
///
/// # Errors
/// When the database does not answer.
pub async fn schema(db: &Db) -> Result<Schema, StoreError> {
    if !has_notes(db).await? {
        return Ok(Schema::Empty);
    }
    let applied: Vec<(i64, Vec<u8>)> = each!(Db, db, pool => sqlx::query_as(APPLIED).fetch_all(pool).await)?;
    let known: &Migrator = open::migrator(db);
    for (version, checksum) in &applied {
        match known.iter().find(|migration| migration.version == *version) {
            None => return Ok(Schema::Newer(*version)),
            Some(migration) if *migration.checksum != **checksum => return Ok(Schema::Edited(*version)),
            Some(_) => {}
        }
    }
    let pending = known.iter().filter(|known| !applied.iter().any(|(version, _)| *version == known.version)).count();
    Ok(match (applied.is_empty(), pending) {
        (true, _) => Schema::Empty,
        (false, 0) => Schema::Current,
        (false, pending) => Schema::Pending(pending),
    })
}

async fn has_notes(db: &Db) -> Result<bool, StoreError> {
    const SQLITE: &str = "select count(*) > 0 from sqlite_master where type = 'table' and name = '_sqlx_migrations'";
    const POSTGRES: &str = "select to_regclass('_sqlx_migrations') is not null";
    Ok(match db {
        Db::Sqlite(pool, _) => sqlx::query_scalar(SQLITE).fetch_one(pool).await?,
        Db::Postgres(pool) => sqlx::query_scalar(POSTGRES).fetch_one(pool).await?,
    })
}
