//! `pilotlight rotate-key`: seals everything again under a new key while the server runs.
//!
//! It can be stopped at any moment, by a crash too: the next run goes on where it stood.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use crate::server::clock::{Clock, Randomness};
use crate::server::config::Config;
use crate::server::store::reseal::{self, SEALED, SealedColumn};
use crate::server::store::{Db, StoreError, keys, open};
use crate::server::vault::rotation::Rotation;
use crate::server::vault::{Place, Vault, VaultError};

/// How long running servers get to notice the new key, and to finish what they sealed with the old one. They look
/// every second, and a write waits at most five.
pub const SETTLE: Duration = Duration::from_secs(10);

/// What a rotation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Values that were sealed again.
    pub values: usize,
    /// It took up one that was begun before.
    pub resumed: bool,
}

/// Why the old key is still needed.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    #[error(transparent)]
    Open(#[from] open::OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("There is nothing to rotate: this database has never been used.")]
    Unused,
    #[error("Another rotation is running.")]
    Running,
    #[error("{path} can't be locked: {source}")]
    Lock { path: String, source: std::io::Error },
    #[error(
        "{0} values can't be opened with any key at hand. All others are sealed with the new key; the old one is kept."
    )]
    Unreadable(usize),
}

/// Rotates the key of the database that `config` names.
///
/// # Errors
/// [`RotateError`]; whatever was done stays done, and nothing is lost.
pub async fn rotate(
    config: &Config,
    clock: &dyn Clock,
    random: &Randomness,
    settle: Duration,
) -> Result<Rotated, RotateError> {
    let now = clock.now();
    let db = open::open(&config.database, &config.server.data, now).await?;
    let _lock = lock(&config.server.data)?;
    if keys::list(&db).await?.is_empty() {
        return Err(RotateError::Unused);
    }
    let vault = Vault::load(&config.vault, &config.server.data, &db, now, random.clone()).await?;
    let rotation = vault.begin_rotation(&db, now).await?;
    tokio::time::sleep(settle).await;
    let mut values = 0;
    // A pass that finds nothing proves that nothing is left, since nobody seals with the old key any more.
    loop {
        let pass = seal_all_again(&db, &vault, &rotation).await?;
        values += pass.sealed;
        if pass.sealed + pass.overtaken == 0 {
            if pass.unreadable > 0 {
                return Err(RotateError::Unreadable(pass.unreadable));
            }
            break;
        }
    }
    vault.end_rotation(&db, &rotation).await?;
    db.close().await;
    Ok(Rotated { values, resumed: rotation.resumed })
}

/// Held until it is dropped; a crash lets go of it.
fn lock(data: &Path) -> Result<File, RotateError> {
    let path = data.join("rotation.lock");
    let failed = |source| RotateError::Lock { path: path.display().to_string(), source };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(RotateError::Running),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

#[derive(Default)]
struct Pass {
    sealed: usize,
    /// Rows that somebody changed at the same moment.
    overtaken: usize,
    unreadable: usize,
}

async fn seal_all_again(db: &Db, vault: &Vault, rotation: &Rotation) -> Result<Pass, RotateError> {
    let mut pass = Pass::default();
    for column in &SEALED {
        let mut after = String::new();
        while let Some(last) = seal_batch_again(db, vault, rotation, column, &after, &mut pass).await? {
            after = last;
        }
    }
    Ok(pass)
}

/// One small transaction. Answers the last row it looked at.
async fn seal_batch_again(
    db: &Db,
    vault: &Vault,
    rotation: &Rotation,
    column: &SealedColumn,
    after: &str,
    pass: &mut Pass,
) -> Result<Option<String>, RotateError> {
    let rows = reseal::batch(db, column, after).await?;
    let mut changes = Vec::new();
    for row in &rows {
        let (table, column) = (column.table, column.column);
        let place = Place { table, column, row: &row.row_key, workspace: &row.workspace };
        match vault.seal_again(rotation, place, &row.blob) {
            Ok(Some(new)) => changes.push((row, new)),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(table, column, row = row.row_key, %error, "a value can't be opened");
                pass.unreadable += 1;
            }
        }
    }
    if !changes.is_empty() {
        let mut tx = db.begin().await?;
        for (row, new) in &changes {
            let replaced = reseal::replace(&mut tx, column, row, new).await?;
            *(if replaced { &mut pass.sealed } else { &mut pass.overtaken }) += 1;
        }
        tx.commit().await?;
    }
    Ok(rows.into_iter().next_back().map(|row| row.row_key))
}
