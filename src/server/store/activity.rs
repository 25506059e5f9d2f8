//! The history of a whole workspace, page by page, and what it can be narrowed down to.

use super::{Db, StoreError, each};
use crate::domain::activity::Place;
use crate::domain::id::{AccountId, WorkspaceId};
use crate::domain::platform::Platform;

/// A line of the log.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Line {
    pub id: String,
    pub at: i64,
    pub kind: String,
    pub detail: String,
    /// Name of the member.
    pub by_name: Option<String>,
    pub account_id: Option<String>,
    pub account_name: Option<String>,
    pub platform: Option<String>,
}

impl Line {
    /// Where it stands.
    pub fn place(&self) -> Place {
        Place { at: self.at, id: self.id.clone() }
    }
}

/// Which lines are wanted.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    pub workspace: &'a WorkspaceId,
    /// Words of kinds, none for all.
    pub kinds: &'a [&'a str],
    /// Empty for all.
    pub account: &'a str,
    /// A member's id, `-` for what nobody did, empty for all.
    pub member: &'a str,
    /// Unix milliseconds.
    pub since: i64,
}

/// The lines before a place (`None`: the end of the log), the newest first.
pub async fn older(db: &Db, wanted: &Wanted<'_>, than: Option<&Place>, limit: i64) -> Result<Vec<Line>, StoreError> {
    const SQL: &str = "select e.id, e.at, e.kind, e.detail, u.name as by_name, a.id as account_id, a.name as account_name, a.platform \
         from events e left join users u on u.id = e.user_id left join accounts a on a.id = e.account_id \
         where e.workspace_id = $1 and ($2 = '' or $2 like '%,' || e.kind || ',%') and ($3 = '' or e.account_id = $3) \
         and ($4 = '' or coalesce(e.user_id, '-') = $4) and e.at >= $5 and e.at <= $6 and (e.at < $6 or e.id < $7) \
         order by e.at desc, e.id desc limit $8";
    let end = Place { at: i64::MAX, id: String::new() };
    lines(db, SQL, wanted, than.unwrap_or(&end), limit).await
}

/// The lines after a place that are closest to it, the newest first.
pub async fn newer(db: &Db, wanted: &Wanted<'_>, than: &Place, limit: i64) -> Result<Vec<Line>, StoreError> {
    const SQL: &str = "select e.id, e.at, e.kind, e.detail, u.name as by_name, a.id as account_id, a.name as account_name, a.platform \
         from events e left join users u on u.id = e.user_id left join accounts a on a.id = e.account_id \
         where e.workspace_id = $1 and ($2 = '' or $2 like '%,' || e.kind || ',%') and ($3 = '' or e.account_id = $3) \
         and ($4 = '' or coalesce(e.user_id, '-') = $4) and e.at >= $5 and e.at >= $6 and (e.at > $6 or e.id > $7) \
         order by e.at, e.id limit $8";
    let mut lines = lines(db, SQL, wanted, than, limit).await?;
    lines.reverse();
    Ok(lines)
}

async fn lines(
    db: &Db,
    sql: &'static str,
    wanted: &Wanted<'_>,
    place: &Place,
    limit: i64,
) -> Result<Vec<Line>, StoreError> {
    let kinds = if wanted.kinds.is_empty() { String::new() } else { format!(",{},", wanted.kinds.join(",")) };
    Ok(each!(Db, db, pool => {
        sqlx::query_as::<_, Line>(sql).bind(wanted.workspace.as_str()).bind(&kinds).bind(wanted.account).bind(wanted.member)
            .bind(wanted.since).bind(place.at).bind(&place.id).bind(limit).fetch_all(pool).await
    })?)
}

/// The members of a workspace, id and name, by name.
pub async fn members(db: &Db, workspace: &WorkspaceId) -> Result<Vec<(String, String)>, StoreError> {
    const SQL: &str = "select u.id, u.name from memberships m join users u on u.id = m.user_id \
         where m.workspace_id = $1 order by lower(u.name), u.id";
    Ok(each!(Db, db, pool => {
        sqlx::query_as::<_, (String, String)>(SQL).bind(workspace.as_str()).fetch_all(pool).await
    })?)
}

/// The accounts of a workspace, by name.
pub async fn accounts(db: &Db, workspace: &WorkspaceId) -> Result<Vec<(AccountId, String, Platform)>, StoreError> {
    const SQL: &str = "select id, name, platform from accounts where workspace_id = $1 order by lower(name), id";
    let rows = each!(Db, db, pool => {
        sqlx::query_as::<_, (String, String, String)>(SQL).bind(workspace.as_str()).fetch_all(pool).await
    })?;
    let known = |(id, name, platform): (String, String, String)| {
        Platform::stored(&platform).map(|platform| (AccountId::new(id), name, platform))
    };
    Ok(rows.into_iter().filter_map(known).collect())
}
