//! NOTIFY and LISTEN.

use pilotlight::server::store::relay::{Relay, notify};

use crate::support::db::{self, both_databases};
use crate::support::proxy::Proxy;

fn messages<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

// On SQLite there is nobody to tell and nothing to hear.
both_databases!(messages_arrive_in_order, |test| async move {
    let mut heard = Relay::listen(&test.db).await.unwrap();
    assert_eq!(heard.is_some(), test.db.is_shared());
    notify(&test.db, &messages(["one", "two"])).await.unwrap();
    notify(&test.db, &[]).await.unwrap();
    notify(&test.db, &["x".repeat(7_999)]).await.unwrap();
    let Some(relay) = &mut heard else { return };
    // Nothing is lost by asking in between.
    relay.ask().await.unwrap();
    assert_eq!(relay.next().await.unwrap(), "one");
    relay.ask().await.unwrap();
    assert_eq!(relay.next().await.unwrap(), "two");
    assert_eq!(relay.next().await.unwrap().len(), 7_999);
    assert!(notify(&test.db, &["x".repeat(8_000)]).await.is_err());
});

// Tests share one database, and so may installations.
#[tokio::test]
async fn another_schema_hears_nothing() {
    let (Some(one), Some(other)) = (db::postgres().await, db::postgres().await) else {
        return eprintln!("skipped: {} is not set", db::POSTGRES);
    };
    let mut relay = Relay::listen(&one.db).await.unwrap().expect("PostgreSQL");
    notify(&other.db, &messages(["foreign"])).await.unwrap();
    notify(&one.db, &messages(["ours"])).await.unwrap();
    assert_eq!(relay.next().await.unwrap(), "ours");
}

#[tokio::test]
async fn a_lost_connection_says_so() {
    let Some(test) = db::postgres().await else {
        return eprintln!("skipped: {} is not set", db::POSTGRES);
    };
    let (proxy, url) = Proxy::to_database(test.config.url.as_deref().expect("an address")).await;
    let db = db::connect(&url).await;
    let mut relay = Relay::listen(&db).await.unwrap().expect("PostgreSQL");
    proxy.cut();
    assert!(relay.next().await.is_err());
    proxy.restore();
    let mut relay = Relay::listen(&db).await.unwrap().expect("PostgreSQL");
    // One that has gone quiet does not; who asks learns of it.
    proxy.freeze();
    assert!(relay.ask().await.is_err());
}
