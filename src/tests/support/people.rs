//! People and destinations of the sandbox that tests speak of.

pub const FACEBOOK_MANY: &str = "mara";
pub const FACEBOOK_NONE: &str = "nopages";
pub const FACEBOOK_PAGE: &str = "100200300400501";
pub const MASTODON_FIRST: &str = "baker";
pub const MASTODON_SECOND: &str = "rider";
/// Handle and app password.
pub const BLUESKY: (&str, &str) = ("harbour.bsky.example", "aaaa-aaaa-aaaa-aaaa");
