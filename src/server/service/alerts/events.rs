//! What webhooks are told (SPEC A-7). A message is made when it happens and stays as it is, however often it is sent.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::write;
use crate::domain::alert;
use crate::domain::health::Cause;
use crate::domain::id::{AccountId, IncidentId, MessageId, WebhookId, WorkspaceId};
use crate::domain::platform::Platform;
use crate::server::service::lifecycle::Pen;
use crate::server::store::accounts::Account;
use crate::server::store::outbox::{self, NewMessage, To};
use crate::server::store::outbox_items::{self, NewItem};
use crate::server::store::{StoreError, Tx, webhooks};

/// The type of the message that an account turned amber.
pub const BROKE: &str = "account.needs_reconnect";

/// Something that happened to a connection.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    NeedsReconnect {
        incident: &'a IncidentId,
        cause: Cause,
    },
    Recovered {
        incident: &'a IncidentId,
    },
    Disconnected,
    /// Access ends at that time (Unix milliseconds); it is the reminder of so many days before, and so many are left.
    Expiring {
        ends_at: i64,
        days: i64,
        left: i64,
    },
}

impl Event<'_> {
    /// The `type` of the message.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NeedsReconnect { .. } => BROKE,
            Self::Recovered { .. } => "account.recovered",
            Self::Disconnected => "account.disconnected",
            Self::Expiring { .. } => "account.expiring",
        }
    }

    fn incident(&self) -> Option<&IncidentId> {
        match self {
            Self::NeedsReconnect { incident, .. } | Self::Recovered { incident } => Some(incident),
            Self::Disconnected | Self::Expiring { .. } => None,
        }
    }

    /// What makes it one event and not another of its type.
    fn subject(&self, account: &AccountId, now: i64) -> String {
        match self {
            Self::NeedsReconnect { incident, .. } | Self::Recovered { incident } => {
                format!("{}:{incident}", self.kind())
            }
            Self::Disconnected => format!("{}:{account}:{now}", self.kind()),
            Self::Expiring { ends_at, days, .. } => format!("{}:{account}:{ends_at}:{days}", self.kind()),
        }
    }

    /// As a sentence, for a chat.
    fn words(&self, name: &str) -> String {
        match self {
            Self::NeedsReconnect { cause, .. } => alert::needs_reconnect(name, Some(*cause)),
            Self::Recovered { .. } => alert::healed(name),
            Self::Disconnected => format!("{name} was disconnected"),
            Self::Expiring { left, .. } => alert::access_ends(name, *left),
        }
    }
}

/// An account as messages name it.
pub struct Named<'a> {
    pub workspace: &'a WorkspaceId,
    pub id: &'a AccountId,
    pub platform: Platform,
    pub name: &'a str,
    pub handle: Option<&'a str>,
    pub host: &'a str,
}

impl<'a> From<&'a Account> for Named<'a> {
    fn from(account: &'a Account) -> Self {
        Self {
            workspace: &account.workspace,
            id: &account.id,
            platform: account.platform,
            name: &account.name,
            handle: account.handle.as_deref(),
            host: &account.host,
        }
    }
}

/// Tells every webhook of the workspace that is on.
pub async fn write(tx: &mut Tx, pen: Pen<'_>, account: &Account, event: &Event<'_>) -> Result<(), StoreError> {
    tell(tx, pen, &Named::from(account), event).await
}

/// The same for an account of which no more is known than its name.
pub async fn tell(tx: &mut Tx, pen: Pen<'_>, account: &Named<'_>, event: &Event<'_>) -> Result<(), StoreError> {
    let hooks = webhooks::on(tx, account.workspace).await?;
    if hooks.is_empty() {
        return Ok(());
    }
    let body = body(account, event, pen.now).to_string();
    for (hook, format) in hooks {
        one(tx, pen, account, event, &hook, &body, format != "standard").await?;
    }
    Ok(())
}

/// People read a chat: they are spared what flickers, and the end of what they never heard of.
async fn one(
    tx: &mut Tx,
    pen: Pen<'_>,
    account: &Named<'_>,
    event: &Event<'_>,
    hook: &WebhookId,
    body: &str,
    chat: bool,
) -> Result<(), StoreError> {
    let mut due_at = pen.now;
    if matches!(event, Event::NeedsReconnect { .. }) && chat {
        let free = write::not_before(tx, pen, hook.as_str(), account.id, BROKE).await?;
        due_at = free.unwrap_or(pen.now).max(pen.now);
    }
    if let Event::Recovered { incident } = event
        && chat
        && !outbox_items::told(tx, incident, BROKE).await?.iter().any(|told| told == hook.as_str())
    {
        return Ok(());
    }
    let id = MessageId::new(pen.random.uuid(pen.now));
    let to = To::Webhook(hook.clone());
    let new =
        NewMessage { id: id.clone(), workspace: account.workspace, to, kind: event.kind(), body, due_at, now: pen.now };
    outbox::insert(tx, &new).await?;
    let (subject, incident) = (event.subject(account.id, pen.now), event.incident());
    let item = NewItem { addressee: hook.as_str(), subject: &subject, message: &id, account: account.id, incident };
    outbox_items::add(tx, &item).await.map(drop)
}

fn body(account: &Named<'_>, event: &Event<'_>, now: i64) -> Value {
    let time = |at: i64| Timestamp::from_millisecond(at).map(|at| at.to_string()).unwrap_or_default();
    let host = Some(account.host).filter(|host| !host.is_empty());
    let mut data = json!({
        "account": {
            "id": account.id.as_str(),
            "platform": account.platform.key(),
            "name": account.name,
            "handle": account.handle,
            "host": host,
        },
        "words": event.words(account.name),
    });
    match event {
        Event::NeedsReconnect { incident, cause } => {
            data["incident"] = json!({ "id": incident.as_str(), "cause": cause.key(), "opened_at": time(now) });
        }
        Event::Recovered { incident } => {
            data["incident"] = json!({ "id": incident.as_str(), "closed_at": time(now) });
        }
        Event::Expiring { ends_at, days, .. } => {
            data["ends_at"] = json!(time(*ends_at));
            data["days"] = json!(days);
        }
        Event::Disconnected => {}
    }
    json!({ "type": event.kind(), "timestamp": time(now), "data": data })
}
