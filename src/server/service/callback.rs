//! The way back from a platform's consent page (SPEC C-3 to C-9).
//!
//! Whatever the platform, another browser or a stranger sends here, the answer is a page that explains it.

use std::time::Duration;

use super::desk::{Desk, patiently};
use super::history::Happening;
use super::lifecycle::Pen;
use super::settle::{self, Arrival};
use super::stop::{Stop, from_failure, from_redirect, going_on, problem_path};
use crate::domain::explain::Problem;
use crate::domain::id::AccountId;
use crate::domain::platform::Platform;
use crate::domain::role::Action;
use crate::server::digest::sha256;
use crate::server::http::session::Member;
use crate::server::platform;
use crate::server::platform::failure::{Class, Failure};
use crate::server::state::AppState;
use crate::server::store::flows::{self, Flow};
use crate::server::vault::Place;

use super::connect::FLOW_LIFE_MS;

/// What the platform put into the redirect. Nothing in it is believed before the state was recognised.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    pub code: Option<String>,
    pub state: Option<String>,
    pub error: Option<String>,
    pub error_description: Option<String>,
    /// `iss` (RFC 9207).
    pub issuer: Option<String>,
    /// What was granted, as the platform wrote it.
    pub scopes: Option<String>,
}

/// Finishes an attempt; answers the path of ours to send the person to. It never fails: every stop has a page.
pub async fn finish(
    state: &AppState,
    member: Option<&Member>,
    browser: Option<&str>,
    platform: Platform,
    returned: Returned,
) -> String {
    let flow = match recognise(state, member, browser, platform, &returned).await {
        Ok(flow) => flow,
        Err(stop) => return stop.path(Some(platform), None),
    };
    match flows::use_up(&state.db, &flow.id, state.clock.now()).await {
        Ok(true) => {}
        Ok(false) => return repeated(state, &flow).await,
        Err(error) => return Stop::from(error).path(Some(platform), flow.account.as_ref()),
    }
    // The member was there when the flow was recognised.
    let Some(member) = member else { return problem_path(Problem::OtherMember, Some(platform), None) };
    let path = match walk(state, member, &flow, returned).await {
        Ok(path) => path,
        Err(stop) => {
            let problem = stop.problem();
            note_failure(state, member, platform, flow.account.as_ref(), problem).await;
            going_on(problem_path(problem, Some(platform), flow.account.as_ref()), &flow.back)
        }
    };
    if let Err(error) = flows::set_outcome(&state.db, &flow.id, &path).await {
        tracing::warn!(%error, "the outcome of an attempt could not be stored");
    }
    path
}

async fn recognise(
    state: &AppState,
    member: Option<&Member>,
    browser: Option<&str>,
    platform: Platform,
    returned: &Returned,
) -> Result<Flow, Stop> {
    let because = |problem| Err(Stop::Because(problem));
    let Some(secret) = returned.state.as_deref().filter(|secret| !secret.is_empty()) else {
        return because(Problem::UnknownAttempt);
    };
    let Some(flow) = flows::by_state(&state.db, &sha256(secret.as_bytes())).await? else {
        return because(Problem::UnknownAttempt);
    };
    if flow.platform != platform {
        return because(Problem::UnknownAttempt);
    }
    if browser.map(|browser| sha256(browser.as_bytes())).as_ref() != Some(&flow.browser_hash) {
        return because(Problem::OtherBrowser);
    }
    match member {
        Some(member) if member.user == flow.user && member.workspace == flow.workspace => {
            member.may(Action::ManageAccounts)?
        }
        _ => return because(Problem::OtherMember),
    }
    if flow.used_at.is_none() && state.clock.now() - flow.created_at > FLOW_LIFE_MS {
        return because(Problem::AttemptExpired);
    }
    Ok(flow)
}

/// The same callback again (a reload, a second tab): it leads where the first one led.
async fn repeated(state: &AppState, flow: &Flow) -> String {
    const TRIES: u32 = 100;
    for _ in 0..TRIES {
        match flows::outcome(&state.db, &flow.id).await {
            Ok(Some(path)) => return path,
            Ok(None) => tokio::time::sleep(Duration::from_millis(100)).await,
            Err(error) => return Stop::from(error).path(Some(flow.platform), flow.account.as_ref()),
        }
    }
    problem_path(Problem::AttemptUsed, Some(flow.platform), flow.account.as_ref())
}

async fn walk(state: &AppState, member: &Member, flow: &Flow, returned: Returned) -> Result<String, Stop> {
    if let Some(error) = &returned.error {
        return Err(Stop::Because(from_redirect(error, returned.error_description.as_deref().unwrap_or_default())));
    }
    let code = returned.code.filter(|code| !code.is_empty()).ok_or(Stop::Because(Problem::CodeRefused))?;
    let desk = Desk::new(state, flow.platform, &flow.host).await?.redirected_to(&flow.redirect_uri);
    let place = |column| Place { table: "flows", column, row: flow.id.as_str(), workspace: flow.workspace.as_str() };
    let verifier = state.vault.open(place("verifier"), &flow.verifier)?;
    let binding = flow.binding.as_ref().map(|sealed| state.vault.open(place("binding"), sealed)).transpose()?;
    let back = platform::Returned {
        code: &code,
        verifier: &verifier,
        binding: binding.as_ref(),
        issuer: returned.issuer.as_deref(),
        scopes: returned.scopes.as_deref(),
    };

    let tokens = match desk.adapter.exchange(&desk.cx(state), &back).await {
        Ok(tokens) => tokens,
        Err(failure) => return Err(refused(state, &desk, &failure).await?),
    };
    let cx = desk.cx(state);
    let identity = patiently(|| desk.adapter.identity(&cx, &tokens)).await.map_err(told)?;
    let arrival = Arrival {
        platform: flow.platform,
        host: flow.host.clone(),
        tokens,
        identity,
        account: flow.account.clone(),
        expected_id: flow.expected_id.clone(),
        back: flow.back.clone(),
    };
    settle::settle(state, member, &desk, arrival).await
}

async fn refused(state: &AppState, desk: &Desk, failure: &Failure) -> Result<Stop, Stop> {
    if failure.class == Class::App {
        desk.forget_registration(state).await?;
    }
    Ok(told(failure.clone()))
}

/// A platform's refusal, told to the operator's log and turned into the person's problem.
pub fn told(failure: Failure) -> Stop {
    tracing::info!(%failure, "a platform refused an attempt to connect");
    Stop::Because(from_failure(&failure))
}

/// Adds an attempt that did not work to the history (SPEC C-9).
pub async fn note_failure(
    state: &AppState,
    member: &Member,
    platform: Platform,
    account: Option<&AccountId>,
    problem: Problem,
) {
    let what = Happening::ConnectFailed { platform: platform.key().into(), code: problem.key().into() };
    let pen = Pen { now: state.clock.now(), random: &state.random };
    let noted = async {
        let mut tx = state.db.begin().await?;
        pen.note(&mut tx, &member.workspace, account, Some(&member.user), &what).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::error!(%error, "a failed attempt could not be noted");
    }
}
