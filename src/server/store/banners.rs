//! What the banners name, and which of them a member has put away for a while.

use super::{Db, StoreError, Tx, each, platform};
use crate::domain::banner::{Trouble, Troubled};
use crate::domain::health::Health;
use crate::domain::id::{AccountId, UserId, WorkspaceId};

/// An account that is amber or whose token ends soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub troubled: Troubled,
    pub has_refresh: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    platform: String,
    name: String,
    health: String,
    amber_since: Option<i64>,
    ends_at: Option<i64>,
    has_refresh: i64,
    held: i64,
    next_post_at: Option<i64>,
}

/// The connected accounts of a workspace that are amber, and those that are green and whose token (the refresh token, where
/// there is one) ends after `now` and not after `until`, unless this member has put them away.
pub async fn standing(
    db: &Db,
    workspace: &WorkspaceId,
    user: &UserId,
    now: i64,
    until: i64,
) -> Result<Vec<Standing>, StoreError> {
    const SQL: &str = "select a.id, a.platform, a.name, a.health, a.amber_since, \
         case when g.refresh_token is null then g.access_ends_at else g.refresh_ends_at end as ends_at, \
         cast(case when g.refresh_token is null then 0 else 1 end as bigint) as has_refresh, \
         (select count(*) from targets t where t.account_id = a.id and t.state = 'held') as held, \
         (select min(t.due_at) from targets t where t.account_id = a.id and t.state in ('scheduled', 'queued')) as next_post_at \
         from accounts a join grants g on g.id = a.grant_id \
         where a.workspace_id = $1 and a.state = 'connected' and (a.health = 'needs-reconnect' or ( \
            case when g.refresh_token is null then g.access_ends_at else g.refresh_ends_at end > $3 \
            and case when g.refresh_token is null then g.access_ends_at else g.refresh_ends_at end <= $4 \
            and not exists (select 1 from dismissals d where d.user_id = $2 and d.account_id = a.id and d.until > $3)))";
    let rows = each!(Db, db, pool => {
        sqlx::query_as::<_, Row>(SQL).bind(workspace.as_str()).bind(user.as_str()).bind(now).bind(until).fetch_all(pool).await
    })?;
    rows.into_iter().map(one).collect()
}

fn one(row: Row) -> Result<Standing, StoreError> {
    let platform = platform("accounts", &row.id, &row.platform)?;
    let trouble = if row.health == Health::NeedsReconnect.key() {
        let since = row.amber_since.unwrap_or_default();
        Trouble::Broken { since, held: row.held > 0, next_post_at: row.next_post_at }
    } else {
        Trouble::Ending { at: row.ends_at.unwrap_or_default() }
    };
    let troubled = Troubled { account: AccountId::new(row.id), platform, name: row.name, trouble };
    Ok(Standing { troubled, has_refresh: row.has_refresh == 1 })
}

/// Puts an account away for a member until then (Unix milliseconds).
pub async fn dismiss(tx: &mut Tx, user: &UserId, account: &AccountId, until: i64) -> Result<(), StoreError> {
    const SQL: &str = "insert into dismissals (user_id, account_id, until) values ($1, $2, $3) \
         on conflict (user_id, account_id) do update set until = excluded.until";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(user.as_str()).bind(account.as_str()).bind(until).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// Forgets what a member put away for a while that is over.
pub async fn forget(tx: &mut Tx, user: &UserId, now: i64) -> Result<(), StoreError> {
    const SQL: &str = "delete from dismissals where user_id = $1 and until <= $2";
    each!(Tx, tx, t => sqlx::query(SQL).bind(user.as_str()).bind(now).execute(&mut **t).await.map(drop))?;
    Ok(())
}
