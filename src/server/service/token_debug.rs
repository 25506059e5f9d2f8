//! What a platform says about an account's tokens, on demand and for admins (SPEC D-4).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::desk::Desk;
use super::keeper::token::{self, TokenError};
use super::{ServiceError, tokens};
use crate::api::panel::{TokenDebug, TokenFacts};
use crate::domain::health::Observation;
use crate::domain::id::AccountId;
use crate::domain::platform::Platform;
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::platform::failure::{Class, Failure};
use crate::server::platform::report::TokenReport;
use crate::server::platform::{Subject, adapter};
use crate::server::state::AppState;
use crate::server::store::accounts::{self, Account};
use crate::server::store::grants;

/// How long a report is shown again without asking, in milliseconds: an open page looks at itself at every change.
const KEPT_MS: i64 = 30_000;

/// The last reports, by account.
#[derive(Default)]
pub struct Reports(Mutex<HashMap<AccountId, (i64, TokenDebug)>>);

impl Reports {
    fn get(&self, id: &AccountId, now: i64) -> Option<TokenDebug> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(id).filter(|(at, _)| now < at + KEPT_MS).map(|(_, report)| report.clone())
    }

    fn keep(&self, id: &AccountId, now: i64, report: &TokenDebug) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (at, _)| now < *at + KEPT_MS);
        kept.insert(id.clone(), (now, report.clone()));
    }
}

/// Whether a platform reports about tokens at all.
pub fn is_offered(platform: Platform) -> bool {
    adapter(platform).is_some_and(|adapter| adapter.reports_tokens())
}

/// Asks the platform about the account's tokens. Changes nothing, whatever the answer is: that is the keeper's work.
///
/// # Errors
/// `Conflict` where there is no token, or a platform that does not report.
pub async fn token_debug(state: &AppState, member: &Member, id: &AccountId) -> Result<TokenDebug, ServiceError> {
    member.may(Action::SeeScopes)?;
    let account = accounts::get(&state.db, &member.workspace, id).await?.ok_or(ServiceError::NotFound)?;
    let platform = account.platform;
    if !is_offered(platform) {
        return Err(ServiceError::Conflict(format!("{platform} gives no report about its tokens.")));
    }
    if !account.connected {
        return Err(ServiceError::Conflict(format!("{} is disconnected: there is no token.", account.name)));
    }
    let now = state.clock.now();
    if let Some(report) = state.reports.get(id, now) {
        return Ok(report);
    }
    let report = ask(state, &account).await?;
    state.reports.keep(id, now, &report);
    Ok(report)
}

async fn ask(state: &AppState, account: &Account) -> Result<TokenDebug, ServiceError> {
    let platform = account.platform;
    let grant = grants::get(&state.db, &account.grant).await?.ok_or(ServiceError::NotFound)?;
    let pair = match token::usable(state, &grant.id).await {
        Ok(pair) => pair,
        Err(TokenError::Service(error)) => return Err(error),
        Err(TokenError::Busy) => return Err(ServiceError::Busy { seconds: 5 }),
        Err(TokenError::GivenUp) => return Ok(nothing("There is no token any more. Please reconnect.".into())),
        Err(TokenError::Ended(failure)) => return Ok(nothing(words(platform, &failure))),
    };
    let own = tokens::open_account(&state.vault, account)?;
    let subject = Subject {
        tokens: &pair,
        identity_id: &grant.identity_id,
        destination_id: &account.external_id,
        destination_token: own.as_ref(),
    };
    let desk = Desk::new(state, platform, &account.host).await?;
    match desk.adapter.token_reports(&desk.cx(state), &subject).await {
        Ok(reports) => Ok(TokenDebug { tokens: reports.into_iter().map(facts).collect(), note: None }),
        Err(failure) => {
            tracing::debug!(account = %account.id, %failure, "no report about a token");
            Ok(nothing(words(platform, &failure)))
        }
    }
}

fn nothing(note: String) -> TokenDebug {
    TokenDebug { tokens: Vec::new(), note: Some(note) }
}

fn facts(report: TokenReport) -> TokenFacts {
    let TokenReport { kind, app, issued_at, ends_at, never_ends, data_access_ends_at, targets } = report;
    TokenFacts { kind, app, issued_at, ends_at, never_ends, data_access_ends_at, targets }
}

fn words(platform: Platform, failure: &Failure) -> String {
    match (failure.observation(), failure.class) {
        (Observation::Dead(cause), _) => {
            format!("{platform} says that the token does not work any more: {}.", cause.label())
        }
        (_, Class::Rate) => format!("{platform} asks us to wait before it is asked again."),
        (_, Class::App) => {
            format!("{platform} refused our app's own credentials. The operator must look at the settings.")
        }
        (_, Class::Transient) => format!("{platform} could not be reached. Please try again."),
        _ => format!("{platform} gave no report about this token."),
    }
}
