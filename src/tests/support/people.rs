//! People and destinations of the sandbox that tests speak of.

use pilotlight::sandbox::cast;

pub use cast::{FACEBOOK_MANY, FACEBOOK_NONE};

/// The first page of the person with many.
pub const FACEBOOK_PAGE: &str = "100200300400501";
pub const MASTODON_FIRST: &str = cast::MASTODON[0];
pub const MASTODON_SECOND: &str = cast::MASTODON[1];
/// Handle and app password.
pub const BLUESKY: (&str, &str) = cast::BLUESKY[0];
