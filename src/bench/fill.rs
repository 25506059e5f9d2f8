//! Rows by the million, made by the database itself.

use pilotlight::domain::platform::Platform;
use pilotlight::server::store::{Db, Tx};

use crate::db::execute;
use crate::ground::START;

/// The platforms that the rows belong to, in turn.
pub const PLATFORMS: [Platform; 4] = [Platform::X, Platform::Facebook, Platform::Mastodon, Platform::Bluesky];

const WORKSPACE: &str = "01900000-0000-7000-9000-000000000000";
/// In milliseconds.
pub const MONTH_MS: i64 = 30 * 86_400_000;

/// The id of the `number`-th row, counted from 1. Ids rise with time, as the server's own do.
pub fn id(number: usize) -> String {
    format!("01900000-0000-7000-8000-{number:012x}")
}

/// Puts so many active grants into an empty database, due from `due_from` (Unix milliseconds) on, with sealed pairs of the usual length.
pub async fn grants(db: &Db, count: usize, due_from: i64) {
    execute(
        db,
        format!("insert into workspaces (id, name, plan, created_at) values ('{WORKSPACE}', 'Crowd', 'enterprise', 0)"),
    )
    .await;
    let (numbers, id, blob) = match db {
        Db::Sqlite(..) => (
            format!("with recursive numbers (i) as (select 1 union all select i + 1 from numbers where i < {count})"),
            "printf('01900000-0000-7000-8000-%012x', i)",
            "randomblob(180)",
        ),
        Db::Postgres(_) => (
            format!("with numbers (i) as (select generate_series(1, {count}))"),
            "'01900000-0000-7000-8000-' || lpad(to_hex(i), 12, '0')",
            "decode(md5(i::text) || repeat(md5((i * 7)::text), 5) || md5((i * 3)::text), 'hex') || '\\x0123456789abcdef'::bytea",
        ),
    };
    let issued = START - 60_000;
    let platform = "case i % 4 when 0 then 'x' when 1 then 'facebook' when 2 then 'mastodon' else 'bluesky' end";
    execute(
        db,
        format!(
            "insert into grants (id, workspace_id, platform, host, identity_id, identity_name, setup, state, scopes, \
             access_token, refresh_token, access_issued_at, access_ends_at, created_at, refreshed_at, due_at) \
             {numbers} select {id}, '{WORKSPACE}', {platform}, '', cast(i as text), 'One of the crowd', 'done', 'active', \
             'tweet.read users.read tweet.write offline.access', {blob}, {blob}, {issued}, {issued} + 7200000, {issued}, {issued}, \
             {due_from} + i from numbers",
        ),
    )
    .await;
    execute(db, "analyze").await;
}

/// Reads the whole table through each of SQLite's connections: their caches are as full afterwards as they ever get, so that
/// what grows from then on is something else. PostgreSQL's are in a process of its own.
pub async fn caches(db: &Db) {
    const ALL: &str = "select sum(length(access_token)) from grants";
    let Db::Sqlite(pool, ..) = db else { return };
    let mut connections = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        connections.push(pool.acquire().await.expect("a connection"));
    }
    for connection in &mut connections {
        let _: i64 = sqlx::query_scalar(ALL).fetch_one(&mut **connection).await.expect("a sum");
    }
}

/// Makes some of them due in the hour before [`START`], free of any lease.
pub async fn make_due(db: &Db, numbers: &[usize]) {
    const PART: usize = 500;
    const GRANT: &str = "update grants set due_at = $2, lease_owner = null, lease_ends_at = null where id = $1";
    execute(db, "delete from refresh_journal").await;
    let due_at = |index: usize| START - 3_600_000 + index as i64 * 3_600_000 / numbers.len() as i64;
    // In small transactions: what a large one keeps in memory is not the server's.
    for (part, some) in numbers.chunks(PART).enumerate() {
        let mut tx = db.begin().await.expect("a transaction");
        for (index, number) in some.iter().enumerate() {
            let due_at = due_at(part * PART + index);
            match &mut tx {
                Tx::Sqlite(t, ..) => {
                    sqlx::query(GRANT).bind(id(*number)).bind(due_at).execute(&mut **t).await.map(drop)
                }
                Tx::Postgres(t) => sqlx::query(GRANT).bind(id(*number)).bind(due_at).execute(&mut **t).await.map(drop),
            }
            .expect("an update");
        }
        tx.commit().await.expect("a commit");
    }
}
