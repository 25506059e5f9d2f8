//! A crowd: at every vendor there is somebody called `crowd-<n>`, for any number. Nobody lists them, everything about them
//! follows from the number, and from what vendors call them the number follows again.

use super::cast::{Page, Person, number_of};
use super::vendor::Vendor;

/// One more than the largest number.
const END: u64 = 1_000_000_000;

const KEY: &str = "crowd-";
const HANDLE_END: &str = ".bsky.example";
const DID: &str = "did:plc:crowdpeople";
/// Letters of a DID; five bits each.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Letters of a DID that are left for the number.
const DID_LETTERS: u32 = 13;

const X_IDS: u64 = 1_590_000_000_000_000_000;
const FACEBOOK_IDS: u64 = 122_093_500_000_000_000;
const PAGE_IDS: u64 = 100_300_000_000_000;
const MASTODON_IDS: u64 = 111_000_000_000_000_000;

const FIRST_NAMES: [&str; 8] = ["Alba", "Bo", "Cem", "Dana", "Emeka", "Fen", "Gita", "Hugo"];
const TRADES: [&str; 6] = ["Bakery", "Cycles", "Flowers", "Books", "Ceramics", "Coffee"];

/// The person of a key: `crowd-17`, or at Bluesky the handle as well.
pub fn find(vendor: Vendor, host: &str, key: &str) -> Option<Person> {
    let key = match vendor {
        Vendor::Bluesky => key.strip_suffix(HANDLE_END).unwrap_or(key),
        _ => key,
    };
    number(key.strip_prefix(KEY)?).map(|n| person(vendor, host, n))
}

/// The person of a vendor's own id.
pub fn by_id(vendor: Vendor, host: &str, id: &str) -> Option<Person> {
    let n = match vendor {
        Vendor::Bluesky => decoded(id.strip_prefix(DID)?)?,
        _ => id.parse::<u64>().ok()?.checked_sub(first_id(vendor, host))?,
    };
    (n < END).then(|| person(vendor, host, n)).filter(|person| person.id == id)
}

/// The app password of a Bluesky person's key.
pub fn app_password(key: &str) -> Option<String> {
    let n = number(key.strip_prefix(KEY)?)?;
    // Every step can be undone, and thirteen letters hold all of it: no two people share a password.
    let mut rest = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    rest ^= rest >> 31;
    let text = format!("{}own", letters(&mut rest, 13));
    Some(format!("{}-{}-{}-{}", &text[..4], &text[4..8], &text[8..12], &text[12..]))
}

fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|n| plain && *n < END)
}

fn person(vendor: Vendor, host: &str, n: u64) -> Person {
    let first = FIRST_NAMES[usize::try_from(n % 8).unwrap_or(0)];
    let user_name = format!("crowd_{n}");
    let (id, handle, pages) = match vendor {
        Vendor::Facebook => (String::new(), String::new(), vec![page(n)]),
        Vendor::X | Vendor::Mastodon => (String::new(), user_name, Vec::new()),
        Vendor::Bluesky => (format!("{DID}{}", encoded(n)), format!("{KEY}{n}{HANDLE_END}"), Vec::new()),
    };
    let id = if id.is_empty() { (first_id(vendor, host) + n).to_string() } else { id };
    Person { key: format!("{KEY}{n}"), id, name: format!("{first} Crowd {n}"), handle, pages }
}

fn page(n: u64) -> Page {
    let trade = TRADES[usize::try_from(n % 6).unwrap_or(0)];
    Page {
        id: (PAGE_IDS + n).to_string().into(),
        name: format!("Crowd {trade} {n}").into(),
        username: format!("crowd{n}").into(),
        category: trade,
        tasks: super::cast::ALL_TASKS,
    }
}

fn first_id(vendor: Vendor, host: &str) -> u64 {
    match vendor {
        Vendor::Facebook => FACEBOOK_IDS,
        Vendor::X => X_IDS,
        Vendor::Mastodon => MASTODON_IDS + number_of(host) % 1_000_000 * END,
        Vendor::Bluesky => 0,
    }
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

/// Takes letters from the high bits.
fn letters(rest: &mut u64, count: usize) -> String {
    (0..count)
        .map(|_| {
            let digit = usize::try_from(*rest >> 59).unwrap_or(0);
            *rest <<= 5;
            char::from(BASE32[digit])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_and_names_lead_to_each_other() {
        for vendor in Vendor::ALL {
            let mut ids = HashSet::new();
            for n in [0, 1, 31, 32, 9_999, 10_000, END - 1] {
                let person = find(vendor, "a.example", &format!("crowd-{n}")).expect("somebody");
                assert!(ids.insert(person.id.clone()));
                assert_eq!(by_id(vendor, "a.example", &person.id).expect("the same").key, person.key);
                assert_eq!(person.pages.len(), usize::from(vendor == Vendor::Facebook));
            }
        }
        let did = find(Vendor::Bluesky, "", "crowd-17.bsky.example").expect("by handle").id;
        assert_eq!(did.len(), "did:plc:".len() + 24);
        let there = find(Vendor::Mastodon, "b.example", "crowd-1").expect("somebody").id;
        assert!(by_id(Vendor::Mastodon, "a.example", &there).is_none());
        for key in ["crowd-", "crowd-007", "crowd-+1", "crowd-1000000000", "crowd-x", "crowd"] {
            assert!(find(Vendor::X, "", key).is_none(), "{key}");
        }
    }

    #[test]
    fn passwords_have_the_form_of_app_passwords_and_are_all_different() {
        let all: HashSet<String> = (0..20_000).filter_map(|n| app_password(&format!("crowd-{n}"))).collect();
        assert_eq!(all.len(), 20_000);
        let shape = |one: &String| one.split('-').map(str::len).eq([4; 4]);
        assert!(all.iter().all(shape));
    }
}
