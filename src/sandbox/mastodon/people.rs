//! The users of Mastodon's stand-in: every server has its own.

use super::super::cast::{MASTODON, Person, number_of, person};
use super::super::crowd::{self, END};

const CROWD_IDS: u64 = 111_000_000_000_000_000;

/// One of a server's crowd.
pub fn of_crowd(host: &str, n: u64) -> Person {
    crowd::person(n, first_of_crowd(host) + n, format!("crowd_{n}"))
}

/// Which of a server's crowd has this id.
pub fn number_in_crowd(host: &str, id: &str) -> Option<u64> {
    id.parse::<u64>().ok()?.checked_sub(first_of_crowd(host))
}

fn first_of_crowd(host: &str) -> u64 {
    CROWD_IDS + number_of(host) % 1_000_000 * END
}

/// Everybody whom the pages of a server show.
pub fn of(host: &str) -> Vec<Person> {
    let named = match host {
        "mastodon.example" => [("crumb", "Harbour Street Bakery"), ("slowriders", "Slow Riders Touring Club 🚲")],
        "social.example" => [("riversidechoir", "Riverside Open Choir"), ("towpath", "Towpath Cycle Hire")],
        _ => generated(host),
    };
    let number = number_of(host);
    MASTODON
        .iter()
        .zip(named)
        .zip(1..)
        .map(|((key, (handle, name)), slot)| {
            person(key, &format!("{}", 109_000_000_000_000_000 + number * 10 + slot), name, handle, Vec::new())
        })
        .collect()
}

/// Two users for a server nobody thought of: which ones follows from its name.
fn generated(host: &str) -> [(&'static str, &'static str); 2] {
    const BAKERS: [(&str, &str); 4] = [
        ("millbread", "Mill Lane Bread"),
        ("ryeandco", "Rye & Company"),
        ("cornerbakes", "The Corner Bakes"),
        ("earlyoven", "Early Oven"),
    ];
    const RIDERS: [(&str, &str); 4] = [
        ("chainreaction", "Chain Reaction Cycles"),
        ("hillclimbers", "Hill Climbers' Club"),
        ("bellandpedal", "Bell & Pedal"),
        ("wheelhouse", "The Wheelhouse"),
    ];
    let pick = usize::try_from(number_of(host) % 4).unwrap_or(0);
    [BAKERS[pick], RIDERS[pick]]
}
