//! PostgreSQL's own post between the processes that share a database: NOTIFY sends, LISTEN hears. SQLite has none.

use std::io;
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};

use super::{Db, StoreError};

/// Everything here is answered within this time or has failed.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Channels are known in a whole database; two schemas in one are two installations.
const CHANNEL: &str =
    "select 'pilotlight_live_' || (select oid from pg_namespace where nspname = current_schema())::text";

/// Sends messages to every process that listens, this one included; all of them or none. Each must be shorter than 8000
/// bytes. On SQLite nothing happens.
///
/// # Errors
/// When the database does not answer. Some answers get lost: the messages may have gone out all the same.
pub async fn notify(db: &Db, messages: &[String]) -> Result<(), StoreError> {
    const SQL: &str = "select pg_notify('pilotlight_live_' || (select oid from pg_namespace where nspname = current_schema())::text, message) \
         from unnest($1::text[]) as sent (message)";
    let Db::Postgres(pool) = db else { return Ok(()) };
    answered(async { sqlx::query(SQL).bind(messages).execute(pool).await }).await?;
    Ok(())
}

/// A connection of its own that hears messages. It goes by one name in `pg_stat_activity`: that of its channel.
pub struct Relay {
    listener: PgListener,
}

impl Relay {
    /// Listens from now on; `None` on SQLite.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn listen(db: &Db) -> Result<Option<Self>, StoreError> {
        let Db::Postgres(pool) = db else { return Ok(None) };
        let listening = async {
            let channel: String = sqlx::query_scalar(CHANNEL).fetch_one(pool).await?;
            let options = pool.connect_options().as_ref().clone().application_name(&channel);
            // Not one of the pool's connections: those are for work, and a dead one would be missed there.
            let own = PgPoolOptions::new().max_connections(1).acquire_timeout(ANSWER_WITHIN).connect_lazy_with(options);
            let mut listener = PgListener::connect_with(&own).await?;
            // Whoever hears of the loss makes a new one.
            listener.eager_reconnect(false);
            listener.listen(&channel).await?;
            Ok::<_, sqlx::Error>(listener)
        };
        Ok(Some(Self { listener: answered(listening).await? }))
    }

    /// The next message. Dropped before it is ready, it has taken none.
    ///
    /// # Errors
    /// When the connection is lost; then messages may be lost as well, and this one is of no more use.
    pub async fn next(&mut self) -> Result<String, StoreError> {
        match self.listener.try_recv().await? {
            Some(message) => Ok(message.payload().to_owned()),
            None => Err(broken(io::ErrorKind::ConnectionAborted, "the connection that listens was lost")),
        }
    }

    /// Asks whether the connection still stands: one whose other end has vanished does not say so by itself.
    ///
    /// # Errors
    /// As [`Relay::next`].
    pub async fn ask(&mut self) -> Result<(), StoreError> {
        answered(async { sqlx::query("select 1").execute(&mut self.listener).await }).await?;
        Ok(())
    }
}

async fn answered<T>(asked: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
    match tokio::time::timeout(ANSWER_WITHIN, asked).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(broken(io::ErrorKind::TimedOut, "no answer in time")),
    }
}

fn broken(kind: io::ErrorKind, what: &str) -> StoreError {
    StoreError::Sql(sqlx::Error::Io(io::Error::new(kind, what)))
}
