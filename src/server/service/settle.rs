//! What a fresh consent changes here: the grant, its accounts, their health (SPEC C-5 to C-7).

use super::desk::{Desk, patiently};
use super::history::Happening;
use super::lifecycle::{self, News, Pen, Sight};
use super::stop::Stop;
use super::{ServiceError, callback, pictures, tokens};
use crate::domain::explain::Problem;
use crate::domain::health::{Cause, Observation};
use crate::domain::id::{AccountId, GrantId};
use crate::domain::platform::Platform;
use crate::server::http::session::Member;
use crate::server::platform::{Destination, Identity, Tokens, missing_scopes};
use crate::server::state::AppState;
use crate::server::store::accounts::{self, Account, Described};
use crate::server::store::grants::{self, Grant, Key};
use crate::server::store::{Tx, people};

/// A consent that came back.
pub struct Arrival {
    pub platform: Platform,
    pub host: String,
    pub tokens: Tokens,
    pub identity: Identity,
    /// The account that is reconnected; `None` for a new connection.
    pub account: Option<AccountId>,
    pub expected_id: Option<String>,
    /// Where the person was.
    pub back: String,
}

/// Stores a consent and heals what it heals. Answers where to send the person.
///
/// # Errors
/// A [`Stop`]: then not a row was changed, and the new consent was given back (unless another connection lives on it).
pub async fn settle(state: &AppState, member: &Member, desk: &Desk, arrival: Arrival) -> Result<String, Stop> {
    let result = settle_inner(state, member, desk, &arrival).await;
    if let Err(Stop::Because(_)) = &result {
        give_back(state, desk, &arrival).await;
    }
    result
}

async fn settle_inner(state: &AppState, member: &Member, desk: &Desk, arrival: &Arrival) -> Result<String, Stop> {
    if arrival.expected_id.as_ref().is_some_and(|expected| *expected != arrival.identity.id) {
        return Err(Stop::Because(Problem::WrongAccount));
    }
    let cx = desk.cx(state);
    let offer = patiently(|| desk.adapter.destinations(&cx, &arrival.tokens)).await.map_err(callback::told)?;
    if offer.is_empty() && arrival.account.is_none() {
        return Err(Stop::Because(Problem::NoDestination));
    }

    let mut work = Settlement::begin(state, member, arrival).await?;
    work.store_consent(&offer).await?;
    let known = accounts::of_grant_in(&mut work.tx, &work.grant.id).await?;
    for account in &known {
        work.revisit(account, &offer).await?;
    }
    let path = work.landing(&offer, &known).await?;
    let Settlement { tx, news, seen, .. } = work;
    tx.commit().await.map_err(ServiceError::from)?;
    for one in news {
        one.tell(&state.live);
    }
    pictures::fetch_later(state, &member.workspace, seen);
    Ok(path)
}

/// The consent is of no use here. Several platforms revoke per person and app, so it is kept where that would end a connection that works.
async fn give_back(state: &AppState, desk: &Desk, arrival: &Arrival) {
    let others =
        grants::others_of_identity(&state.db, arrival.platform, &arrival.host, &arrival.identity.id, None).await;
    if !matches!(others, Ok(0)) {
        return;
    }
    if let Err(failure) = desk.adapter.revoke(&desk.cx(state), &arrival.tokens).await {
        tracing::info!(%failure, "a consent that was not used could not be given back");
    }
}

/// One transaction's worth of settling.
struct Settlement<'a> {
    state: &'a AppState,
    member: &'a Member,
    arrival: &'a Arrival,
    tx: Tx,
    pen: Pen<'a>,
    grant: Grant,
    missing: Vec<String>,
    news: Vec<News>,
    /// Accounts and the pictures that the platform has for them.
    seen: Vec<(AccountId, String)>,
}

impl<'a> Settlement<'a> {
    async fn begin(state: &'a AppState, member: &'a Member, arrival: &'a Arrival) -> Result<Self, Stop> {
        let pen = Pen { now: state.clock.now(), random: &state.random };
        let known = reconnected(state, member, arrival).await?;
        let mut tx = state.db.begin().await?;
        let host = arrival.identity.host.as_deref().unwrap_or(&arrival.host);
        // An identity is one, whatever server it is seen on: it may have moved.
        let known = match known {
            Some(grant) => Some(grant.id),
            None => grants::of_identity(&mut tx, &member.workspace, arrival.platform, &arrival.identity.id).await?,
        };
        let id = match known {
            Some(id) => {
                grants::lock(&mut tx, &id).await?;
                grants::moved(&mut tx, &id, host).await?;
                id
            }
            None => {
                let key = Key {
                    workspace: &member.workspace,
                    platform: arrival.platform,
                    host,
                    identity_id: &arrival.identity.id,
                };
                let fresh = GrantId::new(state.random.uuid(pen.now));
                grants::find_or_create(&mut tx, key, &fresh, &member.user, pen.now).await?.0
            }
        };
        let grant = grants::get_in(&mut tx, &id).await?.ok_or(ServiceError::NotFound)?;
        Ok(Self { state, member, arrival, tx, pen, grant, missing: Vec::new(), news: Vec::new(), seen: Vec::new() })
    }

    async fn store_consent(&mut self, offer: &[Destination]) -> Result<(), Stop> {
        let facts = crate::server::platform::adapter(self.arrival.platform).map(|adapter| adapter.facts());
        let facts = facts.ok_or(Stop::Because(Problem::ComingSoon))?;
        let tokens = &self.arrival.tokens;
        self.missing = missing_scopes(facts, tokens.scopes.as_deref());
        let row = tokens::seal(&self.state.vault, &self.grant.id, &self.grant.workspace, tokens, self.pen.now)?;
        // Also an empty one: what an earlier consent offered is not on offer any more.
        let sealed_offer = tokens::seal_offer(&self.state.vault, &self.grant.id, &self.grant.workspace, offer)?;
        let (now, roll) = (self.pen.now, self.state.random.roll());
        let due = facts.next_look(now, now, tokens.access_ends_at, tokens.refresh.is_some(), roll);
        let name = &self.arrival.identity.name;
        grants::consented(&mut self.tx, &self.grant.id, name, &row, Some(&sealed_offer), &self.member.user, due)
            .await?;
        if let Some(alias) = &self.arrival.identity.alias {
            grants::also_known_as(&mut self.tx, &self.grant.id, alias).await?;
        }
        Ok(())
    }

    /// An account that this grant carried before: healed, or named as left out.
    async fn revisit(&mut self, account: &Account, offer: &[Destination]) -> Result<(), Stop> {
        let wanted = self.arrival.account.as_ref() == Some(&account.id);
        if !account.connected && !wanted {
            return Ok(());
        }
        match offer.iter().find(|destination| destination.id == account.external_id) {
            Some(destination) => {
                if !account.connected {
                    self.take_slot().await?;
                }
                self.attach(&account.id, destination).await?;
                self.pen
                    .note(
                        &mut self.tx,
                        &account.workspace,
                        Some(&account.id),
                        Some(&self.member.user),
                        &Happening::Reconnected,
                    )
                    .await?;
                self.see(account, self.granted()).await
            }
            // Nothing to come back to: better no change than a consent that carries nothing.
            None if !account.connected => Err(Stop::Because(Problem::PermissionsMissing)),
            None => self.see(account, Observation::Dead(Cause::PermissionsMissing)).await,
        }
    }

    fn granted(&self) -> Observation {
        if self.missing.is_empty() { Observation::Works } else { Observation::Dead(Cause::PermissionsMissing) }
    }

    async fn see(&mut self, account: &Account, seen: Observation) -> Result<(), Stop> {
        let sight = Sight { account, seen, missing: &self.missing, by: Some(&self.member.user) };
        self.news.extend(lifecycle::record(&mut self.tx, self.pen, &sight).await?);
        Ok(())
    }

    async fn attach(&mut self, id: &AccountId, destination: &Destination) -> Result<(), Stop> {
        attach(self.state, &mut self.tx, &self.grant, id, destination).await?;
        if let Some(url) = &destination.picture_url {
            self.seen.push((id.clone(), url.clone()));
        }
        Ok(())
    }

    /// Where the person goes next: the account, or the choice of destinations.
    async fn landing(&mut self, offer: &[Destination], known: &[Account]) -> Result<String, Stop> {
        if let Some(account) = &self.arrival.account {
            let healed = known.iter().filter(|one| offer.iter().any(|d| d.id == one.external_id)).count();
            let reached = known.iter().any(|one| one.id == *account && offer.iter().any(|d| d.id == one.external_id));
            if reached {
                grants::set_up_done(&mut self.tx, &self.grant.id, self.pen.now).await?;
            }
            let done = if reached && self.missing.is_empty() { "reconnected" } else { "left-out" };
            return Ok(format!(
                "{}{}account={account}&done={done}&healed={healed}",
                self.arrival.back,
                joint(&self.arrival.back)
            ));
        }
        if self.arrival.platform.has_many_destinations() {
            return Ok(format!("/connect/choose?grant={}", self.grant.id));
        }
        let Some(destination) = offer.first() else { return Err(Stop::Because(Problem::NoDestination)) };
        let (id, done) = match known.iter().find(|account| account.external_id == destination.id) {
            Some(account) if account.connected => (account.id.clone(), "already"),
            Some(account) => {
                self.take_slot().await?;
                self.connect_again(account, destination).await?;
                (account.id.clone(), "connected")
            }
            None => {
                self.take_slot().await?;
                (self.connect_new(destination).await?, "connected")
            }
        };
        grants::set_up_done(&mut self.tx, &self.grant.id, self.pen.now).await?;
        Ok(format!("/connections?account={id}&done={done}"))
    }

    async fn take_slot(&mut self) -> Result<(), Stop> {
        let used = accounts::count_connected_in(&mut self.tx, &self.member.workspace).await?;
        let plan = people::plan_of_in(&mut self.tx, &self.member.workspace).await?;
        if plan.slots_left(used) == Some(0) { Err(Stop::Because(Problem::PlanLimit)) } else { Ok(()) }
    }

    async fn connect_again(&mut self, account: &Account, destination: &Destination) -> Result<(), Stop> {
        self.attach(&account.id, destination).await?;
        self.pen
            .note(&mut self.tx, &account.workspace, Some(&account.id), Some(&self.member.user), &Happening::Reconnected)
            .await?;
        self.see(account, self.granted()).await
    }

    async fn connect_new(&mut self, destination: &Destination) -> Result<AccountId, Stop> {
        let id = add(self.state, &mut self.tx, self.pen, &self.grant, destination, self.member).await?;
        if let Some(url) = &destination.picture_url {
            self.seen.push((id.clone(), url.clone()));
        }
        let account =
            accounts::of_grant_in(&mut self.tx, &self.grant.id).await?.into_iter().find(|account| account.id == id);
        let account = account.ok_or(ServiceError::NotFound)?;
        self.see(&account, self.granted()).await?;
        Ok(id)
    }
}

/// The grant of the account that is reconnected. Its identity was compared already; only its server may be another one now.
async fn reconnected(state: &AppState, member: &Member, arrival: &Arrival) -> Result<Option<Grant>, ServiceError> {
    let Some(id) = &arrival.account else { return Ok(None) };
    let account = accounts::get(&state.db, &member.workspace, id).await?.ok_or(ServiceError::NotFound)?;
    Ok(grants::get(&state.db, &account.grant).await?)
}

fn joint(path: &str) -> char {
    if path.contains('?') { '&' } else { '?' }
}

/// Ties an account that exists to a destination of this grant.
pub async fn attach(
    state: &AppState,
    tx: &mut Tx,
    grant: &Grant,
    id: &AccountId,
    destination: &Destination,
) -> Result<(), ServiceError> {
    accounts::attach(tx, id, &grant.id, &described(destination)).await?;
    let token = tokens::seal_account(&state.vault, id, &grant.workspace, destination.token.as_ref())?;
    accounts::set_token(tx, id, token.as_deref()).await?;
    Ok(())
}

/// Adds a destination as a new account.
pub async fn add(
    state: &AppState,
    tx: &mut Tx,
    pen: Pen<'_>,
    grant: &Grant,
    destination: &Destination,
    member: &Member,
) -> Result<AccountId, ServiceError> {
    let id = AccountId::new(state.random.uuid(pen.now));
    accounts::insert(tx, &id, grant, &described(destination), &member.user, pen.now).await?;
    let token = tokens::seal_account(&state.vault, &id, &grant.workspace, destination.token.as_ref())?;
    accounts::set_token(tx, &id, token.as_deref()).await?;
    pen.note(tx, &grant.workspace, Some(&id), Some(&member.user), &Happening::Connected).await?;
    Ok(id)
}

fn described(destination: &Destination) -> Described<'_> {
    Described {
        external_id: &destination.id,
        name: &destination.name,
        handle: destination.handle.as_deref(),
        link: destination.link.as_deref(),
        unusable: destination.unusable.as_deref(),
    }
}
