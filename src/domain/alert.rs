//! The product's own words for what just happened (SPEC T-6, T-7).

use super::health::Cause;

/// A short message in a corner of the page.
pub fn refreshed(account: &str) -> String {
    format!("Access token refreshed for {account}")
}

/// An account turned amber for a reason other than its age.
pub fn please_reconnect(account: &str) -> String {
    format!("Please reconnect {account}")
}

/// An account turned amber because its token ended.
pub fn expired(account: &str) -> String {
    format!("{account} expired. Please reconnect.")
}

/// An account that is amber, in the words of its cause.
pub fn needs_reconnect(account: &str, cause: Option<Cause>) -> String {
    match cause {
        Some(Cause::Expired) => expired(account),
        _ => please_reconnect(account),
    }
}

/// An account works again.
pub fn healed(account: &str) -> String {
    format!("{account} is healthy again")
}

/// Access to an account ends in so many days of the calendar.
pub fn access_ends(account: &str, days: i64) -> String {
    match days {
        ..=0 => format!("Access to {account} ends within a day"),
        1 => format!("Access to {account} ends in 1 day"),
        days => format!("Access to {account} ends in {days} days"),
    }
}

/// What a check of all accounts found. `unclear` are those whose platform gave no answer that tells anything.
pub fn checked(healthy: u32, amber: u32, unclear: u32) -> String {
    let count = |number: u32, one: &str, many: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        number => Some(format!("{number} {many}")),
    };
    let all = healthy + amber + unclear;
    let head = count(all, "account", "accounts").unwrap_or_else(|| "no account".into());
    let found = [
        count(healthy, "healthy", "healthy"),
        count(amber, "needs reconnect", "need reconnect"),
        count(unclear, "could not be reached", "could not be reached"),
    ];
    let found: Vec<String> = found.into_iter().flatten().collect();
    if found.is_empty() { format!("Checked {head}") } else { format!("Checked {head}: {}", found.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC T-6
    #[test]
    fn an_amber_account_is_told_in_the_words_of_its_cause() {
        assert_eq!(needs_reconnect("Bakery", Some(Cause::Expired)), "Bakery expired. Please reconnect.");
        assert_eq!(needs_reconnect("Bakery", Some(Cause::Revoked)), "Please reconnect Bakery");
        assert_eq!(needs_reconnect("Bakery", None), "Please reconnect Bakery");
        assert_eq!(refreshed("Bakery"), "Access token refreshed for Bakery");
    }

    // SPEC A-4
    #[test]
    fn an_end_is_told_in_days() {
        let told = [-1, 0, 1, 7].map(|days| access_ends("Bakery", days));
        let ends = ["within a day", "within a day", "in 1 day", "in 7 days"];
        assert_eq!(told, ends.map(|when| format!("Access to Bakery ends {when}")));
    }

    // SPEC T-7
    #[test]
    fn what_a_check_found_is_counted_in_words() {
        assert_eq!(checked(11, 1, 0), "Checked 12 accounts: 11 healthy, 1 needs reconnect");
        assert_eq!(checked(1, 0, 0), "Checked 1 account: 1 healthy");
        assert_eq!(checked(0, 2, 1), "Checked 3 accounts: 2 need reconnect, 1 could not be reached");
        assert_eq!(checked(2, 0, 3), "Checked 5 accounts: 2 healthy, 3 could not be reached");
        assert_eq!(checked(0, 0, 0), "Checked no account");
    }
}
