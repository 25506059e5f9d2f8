//! The choice of destinations after a consent, now or later (SPEC C-3).

use super::lifecycle::{self, News, Pen, Sight};
use super::{ServiceError, pictures, settle, tokens};
use crate::api::connect::{Destination as Line, Picker};
use crate::domain::health::{Cause, Observation};
use crate::domain::id::{AccountId, GrantId};
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::platform::{Destination, adapter, missing_scopes};
use crate::server::state::AppState;
use crate::server::store::grants::{self, Grant};
use crate::server::store::{Tx, accounts, people};

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
    let pen = Pen { now: state.clock.now(), random: &state.random };
    let mut tx = state.db.begin().await?;
    // The grant first, then the workspace: everybody who writes takes them in this order.
    let grant = grants::lock(&mut tx, id).await?.filter(|grant| grant.workspace == member.workspace && grant.active);
    let grant = grant.ok_or(ServiceError::NotFound)?;
    accounts::count_connected_in(&mut tx, &member.workspace).await?;
    let offer = tokens::open_offer(&state.vault, &grant)?;
    let wanted: Vec<&Destination> = offer.iter().filter(|d| d.unusable.is_none() && chosen.contains(&d.id)).collect();
    let mut work = Choosing { state, member, grant: &grant, pen, seen: Vec::new(), news: Vec::new(), left: Vec::new() };
    let mut first = None;
    for destination in &wanted {
        let account = work.take(&mut tx, destination).await?;
        first.get_or_insert(account);
    }
    let first = first.ok_or_else(|| ServiceError::Invalid("Tick at least one that can be connected.".into()))?;
    let used = accounts::count_connected_in(&mut tx, &member.workspace).await?;
    let plan = people::plan_of_in(&mut tx, &member.workspace).await?;
    if let Some(limit) = plan.account_limit().filter(|limit| used > *limit) {
        let words = format!("The {} plan carries {limit} accounts. Choose fewer, or upgrade.", plan.name());
        return Err(ServiceError::Conflict(words));
    }
    grants::set_up_done(&mut tx, &grant.id, pen.now).await?;
    let Choosing { seen, news, left, .. } = work;
    let mut dropped = Vec::new();
    for old in left {
        if !accounts::of_grant_in(&mut tx, &old).await?.iter().any(|account| account.connected) {
            dropped.extend(super::accounts::forget(state, &mut tx, &old, false).await?);
        }
    }
    tx.commit().await?;

    for one in news {
        one.tell(&state.live);
    }
    for one in dropped {
        super::accounts::give_back(state, Some(one));
    }
    pictures::fetch_later(state, &member.workspace, seen);
    Ok((wanted.len(), first))
}

/// One transaction's worth of choosing.
struct Choosing<'a> {
    state: &'a AppState,
    member: &'a Member,
    grant: &'a Grant,
    pen: Pen<'a>,
    seen: Vec<(AccountId, String)>,
    news: Vec<News>,
    /// Grants that carried an account before.
    left: Vec<GrantId>,
}

impl Choosing<'_> {
    /// Connects one destination. One that this grant carries already stays as it is: ticking it again is no proof that it works.
    async fn take(&mut self, tx: &mut Tx, destination: &Destination) -> Result<AccountId, ServiceError> {
        let grant = self.grant;
        let found = accounts::find(tx, &grant.workspace, grant.platform, &grant.host, &destination.id).await?;
        let before = match &found {
            Some(id) => accounts::get_in(tx, id).await?,
            None => None,
        };
        let id = match before {
            Some(account) if account.connected && account.grant == grant.id => return Ok(account.id),
            Some(account) => {
                settle::attach(self.state, tx, grant, &account.id, destination).await?;
                if account.grant != grant.id {
                    self.left.push(account.grant);
                }
                account.id
            }
            None => settle::add(self.state, tx, self.pen, grant, destination, self.member).await?,
        };
        if let Some(url) = &destination.picture_url {
            self.seen.push((id.clone(), url.clone()));
        }
        let account = accounts::get_in(tx, &id).await?.ok_or(ServiceError::NotFound)?;
        let missing = adapter(grant.platform)
            .map(|adapter| missing_scopes(adapter.facts(), grant.scopes.as_deref()))
            .unwrap_or_default();
        let seen = match missing.is_empty() {
            true => Observation::Works,
            false => Observation::Dead(Cause::PermissionsMissing),
        };
        let sight = Sight { account: &account, seen, missing: &missing, by: Some(&self.member.user) };
        self.news.extend(lifecycle::record(tx, self.pen, &sight).await?);
        Ok(id)
    }
}

async fn grant(state: &AppState, member: &Member, id: &GrantId) -> Result<Grant, ServiceError> {
    grants::get(&state.db, id)
        .await?
        .filter(|grant| grant.workspace == member.workspace && grant.active)
        .ok_or(ServiceError::NotFound)
}
