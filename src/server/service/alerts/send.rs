//! Sends the mails that are due. A mail is noted before its end goes out and settled afterwards; one whose fate is unknown
//! goes out a second time at most, and says so (DESIGN rule 12).

use std::time::Duration;

use async_trait::async_trait;

use super::compose::{self, Composed};
use super::webhook_off;
use crate::domain::id::UserId;
use crate::domain::notify::AlertKind;
use crate::domain::text::one_line;
use crate::server::clock::Moment;
use crate::server::digest::sha256;
use crate::server::mail::{Delivery, Gate, Letter, templates};
use crate::server::service::ServiceError;
use crate::server::service::history::Happening;
use crate::server::service::outbox::end;
use crate::server::state::AppState;
use crate::server::store::alert_rules::{self, Addressee};
use crate::server::store::outbox::{self, Claimed, Copies, End};
use crate::server::store::unsubscribes::{self, Unsubscribe};

/// How long a mail is one server's alone: longer than a mail server may take for all steps together.
pub const LEASE_MS: i64 = 300_000;
/// Most mails on their way at once.
pub const AT_ONCE: i64 = 8;
/// The first wait after a failure; it doubles from there, up to [`LONGEST_WAIT_MS`].
const FIRST_WAIT_MS: i64 = 30_000;
const LONGEST_WAIT_MS: i64 = 3_600_000;
/// A mail that nobody took for so long is dead.
const GIVEN_UP_MS: i64 = 3 * 86_400_000;
/// How long the store is asked to keep what became of a mail, and how often: one that was taken must not go out again
/// because the store was away for a moment.
const PERSIST: Duration = Duration::from_secs(120);
const PERSIST_EVERY: Duration = Duration::from_secs(1);

/// Sends one to the member it is for.
///
/// # Errors
/// When the database does not answer; the mail is due again when its lease ends.
pub async fn deliver(state: &AppState, message: &Claimed, user: &UserId) -> Result<(), ServiceError> {
    let Some(kind) = AlertKind::from_key(&message.kind) else {
        return end(state, message, End::Dead, "This version does not know this kind of mail.", None).await;
    };
    let members = alert_rules::members(&state.db, &message.workspace, kind).await?;
    let Some(member) = members.into_iter().find(|one| one.user == *user && one.wanted) else {
        return end(state, message, End::Dropped, "The member does not want to be told any more.", None).await;
    };
    // The kind may have been switched off for everybody since the mail was written.
    if !alert_rules::rule(&state.db, &message.workspace, kind).await?.enabled {
        return end(state, message, End::Dropped, "The workspace does not tell of this kind any more.", None).await;
    }
    if message.in_doubt && message.resent {
        let words = "Nobody knows whether it arrived, twice. It is not sent a third time by itself.";
        let told = Happening::MailDead { what: kind.title().into(), to: member.name };
        return end(state, message, End::Dead, words, Some(told)).await;
    }
    let composed = match kind {
        AlertKind::WebhookOff => webhook_off::compose(state, message).await?,
        _ => compose::compose(state, message, kind).await?,
    };
    let Some(composed) = composed else {
        return end(state, message, End::Dropped, "Nothing of it is so any more.", None).await;
    };
    let what = one_line(&composed.subject, 120);
    let (letter, token) = letter(state, message, &member, composed, kind)?;
    let gate = Noted { state, message, member: &member, kind, token };
    let delivery = state.mailer.deliver(&letter, &gate).await;
    let since = Moment::now();
    loop {
        match settle(state, message, &member, &what, &delivery).await {
            Err(error) if since.elapsed() < PERSIST => {
                tracing::error!(%error, message = %message.lease.message, "what became of a mail could not be stored; trying again");
                tokio::time::sleep(PERSIST_EVERY).await;
            }
            done => return done,
        }
    }
}

/// The letter, and the hash of the link in it that ends this kind of mail.
fn letter(
    state: &AppState,
    message: &Claimed,
    member: &Addressee,
    composed: Composed,
    kind: AlertKind,
) -> Result<(Letter, String), ServiceError> {
    let home = &state.config.server.public_url;
    let token = state.random.token();
    let way_out = format!("{home}/mail/unsubscribe/{token}");
    let Composed { subject, mut words } = composed;
    words.why = format!("You get this because you are told of \u{201c}{}\u{201d}.", kind.title());
    words.settings = Some(format!("{home}/settings/notifications"));
    words.unsubscribe = Some(way_out.clone());
    let (text, html) = templates::write(&words).map_err(|error| ServiceError::Broken(error.to_string()))?;
    let letter = Letter {
        id: message.lease.message.to_string(),
        domain: state.config.mail.hello.clone(),
        // Of when it was written or an admin sent it again, so that a copy sent by itself is the same letter.
        at: message.created_at,
        to_name: member.name.clone(),
        to: member.email.clone(),
        subject: one_line(&subject, 150),
        text,
        html,
        unsubscribe: Some(way_out),
        resent: message.in_doubt,
    };
    Ok((letter, sha256(token.as_bytes())))
}

/// Notes that the end goes out, together with the link that the letter carries.
struct Noted<'a> {
    state: &'a AppState,
    message: &'a Claimed,
    member: &'a Addressee,
    kind: AlertKind,
    token: String,
}

impl Noted<'_> {
    async fn note(&self) -> Result<bool, ServiceError> {
        let mut tx = self.state.db.begin().await?;
        if !outbox::finishing(&mut tx, &self.message.lease, LEASE_MS, self.message.in_doubt).await? {
            return Ok(false);
        }
        let what =
            Unsubscribe { workspace: self.message.workspace.clone(), user: self.member.user.clone(), kind: self.kind };
        unsubscribes::put(&mut tx, &self.token, &what, self.state.clock.now()).await?;
        tx.commit().await?;
        Ok(true)
    }
}

#[async_trait]
impl Gate for Noted<'_> {
    async fn open(&self) -> bool {
        match self.note().await {
            Ok(open) => open,
            Err(error) => {
                tracing::error!(%error, message = %self.message.lease.message, "a mail could not be noted, so it is not sent now");
                false
            }
        }
    }
}

async fn settle(
    state: &AppState,
    message: &Claimed,
    member: &Addressee,
    what: &str,
    delivery: &Delivery,
) -> Result<(), ServiceError> {
    let (what, to) = (what.to_owned(), member.name.clone());
    match delivery {
        Delivery::Taken(answer) => end(state, message, End::Sent, answer, Some(Happening::MailSent { what, to })).await,
        Delivery::Refused(answer) => {
            tracing::warn!(message = %message.lease.message, answer, "a mail was refused");
            end(state, message, End::Dead, answer, Some(Happening::MailDead { what, to })).await
        }
        Delivery::Deferred(answer) => {
            // Nothing was taken now; a copy that was in doubt before still is.
            let copies = Copies { in_doubt: message.in_doubt, resent: message.resent };
            later(state, message, copies, answer, Happening::MailDead { what, to }).await
        }
        Delivery::InDoubt(answer) => {
            tracing::warn!(message = %message.lease.message, answer, "nobody knows whether a mail arrived");
            let copies = Copies { in_doubt: true, resent: message.in_doubt };
            later(state, message, copies, answer, Happening::MailDead { what, to }).await
        }
        // Another server has it, or the store is away: the lease will end.
        Delivery::Held => Ok(()),
    }
}

async fn later(
    state: &AppState,
    message: &Claimed,
    copies: Copies,
    answer: &str,
    dead: Happening,
) -> Result<(), ServiceError> {
    let now = state.clock.now();
    if now - message.created_at > GIVEN_UP_MS {
        return end(state, message, End::Dead, answer, Some(dead)).await;
    }
    tracing::warn!(message = %message.lease.message, attempts = message.attempts, answer, "a mail waits for its next attempt");
    let due_at = now + wait(message.attempts, state.random.roll());
    let mut tx = state.db.begin().await?;
    outbox::retry(&mut tx, &message.lease, due_at, copies, answer).await?;
    Ok(tx.commit().await?)
}

/// Milliseconds until the next attempt after so many; `roll` (0 to 1) spreads those of many mails.
pub fn wait(attempts: i64, roll: f64) -> i64 {
    let doubled = FIRST_WAIT_MS << attempts.saturating_sub(1).clamp(0, 16);
    let whole = doubled.min(LONGEST_WAIT_MS);
    whole / 2 + (roll * whole as f64 / 2.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC A-5: back-off with jitter, and never a pause of days
    #[test]
    fn waits_double_up_to_an_hour() {
        let longest: Vec<i64> = (1..=9).map(|attempt| wait(attempt, 0.999_999) / 1_000).collect();
        assert_eq!(longest, [29, 59, 119, 239, 479, 959, 1_919, 3_599, 3_599]);
        assert_eq!(wait(1, 0.0), 15_000);
        assert_eq!(wait(i64::MAX, 0.0), LONGEST_WAIT_MS / 2);
    }
}
