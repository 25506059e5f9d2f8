//! The vault's part in changing its key: a new one, sealing again under it, letting go of the old one.

use std::sync::Arc;

use super::key::{self, Key};
use super::{Keys, Place, Source, Vault, VaultError, file};
use crate::server::store::{Db, keys};

/// A rotation that is under way.
pub struct Rotation {
    keys: Keys,
    old: Arc<Key>,
    /// It was begun by an earlier run.
    pub resumed: bool,
}

/// Writes down in the database that `keys.active` follows `keys.retiring`. Doing it twice changes nothing.
pub(super) async fn write_down(db: &Db, keys: &Keys, now: i64) -> Result<(), VaultError> {
    let mut tx = db.begin().await?;
    keys::begin_rotation(&mut tx, &keys.active.id.to_string(), &keys.active.fingerprint, now).await?;
    tx.commit().await?;
    Ok(())
}

impl Vault {
    /// Makes a new key active beside the present one, or takes up a rotation that was begun before.
    ///
    /// The key file comes first: from then on no server seals with a key that is not on disk.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`]; [`VaultError::NoOldKey`] when the keys come from the environment and there is one only.
    pub async fn begin_rotation(&self, db: &Db, now: i64) -> Result<Rotation, VaultError> {
        if let Some(why) = self.is_read_only() {
            return Err(VaultError::ReadOnly(why));
        }
        let keys = self.read_source()?;
        if let Some(old) = keys.retiring.clone() {
            write_down(db, &keys, now).await?;
            return Ok(Rotation { keys, old, resumed: true });
        }
        let Source::File(path) = &self.source else { return Err(VaultError::NoOldKey) };
        let old = keys.active;
        let keys = Keys { active: Arc::new(Key::new(self.random.bytes())), retiring: Some(old.clone()) };
        file::replace(path, &[&keys.active, &old])?;
        write_down(db, &keys, now).await?;
        self.compare(db, None).await?;
        Ok(Rotation { keys, old, resumed: false })
    }

    /// The same value under the new key; `None` if it is already.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn seal_again(
        &self,
        rotation: &Rotation,
        place: Place<'_>,
        blob: &[u8],
    ) -> Result<Option<Vec<u8>>, VaultError> {
        if key::sealed_by(blob) == Some(rotation.keys.active.id) {
            return Ok(None);
        }
        let value = self.open_bytes(place, blob)?;
        Ok(Some(rotation.keys.active.seal(place, self.random.bytes(), &value)))
    }

    /// Lets go of the old key, once nothing is sealed with it any more.
    ///
    /// # Errors
    /// When the database or the key file can't be written; the rotation can be taken up again then.
    pub async fn end_rotation(&self, db: &Db, rotation: &Rotation) -> Result<(), VaultError> {
        let mut tx = db.begin().await?;
        keys::end_rotation(&mut tx, &rotation.old.id.to_string()).await?;
        tx.commit().await?;
        if let Source::File(path) = &self.source {
            file::replace(path, &[&rotation.keys.active])?;
        }
        self.compare(db, None).await
    }
}
