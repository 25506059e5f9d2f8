//! Opening: what is made, what is refused, and the backup before a migration.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use pilotlight::domain::role::Role;
use pilotlight::server::config::DatabaseConfig;
use pilotlight::server::store::open::{self, OpenError};
use pilotlight::server::store::{Db, backup, people};

use crate::support::db::{both_databases, execute, member};

const SQLITE: DatabaseConfig = DatabaseConfig { url: None };

async fn open_at(data: &Path) -> Result<Db, OpenError> {
    open::open(&SQLITE, data, 0).await
}

async fn refusal(data: &Path) -> OpenError {
    open_at(data).await.expect_err("it must not open")
}

both_databases!(opens_again_and_answers, |test| async move {
    member(&test.db, "ann@example.org", Role::Owner).await;
    test.db.close().await;
    let again = open::open(&test.config, test.dir.path(), 0).await.unwrap();
    open::ping(&again).await.unwrap();
    assert!(people::any_user(&again).await.unwrap());
    assert!(!test.dir.path().join("backup").exists(), "nothing was migrated, so there is nothing to back up");
    again.close().await;
    assert!(open::ping(&again).await.is_err());
});

#[tokio::test]
async fn files_are_for_their_owner_only() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("a/b");
    open_at(&data).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("pilotlight.db")), 0o600);
}

both_databases!(a_newer_or_edited_schema_is_left_alone, |test| async move {
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
        select 9999, 'later', success, checksum, 0 from _sqlx_migrations limit 1";
    execute(&test.db, newer).await;
    let refused = open::open(&test.config, test.dir.path(), 0).await.unwrap_err();
    assert!(matches!(refused, OpenError::Newer(9999)), "{refused}");
    assert!(refused.to_string().contains("newer version"));

    execute(&test.db, "delete from _sqlx_migrations where version = 9999").await;
    let literal = if matches!(test.db, Db::Sqlite(..)) { "x'00'" } else { "'\\x00'" };
    execute(&test.db, format!("update _sqlx_migrations set checksum = {literal} where version = 1")).await;
    let refused = open::open(&test.config, test.dir.path(), 0).await.unwrap_err();
    assert!(matches!(refused, OpenError::Edited(1)), "{refused}");
});

#[tokio::test]
async fn a_migration_is_preceded_by_a_backup() {
    let dir = tempfile::tempdir().unwrap();
    let db = open_at(dir.path()).await.unwrap();
    execute(&db, "create table since_deleted (x text)").await;
    // As it was before the first migration ran: the note of it is gone, and so are its tables.
    for table in tables(&db).await {
        execute(&db, format!("pragma foreign_keys = off; drop table if exists \"{table}\"")).await;
    }
    execute(&db, "drop view db_clock").await;
    execute(&db, "create table kept (x text); insert into kept values ('precious'); delete from _sqlx_migrations")
        .await;
    db.close().await;

    // 1 November 2026, 12:00 UTC
    open::open(&SQLITE, dir.path(), 1_793_534_400_000).await.unwrap().close().await;
    let copies: Vec<_> = fs::read_dir(dir.path().join("backup")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(copies.len(), 1);
    assert!(copies[0].ends_with("pilotlight-20261101T120000000Z.db"), "{copies:?}");
    assert_eq!(fs::metadata(&copies[0]).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(String::from_utf8_lossy(&fs::read(&copies[0]).unwrap()).contains("precious"));
}

async fn tables(db: &Db) -> Vec<String> {
    let Db::Sqlite(pool, _) = db else { unreachable!("SQLite only") };
    let query = "select name from sqlite_master where type = 'table' and name not like '\\_sqlx%' escape '\\' and name not like 'sqlite%'";
    let rows: Vec<(String,)> = sqlx::query_as(query).fetch_all(pool).await.unwrap();
    rows.into_iter().map(|(name,)| name).collect()
}

// Issue "bad input and faults"
#[tokio::test]
async fn what_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    open_at(dir.path()).await.unwrap().close().await;
    let file = dir.path().join("pilotlight.db");
    let before = fs::read(&file).unwrap();

    fs::set_permissions(&file, Permissions::from_mode(0o400)).unwrap();
    let refused = refusal(dir.path()).await;
    assert!(matches!(refused, OpenError::File { .. }), "{refused}");
    assert!(refused.to_string().contains("pilotlight.db") && refused.to_string().contains("read-only"), "{refused}");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();

    fs::set_permissions(dir.path(), Permissions::from_mode(0o500)).unwrap();
    let refused = refusal(dir.path()).await;
    fs::set_permissions(dir.path(), Permissions::from_mode(0o700)).unwrap();
    assert!(matches!(refused, OpenError::Directory { .. }), "{refused}");
    assert_eq!(fs::read(&file).unwrap(), before);

    let refused = refusal(&file).await;
    assert!(matches!(refused, OpenError::Directory { .. }), "a file is no directory: {refused}");
}

#[tokio::test]
async fn other_files_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pilotlight.db");
    fs::write(&file, "this is no database, but it is long enough to be mistaken for one".repeat(20)).unwrap();
    let before = fs::read(&file).unwrap();
    let refused = refusal(dir.path()).await;
    assert!(matches!(refused, OpenError::NotADatabase { .. }), "{refused}");
    assert_eq!(fs::read(&file).unwrap(), before);

    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(matches!(refusal(dir.path()).await, OpenError::File { .. }));
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let db = open_at(dir.path()).await.unwrap();
    execute(&db, "drop table _sqlx_migrations").await;
    db.close().await;
    assert!(matches!(refusal(dir.path()).await, OpenError::NotADatabase { .. }));
}

#[tokio::test]
async fn an_address_is_never_repeated_with_its_password() {
    for url in ["postgres://ann:s3cret@127.0.0.1:1/none", "postgres://ann:s3cret@[bad", "postgres://ann:s3cret@h:x/y"] {
        let dir = tempfile::tempdir().unwrap();
        let config = DatabaseConfig { url: Some(url.into()) };
        let refused = open::open(&config, dir.path(), 0).await.unwrap_err();
        assert!(!refused.to_string().contains("s3cret"), "{refused}");
        assert!(!format!("{refused:?} {config:?}").contains("s3cret"));
    }
}

#[tokio::test]
async fn a_backup_overwrites_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let db = open_at(dir.path()).await.unwrap();
    member(&db, "ann@example.org", Role::Owner).await;
    let copy = dir.path().join("copies/one.db");
    backup::into(&db, &copy).await.unwrap();
    assert!(matches!(backup::into(&db, &copy).await, Err(backup::BackupError::Exists(_))));

    let other = tempfile::tempdir().unwrap();
    fs::copy(&copy, other.path().join("pilotlight.db")).unwrap();
    let restored = open_at(other.path()).await.unwrap();
    assert!(people::user_by_email(&restored, "ann@example.org").await.unwrap().is_some());
}
