//! Settings > Webhooks: where others are told by HTTP, and what became of it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use super::accounts::Outcome;
use super::notifications::MailState;

/// The whole page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Webhooks {
    /// The server's time, Unix milliseconds.
    pub now: i64,
    pub hooks: Vec<Hook>,
    /// The newest deliveries of the webhook that was asked for.
    pub deliveries: Vec<Delivered>,
    /// The secret that signs its messages, where it was asked for.
    pub secret: Option<String>,
}

/// A webhook, without what is secret about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    pub id: String,
    pub name: String,
    pub format: Format,
    /// Where it leads.
    pub host: String,
    pub state: HookState,
    /// Since when every delivery failed, Unix milliseconds.
    pub failing_since: Option<i64>,
    /// The secret before still signs as well until then, Unix milliseconds.
    pub old_secret_ends_at: Option<i64>,
}

/// What a webhook's messages look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Signed JSON (standardwebhooks.com).
    Standard,
    Slack,
    Discord,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Standard, Self::Slack, Self::Discord];

    /// The word in the database and in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Slack => "slack",
            Self::Discord => "discord",
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "Signed JSON",
            Self::Slack => "Slack",
            Self::Discord => "Discord",
        }
    }

    /// The format of a key, if there is one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.key() == key)
    }
}

/// Whether a webhook is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HookState {
    On,
    Off,
    /// Switched off because nothing could be delivered for long.
    GivenUp,
}

/// A message to a webhook, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    pub id: String,
    /// The event's type.
    pub kind: String,
    pub state: MailState,
    pub attempts: u32,
    /// What the other side answered last.
    pub answer: Option<String>,
    /// Unix milliseconds.
    pub at: i64,
}

/// The webhooks of the workspace; with the deliveries of one of them, if it is named, and its secret if that is asked for.
#[server(name = GetWebhooks, endpoint = "webhooks")]
pub async fn webhooks(#[server(default)] show: String, #[server(default)] reveal: bool) -> Result<Webhooks, ApiError> {
    use crate::server::{http::session, service::webhooks};
    let (state, member) = session::require().await?;
    webhooks::all(&state, &member, &show, reveal).await.map_err(session::answer)
}

/// Adds a webhook.
#[server(name = AddWebhook, endpoint = "add_webhook")]
pub async fn add_webhook(name: String, format: Format, address: String) -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::webhooks};
    let (state, member) = session::require().await?;
    webhooks::add(&state, &member, &name, format, &address).await.map_err(session::answer)
}

/// Gives a webhook a new secret.
#[server(name = RotateWebhook, endpoint = "rotate_webhook")]
pub async fn rotate_webhook(id: String) -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::webhooks};
    let (state, member) = session::require().await?;
    webhooks::rotate(&state, &member, &id).await.map_err(session::answer)
}

/// Sends a test message now and tells what was answered.
#[server(name = TestWebhook, endpoint = "test_webhook")]
pub async fn test_webhook(id: String) -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::webhooks};
    let (state, member) = session::require().await?;
    webhooks::test(&state, &member, &id).await.map_err(session::answer)
}

/// Switches a webhook on or off.
#[server(name = SwitchWebhook, endpoint = "switch_webhook")]
pub async fn switch_webhook(id: String, on: bool) -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::webhooks};
    let (state, member) = session::require().await?;
    webhooks::switch(&state, &member, &id, on).await.map_err(session::answer)
}

/// Deletes a webhook with its deliveries.
#[server(name = RemoveWebhook, endpoint = "remove_webhook")]
pub async fn remove_webhook(id: String) -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::webhooks};
    let (state, member) = session::require().await?;
    webhooks::remove(&state, &member, &id).await.map_err(session::answer)
}

/// Sends a message to a webhook again.
#[server(name = ResendDelivery, endpoint = "resend_delivery")]
pub async fn resend_delivery(id: String) -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::webhooks};
    let (state, member) = session::require().await?;
    webhooks::resend(&state, &member, id).await.map_err(session::answer)
}
