//! What was deleted because a person asked their platform for it. Nothing in here tells who that was.

use super::{Db, StoreError, Tx, each};

/// One such deletion.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Deletion {
    /// Key of the platform.
    pub platform: String,
    /// Unix milliseconds.
    pub done_at: i64,
    /// How many consents it concerned.
    pub grants: i64,
    /// How many accounts hung on them.
    pub accounts: i64,
}

/// Notes one under the hash of its confirmation code.
pub async fn insert(tx: &mut Tx, code_hash: &str, row: &Deletion) -> Result<(), StoreError> {
    const SQL: &str =
        "insert into deletions (code_hash, platform, done_at, grants, accounts) values ($1, $2, $3, $4, $5)";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(code_hash).bind(&row.platform).bind(row.done_at).bind(row.grants).bind(row.accounts)
            .execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// The one of a code's hash.
pub async fn get(db: &Db, code_hash: &str) -> Result<Option<Deletion>, StoreError> {
    const SQL: &str = "select platform, done_at, grants, accounts from deletions where code_hash = $1";
    Ok(each!(Db, db, pool => sqlx::query_as::<_, Deletion>(SQL).bind(code_hash).fetch_optional(pool).await)?)
}
