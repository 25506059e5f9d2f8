//! A database of its own for each test: SQLite in a temporary directory, and a schema on PostgreSQL when
//! `TEST_POSTGRES_URL` names a server.

use std::any::Any;

use pilotlight::domain::id::{UserId, WorkspaceId};
use pilotlight::domain::plan::Plan;
use pilotlight::domain::role::Role;
use pilotlight::server::clock::Randomness;
use pilotlight::server::config::DatabaseConfig;
use pilotlight::server::store::people::{self, UserRow, Workspace};
use pilotlight::server::store::{Db, open};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Names the server for the tests that need PostgreSQL.
pub const POSTGRES: &str = "TEST_POSTGRES_URL";

/// An empty database, gone at the end.
pub struct TestDb {
    pub db: Db,
    pub dir: tempfile::TempDir,
    pub config: DatabaseConfig,
    _schema: Option<Box<dyn Any + Send>>,
}

/// On SQLite.
pub async fn sqlite() -> TestDb {
    at(None, None).await
}

/// On PostgreSQL; `None` if no server is named.
pub async fn postgres() -> Option<TestDb> {
    let (url, schema) = schema().await?;
    Some(at(Some(url), Some(schema)).await)
}

async fn at(url: Option<String>, schema: Option<Box<dyn Any + Send>>) -> TestDb {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let config = DatabaseConfig { url };
    let db = open::open(&config, dir.path(), 0).await.expect("a database");
    TestDb { db, dir, config, _schema: schema }
}

/// A database that was opened before, by another address.
pub async fn connect(url: &str) -> Db {
    let dir = tempfile::tempdir().expect("a temporary directory");
    open::open(&DatabaseConfig { url: Some(url.to_owned()) }, dir.path(), 0).await.expect("a database")
}

/// The address of a fresh schema, and what removes it when it is dropped; `None` if no server is named.
pub async fn schema() -> Option<(String, Box<dyn Any + Send>)> {
    let server = std::env::var_os(POSTGRES)?.into_string().expect("an address");
    let name = format!("test_{}", Randomness::system().uuid(0).replace('-', ""));
    run(&server, format!("create schema {name}")).await;
    let mut url = url::Url::parse(&server).expect("an address");
    url.query_pairs_mut().append_pair("options[search_path]", &name);
    Some((url.into(), Box::new(Schema { server, name })))
}

struct Schema {
    server: String,
    name: String,
}

impl Drop for Schema {
    fn drop(&mut self) {
        let (server, statement) =
            (self.server.clone(), format!("set lock_timeout = '5s'; drop schema {} cascade", self.name));
        // A destructor can't wait, and the test's own runtime is on its way out.
        let removed = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(run(&server, statement));
        });
        let _ = removed.join();
    }
}

async fn run(server: &str, statement: String) {
    let mut connection = PgConnection::connect(server).await.expect("PostgreSQL answers");
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.expect("it runs");
}

/// The value of one cell, for asking what is really stored.
pub async fn bytes(db: &Db, query: &'static str) -> Option<Vec<u8>> {
    let row: Option<(Option<Vec<u8>>,)> = match db {
        Db::Sqlite(pool, _) => sqlx::query_as(query).fetch_optional(pool).await.expect("a row"),
        Db::Postgres(pool) => sqlx::query_as(query).fetch_optional(pool).await.expect("a row"),
    };
    row.and_then(|(value,)| value)
}

/// A number, for asking what is really stored.
pub async fn number(db: &Db, query: impl Into<String>) -> i64 {
    let query = AssertSqlSafe(query.into());
    match db {
        Db::Sqlite(pool, _) => sqlx::query_scalar(query).fetch_one(pool).await.expect("a number"),
        Db::Postgres(pool) => sqlx::query_scalar(query).fetch_one(pool).await.expect("a number"),
    }
}

/// Runs a statement that has no place in the program.
pub async fn execute(db: &Db, statement: impl Into<String>) {
    let statement = AssertSqlSafe(statement.into());
    match db {
        Db::Sqlite(pool, _) => drop(sqlx::raw_sql(statement).execute(pool).await.expect("it runs")),
        Db::Postgres(pool) => drop(sqlx::raw_sql(statement).execute(pool).await.expect("it runs")),
    }
}

/// A person in a workspace of their own.
pub async fn member(db: &Db, email: &str, role: Role) -> (UserId, WorkspaceId) {
    let random = Randomness::system();
    let user = UserRow { id: random.uuid(1), email: email.into(), name: "Ann".into(), password_hash: "hash".into() };
    let workspace = Workspace { id: WorkspaceId::new(random.uuid(1)), name: "Agency".into(), plan: Plan::Starter };
    let id = UserId::new(user.id.clone());
    let mut tx = db.begin().await.expect("a transaction");
    assert!(people::insert_user(&mut tx, &user, 1).await.expect("a user"));
    people::insert_workspace(&mut tx, &workspace, 1).await.expect("a workspace");
    people::insert_membership(&mut tx, &workspace.id, &id, role, 1).await.expect("a membership");
    tx.commit().await.expect("a commit");
    (id, workspace.id)
}

/// `both_databases!(name, |test| async move { .. })` makes the tests `name::sqlite` and `name::postgres`.
macro_rules! both_databases {
    ($(#[$meta:meta])* $name:ident, |$test:ident| $body:expr) => {
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($test: $crate::support::db::TestDb) {
                let db = $test.db.clone();
                $body.await;
                // Sends what dropped transactions still owe, so that nothing holds on to the schema.
                db.close().await;
            }

            #[tokio::test]
            async fn sqlite() {
                run($crate::support::db::sqlite().await).await;
            }

            #[tokio::test]
            async fn postgres() {
                match $crate::support::db::postgres().await {
                    Some(test) => run(test).await,
                    None => eprintln!("skipped: {} is not set", $crate::support::db::POSTGRES),
                }
            }
        }
    };
}
pub(crate) use both_databases;
