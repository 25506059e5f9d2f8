//! The one query behind the Connections page.

use super::accounts::standing;
use super::grants::words;
use super::{Db, StoreError, each};
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

/// Cards of a workspace (`only`: of one account), in no particular order.
pub async fn list(db: &Db, workspace: &WorkspaceId, only: Option<&AccountId>) -> Result<Vec<CardRow>, StoreError> {
    const SQL: &str = "select a.id, a.platform, a.host, a.name, a.handle, a.picture, a.state, a.health, a.cause, a.refused, a.missing_scopes, \
         a.amber_since, g.access_ends_at, g.refresh_ends_at, \
         cast(case when g.refresh_token is null then 0 else 1 end as bigint) as has_refresh, \
         coalesce(p.scheduled, 0) as scheduled, p.next_post_at, coalesce(p.held, 0) as held \
         from accounts a join grants g on g.id = a.grant_id \
         left join (select t.account_id, \
                cast(sum(case when t.state in ('scheduled', 'queued') then 1 else 0 end) as bigint) as scheduled, \
                min(case when t.state in ('scheduled', 'queued') then t.due_at end) as next_post_at, \
                cast(sum(case when t.state = 'held' then 1 else 0 end) as bigint) as held \
            from targets t where t.state in ('scheduled', 'queued', 'held') group by t.account_id) p on p.account_id = a.id \
         where a.workspace_id = $1 and ($2 = '' or a.id = $2)";
    let rows = each!(Db, db, pool => {
        sqlx::query_as::<_, Row>(SQL).bind(workspace.as_str()).bind(only.map_or("", AccountId::as_str)).fetch_all(pool).await
    })?;
    rows.into_iter().map(card).collect()
}

fn card(row: Row) -> Result<CardRow, StoreError> {
    let platform = Platform::stored(&row.platform)
        .ok_or_else(|| StoreError::inconsistent("accounts", &row.id, format!("unknown platform {}", row.platform)))?;
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
