//! The ways to a connection: what is on offer, the forms, the choice of destinations, and what went wrong.

pub mod bluesky;
pub mod choose;
pub mod mastodon;
pub mod offers;
pub mod problem;
pub mod telegram;
