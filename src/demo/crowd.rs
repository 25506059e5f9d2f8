//! As many accounts as one wants: `pilotlight demo --accounts 1000`. They are put where a finished connect would have put
//! them, for nobody wants to wait for a thousand consents.

use super::hands::Demo;
use crate::domain::grant::DAY_MS;
use crate::domain::id::{AccountId, GrantId};
use crate::domain::platform::Platform;
use crate::sandbox::Minted;
use crate::server::error::RunError;
use crate::server::platform::Tokens;
use crate::server::service::{ServiceError, tokens};
use crate::server::store::accounts::{self, Described};
use crate::server::store::grants::{self, Key};
use crate::server::store::{StoreError, Tx};

/// Where the crowd lives, in turn.
const PLATFORMS: [Platform; 4] = [Platform::Facebook, Platform::X, Platform::Mastodon, Platform::Bluesky];

/// Adds so many accounts of the crowd, all green.
pub async fn fill(demo: &Demo<'_>, count: u32) -> Result<(), RunError> {
    let each = u64::from(count).div_ceil(PLATFORMS.len() as u64);
    let mut left = u64::from(count);
    for platform in PLATFORMS {
        let numbers = 0..each.min(left);
        left -= numbers.end;
        let minted = demo.twin.mint_crowd(platform.key(), numbers);
        let minted = minted.map_err(|error| RunError::Other(error.to_string()))?;
        let mut tx = demo.state.db.begin().await?;
        for one in minted {
            put(demo, &mut tx, platform, one).await.map_err(|error| RunError::Other(error.to_string()))?;
        }
        tx.commit().await?;
    }
    Ok(())
}

async fn put(demo: &Demo<'_>, tx: &mut Tx, platform: Platform, minted: Minted) -> Result<(), ServiceError> {
    let (state, workspace, user) = (demo.state, &demo.member.workspace, &demo.member.user);
    let now = state.clock.now();
    let key = Key { workspace, platform, host: &minted.host, identity_id: &minted.identity_id };
    let fresh = GrantId::new(state.random.uuid(now));
    let (grant, _) = grants::find_or_create(tx, key, &fresh, user, now).await?;
    let pair = Tokens {
        access: minted.access.into(),
        refresh: minted.refresh.map(Into::into),
        access_ends_at: minted.access_ends_at,
        refresh_ends_at: None,
        scopes: Some(minted.scopes),
        binding: None,
    };
    let row = tokens::seal(&state.vault, &grant, workspace, &pair, now)?;
    grants::consented(tx, &grant, &minted.name, &row, None, user, now).await?;
    // Spread over a day, so that the first minute of the demo is not spent on looking at everybody.
    let due_at = now + (state.random.roll() * DAY_MS as f64) as i64;
    grants::set_up_done(tx, &grant, due_at).await?;
    let grant = grants::get_in(tx, &grant).await?.ok_or_else(|| StoreError::inconsistent("grants", "", "gone"))?;
    let account = AccountId::new(state.random.uuid(now));
    let what = Described {
        external_id: &minted.destination.id,
        name: &minted.destination.name,
        handle: minted.destination.handle.as_deref(),
        link: None,
        unusable: None,
    };
    accounts::insert(tx, &account, &grant, &what, user, now).await?;
    let own = minted.destination.token.map(Into::into);
    let sealed = tokens::seal_account(&state.vault, &account, workspace, own.as_ref())?;
    accounts::set_token(tx, &account, sealed.as_deref()).await?;
    Ok(())
}
