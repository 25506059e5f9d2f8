//! Answers that are at hand before a page is rendered.

use super::accounts::Connections;
use super::session::Me;

/// What the Connections page shows, already in memory. Where somebody provides it as a context, the page is rendered from it and
/// asks nobody: the floor against which `make bench` measures the page that asks.
#[derive(Clone, Debug)]
pub struct Known {
    pub me: Me,
    pub connections: Connections,
}
