//! What every request and every worker can reach.

use std::sync::Arc;

use axum::extract::FromRef;
use leptos::prelude::LeptosOptions;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::clock::{Clock, Randomness};
use super::config::Config;
use super::figures::Figures;
use super::http::limits::SignInLimits;
use super::mail::Mailer;
use super::platform::client::Client;
use super::service::check_all::Checks;
use super::service::keeper::Keeper;
use super::service::live::Live;
use super::service::recent::Recents;
use super::service::token_debug::Reports;
use super::store::Db;
use super::vault::Vault;

/// The parts of a running server. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub config: Arc<Config>,
    pub db: Db,
    pub vault: Arc<Vault>,
    pub clock: Arc<dyn Clock>,
    pub random: Randomness,
    /// The one client for platforms.
    pub http: Client,
    /// The client for webhooks: as guarded as the one for platforms, and never the sandbox.
    pub web: Client,
    /// The way out for mail.
    pub mailer: Mailer,
    pub live: Live,
    pub keeper: Arc<Keeper>,
    /// Tells this process from others on the same database.
    pub instance: Arc<str>,
    /// Checks of all accounts that are under way.
    pub checks: Arc<Checks>,
    /// What platforms said of tokens lately.
    pub reports: Arc<Reports>,
    /// Posts that platforms told lately.
    pub recents: Arc<Recents>,
    /// What the operator watches.
    pub figures: Figures,
    pub limits: Arc<SignInLimits>,
    pub leptos: LeptosOptions,
    /// Work that goes on after its request was answered; waited for at the end.
    pub tasks: TaskTracker,
    /// Cancelled when the server stops.
    pub stop: CancellationToken,
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
