//! Public documents of platforms (keys they sign with, say), kept in memory for a while.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// Documents by address, each with the time at which it was read (Unix milliseconds). The addresses are constants of the
/// program, so there are few.
#[derive(Default)]
pub struct Kept(Mutex<HashMap<&'static str, (i64, Value)>>);

impl Kept {
    /// A document, if it was read at `since` or later.
    pub fn get(&self, address: &str, since: i64) -> Option<Value> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(address).filter(|(at, _)| *at >= since).map(|(_, document)| document.clone())
    }

    /// Whether it is somebody's turn now: nobody had it at `since` or later. Who has it is noted.
    pub fn turn(&self, name: &'static str, since: i64, now: i64) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(name).is_some_and(|(at, _)| *at >= since) {
            return false;
        }
        all.insert(name, (now, Value::Null));
        true
    }

    /// Keeps what was read now.
    pub fn put(&self, address: &'static str, now: i64, document: Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(address, (now, document));
    }
}
