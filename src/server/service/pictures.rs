//! Our own copies of profile pictures: vendors' addresses are signed, expire, and tell the vendor who looks (SPEC H-1).

use super::ServiceError;
use crate::domain::id::{AccountId, WorkspaceId};
use crate::server::digest::sha256;
use crate::server::state::AppState;
use crate::server::store::accounts;
use crate::server::store::pictures::{self, Picture};

/// Largest picture we keep, in bytes.
const MAX_BYTES: usize = 512 * 1024;

/// Fetches pictures in the background: nobody waits for a vendor's picture server. A failure leaves what is there.
pub fn fetch_later(state: &AppState, workspace: &WorkspaceId, pictures: Vec<(AccountId, String)>) {
    if pictures.is_empty() {
        return;
    }
    let (state, workspace) = (state.clone(), workspace.clone());
    let tasks = state.tasks.clone();
    tasks.spawn(async move {
        for (account, url) in pictures {
            if let Err(error) = fetch(&state, &account, &url).await {
                tracing::info!(%error, %account, "a profile picture could not be kept");
                continue;
            }
            state.live.tell(&workspace, Some(&account), None);
        }
    });
}

async fn fetch(state: &AppState, account: &AccountId, url: &str) -> Result<(), ServiceError> {
    let (bytes, mime) = state
        .http
        .fetch_picture(url, MAX_BYTES)
        .await
        .map_err(|failure| ServiceError::Conflict(failure.to_string()))?;

    let hash = sha256(&bytes);
    let mut tx = state.db.begin().await?;
    pictures::put(&mut tx, &hash, &Picture { mime: mime.to_string(), bytes: bytes.to_vec() }).await?;
    accounts::set_picture(&mut tx, account, &hash).await?;
    tx.commit().await?;
    Ok(())
}
