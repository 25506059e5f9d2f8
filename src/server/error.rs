//! What stops the server from starting or running, for the person at the console.

use super::config::ConfigError;
use super::platform::client::ClientError;
use super::service::ServiceError;
use super::store::StoreError;
use super::store::open::OpenError;
use super::vault::VaultError;

/// A fault that ends the program.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error(
        "the address {address} can't be used: {source}. Stop what uses it, or set server.listen (PILOTLIGHT_PORT)."
    )]
    Listen { address: String, source: std::io::Error },
    #[error("{0}")]
    Other(String),
}
