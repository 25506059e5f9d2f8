//! Looks at the vault's key without making one, sealing, opening or writing anything.

use std::path::{Path, PathBuf};

use super::check::{self, Verdict};
use super::{Source, file, key};
use crate::server::config::VaultConfig;
use crate::server::store::keys::{KeyRow, KeyState};

/// How the key at hand stands beside the one the database knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// The database has never seen a key.
    Unused,
    /// It is the right one.
    Right,
    /// It is being replaced by another one.
    Rotating,
    /// A server would start read-only; why, in words for the operator.
    ReadOnly(String),
}

/// Compares the key that `config` and `data` lead to with those the database `knows`.
pub fn look(config: &VaultConfig, data: &Path, known: &[KeyRow]) -> Look {
    if known.is_empty() {
        return Look::Unused;
    }
    let keys = Source::of(config, data).and_then(|source| Ok((source.read()?, source.place())));
    let (keys, place) = match keys {
        Ok(found) => found,
        Err(error) => return Look::ReadOnly(format!("{error}. Restore it from your backup.")),
    };
    match check::verdict(keys, known, &place) {
        Verdict::ReadOnly(why, _) => Look::ReadOnly(why),
        Verdict::Heir(_) => Look::Rotating,
        Verdict::Right(keys) if keys.retiring.is_some() => Look::Rotating,
        Verdict::Right(_) if known.iter().any(|row| row.state == KeyState::Retiring) => Look::Rotating,
        Verdict::Right(_) => Look::Right,
    }
}

/// The key file, where the key comes from one.
pub fn key_file(config: &VaultConfig, data: &Path) -> Option<PathBuf> {
    config.key.is_none().then(|| data.join(file::NAME))
}

/// The id of the key that sealed a value that begins with `head`; `None` if no sealed value begins so.
pub fn sealed_by(head: &[u8]) -> Option<String> {
    key::begins_with(head).map(|id| id.to_string())
}
