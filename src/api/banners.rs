//! The banners at the top of the pages (SPEC A-1).

use leptos::prelude::*;

use super::ApiError;
use super::accounts::Outcome;
use crate::domain::banner::Banner;

/// The banners of this member's pages, the most important first.
#[server(name = GetBanners, endpoint = "banners")]
pub async fn banners() -> Result<Vec<Banner>, ApiError> {
    use crate::server::{http::session, service::banners};
    let (state, member) = session::require().await?;
    banners::banners(&state, &member).await.map_err(session::answer)
}

/// Puts accounts away for a day whose connection ends soon, for this member; `accounts` are their ids, with commas between
/// them.
#[server(name = DismissBanner, endpoint = "dismiss_banner")]
pub async fn dismiss_banner(accounts: String) -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::banners};
    let (state, member) = session::require().await?;
    banners::dismiss(&state, &member, &accounts).await.map_err(session::answer)
}
