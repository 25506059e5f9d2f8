//! Hashes of random secrets, for rows that must recognise them without holding them.

use sha2::{Digest, Sha256};

/// SHA-256 as lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
