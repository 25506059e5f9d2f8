//! The recent posts of every account: a few invented ones, always the same for an account, always of the last days.

/// A post.
pub struct Post {
    pub id: u64,
    pub text: &'static str,
    /// Unix milliseconds.
    pub at: i64,
}

const HOUR_MS: i64 = 3_600_000;

const TEXTS: [&str; 8] = [
    "Doors open at eight tomorrow. First come, first served.",
    "Thank you all for last weekend. What a day!",
    "We are looking for a pair of helping hands on Saturdays.",
    "New on the shelf this week, and nearly gone already.",
    "Closed on Monday, back on Tuesday as always.",
    "A small look behind the scenes.",
    "Somebody left a green umbrella. It waits at the counter.",
    "Ten years next month. How did that happen?",
];

/// The posts of an account, the newest first.
pub fn of(account: &str, now: i64) -> Vec<Post> {
    let seed = account.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))) % 100_000;
    let count = TEXTS.len() as u64;
    (0..5)
        .map(|index| {
            let days = i64::try_from(index).unwrap_or(0);
            let text = usize::try_from((seed + index * 3) % count).unwrap_or(0);
            Post {
                id: 900_000_000_000 + seed * 10 + (9 - index),
                text: TEXTS[text],
                at: now - (days * 29 + 5) * HOUR_MS,
            }
        })
        .collect()
}

/// `2026-11-01T12:00:00.000Z`.
pub fn utc_time(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map(|at| at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string())
        .unwrap_or_default()
}

/// `2026-11-01T12:00:00+0000`.
pub fn offset_time(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map(|at| at.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string())
        .unwrap_or_default()
}
