//! A token for whoever needs one: publishing, recent posts, giving a consent back. Nobody else opens what is sealed.

use std::time::Duration;

use super::{Reason, look_at};
use crate::domain::id::GrantId;
use crate::server::clock::Moment;
use crate::server::platform::Tokens;
use crate::server::platform::failure::Failure;
use crate::server::service::{ServiceError, tokens};
use crate::server::state::AppState;
use crate::server::store::StoreError;
use crate::server::store::grants::{self, Grant};
use crate::server::vault::VaultError;

/// A token that ends sooner than this, in milliseconds, is replaced before it is handed out.
const LIVES_AT_LEAST_MS: i64 = 60_000;

/// Pause between two looks at a grant that another process holds.
const PAUSE: Duration = Duration::from_millis(100);

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("the connection was given up")]
    GivenUp,
    #[error("the token has ended and could not be replaced: {0}")]
    Ended(Failure),
    #[error("the token has ended, and another server is still busy with it")]
    Busy,
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for TokenError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<VaultError> for TokenError {
    fn from(error: VaultError) -> Self {
        Self::Service(error.into())
    }
}

/// Tokens of a grant that can be used now, refreshed if need be. Many who ask at once cause one refresh.
///
/// # Errors
/// [`TokenError`]; nothing about the account's health follows from it that the keeper has not recorded already.
pub async fn usable(state: &AppState, id: &GrantId) -> Result<Tokens, TokenError> {
    let patience = Duration::from_secs(u64::from(state.config.keeper.lease_seconds));
    let began = Moment::now();
    loop {
        let grant = grants::get(&state.db, id).await?.ok_or(TokenError::GivenUp)?;
        let ends_soon = grant.access_ends_at.is_some_and(|end| end < state.clock.now() + LIVES_AT_LEAST_MS);
        if !ends_soon || grant.sealed.refresh.is_none() {
            return stored(state, &grant)?.ok_or(TokenError::GivenUp);
        }
        match look_at(state, id, Reason::Needed).await? {
            Some(look) if look.refreshed => {}
            Some(look) => {
                let still = grants::get(&state.db, id).await?;
                let still = still.filter(|grant| grant.access_ends_at.is_none_or(|end| end > state.clock.now()));
                let lives = still.map(|grant| stored(state, &grant)).transpose()?;
                return match (lives.flatten(), look.failures.into_iter().next()) {
                    (Some(tokens), _) => Ok(tokens),
                    (None, Some((_, failure))) => Err(TokenError::Ended(failure)),
                    (None, None) => Err(TokenError::GivenUp),
                };
            }
            None if began.elapsed() < patience => tokio::time::sleep(PAUSE).await,
            None => return Err(TokenError::Busy),
        }
    }
}

/// Tokens of a grant as they are stored, for giving its consent back. `None` if it has none, or the key is lost: that
/// must not keep anybody from disconnecting.
pub fn to_give_back(state: &AppState, grant: &Grant) -> Option<Tokens> {
    stored(state, grant).ok().flatten()
}

pub(super) fn stored(state: &AppState, grant: &Grant) -> Result<Option<Tokens>, VaultError> {
    tokens::open(&state.vault, grant)
}
