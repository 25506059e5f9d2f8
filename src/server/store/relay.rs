//! Messages between the processes that share a PostgreSQL database (LISTEN and NOTIFY). SQLite has none: one process owns it.

use sqlx::postgres::PgListener;

use super::{Db, StoreError};

const CHANNEL: &str = "pilotlight_live";

/// Longest message that PostgreSQL takes, in bytes.
pub const LONGEST: usize = 7_999;

/// Sends messages to every process that listens, this one included.
///
/// # Errors
/// When the database does not take them; then none was sent.
pub async fn send(db: &Db, messages: &[String]) -> Result<(), StoreError> {
    const SQL: &str = "select pg_notify($1, message) from unnest($2::text[]) as messages (message)";
    if let Db::Postgres(pool) = db {
        sqlx::query(SQL).bind(CHANNEL).bind(messages).execute(pool).await?;
    }
    Ok(())
}

/// What hears the messages of all processes.
pub struct Ear(PgListener);

impl Ear {
    /// Begins to listen; `None` on SQLite.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open(db: &Db) -> Result<Option<Self>, StoreError> {
        let Db::Postgres(pool) = db else { return Ok(None) };
        let mut listener = PgListener::connect_with(pool).await?;
        // A lost connection is ours to notice and to restore: what was sent meanwhile is gone.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(Some(Self(listener)))
    }

    /// The next message; `None` when the connection was lost, and messages with it.
    ///
    /// # Errors
    /// As after a loss.
    pub async fn next(&mut self) -> Result<Option<String>, StoreError> {
        Ok(self.0.try_recv().await?.map(|notice| notice.payload().to_owned()))
    }
}
