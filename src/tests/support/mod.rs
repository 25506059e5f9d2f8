//! What tests stand on.

mod alerts;
mod app;
pub mod browser;
pub mod crowd;
pub mod db;
pub mod people;
pub mod proxy;

pub use app::{EMAIL, PASSWORD, START, TestApp};

use pilotlight::server::store::Db;
use sqlx::{Column, Row, TypeInfo, ValueRef};

/// Installs the one crypto provider, as main does.
pub fn crypto() {
    // A second time is an error that means nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Every row of some tables as text: two dumps are equal if and only if the rows are, byte for byte.
pub async fn dump(db: &Db, tables: &[&str]) -> String {
    let Db::Sqlite(pool, _) = db else { panic!("dumps are made of SQLite") };
    let mut text = String::new();
    for table in tables {
        let sql = sqlx::AssertSqlSafe(format!("select * from {table} order by 1"));
        for row in sqlx::query(sql).fetch_all(pool).await.expect("a readable table") {
            text.push_str(table);
            for column in row.columns() {
                let raw = row.try_get_raw(column.ordinal()).expect("a column");
                let kind = raw.type_info().name().to_owned();
                let value = match kind.as_str() {
                    _ if raw.is_null() => "null".to_owned(),
                    "INTEGER" => row.get::<i64, _>(column.ordinal()).to_string(),
                    "BLOB" => format!("{:02x?}", row.get::<Vec<u8>, _>(column.ordinal())),
                    _ => row.get::<String, _>(column.ordinal()),
                };
                text.push_str(&format!(" {}={value}", column.name()));
            }
            text.push('\n');
        }
    }
    text
}
