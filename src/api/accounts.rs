//! The connected accounts: the list, one account's detail, and what can be done with it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::domain::grant::TokenStatus;
use crate::domain::health::{Cause, Health};
use crate::domain::id::{AccountId, GrantId};
use crate::domain::platform::Platform;
use crate::domain::uptime::Uptime;

/// Everything the Connections page shows, in the order in which it shows it (SPEC H-3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connections {
    /// The server's time, Unix milliseconds.
    pub now: i64,
    /// One page of the accounts that the filter takes (SPEC H-9).
    pub cards: Vec<Card>,
    /// Which page it is, counted from 1, and how many there are.
    pub page: u32,
    pub pages: u32,
    /// How many accounts the filter takes.
    pub matching: u32,
    /// The whole workspace, whatever the filter.
    pub totals: Totals,
    pub choices: Choices,
    /// Grants whose destinations were never chosen (SPEC C-3).
    pub setups: Vec<Setup>,
    /// A check of all accounts that is under way.
    pub checking: Option<Progress>,
}

/// How many accounts of a workspace are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub all: u32,
    /// Not disconnected.
    pub connected: u32,
    pub amber: u32,
    /// Green, and their token ends soon.
    pub soon: u32,
}

/// How many accounts each choice of a filter would take, with the other choices as they are (SPEC H-4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// In the order of `Status::ALL`.
    pub statuses: Vec<u32>,
    /// Platforms that the workspace has accounts of; all platforms together.
    pub platforms: Vec<(Platform, u32)>,
    pub any_platform: u32,
}

/// How far a check of all accounts is (SPEC T-7), counted in accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub done: u32,
    pub total: u32,
}

impl Progress {
    /// Whether there is something left to look at.
    pub fn running(self) -> bool {
        self.done < self.total
    }
}

/// One account's card (SPEC H-1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    pub id: AccountId,
    pub platform: Platform,
    /// The server it lives on, for platforms that have many.
    pub host: Option<String>,
    pub name: String,
    pub handle: Option<String>,
    /// Address of our copy of the profile picture.
    pub picture: Option<String>,
    pub health: Health,
    pub cause: Option<Cause>,
    /// Names of permissions that were not given.
    pub missing_scopes: Vec<String>,
    /// Since when it is amber, Unix milliseconds.
    pub amber_since: Option<i64>,
    /// `None` while disconnected.
    pub token: Option<TokenStatus>,
    /// When the token ends (Unix milliseconds), for the exact time on hover.
    pub token_ends_at: Option<i64>,
    pub disconnected: bool,
    /// Posts that wait for this account and come due from now on, and the next of them (Unix milliseconds).
    pub scheduled_posts: u32,
    pub next_post_at: Option<i64>,
    /// Scheduled posts that come due after the token ends, where only a person can renew it (SPEC T-9).
    pub dies_before_posts: u32,
    /// Posts that are held because it was amber when they came due.
    pub held_posts: u32,
}

/// A consent that waits for its destinations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    pub grant: GrantId,
    pub platform: Platform,
    pub person: String,
    /// Unix milliseconds.
    pub since: i64,
}

/// What the detail panel shows beyond the card (SPEC D-1, D-2, D-3, D-4, D-10).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    pub now: i64,
    pub card: Card,
    /// The account's public page.
    pub link: Option<String>,
    /// The identity that consented on the platform.
    pub granted_by: String,
    /// The member who connected it here.
    pub connected_by: Option<String>,
    pub connected_at: i64,
    pub refreshed_at: Option<i64>,
    pub checked_at: Option<i64>,
    pub next_check_at: Option<i64>,
    /// Why it can't be published to although it is connected.
    pub unusable: Option<String>,
    /// Granted scopes; `None` for members who may not see them or where the platform does not tell.
    pub scopes: Option<Vec<String>>,
    /// Whether this member may ask the platform what it knows about the tokens.
    pub token_debug: bool,
    /// Other accounts of the same grant: a reconnect heals them too.
    pub siblings: Vec<Sibling>,
    /// Who was told that it is amber, the first at the front; empty while it is green.
    pub told: Vec<ToldBy>,
    pub history: Vec<HistoryEntry>,
    /// `None` if it was not connected in the last days.
    pub uptime: Option<Uptime>,
}

/// Somebody who was told of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldBy {
    /// Name of the member or of the webhook.
    pub name: String,
    /// By mail; otherwise by webhook.
    pub mail: bool,
    /// The first time, Unix milliseconds.
    pub at: i64,
    /// The last time, if there was more than one.
    pub again: Option<i64>,
}

/// Another account of the same grant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sibling {
    pub name: String,
    pub health: Health,
}

/// One line of an account's history, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryEntry {
    pub at: i64,
    /// A finished sentence.
    pub words: String,
    /// The member who did it; `None` if nobody did.
    pub by: Option<String>,
}

/// What a check or a change led to, in words for a toast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub words: String,
    pub health: Option<Health>,
}

/// What "Remove" would delete (SPEC D-6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Removal {
    pub name: String,
    pub posts: u32,
    pub history: u32,
}

/// A page of the accounts of the workspace, those that need attention first. `status` and `platform` are words of an address
/// (SPEC H-4); `page` 0 stands for the page on which `account` is, or the first.
#[server(name = GetConnections, endpoint = "connections")]
pub async fn connections(
    #[server(default)] status: String,
    #[server(default)] platform: String,
    #[server(default)] text: String,
    #[server(default)] page: u32,
    account: Option<AccountId>,
) -> Result<Connections, ApiError> {
    use crate::domain::filter::Filter;
    use crate::server::{http::session, service::listing};
    let (state, member) = session::require().await?;
    let filter = Filter::of(&status, &platform, text, page);
    listing::connections(&state, &member, &filter, account.as_ref()).await.map_err(session::answer)
}

/// One account. An id of another workspace answers like one that does not exist.
#[server(name = GetAccount, endpoint = "account")]
pub async fn account(id: AccountId) -> Result<Detail, ApiError> {
    use crate::server::{http::session, service::accounts};
    let (state, member) = session::require().await?;
    accounts::detail(&state, &member, &id).await.map_err(session::answer)
}

/// Asks the platform now whether the account works ("Refresh now").
#[server(name = CheckAccount, endpoint = "check")]
pub async fn check(id: AccountId) -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::keeper};
    let (state, member) = session::require().await?;
    keeper::check_now(&state, &member, &id).await.map_err(session::answer)
}

/// Looks at every connected account of the workspace ("Check all"). It goes on in the background; the live stream tells how
/// far it is and what came out. While one is under way, its progress is the answer.
#[server(name = CheckAll, endpoint = "check_all")]
pub async fn check_all() -> Result<Progress, ApiError> {
    use crate::server::{http::session, service::check_all};
    let (state, member) = session::require().await?;
    check_all::start(&state, &member).await.map_err(session::answer)
}

/// Gives up the account's connection and keeps its history and posts.
#[server(name = DisconnectAccount, endpoint = "disconnect")]
pub async fn disconnect(id: AccountId) -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::accounts};
    let (state, member) = session::require().await?;
    accounts::disconnect(&state, &member, &id).await.map_err(session::answer)
}

/// What a removal would delete.
#[server(name = GetRemoval, endpoint = "removal")]
pub async fn removal(id: AccountId) -> Result<Removal, ApiError> {
    use crate::server::{http::session, service::accounts};
    let (state, member) = session::require().await?;
    accounts::removal(&state, &member, &id).await.map_err(session::answer)
}

/// Deletes the account and everything attached to it; `typed` must be its name.
#[server(name = RemoveAccount, endpoint = "remove")]
pub async fn remove(id: AccountId, typed: String) -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::accounts};
    let (state, member) = session::require().await?;
    accounts::remove(&state, &member, &id, &typed).await.map_err(session::answer)
}
