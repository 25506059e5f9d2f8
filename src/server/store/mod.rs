//! Everything that knows SQL. One text serves SQLite and PostgreSQL: an enum of two typed pools, and a macro that
//! writes each call for both.
//!
//! Reads that stand alone take a [`Db`]; whatever writes takes a [`Tx`], so that a caller decides what belongs together.

pub mod accounts;
pub mod activity;
pub mod alert_rules;
pub mod backup;
pub mod banners;
pub mod cards;
pub mod deletions;
pub mod deliveries;
pub mod doctor;
pub mod events;
pub mod feeds;
pub mod figures;
pub mod flows;
pub mod grants;
pub mod host_apps;
pub mod incidents;
pub mod inspect;
pub mod journal;
pub mod keys;
pub mod leases;
pub mod open;
pub mod outages;
pub mod outbox;
pub mod outbox_items;
pub mod people;
pub mod pictures;
pub mod posts;
pub mod relay;
pub mod reminders;
pub mod reseal;
pub mod sessions;
pub mod unsubscribes;
pub mod webhooks;

use std::sync::Arc;

use crate::domain::platform::Platform;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::crash;

/// Runs one expression with the pool (or transaction) that is there, whichever database it belongs to.
macro_rules! each {
    ($kind:ident, $db:expr, $inner:ident => $body:expr) => {
        match $db {
            $crate::server::store::$kind::Sqlite($inner, ..) => $body,
            $crate::server::store::$kind::Postgres($inner) => $body,
        }
    };
}
pub(crate) use each;

/// The database.
#[derive(Clone, Debug)]
pub enum Db {
    /// With the writers' queue: SQLite has room for one, and those it turns away would sleep and try again, not in turn.
    Sqlite(SqlitePool, Arc<Semaphore>),
    Postgres(PgPool),
}

/// A transaction. Dropped without [`Tx::commit`], it never happened.
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>, OwnedSemaphorePermit),
    Postgres(Transaction<'static, Postgres>),
}

/// What can go wrong between us and the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database did not answer: {0}")]
    Sql(#[from] sqlx::Error),
    #[error("the row of {table} {id} does not make sense: {what}")]
    Inconsistent { table: &'static str, id: String, what: String },
}

impl StoreError {
    /// A row that contradicts the rules it was written by.
    pub fn inconsistent(table: &'static str, id: &str, what: impl Into<String>) -> Self {
        Self::Inconsistent { table, id: id.to_owned(), what: what.into() }
    }
}

/// The platform that a word in the row `id` of `table` means.
///
/// # Errors
/// When this version knows none of that name.
pub fn platform(table: &'static str, id: &str, word: &str) -> Result<Platform, StoreError> {
    Platform::stored(word).ok_or_else(|| StoreError::inconsistent(table, id, format!("unknown platform {word}")))
}

impl Db {
    /// A SQLite database.
    pub fn sqlite(pool: SqlitePool) -> Self {
        Self::Sqlite(pool, Arc::new(Semaphore::new(1)))
    }

    /// Begins a transaction that may write. On SQLite it takes the writer's place at once: a plain `BEGIN` that reads
    /// first and writes later fails under load without ever waiting.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite(pool, writers) => {
                let turn = writers.clone().acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?;
                Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?, turn)
            }
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Whether other processes may work with the same database.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Waits for running statements and closes all connections.
    pub async fn close(&self) {
        each!(Db, self, pool => pool.close().await);
    }
}

impl Tx {
    /// Makes it so.
    pub async fn commit(self) -> Result<(), StoreError> {
        crash::point("before commit");
        // The turn of a SQLite writer ends after the commit, with the pattern's other half.
        match self {
            Self::Sqlite(tx, _turn) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        crash::point("after commit");
        Ok(())
    }
}
