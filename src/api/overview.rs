//! What the Overview page shows: how the connections are, what ends soon, and what broke lately.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use super::accounts::Card;
use crate::domain::id::AccountId;
use crate::domain::platform::Platform;

/// Days that the forecast looks ahead.
pub const FORECAST_DAYS: i64 = 90;

/// Bars of the forecast's picture, each for the same part of [`FORECAST_DAYS`].
pub const FORECAST_BARS: usize = 30;

/// The whole page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// The server's time, Unix milliseconds.
    pub now: i64,
    pub counts: Counts,
    /// The first accounts in the order of the Connections page; with many accounts not all of them.
    pub accounts: Vec<Card>,
    pub forecast: Forecast,
    /// Open ones first, then those that were closed in the last 30 days, the newest first.
    pub incidents: Vec<Incident>,
}

/// The figures at the top.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All accounts, disconnected ones included.
    pub accounts: u32,
    pub disconnected: u32,
    pub healthy: u32,
    /// Amber ones.
    pub attention: u32,
    /// Tokens that end within 30 days (SPEC T-2).
    pub expiring: u32,
    /// Posts that wait for a reconnect.
    pub held: u32,
    /// Posts that come due from now on.
    pub scheduled: u32,
}

/// The accounts that somebody has to connect again within the next 90 days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// How many end in each part of the time.
    pub bars: Vec<u32>,
    /// The next of them, soonest first.
    pub next: Vec<Card>,
    /// All of them.
    pub total: u32,
    /// Tokens that would end in this time, if Pilotlight did not renew them.
    pub renewed: u32,
}

/// The time from green-to-amber until amber-to-green.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    pub account: AccountId,
    pub platform: Platform,
    pub name: String,
    /// The cause as a short sentence.
    pub words: String,
    /// Unix milliseconds.
    pub since: i64,
    /// `None` while it is open.
    pub until: Option<i64>,
    /// Posts that waited to be published when it began.
    pub posts: u32,
}

/// How the workspace's connections are.
#[server(name = GetOverview, endpoint = "overview")]
pub async fn overview() -> Result<Overview, ApiError> {
    use crate::server::{http::session, service::overview};
    let (state, member) = session::require().await?;
    overview::overview(&state, &member).await.map_err(session::answer)
}
