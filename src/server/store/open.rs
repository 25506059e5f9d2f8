//! Opens the database and brings its schema up to date.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

use super::{Db, StoreError, backup, each};
use crate::server::config::DatabaseConfig;

static SQLITE: Migrator = sqlx::migrate!("src/server/store/migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("src/server/store/migrations/postgres");

/// The database's name under the data directory.
const FILE: &str = "pilotlight.db";
const CONNECTIONS: u32 = 4;

/// Why the database can't be used, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("The directory {} can't be used: {reason}", path.display())]
    Directory { path: PathBuf, reason: String },
    #[error(
        "There is no database at {} yet. Start the server once, or name the right place in database.url or server.data.",
        path.display()
    )]
    Missing { path: PathBuf },
    #[error("The database file {} can't be written: {reason}", path.display())]
    File { path: PathBuf, reason: String },
    #[error("{} is not a database of Pilotlight: {reason}", path.display())]
    NotADatabase { path: PathBuf, reason: String },
    #[error("The address of the database can't be used: {0}")]
    Address(String),
    #[error("PostgreSQL did not answer: {0}")]
    Unreachable(String),
    #[error(
        "The database was written by a newer version of Pilotlight (it has the migration {0}). Start that version; nothing was changed."
    )]
    Newer(i64),
    #[error(
        "The migration {0} was changed after this database went through it. Start the version the database belongs to; nothing was changed."
    )]
    Edited(i64),
    #[error("The schema can't be brought up to date: {0}")]
    Migration(String),
    #[error("The backup before the migration failed, so nothing was changed: {0}")]
    Backup(#[from] backup::BackupError),
}

/// Opens the database, with all migrations done. Makes the data directory, and for SQLite the file and, before a
/// migration of a file that was there before, a backup of it. `now` (Unix milliseconds) names that backup.
///
/// # Errors
/// [`OpenError`], before anything was changed.
pub async fn open(config: &DatabaseConfig, data: &Path, now: i64) -> Result<Db, OpenError> {
    writable_directory(data)?;
    match place(config, data) {
        Place::Sqlite(path) => sqlite(path, data, now).await,
        Place::Postgres(url) => postgres(url).await,
    }
}

/// Where the database is.
pub(super) enum Place<'a> {
    Sqlite(PathBuf),
    Postgres(&'a str),
}

pub(super) fn place<'a>(config: &'a DatabaseConfig, data: &Path) -> Place<'a> {
    match config.url.as_deref() {
        None => Place::Sqlite(data.join(FILE)),
        Some(url) => match url.strip_prefix("sqlite:") {
            Some(path) => Place::Sqlite(PathBuf::from(path.trim_start_matches("//"))),
            None => Place::Postgres(url),
        },
    }
}

/// The migrations of the kind of database it is.
pub(super) fn migrator(db: &Db) -> &'static Migrator {
    match db {
        Db::Sqlite(..) => &SQLITE,
        Db::Postgres(_) => &POSTGRES,
    }
}

const PING: &str = "select 1";

/// Whether the database answers.
///
/// # Errors
/// When it does not.
pub async fn ping(db: &Db) -> Result<(), StoreError> {
    each!(Db, db, pool => sqlx::query(PING).execute(pool).await.map(drop))?;
    Ok(())
}

fn writable_directory(path: &Path) -> Result<(), OpenError> {
    let unusable = |reason: String| OpenError::Directory { path: path.to_owned(), reason };
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| unusable(format!("it can't be created ({error})")))?;
    let meta = fs::metadata(path).map_err(|error| unusable(error.to_string()))?;
    // Asked of the mode as well: root may write where the operator has said that nobody shall.
    if meta.permissions().mode() & 0o222 == 0 {
        return Err(unusable("it is read-only. Make it writable for the user that runs Pilotlight".into()));
    }
    let probe = path.join(format!(".write-{}", std::process::id()));
    let written = fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe));
    written.map_err(|error| unusable(format!("no file can be created in it ({error})")))
}

async fn sqlite(path: PathBuf, data: &Path, now: i64) -> Result<Db, OpenError> {
    let existed = writable_file(&path)?;
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .journal_mode(SqliteJournalMode::Wal)
        // A rotated token that a power cut takes back is lost for ever: the platform knows only the new one.
        .synchronous(SqliteSynchronous::Full)
        // 32 MiB a connection: the index of due grants stays in memory, also with a million of them.
        .pragma("cache_size", "-32768");
    // A file does not hang up, and asking whether it has costs as much as a small query.
    let pool =
        SqlitePoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false).connect_with(options).await;
    let pool = pool.map_err(|error| not_a_database(&path, &error))?;
    if existed && sqlite_has_pending(&pool, &path).await? {
        let target = backup::before_migration(data, now);
        tracing::info!("The schema is about to change. A backup goes to {}", target.display());
        backup::into(&Db::sqlite(pool.clone()), &target).await?;
    }
    SQLITE.run(&pool).await.map_err(migration_failed)?;
    Ok(Db::sqlite(pool))
}

/// Makes the file if it is missing. Tells whether there was one with something in it.
fn writable_file(path: &Path) -> Result<bool, OpenError> {
    let unusable = |reason: String| OpenError::File { path: path.to_owned(), reason };
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => return Ok(false),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(unusable(error.to_string())),
    }
    let meta = fs::metadata(path).map_err(|error| unusable(error.to_string()))?;
    if !meta.is_file() {
        return Err(unusable("it is not a file".into()));
    }
    if meta.permissions().readonly() {
        return Err(unusable("it is read-only. Make it writable for the user that runs Pilotlight".into()));
    }
    OpenOptions::new().append(true).open(path).map_err(|error| unusable(error.to_string()))?;
    Ok(meta.len() > 0)
}

const SQLITE_TABLES: &str = "select name from sqlite_master where type = 'table'";
const APPLIED: &str = "select version from _sqlx_migrations order by version";

async fn sqlite_has_pending(pool: &SqlitePool, path: &Path) -> Result<bool, OpenError> {
    let failed = |error: sqlx::Error| not_a_database(path, &error);
    let tables: Vec<(String,)> = sqlx::query_as(SQLITE_TABLES).fetch_all(pool).await.map_err(failed)?;
    if tables.is_empty() {
        return Ok(false);
    }
    if !tables.iter().any(|(name,)| name == "_sqlx_migrations") {
        let reason = "it holds tables of another program".into();
        return Err(OpenError::NotADatabase { path: path.to_owned(), reason });
    }
    let applied: Vec<(i64,)> = sqlx::query_as(APPLIED).fetch_all(pool).await.map_err(failed)?;
    if let Some((unknown,)) = applied.iter().find(|(version,)| !SQLITE.version_exists(*version)) {
        return Err(OpenError::Newer(*unknown));
    }
    Ok(SQLITE.iter().any(|migration| !applied.contains(&(migration.version,))))
}

async fn postgres(url: &str) -> Result<Db, OpenError> {
    let options = PgConnectOptions::from_str(url).map_err(|_| bad_address())?;
    let pool: PgPool = PgPoolOptions::new()
        .max_connections(CONNECTIONS * 2)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await
        .map_err(|error| OpenError::Unreachable(error.to_string()))?;
    POSTGRES.run(&pool).await.map_err(migration_failed)?;
    Ok(Db::Postgres(pool))
}

/// sqlx's own message about a bad address may quote it, password and all.
pub(super) fn bad_address() -> OpenError {
    OpenError::Address("expected postgres://user:password@host:port/name".into())
}

pub(super) fn not_a_database(path: &Path, error: &sqlx::Error) -> OpenError {
    OpenError::NotADatabase { path: path.to_owned(), reason: error.to_string() }
}

fn migration_failed(error: MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(version) => OpenError::Newer(version),
        MigrateError::VersionMismatch(version) => OpenError::Edited(version),
        other => OpenError::Migration(other.to_string()),
    }
}
