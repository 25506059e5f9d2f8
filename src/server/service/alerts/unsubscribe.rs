//! The link in a mail that ends its kind (SPEC A-4). Looking at it changes nothing: mail programs look at links too.

use crate::domain::notify::AlertKind;
use crate::server::digest::sha256;
use crate::server::service::ServiceError;
use crate::server::service::history::Happening;
use crate::server::service::lifecycle::Pen;
use crate::server::state::AppState;
use crate::server::store::unsubscribes::{self, Unsubscribe};
use crate::server::store::{alert_rules, people};

/// What a link ends, for the page that asks.
pub struct Question {
    pub kind: AlertKind,
    pub workspace: String,
}

async fn of(state: &AppState, token: &str) -> Result<Unsubscribe, ServiceError> {
    unsubscribes::find(&state.db, &sha256(token.as_bytes())).await?.ok_or(ServiceError::NotFound)
}

/// What the link would end.
///
/// # Errors
/// `NotFound` for a link that nobody made, or one that is older than a year.
pub async fn ask(state: &AppState, token: &str) -> Result<Question, ServiceError> {
    let what = of(state, token).await?;
    let workspace = people::workspace(&state.db, &what.workspace).await?.ok_or(ServiceError::NotFound)?;
    Ok(Question { kind: what.kind, workspace: workspace.name })
}

/// Ends it. A second time changes nothing.
///
/// # Errors
/// As [`ask`].
pub async fn end(state: &AppState, token: &str) -> Result<Question, ServiceError> {
    let question = ask(state, token).await?;
    let what = of(state, token).await?;
    let pen = Pen { now: state.clock.now(), random: &state.random };
    let mut tx = state.db.begin().await?;
    let told = alert_rules::told(&mut tx, &what.workspace, what.kind).await?;
    if told.iter().any(|one| one.user == what.user) {
        let happening = Happening::Unsubscribed { what: what.kind.title().into() };
        pen.note(&mut tx, &what.workspace, None, Some(&what.user), &happening).await?;
    }
    alert_rules::set_member(&mut tx, &what.workspace, &what.user, what.kind, false).await?;
    tx.commit().await?;
    Ok(question)
}
