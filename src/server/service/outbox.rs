//! The outbox's way to its addressees, the same for every channel: what is due is claimed, delivered, and ended.

use super::ServiceError;
use super::alerts::send as mails;
use super::history::Happening;
use super::lifecycle::Pen;
use super::webhooks::send as webhooks;
use crate::server::state::AppState;
use crate::server::store::outbox::{self, Channel, Claimed, End, To};

/// Most messages of a channel on their way at once.
pub fn at_once(channel: Channel) -> i64 {
    match channel {
        Channel::Mail => mails::AT_ONCE,
        Channel::Webhook => webhooks::AT_ONCE,
    }
}

/// Claims messages that are due, at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(state: &AppState, channel: Channel, limit: i64) -> Result<Vec<Claimed>, ServiceError> {
    let now = state.clock.now();
    if !outbox::any_due(&state.db, channel, now).await? {
        return Ok(Vec::new());
    }
    let lease_ms = match channel {
        Channel::Mail => mails::LEASE_MS,
        Channel::Webhook => webhooks::LEASE_MS,
    };
    Ok(outbox::claim(&state.db, channel, &state.instance, now, lease_ms, limit).await?)
}

/// Delivers one. What goes wrong with the store is logged; the message is due again when its lease ends.
pub async fn one(state: &AppState, message: Claimed) {
    if let Err(error) = deliver(state, &message).await {
        tracing::error!(%error, message = %message.lease.message, kind = message.kind, "a message could not be delivered; trying again");
    }
}

/// All that are due, one after another; answers how many that were. For tests.
///
/// # Errors
/// When the database does not answer.
pub async fn all_due(state: &AppState, channel: Channel) -> Result<usize, ServiceError> {
    let mut sent = 0;
    loop {
        let due = claim(state, channel, at_once(channel)).await?;
        if due.is_empty() {
            return Ok(sent);
        }
        for message in due {
            sent += 1;
            deliver(state, &message).await?;
        }
    }
}

async fn deliver(state: &AppState, message: &Claimed) -> Result<(), ServiceError> {
    match &message.to {
        To::Member(user) => mails::deliver(state, message, user).await,
        To::Webhook(hook) => webhooks::deliver(state, message, hook).await,
    }
}

/// Ends a message, unless somebody else has it by now, and notes what is `told` of that.
///
/// # Errors
/// When the database does not answer.
pub async fn end(
    state: &AppState,
    message: &Claimed,
    end: End,
    answer: &str,
    told: Option<Happening>,
) -> Result<(), ServiceError> {
    let pen = Pen { now: state.clock.now(), random: &state.random };
    let mut tx = state.db.begin().await?;
    let ours = outbox::end(&mut tx, &message.lease, end, answer, pen.now).await?;
    if let Some(told) = told.filter(|_| ours) {
        pen.note(&mut tx, &message.workspace, None, None, &told).await?;
    }
    Ok(tx.commit().await?)
}
