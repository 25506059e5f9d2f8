//! Addresses that the pages link to. The pages behind them are in the route table of `app.rs`; `/oauth/*`, `/auth/*` and
//! `/live` are answered by the server itself and need a full page load (`rel="external"`).

use crate::domain::filter::{Filter, escaped};
use crate::domain::id::{AccountId, GrantId};
use crate::domain::platform::{Entry, Platform};

/// The page of all accounts.
pub const CONNECTIONS: &str = "/connections";
/// What can be connected, as a page.
pub const CONNECT: &str = "/connect";

/// What to do first.
pub const LAUNCHPAD: &str = "/launchpad";
/// How the connections are, on one page.
pub const OVERVIEW: &str = "/overview";

/// The text filter of all accounts.
pub const FILTER: &str = "/connections#search";

/// The accounts that need a reconnect.
pub const ATTENTION: &str = "/connections?status=attention";
/// The accounts whose tokens end within 30 days.
pub const EXPIRING: &str = "/connections?status=expiring";

/// Who did what, when.
pub const ACTIVITY: &str = "/activity";
/// The same as a file.
pub const ACTIVITY_FILE: &str = "/activity.csv";

/// The operator's side of the platforms.
pub const PLATFORMS: &str = "/settings/platforms";

/// The calendar of what ends.
pub const CALENDAR: &str = "/settings/calendar";
/// Where all pages of the settings begin.
pub const SETTINGS: &str = "/settings";
/// Who is told of what by mail.
pub const NOTIFICATIONS: &str = "/settings/notifications";
/// Who is told by HTTP.
pub const WEBHOOKS: &str = "/settings/webhooks";

/// The operator's side of the platforms, with one of them asked about our app.
pub fn check_app(platform: Platform) -> String {
    format!("{PLATFORMS}?check={}", platform.key())
}

/// An account's detail panel.
pub fn account(id: &AccountId) -> String {
    format!("{CONNECTIONS}?account={id}")
}

/// The list as it is narrowed down.
pub fn list(filter: &Filter) -> String {
    filter.address(CONNECTIONS, &[])
}

/// The same, with an account's detail panel open.
pub fn account_in(filter: &Filter, id: &AccountId) -> String {
    filter.address(CONNECTIONS, &[("account", id.as_str())])
}

/// The same, with the platform asked about the account's tokens.
pub fn token_debug(filter: &Filter, id: &AccountId) -> String {
    filter.address(CONNECTIONS, &[("account", id.as_str()), ("debug", "1")])
}

/// The question before an account is disconnected.
pub fn disconnect(filter: &Filter, id: &AccountId) -> String {
    filter.address(CONNECTIONS, &[("account", id.as_str()), ("confirm", "disconnect")])
}

/// The question before an account is removed for good.
pub fn remove(filter: &Filter, id: &AccountId) -> String {
    filter.address(CONNECTIONS, &[("account", id.as_str()), ("confirm", "remove")])
}

pub use crate::api::connect::RECONNECT;

/// The accounts of a banner are connected again, and the person comes back to the page they were on.
pub fn reintegrate<'a>(accounts: impl IntoIterator<Item = &'a AccountId>, back: &str) -> String {
    let accounts: Vec<String> = accounts.into_iter().map(|id| format!("account={id}")).collect();
    format!("{RECONNECT}?{}&back={}", accounts.join("&"), escaped(back))
}

/// The composer with an account chosen already.
pub fn compose(id: &AccountId) -> String {
    format!("/compose?social_account_id={id}")
}

/// What is wrong with an account, and what to do.
pub fn support(id: &AccountId) -> String {
    format!("/support?account={id}")
}

/// The destinations of a consent.
pub fn choose(grant: &GrantId) -> String {
    format!("/connect/choose?grant={grant}")
}

/// Where a new connection to a platform begins; `None` while it can't be connected.
pub fn connect(platform: Platform) -> Option<String> {
    match platform.entry()? {
        Entry::Redirect => Some(format!("/oauth/start?platform={}", platform.key())),
        Entry::Server | Entry::Handle | Entry::BotToken => Some(format!("{CONNECT}/{}", platform.key())),
    }
}

/// Where an existing account is connected again.
pub fn reconnect(platform: Platform, id: &AccountId) -> String {
    match platform.entry() {
        Some(Entry::Handle | Entry::BotToken) => format!("{CONNECT}/{}?account={id}", platform.key()),
        _ => format!("/oauth/start?platform={}&account={id}", platform.key()),
    }
}

/// Asks for a Mastodon server.
pub const MASTODON: &str = "/connect/mastodon";
/// Asks for a Bluesky handle, and perhaps an app password.
pub const BLUESKY: &str = "/connect/bluesky";

/// `external` for addresses that the client's router must leave to the browser: those the server answers itself, and the
/// pages that need a policy of their own (their forms end at a server that only the person knows).
pub fn rel(href: &str) -> Option<&'static str> {
    let path = href.split('?').next().unwrap_or_default();
    (href.starts_with("/oauth/") || is_open_ended(path)).then_some("external")
}

/// Whether the form of this page ends at a server that only the person knows.
pub fn is_open_ended(path: &str) -> bool {
    path == MASTODON || path == BLUESKY
}
