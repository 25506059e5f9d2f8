//! A crowd: at every vendor there is somebody called `crowd-<n>`, for any number. Nobody lists them, everything about them
//! follows from the number, and from what vendors call them the number follows again.

use super::bluesky;
use super::cast::Person;
use super::vendor::Vendor;

/// One more than the largest number.
pub const END: u64 = 1_000_000_000;
/// How their keys begin.
pub const KEY: &str = "crowd-";
/// Letters that stand for five bits each.
pub const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

const FIRST_NAMES: [&str; 8] = ["Alba", "Bo", "Cem", "Dana", "Emeka", "Fen", "Gita", "Hugo"];

/// The person of a key: `crowd-17`, or at Bluesky the handle as well.
pub fn find(vendor: Vendor, host: &str, key: &str) -> Option<Person> {
    let key = key.strip_suffix(bluesky::HANDLE_END).filter(|_| vendor == Vendor::Bluesky).unwrap_or(key);
    vendor.twin().crowd(host, number(key.strip_prefix(KEY)?)?)
}

/// The person of a vendor's own id.
pub fn by_id(vendor: Vendor, host: &str, id: &str) -> Option<Person> {
    let n = vendor.twin().number_in_crowd(host, id).filter(|n| *n < END)?;
    vendor.twin().crowd(host, n).filter(|person| person.id == id)
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

/// The `n`-th, with what the vendor calls them.
pub fn person(n: u64, id: u64, handle: String) -> Person {
    let first = FIRST_NAMES[usize::try_from(n % 8).unwrap_or(0)];
    let (key, id, name) = (format!("{KEY}{n}"), id.to_string(), format!("{first} Crowd {n}"));
    Person { key, id, name, handle, pages: Vec::new() }
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
                // Not every vendor has a crowd.
                let Some(person) = find(vendor, "a.example", &format!("crowd-{n}")) else { continue };
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
