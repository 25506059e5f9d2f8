//! What the database remembers of the vault's keys: never a key, only which one it was.

use sqlx::FromRow;

use super::{Db, StoreError, Tx, each};

/// Whether a key seals or is on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    Active,
    Retiring,
}

/// A key's note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    pub id: String,
    pub fingerprint: String,
    pub state: KeyState,
}

#[derive(FromRow)]
struct Row {
    id: String,
    fingerprint: String,
    state: String,
}

const LIST: &str = "select id, fingerprint, state from vault_keys order by created_at, id";

/// All keys that may have sealed something.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &Db) -> Result<Vec<KeyRow>, StoreError> {
    let rows: Vec<Row> = each!(Db, db, pool => sqlx::query_as(LIST).fetch_all(pool).await)?;
    let state = |key: &str| if key == "active" { KeyState::Active } else { KeyState::Retiring };
    Ok(rows
        .into_iter()
        .map(|row| KeyRow { state: state(&row.state), id: row.id, fingerprint: row.fingerprint })
        .collect())
}

// PostgreSQL would let two first starts both find the table empty. SQLite has one writer at a time anyway.
const ONE_AT_A_TIME: &str = "lock table vault_keys in share row exclusive mode";
const PUT_FIRST: &str = "insert into vault_keys (id, fingerprint, state, created_at) \
    select $1, $2, 'active', $3 where not exists (select 1 from vault_keys)";

/// Notes the first key. If there is one already, it stays.
///
/// # Errors
/// When the database does not answer.
pub async fn put_first(tx: &mut Tx, id: &str, fingerprint: &str, now: i64) -> Result<(), StoreError> {
    if let Tx::Postgres(tx) = tx {
        sqlx::query(ONE_AT_A_TIME).execute(&mut **tx).await?;
    }
    each!(Tx, tx, tx => sqlx::query(PUT_FIRST).bind(id).bind(fingerprint).bind(now).execute(&mut **tx).await.map(drop))?;
    Ok(())
}

const RETIRE_OTHERS: &str = "update vault_keys set state = 'retiring' where id <> $1";
const PUT_ACTIVE: &str = "insert into vault_keys (id, fingerprint, state, created_at) values ($1, $2, 'active', $3) \
    on conflict (id) do update set state = 'active'";

/// Notes a new active key; all others are retiring from now on.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_rotation(tx: &mut Tx, id: &str, fingerprint: &str, now: i64) -> Result<(), StoreError> {
    each!(Tx, tx, tx => {
        sqlx::query(RETIRE_OTHERS).bind(id).execute(&mut **tx).await?;
        sqlx::query(PUT_ACTIVE).bind(id).bind(fingerprint).bind(now).execute(&mut **tx).await?;
    });
    Ok(())
}

const FORGET: &str = "delete from vault_keys where id = $1 and state = 'retiring'";

/// Forgets a key that seals nothing any more.
///
/// # Errors
/// When the database does not answer.
pub async fn end_rotation(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    each!(Tx, tx, tx => sqlx::query(FORGET).bind(id).execute(&mut **tx).await.map(drop))?;
    Ok(())
}
