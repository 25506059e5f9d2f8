//! Copies of a SQLite database, taken while it is in use.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::Db;

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{} is there already; name a file that is not", .0.display())]
    Exists(PathBuf),
    #[error("{} can't be written: {reason}", path.display())]
    Failed { path: PathBuf, reason: String },
    #[error("this works for SQLite only; use pg_dump for PostgreSQL")]
    NotSqlite,
}

/// Where the copy before a migration at `now` (Unix milliseconds) belongs.
pub fn before_migration(data: &Path, now: i64) -> PathBuf {
    let when = jiff::Timestamp::from_millisecond(now).unwrap_or_default();
    data.join("backup").join(format!("pilotlight-{}.db", when.strftime("%Y%m%dT%H%M%S%3fZ")))
}

const COPY: &str = "vacuum into $1";

/// Writes a complete, compact copy to `target`, readable by its owner only. Tokens in it stay sealed; the vault's key
/// is not in it.
///
/// # Errors
/// [`BackupError`]; an existing file is never overwritten.
pub async fn into(db: &Db, target: &Path) -> Result<(), BackupError> {
    let Db::Sqlite(pool, _) = db else { return Err(BackupError::NotSqlite) };
    let failed = |reason: String| BackupError::Failed { path: target.to_owned(), reason };
    if target.exists() {
        return Err(BackupError::Exists(target.to_owned()));
    }
    if let Some(parent) = target.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(|error| failed(error.to_string()))?;
    }
    let name = target.to_str().ok_or_else(|| failed("its name is not UTF-8".into()))?;
    sqlx::query(COPY).bind(name).execute(pool).await.map_err(|error| failed(error.to_string()))?;
    fs::set_permissions(target, Permissions::from_mode(0o600)).map_err(|error| failed(error.to_string()))
}
