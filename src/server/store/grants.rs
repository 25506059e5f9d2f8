//! Grants: one OAuth consent each, with its sealed tokens.

use super::{Db, StoreError, Tx, each, platform};
use crate::domain::id::{GrantId, UserId, WorkspaceId};
use crate::domain::platform::Platform;

/// A grant as it is stored. Its tokens stay sealed until somebody asks the vault.
#[derive(Clone, Debug)]
pub struct Grant {
    pub id: GrantId,
    pub workspace: WorkspaceId,
    pub platform: Platform,
    /// The server it lives on; empty where a platform has only one.
    pub host: String,
    pub identity_id: String,
    pub identity_name: String,
    /// The destinations were chosen.
    pub set_up: bool,
    /// Not given up by a disconnect.
    pub active: bool,
    pub scopes: Option<Vec<String>>,
    pub sealed: SealedTokens,
    pub access_issued_at: i64,
    pub access_ends_at: Option<i64>,
    pub refresh_ends_at: Option<i64>,
    pub offered: Option<Vec<u8>>,
    pub created_at: i64,
    pub refreshed_at: Option<i64>,
    pub due_at: i64,
    pub attempts: i64,
    pub epoch: i64,
}

/// Tokens as they lie in the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealedTokens {
    pub access: Option<Vec<u8>>,
    pub refresh: Option<Vec<u8>>,
    /// What they are bound to.
    pub binding: Option<Vec<u8>>,
}

/// Everything about a token pair that is written at once.
#[derive(Clone, Debug)]
pub struct TokenRow {
    pub sealed: SealedTokens,
    /// When the access token was received, Unix milliseconds.
    pub issued_at: i64,
    pub access_ends_at: Option<i64>,
    pub refresh_ends_at: Option<i64>,
    /// `None` keeps what is stored: not every answer tells.
    pub scopes: Option<Vec<String>>,
}

/// Who a grant belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    pub workspace: &'a WorkspaceId,
    pub platform: Platform,
    pub host: &'a str,
    pub identity_id: &'a str,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: String,
    workspace_id: String,
    platform: String,
    host: String,
    identity_id: String,
    identity_name: String,
    setup: String,
    state: String,
    scopes: Option<String>,
    access_token: Option<Vec<u8>>,
    refresh_token: Option<Vec<u8>>,
    binding: Option<Vec<u8>>,
    access_issued_at: i64,
    access_ends_at: Option<i64>,
    refresh_ends_at: Option<i64>,
    offered: Option<Vec<u8>>,
    created_at: i64,
    refreshed_at: Option<i64>,
    due_at: i64,
    attempts: i64,
    epoch: i64,
}

impl TryFrom<Row> for Grant {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let platform = platform("grants", &row.id, &row.platform)?;
        Ok(Self {
            id: GrantId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            platform,
            host: row.host,
            identity_id: row.identity_id,
            identity_name: row.identity_name,
            set_up: row.setup == "done",
            active: row.state == "active",
            scopes: row.scopes.map(|text| words(&text)),
            sealed: SealedTokens { access: row.access_token, refresh: row.refresh_token, binding: row.binding },
            access_issued_at: row.access_issued_at,
            access_ends_at: row.access_ends_at,
            refresh_ends_at: row.refresh_ends_at,
            offered: row.offered,
            created_at: row.created_at,
            refreshed_at: row.refreshed_at,
            due_at: row.due_at,
            attempts: row.attempts,
            epoch: row.epoch,
        })
    }
}

pub(super) fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

const COLUMNS_BY_ID: &str = "select id, workspace_id, platform, host, identity_id, identity_name, setup, state, scopes, access_token, \
     refresh_token, binding, access_issued_at, access_ends_at, refresh_ends_at, offered, created_at, refreshed_at, due_at, attempts, epoch \
     from grants where id = $1";

/// The grant of an id, whichever workspace it belongs to. For workers, and for callers that compare the workspace themselves.
pub async fn get(db: &Db, id: &GrantId) -> Result<Option<Grant>, StoreError> {
    let row = each!(Db, db, pool => {
        sqlx::query_as::<_, Row>(COLUMNS_BY_ID).bind(id.as_str()).fetch_optional(pool).await
    })?;
    row.map(Grant::try_from).transpose()
}

/// The same inside a transaction.
pub async fn get_in(tx: &mut Tx, id: &GrantId) -> Result<Option<Grant>, StoreError> {
    let row = each!(Tx, tx, t => {
        sqlx::query_as::<_, Row>(COLUMNS_BY_ID).bind(id.as_str()).fetch_optional(&mut **t).await
    })?;
    row.map(Grant::try_from).transpose()
}

/// The grant of an id, held against every other writer until the transaction ends. Whoever changes accounts of a grant
/// takes this first, so that all wait in the same order.
pub async fn lock(tx: &mut Tx, id: &GrantId) -> Result<Option<Grant>, StoreError> {
    const SQL: &str = "update grants set epoch = epoch where id = $1";
    each!(Tx, tx, t => sqlx::query(SQL).bind(id.as_str()).execute(&mut **t).await.map(drop))?;
    get_in(tx, id).await
}

/// The grant of an identity on whatever server it was seen last.
pub async fn of_identity(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    platform: Platform,
    identity_id: &str,
) -> Result<Option<GrantId>, StoreError> {
    const SQL: &str = "select id from grants where workspace_id = $1 and platform = $2 and identity_id = $3 order by created_at limit 1";
    let id = each!(Tx, tx, t => {
        sqlx::query_scalar::<_, String>(SQL).bind(workspace.as_str()).bind(platform.key()).bind(identity_id)
            .fetch_optional(&mut **t).await
    })?;
    Ok(id.map(GrantId::new))
}

/// Every grant of a person, in all workspaces; those that were given up only if `given_up`. For what a platform tells.
pub async fn of_person(db: &Db, platform: Platform, person: &str, given_up: bool) -> Result<Vec<GrantId>, StoreError> {
    const SQL: &str = "select id, identity_id, coalesce(alias, '') from grants where platform = $1 \
         and (identity_id = $2 or identity_id like $3 or alias = $2) and (state = 'active' or $4) order by created_at, id";
    let more = format!("{}/%", person.replace(['%', '_'], "_"));
    let found = each!(Db, db, pool => {
        sqlx::query_as::<_, (String, String, String)>(SQL).bind(platform.key()).bind(person).bind(&more).bind(given_up)
            .fetch_all(pool).await
    })?;
    // `like` only narrows it down: in some ids its signs are letters, and it may not tell capitals from small ones.
    let meant = |(_, id, alias): &(String, String, String)| platform.person_of(id) == person || alias == person;
    Ok(found.into_iter().filter(meant).map(|(id, ..)| GrantId::new(id)).collect())
}

/// Every active grant of a platform with a refresh token, in all workspaces.
pub async fn refreshable(db: &Db, platform: Platform) -> Result<Vec<GrantId>, StoreError> {
    const SQL: &str = "select id from grants where platform = $1 and state = 'active' and refresh_token is not null";
    let ids = each!(Db, db, pool => {
        sqlx::query_scalar::<_, String>(SQL).bind(platform.key()).fetch_all(pool).await
    })?;
    Ok(ids.into_iter().map(GrantId::new).collect())
}

/// Forgets tokens that the platform has ended, and whatever was offered with them. Who was refreshing them meanwhile can't
/// bring them back.
pub async fn forget_tokens(tx: &mut Tx, id: &GrantId) -> Result<(), StoreError> {
    const SQL: &str = "update grants set access_token = null, refresh_token = null, binding = null, offered = null, lease_owner = null, \
         lease_ends_at = null, epoch = epoch + 1 where id = $1";
    const ACCOUNTS: &str = "update accounts set token = null where grant_id = $1";
    super::journal::settled(tx, id).await?;
    each!(Tx, tx, t => sqlx::query(SQL).bind(id.as_str()).execute(&mut **t).await.map(drop))?;
    each!(Tx, tx, t => sqlx::query(ACCOUNTS).bind(id.as_str()).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// Forgets the name of the person who consented. The id stays: by it a reconnect is recognised.
pub async fn forget_person(tx: &mut Tx, id: &GrantId) -> Result<(), StoreError> {
    const SQL: &str = "update grants set identity_name = '' where id = $1";
    each!(Tx, tx, t => sqlx::query(SQL).bind(id.as_str()).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// The grant of an identity, if this workspace has one, or `fresh` put in its place as an empty one.
///
/// The id must be known before tokens can be sealed for it; so the row comes first and its tokens follow in the same transaction.
pub async fn find_or_create(
    tx: &mut Tx,
    key: Key<'_>,
    fresh: &GrantId,
    by: &UserId,
    now: i64,
) -> Result<(GrantId, bool), StoreError> {
    const INSERT: &str = "insert into grants (id, workspace_id, platform, host, identity_id, identity_name, setup, state, \
         access_issued_at, consented_by, created_at, due_at) values ($1, $2, $3, $4, $5, '', 'required', 'active', $6, $7, $6, $6) \
         on conflict (workspace_id, platform, host, identity_id) do nothing";
    const FIND: &str =
        "select id from grants where workspace_id = $1 and platform = $2 and host = $3 and identity_id = $4";
    let inserted = each!(Tx, tx, t => {
        sqlx::query(INSERT).bind(fresh.as_str()).bind(key.workspace.as_str()).bind(key.platform.key()).bind(key.host)
            .bind(key.identity_id).bind(now).bind(by.as_str()).execute(&mut **t).await.map(|done| done.rows_affected())
    })?;
    if inserted == 1 {
        return Ok((fresh.clone(), true));
    }
    let id = each!(Tx, tx, t => {
        sqlx::query_scalar::<_, String>(FIND).bind(key.workspace.as_str()).bind(key.platform.key()).bind(key.host)
            .bind(key.identity_id).fetch_one(&mut **t).await
    })?;
    Ok((GrantId::new(id), false))
}

/// Stores what a new consent brought. It takes the lease of whoever was refreshing: their answer belongs to the tokens before.
pub async fn consented(
    tx: &mut Tx,
    id: &GrantId,
    name: &str,
    tokens: &TokenRow,
    offered: Option<&[u8]>,
    by: &UserId,
    due_at: i64,
) -> Result<(), StoreError> {
    const SQL: &str = "update grants set identity_name = $2, state = 'active', access_token = $3, \
         refresh_token = coalesce($4, refresh_token), binding = $12, access_issued_at = $5, access_ends_at = $6, refresh_ends_at = $7, \
         scopes = coalesce($8, scopes), offered = coalesce($9, offered), consented_by = $10, refreshed_at = $5, due_at = $11, \
         attempts = 0, setup = case when state = 'given-up' then 'required' else setup end, lease_owner = null, lease_ends_at = null, epoch = epoch + 1 where id = $1";
    let scopes = tokens.scopes.as_ref().map(|s| s.join(" "));
    super::journal::settled(tx, id).await?;
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(id.as_str()).bind(name).bind(tokens.sealed.access.as_deref()).bind(tokens.sealed.refresh.as_deref())
            .bind(tokens.issued_at).bind(tokens.access_ends_at).bind(tokens.refresh_ends_at).bind(scopes.as_deref())
            .bind(offered).bind(by.as_str()).bind(due_at).bind(tokens.sealed.binding.as_deref()).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// The platform speaks of this person by another id as well.
pub async fn also_known_as(tx: &mut Tx, id: &GrantId, alias: &str) -> Result<(), StoreError> {
    const SQL: &str = "update grants set alias = $2 where id = $1";
    each!(Tx, tx, t => sqlx::query(SQL).bind(id.as_str()).bind(alias).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// The identity moved to another server and took its accounts along.
pub async fn moved(tx: &mut Tx, id: &GrantId, host: &str) -> Result<(), StoreError> {
    const GRANT: &str = "update grants set host = $2 where id = $1";
    const ACCOUNTS: &str = "update accounts set host = $2 where grant_id = $1";
    each!(Tx, tx, t => sqlx::query(GRANT).bind(id.as_str()).bind(host).execute(&mut **t).await.map(drop))?;
    each!(Tx, tx, t => sqlx::query(ACCOUNTS).bind(id.as_str()).bind(host).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// The platform has given what this identity stands for another id, if it is the one that the grant is known by.
pub async fn renamed(tx: &mut Tx, id: &GrantId, old: &str, new: &str) -> Result<(), StoreError> {
    const SQL: &str = "update grants set identity_id = $3 where id = $1 and identity_id = $2 and not exists (select 1 from grants other \
         where other.workspace_id = grants.workspace_id and other.platform = grants.platform and other.host = grants.host \
         and other.identity_id = $3)";
    each!(Tx, tx, t => sqlx::query(SQL).bind(id.as_str()).bind(old).bind(new).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// The destinations of a consent were chosen. The grant is due at once: nobody has seen yet whether they all work.
pub async fn set_up_done(tx: &mut Tx, id: &GrantId, now: i64) -> Result<(), StoreError> {
    const SQL: &str = "update grants set setup = 'done', due_at = $2 where id = $1";
    each!(Tx, tx, t => sqlx::query(SQL).bind(id.as_str()).bind(now).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// Forgets the tokens of a grant. Its row stays, so that its accounts keep their history and a reconnect finds it.
pub async fn give_up(tx: &mut Tx, id: &GrantId) -> Result<(), StoreError> {
    const SQL: &str = "update grants set state = 'given-up', access_token = null, refresh_token = null, binding = null, offered = null, \
         lease_owner = null, lease_ends_at = null, epoch = epoch + 1 where id = $1";
    super::journal::settled(tx, id).await?;
    each!(Tx, tx, t => sqlx::query(SQL).bind(id.as_str()).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// Deletes a grant that carries no account.
pub async fn delete(tx: &mut Tx, id: &GrantId) -> Result<(), StoreError> {
    const SQL: &str = "delete from grants where id = $1";
    each!(Tx, tx, t => sqlx::query(SQL).bind(id.as_str()).execute(&mut **t).await.map(drop))?;
    Ok(())
}

/// Active consents of a workspace whose destinations were never chosen.
pub async fn waiting_for_setup(db: &Db, workspace: &WorkspaceId) -> Result<Vec<Grant>, StoreError> {
    const SQL: &str = "select id from grants where workspace_id = $1 and setup = 'required' and state = 'active' \
         order by created_at";
    let ids = each!(Db, db, pool => {
        sqlx::query_scalar::<_, String>(SQL).bind(workspace.as_str()).fetch_all(pool).await
    })?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(get(db, &GrantId::new(id)).await?);
    }
    Ok(found)
}

/// How many other active grants, in any workspace, hold the consent of the same person on the same platform.
/// Several platforms revoke per person and app: giving back one consent would end those too.
pub async fn others_of_identity(
    db: &Db,
    platform: Platform,
    host: &str,
    identity_id: &str,
    except: Option<&GrantId>,
) -> Result<i64, StoreError> {
    const SQL: &str = "select count(*) from grants where platform in ($1, $5) and host = $2 \
         and (identity_id = $3 or identity_id = $6 or identity_id like $7) and state = 'active' and id <> $4";
    let person = platform.person_of(identity_id);
    let kin = platform.ends_together_with();
    // Ids of people are digits where there is kin: nothing in them means anything to LIKE.
    let channels = if kin.is_some() { format!("{person}/%") } else { String::new() };
    let kin = kin.unwrap_or(platform).key();
    let count = each!(Db, db, pool => {
        sqlx::query_scalar::<_, i64>(SQL).bind(platform.key()).bind(host).bind(identity_id)
            .bind(except.map_or("", GrantId::as_str)).bind(kin).bind(person).bind(channels.as_str()).fetch_one(pool).await
    })?;
    Ok(count)
}
