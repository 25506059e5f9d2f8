//! Is the key at hand the one that the database was sealed with?

use super::Keys;
use super::key::Key;
use crate::server::store::keys::{KeyRow, KeyState};

/// What comparing tells.
pub enum Verdict {
    /// The active key is the one the database knows as active.
    Right(Keys),
    /// The active key is new, and the one it follows is the one the database knows: a rotation began.
    Heir(Keys),
    /// Anything else, in words for the operator.
    ReadOnly(String, Option<Keys>),
}

pub fn verdict(keys: Keys, known: &[KeyRow], place: &str) -> Verdict {
    let is = |key: &Key, row: &KeyRow| row.id == key.id.to_string() && row.fingerprint == key.fingerprint;
    let held = |row: &KeyRow| keys.all().any(|key| is(key, row));
    let Some(active) = known.iter().find(|row| row.state == KeyState::Active) else {
        let why = "The database has lost its note of the vault's key. Restore the database from a backup.";
        return Verdict::ReadOnly(why.into(), Some(keys));
    };
    if !held(active) {
        let why = format!(
            "The key {place} is not the one this database was sealed with (that one has the id {}). \
             Nothing was changed; put the right key back, or set it as PILOTLIGHT_KEY_OLD beside a new PILOTLIGHT_KEY.",
            active.id
        );
        return Verdict::ReadOnly(why, Some(keys));
    }
    if let Some(row) = known.iter().find(|row| row.state == KeyState::Retiring && !held(row)) {
        let why = format!(
            "A rotation of the vault's key is not finished, and the key before it (id {}) is missing {place}. \
             Put it back and run: pilotlight rotate-key",
            row.id
        );
        return Verdict::ReadOnly(why, Some(keys));
    }
    if is(&keys.active, active) { Verdict::Right(keys) } else { Verdict::Heir(keys) }
}
