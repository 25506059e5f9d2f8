//! What is done to the outbox from outside, so that a run lasts minutes: waits and leases end at once.

use std::time::Duration;

use pilotlight::server::clock::{Clock, SystemClock};
use pilotlight::server::store::Db;
use sqlx::AssertSqlSafe;
use tokio::task::JoinHandle;

use crate::eventually;
use crate::support::db;

/// How often what waits for its next attempt is told that the time has come.
const EVERY: Duration = Duration::from_millis(250);

/// Ends every wait, until it is dropped.
pub struct Impatience(JoinHandle<()>);

impl Impatience {
    pub fn begin(db: Db) -> Self {
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                let now = SystemClock.now();
                db::execute(
                    &db,
                    format!("update outbox set due_at = {now} where state = 'waiting' and lease_owner is null and due_at > {now}"),
                )
                .await;
            }
        }))
    }
}

impl Drop for Impatience {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// How the only running server names itself, as soon as it holds something; `None` if there is nothing to hold.
pub async fn owner(db: &Db) -> Option<String> {
    let mut found = None;
    eventually(Duration::from_secs(20), async || {
        found = texts(db, "select lease_owner from outbox where lease_owner <> 'dead' limit 1").await.pop();
        found.is_some() || texts(db, "select id from outbox where state = 'waiting' limit 1").await.is_empty()
    })
    .await;
    found
}

/// Mails of the dead whose end was noted, but not what became of it.
pub async fn unsettled(db: &Db, living: Option<&str>) -> Vec<String> {
    let query = format!("select id from outbox where finishing = epoch and {}", of_the_dead(living));
    texts(db, &query).await
}

/// As if the leases of the dead had ended. Their names go, so that nobody takes one for that of a server that runs.
pub async fn end_leases(db: &Db, living: Option<&str>) {
    db::execute(db, format!("update outbox set lease_ends_at = 0, lease_owner = 'dead' where {}", of_the_dead(living)))
        .await;
}

fn of_the_dead(living: Option<&str>) -> String {
    let living = living.unwrap_or_default();
    format!("state = 'waiting' and lease_owner is not null and lease_owner <> '{living}'")
}

async fn texts(db: &Db, query: &str) -> Vec<String> {
    let query = AssertSqlSafe(query.to_owned());
    match db {
        Db::Sqlite(pool, _) => sqlx::query_scalar(query).fetch_all(pool).await.expect("rows"),
        Db::Postgres(pool) => sqlx::query_scalar(query).fetch_all(pool).await.expect("rows"),
    }
}
