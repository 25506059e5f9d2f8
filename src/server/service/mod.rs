//! The use cases. Whoever wants something done - a server function, the OAuth callback, a worker - enters here.

pub mod accounts;
pub mod activity;
pub mod alerts;
pub mod banners;
pub mod calendar;
pub mod callback;
pub mod check_all;
pub mod choose;
pub mod connect;
pub mod desk;
pub mod doctor;
pub mod figures;
pub mod find;
pub mod forecast;
pub mod history;
pub mod keeper;
pub mod launchpad;
pub mod lifecycle;
pub mod lines;
pub mod listing;
pub mod live;
pub mod members;
pub mod outbox;
pub mod overview;
pub mod own_keys;
pub mod password;
pub mod pictures;
pub mod queue;
pub mod recent;
pub mod rotate;
pub mod settle;
pub mod setup;
pub mod signals;
pub mod stop;
pub mod token_debug;
pub mod tokens;
pub mod uptime;
pub mod webhooks;

use super::store::StoreError;
use super::vault::VaultError;

/// Why a use case did not happen. The texts of `Invalid`, `Conflict` and `ReadOnly` are for the person at the screen.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("not signed in")]
    SignedOut,
    #[error("the role does not allow it")]
    Forbidden,
    #[error("not found in this workspace")]
    NotFound,
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Conflict(String),
    #[error("busy, try again in {seconds} seconds")]
    Busy { seconds: u32 },
    #[error("{0}")]
    ReadOnly(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("this should not happen: {0}")]
    Broken(String),
}
