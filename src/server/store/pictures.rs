//! Our copies of profile pictures, each under the hash of its bytes.

use super::{Db, StoreError, Tx, each};

/// A picture.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Picture {
    pub mime: String,
    pub bytes: Vec<u8>,
}

/// The picture of a hash.
pub async fn get(db: &Db, hash: &str) -> Result<Option<Picture>, StoreError> {
    const SQL: &str = "select mime, bytes from pictures where hash = $1";
    Ok(each!(Db, db, pool => sqlx::query_as::<_, Picture>(SQL).bind(hash).fetch_optional(pool).await)?)
}

/// Stores a picture unless it is there already.
pub async fn put(tx: &mut Tx, hash: &str, picture: &Picture) -> Result<(), StoreError> {
    const SQL: &str = "insert into pictures (hash, mime, bytes) values ($1, $2, $3) on conflict (hash) do nothing";
    each!(Tx, tx, t => {
        sqlx::query(SQL).bind(hash).bind(&picture.mime).bind(&picture.bytes).execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}
