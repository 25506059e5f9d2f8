//! What members may have to be reminded of: incidents that stay open, and access that ends (SPEC A-4).

use super::{Db, StoreError, Tx, each, platform};
use crate::domain::id::{AccountId, IncidentId, WorkspaceId};
use crate::domain::platform::Platform;

/// An incident that stays open.
#[derive(Clone, Debug)]
pub struct Open {
    pub incident: IncidentId,
    pub workspace: WorkspaceId,
    pub account: AccountId,
    pub opened_at: i64,
    /// How many of its reminders were written.
    pub step: i64,
    /// The workspace's zone.
    pub zone: String,
}

/// Open incidents of connected accounts that began at `before` or earlier, after the incident `after` (empty: the first).
pub async fn open_incidents(db: &Db, before: i64, after: &str, limit: i64) -> Result<Vec<Open>, StoreError> {
    const SQL: &str = "select n.id, n.workspace_id, n.account_id, n.opened_at, n.step, w.zone from incidents n \
         join accounts a on a.id = n.account_id join workspaces w on w.id = n.workspace_id \
         where n.closed_at is null and n.opened_at <= $1 and n.id > $2 and a.state = 'connected' order by n.id limit $3";
    let rows: Vec<(String, String, String, i64, i64, String)> =
        each!(Db, db, pool => sqlx::query_as(SQL).bind(before).bind(after).bind(limit).fetch_all(pool).await)?;
    Ok(rows
        .into_iter()
        .map(|(incident, workspace, account, opened_at, step, zone)| Open {
            incident: IncidentId::new(incident),
            workspace: WorkspaceId::new(workspace),
            account: AccountId::new(account),
            opened_at,
            step,
            zone,
        })
        .collect())
}

/// Takes the reminder number `step` of an open incident. `false` if it was written already, or the incident has ended.
pub async fn take_step(tx: &mut Tx, incident: &IncidentId, step: i64) -> Result<bool, StoreError> {
    const SQL: &str = "update incidents set step = $2 where id = $1 and step < $2 and closed_at is null";
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(incident.as_str()).bind(step).execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// A healthy account whose access has a known end.
#[derive(Clone, Debug)]
pub struct Ending {
    pub account: AccountId,
    pub workspace: WorkspaceId,
    pub platform: Platform,
    /// Unix milliseconds.
    pub ends_at: i64,
    pub has_refresh: bool,
    /// Since when the present token is known, Unix milliseconds.
    pub issued_at: i64,
    /// End and days before it that the last reminder was about.
    pub reminded: Option<(i64, i64)>,
    pub zone: String,
}

#[derive(sqlx::FromRow)]
struct EndingRow {
    id: String,
    workspace_id: String,
    platform: String,
    ends_at: i64,
    has_refresh: i64,
    issued_at: i64,
    reminded_end: Option<i64>,
    reminded_days: Option<i64>,
    zone: String,
}

/// Healthy, connected accounts whose access ends after `now` and at `until` or earlier, after the account `after`.
pub async fn endings(db: &Db, now: i64, until: i64, after: &str, limit: i64) -> Result<Vec<Ending>, StoreError> {
    const SQL: &str = "select a.id, a.workspace_id, a.platform, case when g.refresh_token is null then g.access_ends_at else g.refresh_ends_at end as ends_at, \
         cast(case when g.refresh_token is null then 0 else 1 end as bigint) as has_refresh, g.access_issued_at as issued_at, \
         a.reminded_end, a.reminded_days, w.zone from accounts a join grants g on g.id = a.grant_id join workspaces w on w.id = a.workspace_id \
         where a.state = 'connected' and a.health = 'healthy' and a.id > $3 \
         and (case when g.refresh_token is null then g.access_ends_at else g.refresh_ends_at end) > $1 \
         and (case when g.refresh_token is null then g.access_ends_at else g.refresh_ends_at end) <= $2 order by a.id limit $4";
    let rows: Vec<EndingRow> =
        each!(Db, db, pool => sqlx::query_as(SQL).bind(now).bind(until).bind(after).bind(limit).fetch_all(pool).await)?;
    rows.into_iter().map(ending).collect()
}

fn ending(row: EndingRow) -> Result<Ending, StoreError> {
    let platform = platform("accounts", &row.id, &row.platform)?;
    Ok(Ending {
        account: AccountId::new(row.id),
        workspace: WorkspaceId::new(row.workspace_id),
        platform,
        ends_at: row.ends_at,
        has_refresh: row.has_refresh == 1,
        issued_at: row.issued_at,
        reminded: row.reminded_end.zip(row.reminded_days),
        zone: row.zone,
    })
}

/// Takes the reminder of an account that its access ends at `ends_at` in `days` days. `false` if it was written already.
pub async fn take_ending(tx: &mut Tx, account: &AccountId, ends_at: i64, days: i64) -> Result<bool, StoreError> {
    const SQL: &str = "update accounts set reminded_end = $2, reminded_days = $3 where id = $1 \
         and (reminded_end is null or reminded_end <> $2 or reminded_days > $3)";
    let rows = each!(Tx, tx, t => {
        sqlx::query(SQL).bind(account.as_str()).bind(ends_at).bind(days).execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}
