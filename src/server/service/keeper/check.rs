//! "Refresh now" on one account, and the words it is answered with.

use std::time::Duration;

use super::{Look, Reason, look_at};
use crate::api::accounts::Outcome;
use crate::domain::alert;
use crate::domain::health::Health;
use crate::domain::id::{AccountId, GrantId};
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::platform::failure::Class;
use crate::server::service::ServiceError;
use crate::server::state::AppState;
use crate::server::store::accounts::{self, Account};

/// How often a person's wish waits for somebody else's look, and how long each time. A look is mostly over in a moment.
const TRIES: u32 = 15;
const STEP: Duration = Duration::from_millis(200);

/// Answers "Refresh now" for one account.
///
/// # Errors
/// `Busy` while somebody else looks at it for longer than a moment, `Conflict` for a disconnected account, `ReadOnly` while nothing could be stored.
pub async fn check_now(state: &AppState, member: &Member, id: &AccountId) -> Result<Outcome, ServiceError> {
    member.may(Action::Check)?;
    let account = accounts::get(&state.db, &member.workspace, id).await?.ok_or(ServiceError::NotFound)?;
    if !account.connected {
        return Err(ServiceError::Conflict(format!("{} is disconnected. Reconnect it first.", account.name)));
    }
    let task = {
        let (state, grant) = (state.clone(), account.grant.clone());
        let tasks = state.tasks.clone();
        tasks.spawn(async move { look_soon(&state, &grant).await })
    };
    let look = task.await.map_err(|error| ServiceError::Broken(error.to_string()))??;
    let look = look.ok_or(ServiceError::Busy { seconds: 5 })?;
    let after = accounts::get(&state.db, &member.workspace, id).await?.ok_or(ServiceError::NotFound)?;
    Ok(outcome(&after, &look))
}

/// Looks as soon as nobody else does. A grant that the keeper has claimed and not begun with is somebody else's as well.
async fn look_soon(state: &AppState, grant: &GrantId) -> Result<Option<Look>, ServiceError> {
    for _ in 0..TRIES {
        if let Some(look) = look_at(state, grant, Reason::Asked).await? {
            return Ok(Some(look));
        }
        tokio::time::sleep(STEP).await;
    }
    Ok(None)
}

fn outcome(account: &Account, look: &Look) -> Outcome {
    let name = &account.name;
    let words = match (look.failure_of(&account.id), account.standing.health) {
        (_, Health::NeedsReconnect) => alert::needs_reconnect(name, account.standing.cause),
        (Some(failure), _) if failure.class == Class::Rate => {
            format!("{} asks us to wait before {name} is checked again.", account.platform)
        }
        (Some(failure), _) if failure.class == Class::App => {
            format!(
                "{} refused our app's own credentials. {name} is not at fault; the operator must look at the settings.",
                account.platform
            )
        }
        (Some(_), _) => format!("{} could not be reached. {name} stays as it was; we try again.", account.platform),
        (None, Health::Healthy) if look.refreshed => alert::refreshed(name),
        (None, Health::Healthy) => format!("{name} is healthy"),
    };
    Outcome { words, health: Some(account.standing.health) }
}
