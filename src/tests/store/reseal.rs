//! The list of sealed columns.

use std::collections::BTreeSet;

use pilotlight::server::store::reseal::{self, SEALED};

use crate::support::db::both_databases;

/// Columns of bytes that hold nothing secret.
const OPEN: [(&str, &str); 1] = [("pictures", "bytes")];

fn columns_of_bytes(schema: &str, kind: &str) -> BTreeSet<(String, String)> {
    let mut table = String::new();
    let mut found = BTreeSet::new();
    for line in schema.lines() {
        let words: Vec<_> = line.split_whitespace().map(|word| word.trim_end_matches([',', ';'])).collect();
        match words[..] {
            ["create", "table", name, ..] => table = name.to_owned(),
            ["alter", "table", name, "add", "column", column, of, ..] if of == kind => {
                found.insert((name.to_owned(), column.to_owned()));
            }
            [column, of, ..] if of == kind => {
                found.insert((table.clone(), column.to_owned()));
            }
            _ => {}
        }
    }
    found
}

// DESIGN rule 3: a column that is missing here would be lost with the old key
#[test]
fn every_column_of_bytes_is_sealed_again_or_named_as_open() {
    let known: BTreeSet<_> = SEALED
        .iter()
        .map(|sealed| (sealed.table, sealed.column))
        .chain(OPEN)
        .map(|(table, column)| (table.to_owned(), column.to_owned()))
        .collect();
    for (kind, folder) in [("blob", "sqlite"), ("bytea", "postgres")] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/store/migrations").join(folder);
        let mut schema = String::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            schema += &std::fs::read_to_string(entry.unwrap().path()).unwrap();
        }
        assert_eq!(columns_of_bytes(&schema, kind), known, "{kind}");
    }
}

both_databases!(every_query_of_the_list_runs, |test| async move {
    for column in &SEALED {
        assert!(reseal::batch(&test.db, column, "").await.unwrap().is_empty());
        let row = reseal::SealedRow { row_key: "none".into(), workspace: String::new(), blob: vec![1] };
        let mut tx = test.db.begin().await.unwrap();
        assert!(!reseal::replace(&mut tx, column, &row, b"new").await.unwrap());
    }
});
