//! Settings > Notifications: who is told of what by mail, and what became of the mails.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use super::accounts::Outcome;
use crate::domain::notify::AlertKind;

/// The whole page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notifications {
    /// The server's time, Unix milliseconds.
    pub now: i64,
    pub kinds: Vec<KindRule>,
    /// The zone in which days begin (IANA name).
    pub zone: String,
    /// What can be chosen; empty for who may not.
    pub zones: Vec<String>,
    pub way: MailWay,
    /// The newest mails; empty for who may not see them.
    pub mails: Vec<SentMail>,
    /// Whether this member decides for the workspace; others decide for themselves.
    pub manages: bool,
}

/// A kind of alert and who is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindRule {
    pub kind: AlertKind,
    pub enabled: bool,
    /// As people write them; `None` where days mean nothing.
    pub days: Option<String>,
    /// Every member, or the one who asks only.
    pub members: Vec<Told>,
}

/// A member and whether they are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub id: String,
    pub name: String,
    pub email: String,
    pub wanted: bool,
}

/// Where mails go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MailWay {
    /// To this mail server, from this sender.
    Server { host: String, from: String },
    /// Nowhere: they are written as files into this directory (named for admins only).
    Files { dir: Option<String> },
}

/// A mail that was written, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMail {
    pub id: String,
    pub title: String,
    pub to: String,
    pub state: MailState,
    /// What the mail server said last.
    pub answer: Option<String>,
    /// Unix milliseconds.
    pub at: i64,
    /// A second copy went out, because nobody knew what became of the first.
    pub resent: bool,
}

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MailState {
    Waiting,
    /// It failed, and is tried again.
    Retrying,
    Sent,
    /// Nobody takes it.
    Dead,
    /// Its endpoint was off.
    Missed,
}

/// Who is told of what.
#[server(name = GetNotifications, endpoint = "notifications")]
pub async fn notifications() -> Result<Notifications, ApiError> {
    use crate::server::{http::session, service::alerts::settings};
    let (state, member) = session::require().await?;
    settings::notifications(&state, &member).await.map_err(session::answer)
}

/// Sets a kind for the workspace: whether it is told, on which days, and to whom (ids of members).
#[server(name = SetNotification, endpoint = "set_notification")]
pub async fn set_notification(
    kind: AlertKind,
    #[server(default)] enabled: bool,
    #[server(default)] days: String,
    #[server(default)] members: Vec<String>,
) -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::alerts::settings};
    let (state, member) = session::require().await?;
    settings::set(&state, &member, kind, enabled, &days, &members).await.map_err(session::answer)
}

/// Says whether the member who asks is told of a kind.
#[server(name = SetOwnNotification, endpoint = "set_own_notification")]
pub async fn set_own_notification(kind: AlertKind, #[server(default)] wanted: bool) -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::alerts::settings};
    let (state, member) = session::require().await?;
    settings::set_own(&state, &member, kind, wanted).await.map_err(session::answer)
}

/// Sets the zone in which the workspace's days begin.
#[server(name = SetZone, endpoint = "set_zone")]
pub async fn set_zone(zone: String) -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::alerts::settings};
    let (state, member) = session::require().await?;
    settings::set_zone(&state, &member, &zone).await.map_err(session::answer)
}

/// Sends a mail to the member who asks, now, and tells what the mail server answered.
#[server(name = TestMail, endpoint = "test_mail")]
pub async fn test_mail() -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::alerts::settings};
    let (state, member) = session::require().await?;
    settings::test_mail(&state, &member).await.map_err(session::answer)
}

/// Sends a mail again that nobody took.
#[server(name = ResendMail, endpoint = "resend_mail")]
pub async fn resend_mail(id: String) -> Result<Outcome, ApiError> {
    use crate::server::{http::session, service::alerts::settings};
    let (state, member) = session::require().await?;
    settings::resend(&state, &member, id).await.map_err(session::answer)
}
