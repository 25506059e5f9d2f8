//! Posts and their targets, as far as the Connections page counts them. Composer and publisher come later.

use super::{Db, StoreError, Tx, cards, each};
use crate::domain::id::{AccountId, UserId, WorkspaceId};

/// A post with one target, as the demo plans it.
#[derive(Clone, Debug)]
pub struct Planned<'a> {
    pub post: &'a str,
    pub target: &'a str,
    pub workspace: &'a WorkspaceId,
    pub author: &'a UserId,
    pub account: &'a AccountId,
    pub body: &'a str,
    /// `scheduled` or `held`.
    pub state: &'static str,
    pub due_at: i64,
    pub now: i64,
}

/// Stores a post and its target.
pub async fn plan(tx: &mut Tx, planned: &Planned<'_>) -> Result<(), StoreError> {
    const POST: &str = "insert into posts (id, workspace_id, author_id, body, created_at) values ($1, $2, $3, $4, $5)";
    const TARGET: &str = "insert into targets (id, post_id, account_id, state, due_at) values ($1, $2, $3, $4, $5)";
    each!(Tx, tx, t => {
        sqlx::query(POST).bind(planned.post).bind(planned.workspace.as_str()).bind(planned.author.as_str()).bind(planned.body)
            .bind(planned.now).execute(&mut **t).await.map(drop)
    })?;
    each!(Tx, tx, t => {
        sqlx::query(TARGET).bind(planned.target).bind(planned.post).bind(planned.account.as_str()).bind(planned.state)
            .bind(planned.due_at).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// A post that is scheduled for a time at which the account's token, as it is now, will have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    pub account: AccountId,
    pub due_at: i64,
    /// Whether a refresh token stands behind the account; then it is that one's end.
    pub has_refresh: bool,
}

macro_rules! after_token_where {
    ($which:literal) => {
        concat!(
            "select t.account_id, t.due_at, \
             cast(case when g.refresh_token is null then 0 else 1 end as bigint) as has_refresh \
             from targets t join accounts a on a.id = t.account_id join grants g on g.id = a.grant_id \
             where a.workspace_id = $1 and ",
            $which,
            " and a.state = 'connected' and t.state in ('scheduled', 'queued') \
             and t.due_at >= case when g.refresh_token is null then g.access_ends_at else g.refresh_ends_at end \
             order by t.account_id, t.due_at"
        )
    };
}

/// Such posts of these accounts, as far as they are connected and the workspace's.
pub async fn after_token(db: &Db, workspace: &WorkspaceId, among: &[AccountId]) -> Result<Vec<Late>, StoreError> {
    const POSTGRES: &str = after_token_where!("a.id = any($2)");
    const SQLITE: &str = after_token_where!("a.id in (select value from json_each($2))");
    let rows: Vec<(String, i64, i64)> = match db {
        Db::Postgres(pool) => {
            let ids: Vec<&str> = among.iter().map(AccountId::as_str).collect();
            sqlx::query_as(POSTGRES).bind(workspace.as_str()).bind(ids).fetch_all(pool).await?
        }
        Db::Sqlite(pool, _) => {
            sqlx::query_as(SQLITE).bind(workspace.as_str()).bind(cards::listed(among)).fetch_all(pool).await?
        }
    };
    let late = |(account, due_at, has_refresh): (String, i64, i64)| Late {
        account: AccountId::new(account),
        due_at,
        has_refresh: has_refresh == 1,
    };
    Ok(rows.into_iter().map(late).collect())
}

/// How many posts only this account has: they go with it.
pub async fn count_of_account(db: &Db, account: &AccountId) -> Result<i64, StoreError> {
    const SQL: &str = "select count(distinct t.post_id) from targets t where t.account_id = $1 \
         and not exists (select 1 from targets o where o.post_id = t.post_id and o.account_id <> t.account_id)";
    Ok(each!(Db, db, pool => sqlx::query_scalar::<_, i64>(SQL).bind(account.as_str()).fetch_one(pool).await)?)
}

/// Deletes posts of a workspace that have no target any more.
pub async fn delete_orphans(tx: &mut Tx, workspace: &WorkspaceId) -> Result<(), StoreError> {
    const SQL: &str =
        "delete from posts where workspace_id = $1 and not exists (select 1 from targets t where t.post_id = posts.id)";
    each!(Tx, tx, t => sqlx::query(SQL).bind(workspace.as_str()).execute(&mut **t).await.map(drop))?;
    Ok(())
}
