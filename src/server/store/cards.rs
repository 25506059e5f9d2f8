//! The one query behind the Connections page.

use super::accounts::standing;
use super::grants::words;
use super::{Db, StoreError, each, platform};
use crate::domain::health::Standing;
use crate::domain::id::{AccountId, WorkspaceId};
use crate::domain::platform::Platform;

/// What a card needs of account, grant and posts.
#[derive(Clone, Debug)]
pub struct CardRow {
    pub id: AccountId,
    pub platform: Platform,
    pub host: String,
    pub name: String,
    pub handle: Option<String>,
    pub picture: Option<String>,
    pub connected: bool,
    pub standing: Standing,
    pub missing_scopes: Vec<String>,
    pub amber_since: Option<i64>,
    pub access_ends_at: Option<i64>,
    pub refresh_ends_at: Option<i64>,
    pub has_refresh: bool,
    pub scheduled: i64,
    pub next_post_at: Option<i64>,
    pub held: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    platform: String,
    host: String,
    name: String,
    handle: Option<String>,
    picture: Option<String>,
    state: String,
    health: String,
    cause: Option<String>,
    refused: i64,
    missing_scopes: String,
    amber_since: Option<i64>,
    access_ends_at: Option<i64>,
    refresh_ends_at: Option<i64>,
    has_refresh: i64,
    scheduled: i64,
    next_post_at: Option<i64>,
    held: i64,
}

macro_rules! cards_where {
    ($posts:literal, $cards:literal) => {
        concat!(
            "select a.id, a.platform, a.host, a.name, a.handle, a.picture, a.state, a.health, a.cause, a.refused, a.missing_scopes, \
             a.amber_since, g.access_ends_at, g.refresh_ends_at, \
             cast(case when g.refresh_token is null then 0 else 1 end as bigint) as has_refresh, \
             coalesce(p.scheduled, 0) as scheduled, p.next_post_at, coalesce(p.held, 0) as held \
             from accounts a join grants g on g.id = a.grant_id \
             left join (select t.account_id, \
                    cast(sum(case when t.state in ('scheduled', 'queued') then 1 else 0 end) as bigint) as scheduled, \
                    min(case when t.state in ('scheduled', 'queued') then t.due_at end) as next_post_at, \
                    cast(sum(case when t.state = 'held' then 1 else 0 end) as bigint) as held \
                from targets t where t.state in ('scheduled', 'queued', 'held')",
            $posts,
            " group by t.account_id) p on p.account_id = a.id where a.workspace_id = $1",
            $cards
        )
    };
}

/// All cards of a workspace, in no particular order.
pub async fn all(db: &Db, workspace: &WorkspaceId) -> Result<Vec<CardRow>, StoreError> {
    const SQL: &str = cards_where!("", "");
    let rows = each!(Db, db, pool => sqlx::query_as::<_, Row>(SQL).bind(workspace.as_str()).fetch_all(pool).await)?;
    rows.into_iter().map(card).collect()
}

/// The cards of these accounts, as far as they are the workspace's, in no particular order.
pub async fn among(db: &Db, workspace: &WorkspaceId, ids: &[AccountId]) -> Result<Vec<CardRow>, StoreError> {
    const POSTGRES: &str = cards_where!(" and t.account_id = any($2)", " and a.id = any($2)");
    const SQLITE: &str = cards_where!(
        " and t.account_id in (select value from json_each($2))",
        " and a.id in (select value from json_each($2))"
    );
    let rows: Vec<Row> = match db {
        Db::Postgres(pool) => {
            let ids: Vec<&str> = ids.iter().map(AccountId::as_str).collect();
            sqlx::query_as(POSTGRES).bind(workspace.as_str()).bind(ids).fetch_all(pool).await?
        }
        Db::Sqlite(pool, _) => {
            sqlx::query_as(SQLITE).bind(workspace.as_str()).bind(listed(ids)).fetch_all(pool).await?
        }
    };
    rows.into_iter().map(card).collect()
}

/// The card of one account, if it is the workspace's.
pub async fn one(db: &Db, workspace: &WorkspaceId, id: &AccountId) -> Result<Option<CardRow>, StoreError> {
    Ok(among(db, workspace, std::slice::from_ref(id)).await?.pop())
}

/// Ids as the JSON that SQLite takes for a list.
pub(super) fn listed(ids: &[AccountId]) -> String {
    serde_json::json!(ids.iter().map(AccountId::as_str).collect::<Vec<_>>()).to_string()
}

/// What it takes to filter accounts and to put them in order. A list of a thousand is read whole for each of its pages.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LineRow {
    pub id: String,
    pub platform: String,
    pub host: String,
    pub name: String,
    pub handle: Option<String>,
    pub state: String,
    pub health: String,
    pub amber_since: Option<i64>,
    /// When the refresh token ends, or the access token where there is none.
    pub ends_at: Option<i64>,
    pub next_post_at: Option<i64>,
}

/// The lines of a workspace, in no particular order.
pub async fn lines(db: &Db, workspace: &WorkspaceId) -> Result<Vec<LineRow>, StoreError> {
    const SQL: &str = "select a.id, a.platform, a.host, a.name, a.handle, a.state, a.health, a.amber_since, \
         case when g.refresh_token is null then g.access_ends_at else g.refresh_ends_at end as ends_at, p.next_post_at \
         from accounts a join grants g on g.id = a.grant_id \
         left join (select t.account_id, min(t.due_at) as next_post_at from targets t \
            where t.state in ('scheduled', 'queued') group by t.account_id) p on p.account_id = a.id \
         where a.workspace_id = $1";
    Ok(each!(Db, db, pool => sqlx::query_as(SQL).bind(workspace.as_str()).fetch_all(pool).await)?)
}

fn card(row: Row) -> Result<CardRow, StoreError> {
    let platform = platform("accounts", &row.id, &row.platform)?;
    let standing = standing(&row.id, &row.health, row.cause.as_deref(), row.refused)?;
    Ok(CardRow {
        id: AccountId::new(row.id),
        platform,
        host: row.host,
        name: row.name,
        handle: row.handle,
        picture: row.picture,
        connected: row.state == "connected",
        standing,
        missing_scopes: words(&row.missing_scopes),
        amber_since: row.amber_since,
        access_ends_at: row.access_ends_at,
        refresh_ends_at: row.refresh_ends_at,
        has_refresh: row.has_refresh == 1,
        scheduled: row.scheduled,
        next_post_at: row.next_post_at,
        held: row.held,
    })
}
