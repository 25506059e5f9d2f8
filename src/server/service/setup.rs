//! The operator's side of the platforms: settings, the addresses to enter at the vendors', and the live check.

use super::ServiceError;
use super::desk::{Desk, redirect_uri};
use crate::api::platforms::{Address, AppCheck, Refused, Setup, SetupState, Verdict};
use crate::domain::platform::Platform;
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::platform::adapter;
use crate::server::platform::failure::{Class, Failure};
use crate::server::platform::signal::Kind;
use crate::server::state::AppState;
use crate::server::store::outages;

/// The set-up of every platform.
///
/// # Errors
/// `Forbidden` below admins; what the store says.
pub async fn all(state: &AppState, member: &Member) -> Result<Vec<Setup>, ServiceError> {
    member.may(Action::ManageAccounts)?;
    let outages = outages::all(&state.db).await?;
    let one = |platform: Platform| {
        // What one server of many says about us is the business of those who named it.
        let refused = outages.iter().find(|outage| outage.platform == platform.key() && outage.host.is_empty());
        Setup {
            platform,
            state: stand(state, platform),
            console: adapter(platform).and_then(|adapter| adapter.console()).map(str::to_owned),
            addresses: addresses(state, platform),
            refused: refused.map(|outage| Refused { since: outage.since, words: outage.detail.clone() }),
        }
    };
    Ok(state.config.all_platforms().map(one).collect())
}

fn stand(state: &AppState, platform: Platform) -> SetupState {
    if platform.entry().is_none() {
        SetupState::ComingSoon
    } else if !platform.needs_operator_app() {
        SetupState::NothingToDo
    } else if state.config.app(platform).is_some() {
        SetupState::Ready
    } else {
        SetupState::Missing { settings: settings(platform) }
    }
}

/// The settings that a platform with an app of the operator's needs.
pub fn settings(platform: Platform) -> Vec<String> {
    let table = format!("platforms.{}", platform.key());
    vec![format!("{table}.client_id"), format!("{table}.client_secret")]
}

fn addresses(state: &AppState, platform: Platform) -> Vec<Address> {
    if platform.entry().is_none() || !platform.needs_operator_app() {
        return Vec::new();
    }
    let mut all = vec![Address { label: "Redirect URL".into(), url: redirect_uri(state, platform) }];
    for kind in adapter(platform).map(|adapter| adapter.signals()).unwrap_or_default() {
        let label = match kind {
            Kind::Deauthorize => "Deauthorize callback URL",
            Kind::DataDeletion => "Data deletion request URL",
            Kind::Events if matches!(platform, Platform::Youtube | Platform::GoogleBusiness) => {
                "Receiver for Cross-Account Protection (registered by Google's RISC API)"
            }
            Kind::Events => "Webhook URL",
        };
        let url = format!("{}/signals/{}/{}", state.config.server.public_url, platform.key(), kind.key());
        all.push(Address { label: label.into(), url });
    }
    all
}

/// Asks a platform whether it knows our app. No person and no account is involved.
///
/// # Errors
/// `Forbidden` below admins; `Conflict` where there is no app to ask about.
pub async fn check(state: &AppState, member: &Member, platform: Platform) -> Result<AppCheck, ServiceError> {
    member.may(Action::ManageAccounts)?;
    if stand(state, platform) != SetupState::Ready {
        return Err(ServiceError::Conflict(format!("{platform} has no app of yours to ask about.")));
    }
    let desk = Desk::new(state, platform, "").await?;
    let answer = desk.adapter.check_app(&desk.cx(state)).await;
    Ok(told(platform, answer.as_ref().err()))
}

fn told(platform: Platform, failure: Option<&Failure>) -> AppCheck {
    let (verdict, words) = match failure {
        None => (Verdict::Knows, format!("{platform} knows this app: it accepted client id and secret.")),
        Some(failure) if failure.class == Class::App => {
            (Verdict::Refuses, format!("{platform} refuses this app. It said: {}", failure.detail))
        }
        Some(failure) => (Verdict::Unknown, format!("{platform} gave no clear answer. It said: {}", failure.detail)),
    };
    AppCheck { verdict, words }
}
