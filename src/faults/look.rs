//! What the database holds of the crowd, and how that compares with what the vendor knows.

use std::collections::HashMap;

use pilotlight::server::digest::sha256;
use pilotlight::server::store::Db;
use pilotlight::server::vault::{Place, Vault};
use secrecy::ExposeSecret;

use super::rig::Rig;

/// One grant with its account, as it is stored.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Digest of the refresh token.
    pub digest: Option<String>,
    pub refreshed_at: i64,
    pub amber: bool,
    pub cause: Option<String>,
    pub open_incidents: i64,
    /// Open and closed.
    pub incidents: i64,
    /// Cause of the open incident.
    pub incident_cause: Option<String>,
}

const ROWS: &str = "select g.id, g.workspace_id, g.refresh_token, coalesce(g.refreshed_at, 0), a.health, a.cause, \
    (select count(*) from incidents i where i.account_id = a.id and i.closed_at is null), \
    (select count(*) from incidents i where i.account_id = a.id), \
    (select max(i.cause) from incidents i where i.account_id = a.id and i.closed_at is null) \
    from grants g join accounts a on a.grant_id = g.id";

type Row = (String, String, Option<Vec<u8>>, i64, String, Option<String>, i64, i64, Option<String>);

/// Every grant, by its id.
pub async fn all(rig: &Rig) -> HashMap<String, Stored> {
    let rows: Vec<Row> = match rig.db() {
        Db::Sqlite(pool, _) => sqlx::query_as(ROWS).fetch_all(pool).await.expect("rows"),
        Db::Postgres(pool) => sqlx::query_as(ROWS).fetch_all(pool).await.expect("rows"),
    };
    assert_eq!(rows.len(), rig.crowd.len(), "a grant has exactly one account");
    rows.into_iter().map(|row| (row.0.clone(), stored(&rig.vault, row))).collect()
}

fn stored(vault: &Vault, row: Row) -> Stored {
    let (id, workspace, sealed, refreshed_at, health, cause, open_incidents, incidents, incident_cause) = row;
    let place = Place { table: "grants", column: "refresh_token", row: &id, workspace: &workspace };
    let token = sealed.map(|sealed| vault.open(place, &sealed).expect("the vault opens what the server sealed"));
    Stored {
        digest: token.map(|token| sha256(token.expose_secret().as_bytes())),
        refreshed_at,
        amber: health != "healthy",
        cause,
        open_incidents,
        incidents,
        incident_cause,
    }
}

/// People whose newest refresh token is not the one that is stored: the vendor has processed, the answer was not stored.
pub async fn unstored(rig: &Rig) -> Vec<String> {
    let rows = all(rig).await;
    let differs = |one: &&super::seed::One| rows[one.grant.as_str()].digest != rig.holds(one).refresh_sha256;
    rig.crowd.iter().filter(differs).map(|one| one.person.clone()).collect()
}

/// A number from the database.
pub async fn count(db: &Db, query: &'static str) -> i64 {
    let (number,): (i64,) = match db {
        Db::Sqlite(pool, _) => sqlx::query_as(query).fetch_one(pool).await.expect("a number"),
        Db::Postgres(pool) => sqlx::query_as(query).fetch_one(pool).await.expect("a number"),
    };
    number
}

/// How much there is to do, in words: for a server that did nothing.
pub async fn work(db: &Db) -> String {
    let all = count(db, "select count(*) from grants").await;
    let due = count(db, "select count(*) from grants where due_at <= (select now_ms from db_clock)").await;
    let held = count(db, "select count(*) from grants where lease_owner is not null").await;
    let ended = count(db, "select count(*) from grants where lease_ends_at <= (select now_ms from db_clock)").await;
    format!("of {all} grants {due} are due and {held} leased, {ended} of these leases have ended")
}

/// A grant that is due, leased or in doubt.
#[derive(Clone, Debug)]
pub struct Left {
    pub grant: String,
    /// Where it stands, in words.
    pub what: String,
}

const LEFT: &str = "select g.id, g.state, g.due_at - (select now_ms from db_clock), g.attempts, g.epoch, g.lease_owner, \
    g.lease_ends_at - (select now_ms from db_clock), j.state, coalesce(j.unanswered, 0), coalesce(j.sendings, 0) \
    from grants g left join refresh_journal j on j.grant_id = g.id \
    where g.due_at <= 1 or g.lease_owner is not null or j.grant_id is not null";

type LeftRow = (String, String, i64, i64, i64, Option<String>, Option<i64>, Option<String>, i64, i64);

/// Every grant that is due since it was made so, leased or in doubt.
pub async fn left(db: &Db) -> Vec<Left> {
    let rows: Vec<LeftRow> = match db {
        Db::Sqlite(pool, _) => sqlx::query_as(LEFT).fetch_all(pool).await.expect("rows"),
        Db::Postgres(pool) => sqlx::query_as(LEFT).fetch_all(pool).await.expect("rows"),
    };
    let tell = |row: LeftRow| {
        let (grant, state, due_in, attempts, epoch, owner, ends_in, journal, unanswered, sendings) = row;
        let due = if due_in < -86_400_000 { "due".to_owned() } else { format!("due in {due_in} ms") };
        let lease =
            owner.map_or("free".to_owned(), |owner| format!("leased to {owner} for {} ms", ends_in.unwrap_or(0)));
        let doubt = journal
            .map_or("no doubt".to_owned(), |state| format!("{state}, unanswered {unanswered}, sendings {sendings}"));
        let what = format!("{grant} is {state}, {due}, after {attempts} attempts, epoch {epoch}, {lease}, {doubt}");
        Left { grant, what }
    };
    rows.into_iter().map(tell).collect()
}
