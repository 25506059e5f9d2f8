//! Accounts: one connected destination each.

use super::grants::words;
use super::{Db, StoreError, Tx, each, platform};
use crate::domain::health::{Cause, Health, Standing};
use crate::domain::id::{AccountId, GrantId, UserId, WorkspaceId};
use crate::domain::platform::Platform;

/// An account as it is stored.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: AccountId,
    pub workspace: WorkspaceId,
    pub grant: GrantId,
    pub platform: Platform,
    pub host: String,
    /// Its id on the platform.
    pub external_id: String,
    pub name: String,
    pub handle: Option<String>,
    pub link: Option<String>,
    /// Hash of our copy of its picture.
    pub picture: Option<String>,
    pub token: Option<Vec<u8>>,
    pub connected: bool,
    pub standing: Standing,
    pub missing_scopes: Vec<String>,
    pub amber_since: Option<i64>,
    pub unusable: Option<String>,
    pub connected_by: Option<UserId>,
    pub connected_at: i64,
    pub checked_at: Option<i64>,
}

/// What the platform tells about a destination.
#[derive(Clone, Debug)]
pub struct Described<'a> {
    pub external_id: &'a str,
    pub name: &'a str,
    pub handle: Option<&'a str>,
    pub link: Option<&'a str>,
    pub unusable: Option<&'a str>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    workspace_id: String,
    grant_id: String,
    platform: String,
    host: String,
    external_id: String,
    name: String,
    handle: Option<String>,
    link: Option<String>,
    picture: Option<String>,
    token: Option<Vec<u8>>,
    state: String,
    health: String,
    cause: Option<String>,
    missing_scopes: String,
    amber_since: Option<i64>,
    refused: i64,
    unusable: Option<String>,
    connected_by: Option<String>,
    connected_at: i64,
    checked_at: Option<i64>,
}

impl TryFrom<Row> for Account {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let platform = platform("accounts", &row.id, &row.platform)?;
        let standing = standing(&row.id, &row.health, row.cause.as_deref(), row.refused)?;
        Ok(Self {
            id: AccountId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            grant: GrantId::new(row.grant_id),
            platform,
            host: row.host,
            external_id: row.external_id,
            name: row.name,
            handle: row.handle,
            link: row.link,
            picture: row.picture,
            token: row.token,
            connected: row.state == "connected",
            standing,
            missing_scopes: words(&row.missing_scopes),
            amber_since: row.amber_since,
            unusable: row.unusable,
            connected_by: row.connected_by.map(UserId::new),
            connected_at: row.connected_at,
            checked_at: row.checked_at,
        })
    }
}

pub(super) fn standing(id: &str, health: &str, cause: Option<&str>, refused: i64) -> Result<Standing, StoreError> {
    let wrong = |what: &str| StoreError::inconsistent("accounts", id, what);
    let cause = match cause {
        Some(key) => Some(Cause::from_key(key).ok_or_else(|| wrong("unknown cause"))?),
        None => None,
    };
    Ok(Standing { health: self::health(id, health)?, cause, refused: u32::try_from(refused).unwrap_or(0) })
}

/// The health that a word of the account `id` means.
///
/// # Errors
/// When it means none.
pub fn health(id: &str, word: &str) -> Result<Health, StoreError> {
    match word {
        "healthy" => Ok(Health::Healthy),
        "needs-reconnect" => Ok(Health::NeedsReconnect),
        _ => Err(StoreError::inconsistent("accounts", id, "unknown health")),
    }
}

const BY_ID: &str = "select id, workspace_id, grant_id, platform, host, external_id, name, handle, link, picture, token, state, health, cause, \
     missing_scopes, amber_since, refused, unusable, connected_by, connected_at, checked_at from accounts \
     where id = $1 and workspace_id = $2";

/// One account of a workspace.
pub async fn get(db: &Db, workspace: &WorkspaceId, id: &AccountId) -> Result<Option<Account>, StoreError> {
    let row = each!(Db, db, pool => {
        sqlx::query_as::<_, Row>(BY_ID).bind(id.as_str()).bind(workspace.as_str()).fetch_optional(pool).await
    })?;
    row.map(Account::try_from).transpose()
}

const BY_ID_ALONE: &str = "select id, workspace_id, grant_id, platform, host, external_id, name, handle, link, picture, token, state, health, cause, \
     missing_scopes, amber_since, refused, unusable, connected_by, connected_at, checked_at from accounts where id = $1";

/// One account inside a transaction, for callers that know it is of their workspace.
pub async fn get_in(tx: &mut Tx, id: &AccountId) -> Result<Option<Account>, StoreError> {
    let row =
        each!(Tx, tx, t => sqlx::query_as::<_, Row>(BY_ID_ALONE).bind(id.as_str()).fetch_optional(&mut **t).await)?;
    row.map(Account::try_from).transpose()
}

const BY_GRANT: &str = "select id, workspace_id, grant_id, platform, host, external_id, name, handle, link, picture, token, state, health, cause, \
     missing_scopes, amber_since, refused, unusable, connected_by, connected_at, checked_at from accounts \
     where grant_id = $1 order by name, id";

/// All accounts of a grant, connected or not.
pub async fn of_grant(db: &Db, grant: &GrantId) -> Result<Vec<Account>, StoreError> {
    let rows = each!(Db, db, pool => sqlx::query_as::<_, Row>(BY_GRANT).bind(grant.as_str()).fetch_all(pool).await)?;
    rows.into_iter().map(Account::try_from).collect()
}

/// The same inside a transaction.
pub async fn of_grant_in(tx: &mut Tx, grant: &GrantId) -> Result<Vec<Account>, StoreError> {
    let rows = each!(Tx, tx, t => sqlx::query_as::<_, Row>(BY_GRANT).bind(grant.as_str()).fetch_all(&mut **t).await)?;
    rows.into_iter().map(Account::try_from).collect()
}

/// Active grants of a workspace that carry connected accounts, each with how many.
pub async fn connected_by_grant(db: &Db, workspace: &WorkspaceId) -> Result<Vec<(GrantId, u32)>, StoreError> {
    const SQL: &str = "select g.id, count(*) from grants g join accounts a on a.grant_id = g.id \
         where g.workspace_id = $1 and g.state = 'active' and a.state = 'connected' group by g.id order by min(a.name), g.id";
    let rows = each!(Db, db, pool => {
        sqlx::query_as::<_, (String, i64)>(SQL).bind(workspace.as_str()).fetch_all(pool).await
    })?;
    Ok(rows.into_iter().map(|(id, count)| (GrantId::new(id), u32::try_from(count).unwrap_or(0))).collect())
}

/// The account of a destination, if the workspace has it (connected or not).
pub async fn find(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    platform: Platform,
    host: &str,
    external_id: &str,
) -> Result<Option<AccountId>, StoreError> {
    const SQL: &str =
        "select id from accounts where workspace_id = $1 and platform = $2 and host = $3 and external_id = $4";
    let id = each!(Tx, tx, t => {
        sqlx::query_scalar::<_, String>(SQL).bind(workspace.as_str()).bind(platform.key()).bind(host).bind(external_id)
            .fetch_optional(&mut **t).await
    })?;
    Ok(id.map(AccountId::new))
}

/// External ids of the workspace's connected accounts of one platform.
pub async fn connected_ids(
    db: &Db,
    workspace: &WorkspaceId,
    platform: Platform,
    host: &str,
) -> Result<Vec<String>, StoreError> {
    const SQL: &str = "select external_id from accounts where workspace_id = $1 and platform = $2 and host = $3 and state = 'connected'";
    Ok(each!(Db, db, pool => {
        sqlx::query_scalar::<_, String>(SQL).bind(workspace.as_str()).bind(platform.key()).bind(host).fetch_all(pool).await
    })?)
}

/// How many accounts of the workspace are connected: what the plan's limit counts.
pub async fn count_connected(db: &Db, workspace: &WorkspaceId) -> Result<usize, StoreError> {
    let count = each!(Db, db, pool => {
        sqlx::query_scalar::<_, i64>(COUNT).bind(workspace.as_str()).fetch_one(pool).await
    })?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// How many connected accounts of the workspace are amber.
pub async fn count_amber(db: &Db, workspace: &WorkspaceId) -> Result<i64, StoreError> {
    const SQL: &str =
        "select count(*) from accounts where workspace_id = $1 and state = 'connected' and health = 'needs-reconnect'";
    Ok(each!(Db, db, pool => sqlx::query_scalar::<_, i64>(SQL).bind(workspace.as_str()).fetch_one(pool).await)?)
}

const COUNT: &str = "select count(*) from accounts where workspace_id = $1 and state = 'connected'";

/// The same inside a transaction. On PostgreSQL it first locks the workspace's row, so that two members
/// who connect at once can't both take the last place.
pub async fn count_connected_in(tx: &mut Tx, workspace: &WorkspaceId) -> Result<usize, StoreError> {
    const LOCK: &str = "update workspaces set name = name where id = $1";
    each!(Tx, tx, t => sqlx::query(LOCK).bind(workspace.as_str()).execute(&mut **t).await.map(drop))?;
    let count = each!(Tx, tx, t => {
        sqlx::query_scalar::<_, i64>(COUNT).bind(workspace.as_str()).fetch_one(&mut **t).await
    })?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Puts a new account under a grant. Its health is the fresh one; from here on only the lifecycle changes it.
pub async fn insert(
    tx: &mut Tx,
    id: &AccountId,
    grant: &super::grants::Grant,
    what: &Described<'_>,
    by: &UserId,
    now: i64,
) -> Result<(), StoreError> {
    const SQL: &str = "insert into accounts (id, workspace_id, grant_id, platform, host, external_id, name, handle, link, unusable, state, \
         health, connected_by, connected_at, checked_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'connected', 'healthy', $11, $12, $12)";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(id.as_str()).bind(grant.workspace.as_str()).bind(grant.id.as_str()).bind(grant.platform.key())
            .bind(&grant.host).bind(what.external_id).bind(what.name).bind(what.handle).bind(what.link).bind(what.unusable)
            .bind(by.as_str()).bind(now).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// Ties an account that exists to the grant that now carries it, connected again.
pub async fn attach(tx: &mut Tx, id: &AccountId, grant: &GrantId, what: &Described<'_>) -> Result<(), StoreError> {
    const SQL: &str = "update accounts set grant_id = $2, name = $3, handle = $4, link = coalesce($5, link), unusable = $6, state = 'connected' \
         where id = $1";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(id.as_str()).bind(grant.as_str()).bind(what.name).bind(what.handle).bind(what.link)
            .bind(what.unusable).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// Stores the sealed token of a destination that has one of its own.
pub async fn set_token(tx: &mut Tx, id: &AccountId, token: Option<&[u8]>) -> Result<(), StoreError> {
    const SQL: &str = "update accounts set token = $2 where id = $1";
    each!(Tx, tx, t => sqlx::query(SQL).bind(id.as_str()).bind(token).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// Gives up the account's connection; everything else stays.
pub async fn disconnect(tx: &mut Tx, id: &AccountId) -> Result<(), StoreError> {
    const SQL: &str = "update accounts set state = 'disconnected', token = null where id = $1";
    each!(Tx, tx, t => sqlx::query(SQL).bind(id.as_str()).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// Deletes the account; targets, events and incidents go with it.
pub async fn delete(tx: &mut Tx, id: &AccountId) -> Result<(), StoreError> {
    const SQL: &str = "delete from accounts where id = $1";
    each!(Tx, tx, t => sqlx::query(SQL).bind(id.as_str()).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// Forgets the pictures of a grant's accounts, except where another account shows the same one.
pub async fn forget_pictures(tx: &mut Tx, grant: &GrantId) -> Result<(), StoreError> {
    const PICTURES: &str = "delete from pictures where hash in (select picture from accounts where grant_id = $1) \
         and not exists (select 1 from accounts where picture = pictures.hash and grant_id <> $1)";
    const ACCOUNTS: &str = "update accounts set picture = null where grant_id = $1";
    each!(Tx, tx, t => sqlx::query(PICTURES).bind(grant.as_str()).execute(&mut **t).await.map(drop))?;
    each!(Tx, tx, t => sqlx::query(ACCOUNTS).bind(grant.as_str()).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// Our copy of the account's picture.
pub async fn set_picture(tx: &mut Tx, id: &AccountId, hash: &str) -> Result<(), StoreError> {
    const SQL: &str = "update accounts set picture = $2 where id = $1";
    each!(Tx, tx, t => sqlx::query(SQL).bind(id.as_str()).bind(hash).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// A name and handle that a probe brought along.
pub async fn set_profile(tx: &mut Tx, id: &AccountId, name: &str, handle: Option<&str>) -> Result<(), StoreError> {
    const SQL: &str = "update accounts set name = $2, handle = coalesce($3, handle) where id = $1";
    each!(Tx, tx, t => sqlx::query(SQL).bind(id.as_str()).bind(name).bind(handle).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// The platform has given the destination another id. One that is connected under that id already keeps it.
pub async fn renamed(tx: &mut Tx, account: &Account, external_id: &str) -> Result<(), StoreError> {
    const SQL: &str = "update accounts set external_id = $2 where id = $1 and not exists (select 1 from accounts other \
         where other.workspace_id = accounts.workspace_id and other.platform = accounts.platform and other.host = accounts.host \
         and other.external_id = $2)";
    each!(Tx, tx, t => sqlx::query(SQL).bind(account.id.as_str()).bind(external_id).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// Marks that the account was looked at through this grant and answers where it stands, holding its row until the
/// transaction ends. `None` if it is gone, disconnected, or carried by another grant now.
pub async fn looked_at(tx: &mut Tx, id: &AccountId, grant: &GrantId, now: i64) -> Result<Option<Standing>, StoreError> {
    const SQL: &str = "update accounts set checked_at = $2 where id = $1 and grant_id = $3 and state = 'connected' returning health, cause, refused";
    let row = each!(Tx, tx, t => {
        sqlx::query_as::<_, (String, Option<String>, i64)>(SQL).bind(id.as_str()).bind(now).bind(grant.as_str()).fetch_optional(&mut **t).await
    })?;
    row.map(|(health, cause, refused)| standing(id.as_str(), &health, cause.as_deref(), refused)).transpose()
}

/// Writes where an account stands. Called by `service::lifecycle` only.
pub async fn set_standing(
    tx: &mut Tx,
    id: &AccountId,
    standing: &Standing,
    missing_scopes: &[String],
    amber_since: Option<i64>,
) -> Result<(), StoreError> {
    const SQL: &str = "update accounts set health = $2, cause = $3, refused = $4, missing_scopes = $5, \
         amber_since = case when $2 = 'healthy' then null else coalesce(amber_since, $6) end where id = $1";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(id.as_str()).bind(standing.health.key()).bind(standing.cause.map(Cause::key))
            .bind(i64::from(standing.refused)).bind(missing_scopes.join(" ")).bind(amber_since).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}
