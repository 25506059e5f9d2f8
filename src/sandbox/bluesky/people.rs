//! The accounts of Bluesky's stand-in, by handle.

use super::super::cast::{BLUESKY, Person, person};
use super::super::crowd::{self, BASE32};

const DIDS: [&str; 3] =
    ["did:plc:h4rb0urt1dewa1ksxample2q", "did:plc:m7llwheelf1ourstone3exam", "did:plc:lem0ngrovegardenexamp7ey"];
const NAMES: [&str; 3] = ["Harbour Tide Walks", "Old Mill Flour 🌾", "بستان الليمون"];
/// How the crowd's handles end.
pub const HANDLE_END: &str = ".bsky.example";
const CROWD_DID: &str = "did:plc:crowdpeople";
/// Letters of a DID that are left for the number.
const DID_LETTERS: u32 = 13;

/// Everybody whom the pages show.
pub fn all() -> Vec<Person> {
    let all = BLUESKY.iter().zip(DIDS).zip(NAMES);
    all.map(|(((handle, _), did), name)| person(handle, did, name, handle, Vec::new())).collect()
}

/// One of the crowd.
pub fn of_crowd(n: u64) -> Person {
    let handle = format!("{}{n}{HANDLE_END}", crowd::KEY);
    Person { id: format!("{CROWD_DID}{}", encoded(n)), ..crowd::person(n, 0, handle) }
}

/// Which of the crowd has this DID.
pub fn number_in_crowd(did: &str) -> Option<u64> {
    decoded(did.strip_prefix(CROWD_DID)?)
}

fn encoded(n: u64) -> String {
    let digit = |at: u32| BASE32[usize::try_from(n >> (5 * at) & 31).unwrap_or(0)];
    (0..DID_LETTERS).rev().map(|at| char::from(digit(at))).collect()
}

fn decoded(text: &str) -> Option<u64> {
    text.bytes().try_fold(0_u64, |n, byte| {
        let digit = BASE32.iter().position(|one| *one == byte)?;
        n.checked_mul(32)?.checked_add(u64::try_from(digit).ok()?)
    })
}
