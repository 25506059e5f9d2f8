//! Seals tokens before they are stored and opens them again.
//!
//! A sealed value is bound to its table, column, row and workspace: copied elsewhere it does not open. The database
//! remembers a fingerprint of the key. If the key at hand is another one, the vault is read-only: it opens what it can
//! and seals nothing, so that no row is written that the right key could not read.

mod check;
mod file;
pub mod inspect;
mod key;
pub mod rotation;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::MissedTickBehavior;
use zeroize::Zeroizing;

use super::clock::Randomness;
use super::config::VaultConfig;
use super::store::{Db, StoreError, keys};
use check::Verdict;
use file::Stamp;
use key::{Key, KeyId};

/// Where a sealed value lives.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub table: &'a str,
    pub column: &'a str,
    pub row: &'a str,
    /// Empty for rows that belong to no workspace.
    pub workspace: &'a str,
}

/// Why the vault did not do it. No variant carries anything of a key or of a value.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("{0}")]
    ReadOnly(String),
    #[error("the key {0} that sealed this value is not at hand")]
    UnknownKey(String),
    #[error("a sealed value is damaged or in the wrong place")]
    Damaged,
    #[error("The vault's key in {path} can't be read or written: {source}")]
    KeyFile { path: String, source: std::io::Error },
    #[error("{place} does not hold a key: expected 32 random bytes as base64url (43 characters)")]
    BadKey { place: String },
    #[error(
        "There is no earlier key to rotate from: set PILOTLIGHT_KEY to the new key and PILOTLIGHT_KEY_OLD to the present one."
    )]
    NoOldKey,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The vault. Share it by `Arc`.
pub struct Vault {
    source: Source,
    random: Randomness,
    ring: Mutex<Ring>,
}

enum Source {
    Environment(Keys),
    File(PathBuf),
}

impl Source {
    fn of(config: &VaultConfig, data: &Path) -> Result<Self, VaultError> {
        let Some(active) = &config.key else { return Ok(Self::File(data.join(file::NAME))) };
        let retiring = config.old_key.as_ref().map(|key| parse(key, "PILOTLIGHT_KEY_OLD")).transpose()?;
        Ok(Self::Environment(Keys::new(parse(active, "PILOTLIGHT_KEY")?, retiring)))
    }

    fn read(&self) -> Result<Keys, VaultError> {
        match self {
            Self::Environment(keys) => Ok(keys.clone()),
            Self::File(path) => file::read(path),
        }
    }

    /// Where the key is, for a sentence.
    fn place(&self) -> String {
        match self {
            Self::Environment(_) => "in PILOTLIGHT_KEY".into(),
            Self::File(path) => format!("in the file {}", path.display()),
        }
    }
}

/// The keys of one source.
#[derive(Clone)]
pub(in crate::server) struct Keys {
    active: Arc<Key>,
    retiring: Option<Arc<Key>>,
}

impl Keys {
    fn new(active: Key, retiring: Option<Key>) -> Self {
        Self { active: Arc::new(active), retiring: retiring.map(Arc::new) }
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Key>> {
        std::iter::once(&self.active).chain(&self.retiring)
    }
}

/// What the vault works with.
#[derive(Default)]
struct Ring {
    active: Option<Arc<Key>>,
    /// Every key that was ever seen by this process: they go on opening.
    known: Vec<Arc<Key>>,
    read_only: Option<String>,
    stamp: Option<Stamp>,
}

impl Ring {
    fn find(&self, id: KeyId) -> Option<Arc<Key>> {
        self.known.iter().find(|key| key.id == id).cloned()
    }

    fn shares_a_key_with(&self, keys: &Keys) -> bool {
        keys.all().any(|key| self.known.iter().any(|known| known.fingerprint == key.fingerprint))
    }

    fn take(&mut self, keys: &Keys) {
        self.active = Some(keys.active.clone());
        for key in keys.all() {
            if self.find(key.id).is_none() {
                self.known.push(key.clone());
            }
        }
    }
}

impl Vault {
    /// Finds the key, or makes one if the database has never seen any, and compares it with the database.
    ///
    /// # Errors
    /// When there is no key to begin with and none can be made, or the database does not answer. A key that is lost or
    /// wrong is no error: the vault is read-only then.
    pub async fn load(
        config: &VaultConfig,
        data: &Path,
        db: &Db,
        now: i64,
        random: Randomness,
    ) -> Result<Self, VaultError> {
        let vault = Self { source: Source::of(config, data)?, random, ring: Mutex::default() };
        let first_start = keys::list(db).await?.is_empty();
        if let Source::File(path) = &vault.source
            && first_start
            && !path.exists()
        {
            file::create(path, &Key::new(vault.random.bytes()))?;
        }
        match vault.read_source() {
            Ok(keys) if first_start => {
                let mut tx = db.begin().await?;
                keys::put_first(&mut tx, &keys.active.id.to_string(), &keys.active.fingerprint, now).await?;
                tx.commit().await?;
            }
            Err(error) if first_start => return Err(error),
            _ => {}
        }
        vault.compare(db, Some(now)).await?;
        Ok(vault)
    }

    /// Seals a secret for one place.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`].
    pub fn seal(&self, place: Place<'_>, secret: &SecretString) -> Result<Vec<u8>, VaultError> {
        self.seal_bytes(place, secret.expose_secret().as_bytes())
    }

    /// Seals any bytes for one place.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`].
    pub fn seal_bytes(&self, place: Place<'_>, value: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.look_again(false);
        let ring = self.ring();
        if let Some(why) = &ring.read_only {
            return Err(VaultError::ReadOnly(why.clone()));
        }
        let key = ring.active.as_ref().ok_or_else(|| VaultError::ReadOnly("There is no key.".into()))?;
        Ok(key.seal(place, self.random.bytes(), value))
    }

    /// Opens what was sealed for this place as text.
    ///
    /// # Errors
    /// [`VaultError::UnknownKey`] when its key is not at hand, [`VaultError::Damaged`] in all other cases.
    pub fn open(&self, place: Place<'_>, blob: &[u8]) -> Result<SecretString, VaultError> {
        let bytes = self.open_bytes(place, blob)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| VaultError::Damaged)?;
        Ok(SecretString::from(text))
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_bytes(&self, place: Place<'_>, blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let id = key::sealed_by(blob).ok_or(VaultError::Damaged)?;
        let known = self.ring().find(id);
        // Somebody may have rotated the key since we read it.
        let key = known.or_else(|| {
            self.look_again(true);
            self.ring().find(id)
        });
        key.ok_or_else(|| VaultError::UnknownKey(id.to_string()))?.open(place, blob)
    }

    /// The id of the key that seals now; empty while there is none.
    pub fn key_id(&self) -> String {
        self.ring().active.as_ref().map(|key| key.id.to_string()).unwrap_or_default()
    }

    /// Why nothing can be sealed now, in words for the operator.
    pub fn is_read_only(&self) -> Option<String> {
        self.ring().read_only.clone()
    }

    /// Notices a rotation, a lost key file and a restored one. Runs until it is dropped.
    pub async fn follow(&self, db: &Db) {
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        // After a database that kept us waiting, one look is enough.
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut second = 0_u8;
        loop {
            tick.tick().await;
            second = (second + 1) % 5;
            let changed = self.look_again(false);
            // The database tells of rotations made where the key file is another one.
            if (changed || second == 0 || self.ring().read_only.is_some())
                && let Err(error) = self.compare(db, None).await
            {
                tracing::warn!("The vault's key can't be compared with the database: {error}");
            }
        }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_source(&self) -> Result<Keys, VaultError> {
        self.source.read()
    }

    /// Reads the key file again if it was replaced (or in any case). Tells whether there was anything new.
    ///
    /// Keys are taken over only from a file that still holds one of those we know: any other file must first be
    /// compared with the database.
    fn look_again(&self, in_any_case: bool) -> bool {
        let Source::File(path) = &self.source else { return false };
        let stamp = file::stamp(path);
        let mut ring = self.ring();
        if ring.stamp == stamp && !in_any_case {
            return false;
        }
        ring.stamp = stamp;
        match file::read(path) {
            Ok(keys) if ring.shares_a_key_with(&keys) && ring.active.is_some() => {
                ring.take(&keys);
                true
            }
            // Read-only already: only the database can say whether this key is the right one.
            _ if ring.active.is_none() => true,
            Ok(_) => {
                ring.read_only = Some(format!("The key in {} was replaced by another one.", path.display()));
                true
            }
            Err(error) => {
                ring.read_only = Some(format!("{error}. Restore the file from your backup."));
                true
            }
        }
    }

    /// Compares the keys at hand with those that the database remembers. With `begin` (the time) a new key is written
    /// down there when the one before it proves that it is the heir.
    async fn compare(&self, db: &Db, begin: Option<i64>) -> Result<(), VaultError> {
        let stamp = match &self.source {
            Source::File(path) => file::stamp(path),
            Source::Environment(_) => None,
        };
        let known = keys::list(db).await?;
        let verdict = match self.read_source() {
            Ok(keys) => check::verdict(keys, &known, &self.source.place()),
            Err(error) => Verdict::ReadOnly(format!("{error}. Restore it from your backup."), None),
        };
        if let (Verdict::Heir(keys), Some(now)) = (&verdict, begin) {
            rotation::write_down(db, keys, now).await?;
        }
        let mut ring = self.ring();
        ring.stamp = stamp;
        match verdict {
            Verdict::Right(keys) | Verdict::Heir(keys) => {
                ring.take(&keys);
                ring.read_only = None;
            }
            Verdict::ReadOnly(why, keys) => {
                // At the start, whoever starts says so.
                if begin.is_none() && ring.read_only.as_ref() != Some(&why) {
                    tracing::error!("Read-only: {why}");
                }
                ring.read_only = Some(why);
                // Without a key that seals; but whatever these keys open stays readable.
                if let Some(keys) = keys {
                    ring.take(&keys);
                    ring.active = None;
                }
            }
        }
        Ok(())
    }
}

fn parse(key: &SecretString, variable: &str) -> Result<Key, VaultError> {
    Key::parse(key.expose_secret()).ok_or_else(|| VaultError::BadKey { place: variable.to_owned() })
}
