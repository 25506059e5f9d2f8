//! The choice of destinations after a consent, now or later (SPEC C-3).

use super::lifecycle::{self, Pen, Sight};
use super::{ServiceError, pictures, settle, tokens};
use crate::api::connect::{Destination as Line, Picker};
use crate::domain::health::Observation;
use crate::domain::id::{AccountId, GrantId};
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::platform::Destination;
use crate::server::state::AppState;
use crate::server::store::grants::{self, Grant};
use crate::server::store::{accounts, people};

/// What a consent offers to choose from.
pub async fn picker(state: &AppState, member: &Member, id: &GrantId) -> Result<Picker, ServiceError> {
    member.may(Action::ManageAccounts)?;
    let grant = grant(state, member, id).await?;
    let offer = tokens::open_offer(&state.vault, &grant)?;
    let connected = accounts::connected_ids(&state.db, &member.workspace, grant.platform, &grant.host).await?;
    let plan = people::plan_of(&state.db, &member.workspace).await?;
    let used = accounts::count_connected(&state.db, &member.workspace).await?;
    let line = |destination: Destination| Line {
        connected: connected.contains(&destination.id),
        id: destination.id,
        name: destination.name,
        handle: destination.handle,
        unusable: destination.unusable,
    };
    Ok(Picker {
        destinations: offer.into_iter().map(line).collect(),
        grant: grant.id,
        platform: grant.platform,
        person: grant.identity_name,
        slots_left: plan.slots_left(used),
        plan,
    })
}

/// Connects the chosen destinations. Answers how many, and the first of them.
///
/// # Errors
/// `Invalid` if nothing usable was chosen, `Conflict` if the plan has no room for all of it; nothing is connected then.
pub async fn choose(
    state: &AppState,
    member: &Member,
    id: &GrantId,
    chosen: &[String],
) -> Result<(usize, AccountId), ServiceError> {
    member.may(Action::ManageAccounts)?;
    let grant = grant(state, member, id).await?;
    let offer = tokens::open_offer(&state.vault, &grant)?;
    let wanted: Vec<&Destination> = offer.iter().filter(|d| d.unusable.is_none() && chosen.contains(&d.id)).collect();
    if wanted.is_empty() {
        return Err(ServiceError::Invalid("Tick at least one that can be connected.".into()));
    }

    let pen = Pen { now: state.clock.now(), random: &state.random };
    let (mut news, mut seen, mut first) = (Vec::new(), Vec::new(), None);
    let mut tx = state.db.begin().await?;
    for destination in &wanted {
        let known = accounts::find(&mut tx, &member.workspace, grant.platform, &grant.host, &destination.id).await?;
        let account = match known {
            Some(account) => {
                settle::attach(state, &mut tx, &grant, &account, destination).await?;
                account
            }
            None => settle::add(state, &mut tx, pen, &grant, destination, member).await?,
        };
        if let Some(url) = &destination.picture_url {
            seen.push((account.clone(), url.clone()));
        }
        first.get_or_insert(account);
    }
    let used = accounts::count_connected_in(&mut tx, &member.workspace).await?;
    let plan = people::plan_of_in(&mut tx, &member.workspace).await?;
    if let Some(limit) = plan.account_limit().filter(|limit| used > *limit) {
        return Err(ServiceError::Conflict(format!(
            "The {} plan carries {limit} accounts. Choose fewer, or upgrade.",
            plan.name()
        )));
    }
    grants::set_up_done(&mut tx, &grant.id).await?;
    for account in accounts::of_grant_in(&mut tx, &grant.id).await? {
        if wanted.iter().any(|destination| destination.id == account.external_id) {
            let sight = Sight { account: &account, seen: Observation::Works, missing: &[], by: Some(&member.user) };
            news.extend(lifecycle::record(&mut tx, pen, &sight).await?);
        }
    }
    tx.commit().await?;

    for one in news {
        one.tell(&state.live);
    }
    pictures::fetch_later(state, &member.workspace, seen);
    let first = first.ok_or_else(|| ServiceError::Broken("a chosen destination became no account".into()))?;
    Ok((wanted.len(), first))
}

async fn grant(state: &AppState, member: &Member, id: &GrantId) -> Result<Grant, ServiceError> {
    grants::get(&state.db, id)
        .await?
        .filter(|grant| grant.workspace == member.workspace && grant.active)
        .ok_or(ServiceError::NotFound)
}
