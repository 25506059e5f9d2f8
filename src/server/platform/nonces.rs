//! The newest nonce of each server that wants one in proofs of a key (RFC 9449, section 8). They live for minutes, so they
//! are kept in memory only.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Servers that are remembered. Who is forgotten says its nonce again when it is asked.
const SERVERS: usize = 4_096;

/// Nonces by origin (`https://pds.example`).
#[derive(Default)]
pub struct Nonces(Mutex<HashMap<String, String>>);

impl Nonces {
    /// What a server last said it wants to see.
    pub fn of(&self, origin: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(origin).cloned()
    }

    /// Remembers what a server says it wants to see next.
    pub fn remember(&self, origin: &str, nonce: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= SERVERS && !known.contains_key(origin) {
            known.clear();
        }
        known.insert(origin.to_owned(), nonce.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_kept_and_memory_has_a_bound() {
        let nonces = Nonces::default();
        nonces.remember("https://a.example", "1");
        nonces.remember("https://a.example", "2");
        nonces.remember("https://b.example", "3");
        assert_eq!(nonces.of("https://a.example").as_deref(), Some("2"));
        assert_eq!(nonces.of("https://c.example"), None);
        for n in 0..SERVERS * 2 {
            nonces.remember(&format!("https://{n}.example"), "x");
        }
        assert!(nonces.0.lock().unwrap().len() <= SERVERS);
    }
}
