//! The product's own words for what just happened (SPEC T-6).

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

/// An account works again.
pub fn healed(account: &str) -> String {
    format!("{account} is healthy again")
}
