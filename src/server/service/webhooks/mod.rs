//! Webhooks (SPEC A-7): set up by admins, told by the outbox.

mod message;
pub mod send;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::ServiceError;
use super::alerts::settings::progress;
use super::history::{self, Happening};
use crate::api::accounts::Outcome;
use crate::api::webhooks::{Delivered, Format, Hook, HookState, Webhooks};
use crate::domain::id::{MessageId, WebhookId};
use crate::domain::role::Action;
use crate::domain::text::one_line;
use crate::server::http::session::Member;
use crate::server::platform::guard;
use crate::server::state::AppState;
use crate::server::store::webhooks::{self, Webhook};
use crate::server::store::{deliveries, outbox};
use crate::server::vault::Place;

/// How long the secret before signs beside a new one.
const OVERLAP_MS: i64 = 24 * 3_600_000;
/// Most webhooks of a workspace.
const MOST: usize = 20;
/// How many deliveries the page lists.
const SHOWN: i64 = 50;

/// Where a sealed part of a webhook lives.
fn place<'a>(hook: &'a str, workspace: &'a str, column: &'a str) -> Place<'a> {
    Place { table: "webhooks", column, row: hook, workspace }
}

/// The webhooks of the member's workspace; with the deliveries of the one that is to be shown, and its secret.
///
/// # Errors
/// `Forbidden`, and what store and vault say.
pub async fn all(state: &AppState, member: &Member, show: &str, reveal: bool) -> Result<Webhooks, ServiceError> {
    member.may(Action::ManageAlerts)?;
    let hooks = webhooks::list(&state.db, &member.workspace).await?;
    let now = state.clock.now();
    let asked = hooks.iter().find(|hook| hook.id == show);
    let sealed = asked.and_then(|hook| hook.secret.as_ref().map(|sealed| (hook, sealed))).filter(|_| reveal);
    let secret = sealed
        .map(|(hook, sealed)| state.vault.open(place(&hook.id, &hook.workspace_id, "secret"), sealed))
        .transpose()?
        .map(|secret| secret.expose_secret().to_owned());
    let deliveries = match asked {
        Some(hook) => {
            let id = WebhookId::new(hook.id.clone());
            deliveries::newest(&state.db, &member.workspace, "webhook", Some(&id), SHOWN).await?
        }
        None => Vec::new(),
    };
    let delivered = |row: deliveries::Delivery| Delivered {
        state: progress(&row),
        id: row.id,
        kind: row.kind,
        attempts: u32::try_from(row.attempts).unwrap_or(0),
        answer: row.answer,
        at: row.done_at.unwrap_or(row.created_at),
    };
    let deliveries = deliveries.into_iter().map(delivered).collect();
    Ok(Webhooks { now, hooks: hooks.into_iter().map(|hook| shown(hook, now)).collect(), deliveries, secret })
}

fn shown(hook: Webhook, now: i64) -> Hook {
    Hook {
        format: Format::from_key(&hook.format).unwrap_or(Format::Standard),
        state: match hook.state.as_str() {
            "on" => HookState::On,
            "off" => HookState::Off,
            _ => HookState::GivenUp,
        },
        id: hook.id,
        name: hook.name,
        host: hook.host,
        failing_since: hook.failing_since,
        old_secret_ends_at: hook.old_secret_ends_at.filter(|end| *end > now),
    }
}

async fn get(state: &AppState, member: &Member, id: &str) -> Result<Webhook, ServiceError> {
    member.may(Action::ManageAlerts)?;
    webhooks::get(&state.db, &member.workspace, &WebhookId::new(id)).await?.ok_or(ServiceError::NotFound)
}

/// Adds one.
///
/// # Errors
/// `Forbidden`; `Invalid` for a name or an address that can't be used; what store and vault say.
pub async fn add(
    state: &AppState,
    member: &Member,
    name: &str,
    format: Format,
    address: &str,
) -> Result<Outcome, ServiceError> {
    member.may(Action::ManageAlerts)?;
    let name = one_line(name.trim(), 80);
    if name.is_empty() {
        return Err(ServiceError::Invalid("Give the webhook a name, so that you know it later.".into()));
    }
    if webhooks::list(&state.db, &member.workspace).await?.len() >= MOST {
        return Err(ServiceError::Invalid(format!("A workspace has at most {MOST} webhooks. Remove one first.")));
    }
    let url = usable(state, address)?;
    let now = state.clock.now();
    let id = state.random.uuid(now);
    let workspace = member.workspace.as_str();
    let secret = (format == Format::Standard).then(|| secret(state));
    let sealed = |column: &str, value: &SecretString| state.vault.seal(place(&id, workspace, column), value);
    let new = Webhook {
        workspace_id: workspace.to_owned(),
        name: name.clone(),
        format: format.key().to_owned(),
        host: url.host_str().unwrap_or_default().to_owned(),
        url: sealed("url", &SecretString::from(url.as_str()))?,
        secret: secret.as_ref().map(|secret| sealed("secret", secret)).transpose()?,
        old_secret: None,
        old_secret_ends_at: None,
        state: "on".into(),
        failing_since: None,
        created_at: now,
        id: id.clone(),
    };
    let mut tx = state.db.begin().await?;
    webhooks::insert(&mut tx, &new).await?;
    history::done(state, tx, member, &Happening::WebhookAdded { name: name.clone() }).await?;
    Ok(Outcome { words: format!("{name} is told from now on."), health: None })
}

/// An address that may be called.
fn usable(state: &AppState, address: &str) -> Result<Url, ServiceError> {
    let wrong = |why: &str| ServiceError::Invalid(format!("This address can't be used: {why}."));
    let url = Url::parse(address.trim()).map_err(|_| wrong("it must begin with https://"))?;
    guard::check(&url, state.web.private_hosts()).map_err(|why| wrong(&why.to_string()))?;
    if address.len() > 2_000 {
        return Err(wrong("it is too long"));
    }
    Ok(url)
}

/// A new signing secret, as standardwebhooks.com writes them.
fn secret(state: &AppState) -> SecretString {
    SecretString::from(format!("whsec_{}", STANDARD.encode(state.random.bytes::<32>())))
}

/// Gives a webhook a new secret. The one before signs beside it for a day.
///
/// # Errors
/// `Forbidden`, `NotFound`, `Invalid` where the format knows no secret, and what store and vault say.
pub async fn rotate(state: &AppState, member: &Member, id: &str) -> Result<Outcome, ServiceError> {
    let hook = get(state, member, id).await?;
    let workspace = member.workspace.as_str();
    let Some(sealed) = &hook.secret else {
        return Err(ServiceError::Invalid("Chats know no secret: their address is the secret.".into()));
    };
    let before = state.vault.open(place(&hook.id, workspace, "secret"), sealed)?;
    let new = secret(state);
    let sealed = state.vault.seal(place(&hook.id, workspace, "secret"), &new)?;
    let old = state.vault.seal(place(&hook.id, workspace, "old_secret"), &before)?;
    let mut tx = state.db.begin().await?;
    let ends_at = state.clock.now() + OVERLAP_MS;
    webhooks::rotate(&mut tx, &WebhookId::new(hook.id), &sealed, Some(&old), ends_at).await?;
    history::done(state, tx, member, &Happening::WebhookChanged { name: hook.name }).await?;
    let words = "The new secret signs from now on. The one before signs beside it for 24 hours.".into();
    Ok(Outcome { words, health: None })
}

/// Switches one on or off. What waits for it meanwhile is dropped by the worker; the log keeps it, to be sent again.
///
/// # Errors
/// `Forbidden`, `NotFound`, and what the store says.
pub async fn switch(state: &AppState, member: &Member, id: &str, on: bool) -> Result<Outcome, ServiceError> {
    let hook = get(state, member, id).await?;
    let mut tx = state.db.begin().await?;
    webhooks::set_state(&mut tx, &WebhookId::new(hook.id), if on { "on" } else { "off" }).await?;
    history::done(state, tx, member, &Happening::WebhookChanged { name: hook.name.clone() }).await?;
    let words =
        if on { format!("{} is told again.", hook.name) } else { format!("{} is told nothing now.", hook.name) };
    Ok(Outcome { words, health: None })
}

/// Deletes one.
///
/// # Errors
/// `Forbidden`, `NotFound`, and what the store says.
pub async fn remove(state: &AppState, member: &Member, id: &str) -> Result<Outcome, ServiceError> {
    let hook = get(state, member, id).await?;
    let mut tx = state.db.begin().await?;
    webhooks::delete(&mut tx, &member.workspace, &WebhookId::new(hook.id)).await?;
    history::done(state, tx, member, &Happening::WebhookRemoved { name: hook.name.clone() }).await?;
    Ok(Outcome { words: format!("Removed {}.", hook.name), health: None })
}

/// Sends a message of its own now, and tells what was answered.
///
/// # Errors
/// `Forbidden`, `NotFound`; `Invalid` with the answer if it was not taken.
pub async fn test(state: &AppState, member: &Member, id: &str) -> Result<Outcome, ServiceError> {
    let hook = get(state, member, id).await?;
    let answer = send::test(state, &hook).await?;
    let mut tx = state.db.begin().await?;
    if answer.is_ok() {
        // It works again: what failed before must not count when it is to be given up.
        webhooks::worked(&mut tx, &WebhookId::new(hook.id)).await?;
    }
    history::done(state, tx, member, &Happening::WebhookTested { name: hook.name.clone() }).await?;
    match answer {
        Ok(answer) => Ok(Outcome { words: format!("{} took the test: {answer}", hook.name), health: None }),
        Err(answer) => Err(ServiceError::Invalid(format!("{} did not take the test: {answer}", hook.name))),
    }
}

/// Sends a message again, with the id it had.
///
/// # Errors
/// `Forbidden`, `NotFound`; `Conflict` if it could not arrive, or is on its way; what the store says.
pub async fn resend(state: &AppState, member: &Member, id: String) -> Result<Outcome, ServiceError> {
    member.may(Action::ManageAlerts)?;
    let found = deliveries::one(&state.db, &member.workspace, &id).await?.ok_or(ServiceError::NotFound)?;
    let message = MessageId::new(id);
    let hook = get(state, member, &found.webhook_id.unwrap_or_default()).await?;
    if hook.state != "on" {
        return Err(ServiceError::Conflict(format!("{} is off. Switch the endpoint on first.", hook.name)));
    }
    if hook.format != Format::Standard.key() && send::is_over(state, &found.kind, &message).await? {
        return Err(ServiceError::Conflict("The account is mended by now, so there is nothing left to tell.".into()));
    }
    let mut tx = state.db.begin().await?;
    if !outbox::again(&mut tx, &member.workspace, &message, state.clock.now()).await? {
        return Err(ServiceError::Conflict("It is on its way already.".into()));
    }
    history::done(state, tx, member, &Happening::WebhookResent { name: hook.name }).await?;
    Ok(Outcome { words: "It is sent again now.".into(), health: None })
}
