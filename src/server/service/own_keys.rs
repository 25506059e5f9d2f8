//! Keys of our own that other servers check us by.

use secrecy::ExposeSecret;
use serde_json::Value;

use super::ServiceError;
use super::desk::Desk;
use crate::domain::platform::Platform;
use crate::server::platform::bluesky::client;
use crate::server::platform::es256::Key;
use crate::server::state::AppState;

/// The public half of our key at Bluesky's servers. There is none before the first attempt to connect by OAuth.
///
/// # Errors
/// What store and vault say; `Broken` if the stored key is none.
pub async fn bluesky(state: &AppState) -> Result<Value, ServiceError> {
    let desk = Desk::new(state, Platform::Bluesky, "").await?;
    let stored = desk.cx(state).app.map(|app| &app.client_secret).filter(|key| !key.expose_secret().is_empty());
    let key = stored.map(Key::read).transpose().map_err(|failure| ServiceError::Broken(failure.to_string()))?;
    Ok(client::jwks(key.as_slice()))
}
