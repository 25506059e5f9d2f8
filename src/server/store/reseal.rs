//! Every sealed column of the schema, for the rotation of the vault's key.

use sqlx::FromRow;

use super::{Db, StoreError, Tx, each};

/// A column whose values are sealed.
pub struct SealedColumn {
    pub table: &'static str,
    pub column: &'static str,
    /// The rows after `$1`, at most [`BATCH`].
    select: &'static str,
    /// Puts `$1` where row `$2` still holds `$3`.
    update: &'static str,
    /// How its values begin, and how many begin so.
    heads: &'static str,
}

/// A sealed value and what it was sealed for.
#[derive(Clone, Debug, FromRow)]
pub struct SealedRow {
    pub row_key: String,
    pub workspace: String,
    pub blob: Vec<u8>,
}

/// How many rows one transaction handles: few enough that nobody notices the wait.
pub const BATCH: i64 = 50;

macro_rules! owned_by_workspace {
    ($table:literal, $column:literal) => {
        SealedColumn {
            table: $table,
            column: $column,
            select: concat!(
                "select id as row_key, workspace_id as workspace, ",
                $column,
                " as blob from ",
                $table,
                " where id > $1 and ",
                $column,
                " is not null order by id limit $2"
            ),
            update: concat!("update ", $table, " set ", $column, " = $1 where id = $2 and ", $column, " = $3"),
            heads: concat!(
                "select substr(",
                $column,
                ", 1, 9) as head, count(*) from ",
                $table,
                " where ",
                $column,
                " is not null group by 1"
            ),
        }
    };
}

/// All of them. Columns of bytes that are not sealed: `pictures.bytes`.
pub const SEALED: [SealedColumn; 11] = [
    owned_by_workspace!("grants", "access_token"),
    owned_by_workspace!("grants", "refresh_token"),
    owned_by_workspace!("grants", "binding"),
    owned_by_workspace!("grants", "offered"),
    owned_by_workspace!("accounts", "token"),
    owned_by_workspace!("flows", "verifier"),
    owned_by_workspace!("flows", "binding"),
    owned_by_workspace!("webhooks", "url"),
    owned_by_workspace!("webhooks", "secret"),
    owned_by_workspace!("webhooks", "old_secret"),
    SealedColumn {
        table: "host_apps",
        column: "client_secret",
        select: "select platform || '|' || host || '|' || redirect_uri as row_key, '' as workspace, \
            client_secret as blob from host_apps where platform || '|' || host || '|' || redirect_uri > $1 \
            order by platform || '|' || host || '|' || redirect_uri limit $2",
        update: "update host_apps set client_secret = $1 \
            where platform || '|' || host || '|' || redirect_uri = $2 and client_secret = $3",
        heads: "select substr(client_secret, 1, 9) as head, count(*) from host_apps group by 1",
    },
];

/// The next rows of a column after the row `after` (empty: the first ones).
///
/// # Errors
/// When the database does not answer.
pub async fn batch(db: &Db, column: &SealedColumn, after: &str) -> Result<Vec<SealedRow>, StoreError> {
    let rows = each!(Db, db, pool => sqlx::query_as(column.select).bind(after).bind(BATCH).fetch_all(pool).await)?;
    Ok(rows)
}

/// Puts `new` in the place of `row`'s value, unless somebody has changed it meanwhile. Tells whether it did.
///
/// # Errors
/// When the database does not answer.
pub async fn replace(tx: &mut Tx, column: &SealedColumn, row: &SealedRow, new: &[u8]) -> Result<bool, StoreError> {
    let changed = each!(Tx, tx, tx => sqlx::query(column.update)
        .bind(new)
        .bind(&row.row_key)
        .bind(&row.blob)
        .execute(&mut **tx)
        .await?
        .rows_affected());
    Ok(changed == 1)
}

/// How the values of a column begin (format and key id, as far as they have them), and how many begin so.
///
/// # Errors
/// When the database does not answer.
pub async fn heads(db: &Db, column: &SealedColumn) -> Result<Vec<(Vec<u8>, i64)>, StoreError> {
    Ok(each!(Db, db, pool => sqlx::query_as(column.heads).fetch_all(pool).await)?)
}
