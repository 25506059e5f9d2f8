//! The ways to a connection: what is on offer, the two forms, the choice of destinations, and what went wrong.

pub mod bluesky;
pub mod choose;
pub mod mastodon;
pub mod offers;
pub mod problem;
