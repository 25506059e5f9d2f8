//! Which accounts stand in the banners of a member's pages, and putting those away that are not broken yet (SPEC A-1).

use super::ServiceError;
use super::forecast::extends_itself;
use super::history::{self, Happening};
use crate::api::accounts::Outcome;
use crate::domain::banner::{Banner, Trouble, Troubled, banners as drawn};
use crate::domain::grant::{DAY_MS, SOON_DAYS};
use crate::domain::id::AccountId;
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::state::AppState;
use crate::server::store::banners as store;

/// The member's banners, the most important first.
///
/// # Errors
/// When the database does not answer.
pub async fn banners(state: &AppState, member: &Member) -> Result<Vec<Banner>, ServiceError> {
    member.may(Action::See)?;
    Ok(drawn(troubled(state, member).await?))
}

/// Puts those of the accounts away for a day that are not broken yet; amber ones stay until they are mended. Ids that are
/// not among the member's banners are passed over.
///
/// # Errors
/// When the database does not answer.
pub async fn dismiss(state: &AppState, member: &Member, accounts: &str) -> Result<Outcome, ServiceError> {
    member.may(Action::See)?;
    let asked: Vec<&str> = accounts.split(',').collect();
    let ending = |one: &Troubled| matches!(one.trouble, Trouble::Ending { .. });
    let wanted = |one: &Troubled| ending(one) && asked.contains(&one.account.as_str());
    let away: Vec<AccountId> =
        troubled(state, member).await?.into_iter().filter(wanted).map(|one| one.account).collect();
    if !away.is_empty() {
        put_away(state, member, &away).await?;
    }
    Ok(Outcome { words: "Put away for a day.".into(), health: None })
}

async fn put_away(state: &AppState, member: &Member, accounts: &[AccountId]) -> Result<(), ServiceError> {
    let now = state.clock.now();
    let mut tx = state.db.begin().await?;
    store::forget(&mut tx, &member.user, now).await?;
    for account in accounts {
        store::dismiss(&mut tx, &member.user, account, now + DAY_MS).await?;
    }
    let what = Happening::BannerDismissed { count: u32::try_from(accounts.len()).unwrap_or(u32::MAX) };
    history::done(state, tx, member, &what).await
}

/// A token that is renewed without anybody's help troubles nobody.
async fn troubled(state: &AppState, member: &Member) -> Result<Vec<Troubled>, ServiceError> {
    let now = state.clock.now();
    let soon = now + SOON_DAYS * DAY_MS;
    let standing = store::standing(&state.db, &member.workspace, &member.user, now, soon).await?;
    let mine = |one: &store::Standing| match one.troubled.trouble {
        Trouble::Broken { .. } => true,
        Trouble::Ending { .. } => !extends_itself(one.troubled.platform, one.has_refresh),
    };
    Ok(standing.into_iter().filter(mine).map(|one| one.troubled).collect())
}
