//! Delivers what webhooks are told. A message is tried for three days; an endpoint that takes nothing for five is given up.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::message::Message;
use super::place;
use crate::api::webhooks::Format;
use crate::domain::id::{MessageId, WebhookId};
use crate::domain::text::one_line;
use crate::server::platform::answer::Answer;
use crate::server::service::ServiceError;
use crate::server::service::alerts::{BROKE, webhook_off};
use crate::server::service::history::Happening;
use crate::server::service::lifecycle::Pen;
use crate::server::service::outbox::end;
use crate::server::state::AppState;
use crate::server::store::outbox::{self, Claimed, Copies, End};
use crate::server::store::webhooks::{self, Webhook};
use crate::server::store::{outbox_items, people};

/// How long a message is one server's alone: several times what a call may take.
pub const LEASE_MS: i64 = 120_000;
/// Most messages on their way at once.
pub const AT_ONCE: i64 = 16;
/// Pauses before the next attempt, in seconds, as standardwebhooks.com proposes them; the last one repeats.
const PAUSES: [i64; 8] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000];
/// A message that nobody took for so long is dead.
const GIVEN_UP_MS: i64 = 3 * 86_400_000;
/// An endpoint that took nothing for so long is switched off.
const ENDPOINT_GIVEN_UP_MS: i64 = 5 * 86_400_000;

/// Delivers one to the endpoint it is for.
///
/// # Errors
/// What store and vault say; the message is due again when its lease ends.
pub async fn deliver(state: &AppState, message: &Claimed, id: &WebhookId) -> Result<(), ServiceError> {
    let Some(hook) = webhooks::get(&state.db, &message.workspace, id).await? else { return Ok(()) };
    let format = Format::from_key(&hook.format).unwrap_or(Format::Standard);
    if format != Format::Standard && is_over(state, &message.kind, &message.lease.message).await? {
        return end(state, message, End::Dropped, "It was not to be told any more.", None).await;
    }
    if hook.state != "on" {
        return end(state, message, End::Dropped, outbox::ENDPOINT_OFF, None).await;
    }
    let event: Value = serde_json::from_str(&message.body).unwrap_or_default();
    let answer = call(state, &hook, format, message.lease.message.as_str(), event).await?;
    match answer {
        Ok(answer) => {
            let mut tx = state.db.begin().await?;
            webhooks::worked(&mut tx, id).await?;
            outbox::end(&mut tx, &message.lease, End::Sent, &answer, state.clock.now()).await?;
            Ok(tx.commit().await?)
        }
        Err(refusal) => failed(state, message, &hook, &refusal).await,
    }
}

/// Whether a break that a chat was to be told of is mended: it waited because the account flickers.
pub(super) async fn is_over(state: &AppState, kind: &str, message: &MessageId) -> Result<bool, ServiceError> {
    let items = outbox_items::of_message(&state.db, message).await?;
    let mended = items.iter().any(|item| matches!(item.incident, Some((_, Some(_), _))));
    Ok(kind == BROKE && mended)
}

/// Why a call was not taken.
struct Refusal {
    words: String,
    /// The endpoint says that it is gone for good.
    gone: bool,
}

async fn call(
    state: &AppState,
    hook: &Webhook,
    format: Format,
    id: &str,
    event: Value,
) -> Result<Result<String, Refusal>, ServiceError> {
    let now = state.clock.now();
    let open = |column: &str, sealed: &[u8]| state.vault.open(place(&hook.id, &hook.workspace_id, column), sealed);
    let url = open("url", &hook.url)?;
    let mut secrets: Vec<SecretString> = Vec::new();
    if let Some(sealed) = &hook.secret {
        secrets.push(open("secret", sealed)?);
    }
    if let Some(sealed) = hook.old_secret.as_ref().filter(|_| hook.old_secret_ends_at.is_some_and(|end| end > now)) {
        secrets.push(open("old_secret", sealed)?);
    }
    let link = event["data"]["account"]["id"].as_str();
    let link = link.map(|id| state.config.server.account_link(id));
    let message = Message { id, event, link, at: now / 1000 };
    let request = message.request(&url, format, &secrets).map_err(|error| ServiceError::Broken(error.to_string()))?;
    Ok(match state.web.send(now, request.at_most(64 * 1024)).await {
        Ok(answer) if answer.is_success() => Ok(format!("HTTP {}", answer.status)),
        Ok(answer) => Err(refusal(&answer)),
        Err(failure) => Err(Refusal { words: one_line(&failure.detail, 300), gone: false }),
    })
}

fn refusal(answer: &Answer) -> Refusal {
    let body = String::from_utf8_lossy(&answer.body);
    let words = one_line(&format!("HTTP {} {body}", answer.status), 300);
    Refusal { words, gone: answer.status == 410 }
}

async fn failed(state: &AppState, message: &Claimed, hook: &Webhook, refusal: &Refusal) -> Result<(), ServiceError> {
    let pen = Pen { now: state.clock.now(), random: &state.random };
    let id = WebhookId::new(hook.id.clone());
    let mut tx = state.db.begin().await?;
    let since = webhooks::failed(&mut tx, &id, pen.now).await?;
    if pen.now - message.created_at > GIVEN_UP_MS || refusal.gone {
        outbox::end(&mut tx, &message.lease, End::Dead, &refusal.words, pen.now).await?;
    } else {
        let due_at = pen.now + pause(message.attempts, state.random.roll());
        let copies = Copies { in_doubt: false, resent: false };
        outbox::retry(&mut tx, &message.lease, due_at, copies, &refusal.words).await?;
    }
    if (refusal.gone || pen.now - since > ENDPOINT_GIVEN_UP_MS) && webhooks::set_state(&mut tx, &id, "given-up").await?
    {
        let told = Happening::WebhookGivenUp { name: hook.name.clone() };
        pen.note(&mut tx, &message.workspace, None, None, &told).await?;
        webhook_off::tell(&mut tx, pen, hook).await?;
    }
    Ok(tx.commit().await?)
}

/// Milliseconds until the next attempt after so many; `roll` (0 to 1) adds up to a fifth.
pub fn pause(attempts: i64, roll: f64) -> i64 {
    let at = usize::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(PAUSES.len() - 1);
    let whole = PAUSES[at] * 1_000;
    whole + (roll * whole as f64 / 5.0) as i64
}

/// A message that says it is a test. It is not kept.
///
/// # Errors
/// What store and vault say.
pub async fn test(state: &AppState, hook: &Webhook) -> Result<Result<String, String>, ServiceError> {
    let now = state.clock.now();
    let workspace = crate::domain::id::WorkspaceId::new(hook.workspace_id.clone());
    let name = people::workspace(&state.db, &workspace).await?.map(|one| one.name).unwrap_or_default();
    let time = jiff::Timestamp::from_millisecond(now).map(|at| at.to_string()).unwrap_or_default();
    let words = format!("This is a test from Pilotlight ({name}). It works.");
    let event = json!({ "type": "webhook.test", "timestamp": time, "data": { "words": words } });
    let format = Format::from_key(&hook.format).unwrap_or(Format::Standard);
    let id = state.random.uuid(now);
    Ok(call(state, hook, format, &id, event).await?.map_err(|refusal| refusal.words))
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC A-7: retried for three days, ever more seldom
    #[test]
    fn pauses_grow_and_the_last_one_repeats() {
        let seconds: Vec<i64> = (1..=9).map(|attempt| pause(attempt, 0.0) / 1_000).collect();
        assert_eq!(seconds, [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 72_000]);
        assert_eq!(pause(1, 0.999_9), 5_999);
    }
}
