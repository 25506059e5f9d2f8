//! What is shared with the other tests.

#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "../tests/support/db.rs"]
pub mod db;
