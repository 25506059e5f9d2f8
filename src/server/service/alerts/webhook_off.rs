//! The mail about a webhook that was switched off. Its body names the webhook; whether it is still so is looked up when
//! the mail is written.

use serde_json::{Value, json};

use super::compose::Composed;
use crate::domain::id::{MessageId, WebhookId, WorkspaceId};
use crate::domain::notify::AlertKind;
use crate::server::mail::templates::{Button, Words};
use crate::server::service::ServiceError;
use crate::server::service::lifecycle::Pen;
use crate::server::state::AppState;
use crate::server::store::outbox::{self, Claimed, NewMessage, To};
use crate::server::store::webhooks::{self, Webhook};
use crate::server::store::{Tx, alert_rules};

/// Tells whoever is told of that kind.
///
/// # Errors
/// When the database does not answer.
pub async fn tell(tx: &mut Tx, pen: Pen<'_>, hook: &Webhook) -> Result<(), ServiceError> {
    let workspace = &WorkspaceId::new(hook.workspace_id.clone());
    let kind = AlertKind::WebhookOff;
    let body = json!({ "webhook": hook.id }).to_string();
    for member in alert_rules::told(tx, workspace, kind).await? {
        let (id, to) = (MessageId::new(pen.random.uuid(pen.now)), To::Member(member.user));
        let new = NewMessage { id, workspace, to, kind: kind.key(), body: &body, due_at: pen.now, now: pen.now };
        outbox::insert(tx, &new).await?;
    }
    Ok(())
}

/// What the mail says; `None` if the webhook is gone, or on again.
///
/// # Errors
/// When the database does not answer.
pub async fn compose(state: &AppState, message: &Claimed) -> Result<Option<Composed>, ServiceError> {
    let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
    let id = WebhookId::new(body["webhook"].as_str().unwrap_or_default());
    let hook = webhooks::get(&state.db, &message.workspace, &id).await?;
    let Some(hook) = hook.filter(|hook| hook.state == "given-up") else { return Ok(None) };
    let home = &state.config.server.public_url;
    let subject = format!("The webhook {} was switched off", hook.name);
    let words = Words {
        heading: subject.clone(),
        intro: Some(format!(
            "Nothing could be delivered to {} for five days, so Pilotlight has stopped trying. What happened meanwhile is kept in its list of deliveries.",
            hook.host
        )),
        steps: vec![
            "Put right what answers at that address.".into(),
            "Switch the webhook on again, and press \u{201c}Send a test\u{201d}.".into(),
        ],
        button: Some(Button { label: "Open the webhooks".into(), link: format!("{home}/settings/webhooks") }),
        ..Words::default()
    };
    Ok(Some(Composed { subject, words }))
}
