//! The start of a connection: what can be connected, and the way to the platform's consent (SPEC C-1, C-3, C-8).

use secrecy::SecretString;

use super::desk::Desk;
use super::stop::{Stop, from_failure, going_on};
use super::{ServiceError, setup};
use crate::api::connect::{Choice, Offer};
use crate::domain::explain::Problem;
use crate::domain::id::{AccountId, FlowId};
use crate::domain::plan::Plan;
use crate::domain::platform::{Entry, Platform};
use crate::domain::role::Action;
use crate::server::digest::sha256;
use crate::server::http::session::Member;
use crate::server::platform::failure::Failure;
use crate::server::platform::{Ask, guard};
use crate::server::state::AppState;
use crate::server::store::flows::{self, Flow};
use crate::server::store::{accounts, grants, people};
use crate::server::vault::Place;

/// How long a person may take on the platform's pages, in milliseconds.
pub const FLOW_LIFE_MS: i64 = 10 * 60_000;

/// Every platform and whether this workspace can connect it now.
pub async fn choices(state: &AppState, member: &Member) -> Result<Vec<Choice>, ServiceError> {
    member.may(Action::See)?;
    let plan = people::plan_of(&state.db, &member.workspace).await?;
    let used = accounts::count_connected(&state.db, &member.workspace).await?;
    Ok(state
        .config
        .all_platforms()
        .map(|platform| Choice { platform, offer: offer(state, plan, used, platform) })
        .collect())
}

fn offer(state: &AppState, plan: Plan, used: usize, platform: Platform) -> Offer {
    if platform.entry().is_none() {
        return Offer::ComingSoon;
    }
    if !plan.includes(platform, &state.config.open_platforms) {
        return Offer::Upgrade { plan: Plan::least_for(platform) };
    }
    if platform.needs_operator_app() && state.config.app(platform).is_none() {
        return Offer::NotConfigured { settings: setup::settings(platform) };
    }
    match (plan.slots_left(used), plan.account_limit()) {
        (Some(0), Some(limit)) => Offer::LimitReached { limit },
        _ => Offer::Ready,
    }
}

/// Refuses a new connection before anybody is sent anywhere.
pub async fn check_offer(state: &AppState, member: &Member, platform: Platform) -> Result<(), Stop> {
    let plan = people::plan_of(&state.db, &member.workspace).await?;
    let used = accounts::count_connected(&state.db, &member.workspace).await?;
    Err(Stop::Because(match offer(state, plan, used, platform) {
        Offer::Ready => return Ok(()),
        Offer::ComingSoon => Problem::ComingSoon,
        Offer::Upgrade { .. } => Problem::PlanPlatform,
        Offer::NotConfigured { .. } => Problem::NotConfigured,
        Offer::LimitReached { .. } => Problem::PlanLimit,
    }))
}

/// What a person asked for.
#[derive(Clone, Debug)]
pub struct Start {
    pub platform: Platform,
    /// The account to reconnect; `None` for a new connection.
    pub account: Option<AccountId>,
    /// The server, as the person typed it.
    pub host: Option<String>,
    /// The handle, as the person typed it, for platforms that find the server by it.
    pub handle: Option<String>,
    /// Where the person was: a path of ours.
    pub back: String,
}

/// Where to send the browser, and the secret that binds this browser to the attempt.
#[derive(Debug)]
pub struct Started {
    pub location: String,
    pub browser: String,
}

/// Begins an attempt. `browser` is the secret this browser already has from another attempt: two tabs may connect side by side.
///
/// # Errors
/// A [`Stop`] with the problem's page; nothing was sent to the platform then (but perhaps an app registered with a Mastodon server).
pub async fn start(state: &AppState, member: &Member, ask: &Start, browser: Option<String>) -> Result<Started, Stop> {
    member.may(Action::ManageAccounts)?;
    if state.vault.is_read_only().is_some() {
        return Err(Stop::Because(Problem::ReadOnly));
    }
    let target = target(state, member, ask).await?;
    let hint = hint(&target, ask.handle.as_deref());
    let entry = target.platform.entry();
    if entry == Some(Entry::BotToken) || (entry == Some(Entry::Handle) && hint.is_none()) {
        return Ok(Started {
            location: going_on(handle_page(target.platform, target.account.as_ref()), &ask.back),
            browser: browser.unwrap_or_else(|| state.random.token()),
        });
    }
    let mut desk = Desk::new(state, target.platform, &target.host).await?;
    if !target.platform.needs_operator_app() {
        desk.register(state).await?.map_err(|failure| bad_server(&failure))?;
    }

    let secret = state.random.token();
    let browser = browser.unwrap_or_else(|| state.random.token());
    let verifier = SecretString::from(state.random.token());
    let begun = desk
        .adapter
        .begin(
            &desk.cx(state),
            &Ask { state: &secret, verifier: &verifier, again: target.account.is_some(), hint: hint.as_deref() },
        )
        .await
        .map_err(|failure| Stop::Because(not_configured(from_failure(&failure))))?;

    let now = state.clock.now();
    let id = FlowId::new(state.random.uuid(now));
    let place = |column| Place { table: "flows", column, row: id.as_str(), workspace: member.workspace.as_str() };
    let (verifier, binding) = (
        state.vault.seal(place("verifier"), &verifier)?,
        begun.binding.map(|binding| state.vault.seal(place("binding"), &binding)).transpose()?,
    );
    let flow = Flow {
        browser_hash: sha256(browser.as_bytes()),
        workspace: member.workspace.clone(),
        user: member.user.clone(),
        platform: target.platform,
        host: target.host,
        redirect_uri: desk.redirect_uri().to_owned(),
        verifier,
        binding,
        account: target.account,
        expected_id: target.expected_id,
        back: ask.back.clone(),
        created_at: now,
        used_at: None,
        outcome: None,
        id,
    };
    let mut tx = state.db.begin().await?;
    flows::insert(&mut tx, &flow, &sha256(secret.as_bytes())).await?;
    tx.commit().await?;
    Ok(Started { location: state.http.browser_url(&begun.url), browser })
}

/// What an attempt is about, once it is known to be allowed.
pub struct Target {
    pub platform: Platform,
    pub host: String,
    pub account: Option<AccountId>,
    pub expected_id: Option<String>,
    /// The tokens that are there are bound to something.
    bound: bool,
}

/// Finds the account that is reconnected, or checks that a new one may be connected.
pub async fn target(state: &AppState, member: &Member, ask: &Start) -> Result<Target, Stop> {
    if let Some(id) = &ask.account {
        let account = accounts::get(&state.db, &member.workspace, id).await?.ok_or(ServiceError::NotFound)?;
        let grant = grants::get(&state.db, &account.grant).await?.ok_or(ServiceError::NotFound)?;
        // A disconnected account gave its slot back: taking it again counts like a new one.
        if !account.connected {
            check_offer(state, member, account.platform).await?;
        }
        return Ok(Target {
            platform: account.platform,
            host: server(state, account.platform, account.host),
            account: Some(account.id),
            bound: grant.sealed.binding.is_some(),
            expected_id: Some(grant.identity_id),
        });
    }
    check_offer(state, member, ask.platform).await?;
    let host = match (ask.platform.entry(), ask.host.as_deref().map(str::trim)) {
        (Some(Entry::Server), typed) => guard::host(typed.unwrap_or_default(), &state.config.outbound.private_hosts)
            .map_err(|_| Stop::Because(Problem::BadServer))?,
        (Some(Entry::Handle), Some(typed)) if !typed.is_empty() => {
            let host = guard::host(typed, &state.config.outbound.private_hosts);
            server(state, ask.platform, host.map_err(|_| Stop::Because(Problem::BadServer))?)
        }
        _ => String::new(),
    };
    Ok(Target { platform: ask.platform, host, account: None, expected_id: None, bound: false })
}

/// The server to ask. Where the handle leads to it, only one that is in no public register is taken from what we know.
fn server(state: &AppState, platform: Platform, host: String) -> String {
    let found = platform.entry() == Some(Entry::Handle);
    if found && !guard::is_private(&host, &state.config.outbound.private_hosts) { String::new() } else { host }
}

/// Whom to ask for: the handle that was typed, or the identity whose consent is to be given again.
fn hint(target: &Target, handle: Option<&str>) -> Option<String> {
    let typed = handle.map(str::trim).filter(|handle| !handle.is_empty()).map(str::to_owned);
    typed.or_else(|| target.expected_id.clone().filter(|_| target.bound))
}

fn handle_page(platform: Platform, account: Option<&AccountId>) -> String {
    match account {
        Some(account) => format!("/connect/{}?account={account}", platform.key()),
        None => format!("/connect/{}", platform.key()),
    }
}

fn bad_server(failure: &Failure) -> Stop {
    tracing::info!(%failure, "a named server did not register our app");
    Stop::Because(match from_failure(failure) {
        told @ (Problem::RateLimited | Problem::NotConfigured) => told,
        _ => Problem::BadServer,
    })
}

/// Before the redirect, a fault of the app can only be a missing one.
fn not_configured(problem: Problem) -> Problem {
    if problem == Problem::AppNotApproved { Problem::NotConfigured } else { problem }
}
