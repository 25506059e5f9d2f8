//! One key: how it is written down, how it is told from others, and how it seals.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Place, VaultError};

/// First byte of every sealed value.
const VERSION: u8 = 1;
const ID: usize = 8;
const NONCE: usize = 24;
const TAG: usize = 16;

/// What stands in front of a sealed value to say which key opens it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyId([u8; ID]);

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A key of the vault. Wiped from memory when it is dropped.
pub struct Key {
    bytes: Zeroizing<[u8; 32]>,
    pub id: KeyId,
    /// Proves in the database which key it was, without giving anything of it away.
    pub fingerprint: String,
}

impl Key {
    pub fn new(bytes: [u8; 32]) -> Self {
        let bytes = Zeroizing::new(bytes);
        let mut id = [0; ID];
        id.copy_from_slice(&derive(&bytes, b"pilotlight vault key id")[..ID]);
        let fingerprint = URL_SAFE_NO_PAD.encode(derive(&bytes, b"pilotlight vault key fingerprint"));
        Self { bytes, id: KeyId(id), fingerprint }
    }

    /// Reads what [`Key::text`] writes. `None` if it is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let decoded = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.trim().trim_end_matches('=')).ok()?);
        Some(Self::new(decoded.as_slice().try_into().ok()?))
    }

    /// The key as base64url.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(*self.bytes))
    }

    /// Version, key id, nonce, then the encrypted value with its tag.
    pub fn seal(&self, place: Place<'_>, nonce: [u8; NONCE], value: &[u8]) -> Vec<u8> {
        let aad = self.associated(place);
        let sealed = self
            .cipher()
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: value, aad: &aad })
            .expect("XChaCha20-Poly1305 refuses only values of more than 256 GiB");
        [[VERSION].as_slice(), &self.id.0, &nonce, &sealed].concat()
    }

    /// # Errors
    /// [`VaultError::Damaged`] when the value was changed, or was sealed for another place or by another key.
    pub fn open(&self, place: Place<'_>, blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (nonce, sealed) = blob
            .split_at_checked(1 + ID)
            .and_then(|(_, rest)| rest.split_at_checked(NONCE))
            .ok_or(VaultError::Damaged)?;
        let aad = self.associated(place);
        self.cipher()
            .decrypt(XNonce::from_slice(nonce), Payload { msg: sealed, aad: &aad })
            .map(Zeroizing::new)
            .map_err(|_| VaultError::Damaged)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.bytes.as_slice().into())
    }

    /// What a value is tied to. Each part is preceded by its length, so that no two places read alike.
    fn associated(&self, place: Place<'_>) -> Vec<u8> {
        let mut aad = vec![VERSION];
        let parts = [place.table, place.column, place.row, place.workspace].map(str::as_bytes);
        for part in parts.into_iter().chain([self.id.0.as_slice()]) {
            aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
            aad.extend_from_slice(part);
        }
        aad
    }
}

/// The id of the key that sealed `blob`; `None` if it is no sealed value.
pub fn sealed_by(blob: &[u8]) -> Option<KeyId> {
    if blob.len() < 1 + ID + NONCE + TAG {
        return None;
    }
    begins_with(blob)
}

/// The key id at the beginning of a sealed value, of which no more than that is needed.
pub fn begins_with(head: &[u8]) -> Option<KeyId> {
    let (version, rest) = head.split_first()?;
    (*version == VERSION).then(|| rest.first_chunk().copied().map(KeyId))?
}

fn derive(key: &[u8; 32], purpose: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(purpose);
    mac.finalize().into_bytes().into()
}
