//! The ways to a connection: what is on offer, the forms, the choice of destinations, and what went wrong.

pub mod bluesky;
pub mod choose;
mod known;
pub mod mastodon;
pub mod offers;
pub mod problem;
pub mod telegram;
