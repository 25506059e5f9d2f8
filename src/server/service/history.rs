//! The sentences of an account's history (SPEC D-10, W-6).

use serde_json::{Value, json};

use super::ServiceError;
use super::lifecycle::Pen;
use crate::api::accounts::HistoryEntry;
use crate::domain::health::Cause;
use crate::domain::platform::Platform;
use crate::domain::text::one_line;
use crate::server::http::session::Member;
use crate::server::state::AppState;
use crate::server::store::Tx;
use crate::server::store::events::Event;

/// What happened, with what its sentence needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    Connected,
    Reconnected,
    Refreshed,
    /// A check or refresh brought no clear answer; `class` is the normalised class.
    CheckFailed {
        class: String,
    },
    WentAmber {
        cause: Cause,
        missing: Vec<String>,
    },
    CauseChanged {
        cause: Cause,
    },
    Healed,
    Disconnected,
    /// An account that is gone.
    Removed {
        name: String,
    },
    /// An attempt to connect that ended on the explaining page; `code` is the problem's key.
    ConnectFailed {
        platform: String,
        code: String,
    },
    /// `what` is the mail's subject without its dot, `to` the member's name.
    MailSent {
        what: String,
        to: String,
    },
    /// A mail that is tried no more.
    MailDead {
        what: String,
        to: String,
    },
    /// A dead mail that a member sent on its way again.
    MailResent {
        to: String,
    },
    /// A member sent a mail to themselves, to see whether mails arrive.
    MailTested,
    /// `what` is the kind of mail in plain words: "expiry reminders".
    Unsubscribed {
        what: String,
    },
    NotificationsChanged,
    WebhookAdded {
        name: String,
    },
    WebhookChanged {
        name: String,
    },
    WebhookRemoved {
        name: String,
    },
    WebhookTested {
        name: String,
    },
    /// One of its messages, sent on its way again by a member.
    WebhookResent {
        name: String,
    },
    /// Switched off by itself after a long time without one delivery.
    WebhookGivenUp {
        name: String,
    },
    FeedMade,
    FeedRevoked,
    /// A member put a banner away for a day; `count` accounts stood in it.
    BannerDismissed {
        count: u32,
    },
}

impl Happening {
    /// The word in the database.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Reconnected => "reconnected",
            Self::Refreshed => "refreshed",
            Self::CheckFailed { .. } => "check-failed",
            Self::WentAmber { .. } => "went-amber",
            Self::CauseChanged { .. } => "cause-changed",
            Self::Healed => "healed",
            Self::Disconnected => "disconnected",
            Self::Removed { .. } => "removed",
            Self::ConnectFailed { .. } => "connect-failed",
            Self::MailSent { .. } => "mail-sent",
            Self::MailDead { .. } => "mail-dead",
            Self::MailResent { .. } => "mail-resent",
            Self::MailTested => "mail-tested",
            Self::Unsubscribed { .. } => "unsubscribed",
            Self::NotificationsChanged => "notifications-changed",
            Self::WebhookAdded { .. } => "webhook-added",
            Self::WebhookChanged { .. } => "webhook-changed",
            Self::WebhookRemoved { .. } => "webhook-removed",
            Self::WebhookTested { .. } => "webhook-tested",
            Self::WebhookResent { .. } => "webhook-resent",
            Self::WebhookGivenUp { .. } => "webhook-given-up",
            Self::FeedMade => "feed-made",
            Self::FeedRevoked => "feed-revoked",
            Self::BannerDismissed { .. } => "banner-dismissed",
        }
    }

    /// What its sentence needs, as JSON.
    pub fn detail(&self) -> String {
        match self {
            Self::CheckFailed { class } => json!({ "class": class }),
            Self::WentAmber { cause, missing } => json!({ "cause": cause.key(), "missing": missing }),
            Self::CauseChanged { cause } => json!({ "cause": cause.key() }),
            Self::Removed { name }
            | Self::WebhookAdded { name }
            | Self::WebhookChanged { name }
            | Self::WebhookRemoved { name }
            | Self::WebhookTested { name }
            | Self::WebhookResent { name }
            | Self::WebhookGivenUp { name } => json!({ "name": one_line(name, 120) }),
            Self::ConnectFailed { platform, code } => json!({ "platform": platform, "code": code }),
            Self::MailSent { what, to } | Self::MailDead { what, to } => {
                json!({ "what": one_line(what, 200), "to": one_line(to, 120) })
            }
            Self::MailResent { to } => json!({ "to": one_line(to, 120) }),
            Self::Unsubscribed { what } => json!({ "what": one_line(what, 120) }),
            Self::BannerDismissed { count } => json!({ "count": count }),
            Self::Connected
            | Self::Reconnected
            | Self::Refreshed
            | Self::Healed
            | Self::Disconnected
            | Self::MailTested
            | Self::NotificationsChanged
            | Self::FeedMade
            | Self::FeedRevoked => json!({}),
        }
        .to_string()
    }
}

/// Notes what a member did, makes it so, and has every tab of the workspace look again.
///
/// # Errors
/// When the database does not answer.
pub async fn done(state: &AppState, mut tx: Tx, member: &Member, what: &Happening) -> Result<(), ServiceError> {
    let pen = Pen { now: state.clock.now(), random: &state.random };
    pen.note(&mut tx, &member.workspace, None, Some(&member.user), what).await?;
    tx.commit().await?;
    state.live.tell(&member.workspace, None, None);
    Ok(())
}

/// A stored line as a sentence.
pub fn entry(event: &Event) -> HistoryEntry {
    HistoryEntry { at: event.at, words: words(&event.kind, &event.detail), by: event.by_name.clone() }
}

/// The sentence of a stored kind and its detail. It is about the account whose line it is, where there is one.
pub fn words(kind: &str, detail: &str) -> String {
    sentence(kind, &serde_json::from_str(detail).unwrap_or_default())
}

fn sentence(kind: &str, detail: &Value) -> String {
    let text = |key: &str| detail[key].as_str().unwrap_or_default();
    let cause = || Cause::from_key(text("cause")).map_or("unknown", Cause::label);
    match kind {
        "connected" => "Connected.".into(),
        "reconnected" => "Reconnected.".into(),
        "refreshed" => "Access token refreshed.".into(),
        "check-failed" => match text("class") {
            "rate" => "The platform asked us to wait. Still green; we try again.".into(),
            "app" => "The platform refused our app's own credentials. The account is not at fault.".into(),
            "unknown" => "The platform refused a check without a clear reason. We try again.".into(),
            _ => "The platform could not be reached. Still green; we try again.".into(),
        },
        "went-amber" => {
            let missing: Vec<&str> =
                detail["missing"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            if missing.is_empty() {
                format!("Needs reconnect: {}.", cause())
            } else {
                format!("Needs reconnect: {} ({}).", cause(), missing.join(", "))
            }
        }
        "cause-changed" => format!("Still needs reconnect; the cause is now known: {}.", cause()),
        "healed" => "Healthy again.".into(),
        "disconnected" => "Disconnected.".into(),
        "removed" => format!("{} was removed.", text("name")),
        "connect-failed" => {
            let to = Platform::stored(text("platform")).map(|platform| format!(" to {}", platform.name()));
            let why = text("code").replace('-', " ");
            format!("An attempt to connect{} did not work ({why}).", to.unwrap_or_default())
        }
        "mail-sent" => format!("Mail to {}: {}.", text("to"), undotted(text("what"))),
        "mail-dead" => format!("Mail to {} could not be delivered: {}.", text("to"), undotted(text("what"))),
        "mail-resent" => format!("A mail to {} was sent on its way again.", text("to")),
        "mail-tested" => "A test mail was tried.".into(),
        "unsubscribed" => format!("Unsubscribed from mails: {}.", undotted(text("what"))),
        "notifications-changed" => "Notification settings changed.".into(),
        "webhook-added" => format!("Webhook {} was added.", text("name")),
        "webhook-changed" => format!("Webhook {} was changed.", text("name")),
        "webhook-removed" => format!("Webhook {} was removed.", text("name")),
        "webhook-tested" => format!("Webhook {} was tested.", text("name")),
        "webhook-resent" => format!("A message to webhook {} was sent on its way again.", text("name")),
        "webhook-given-up" => format!("Webhook {} was switched off: nothing has reached it for days.", text("name")),
        "feed-made" => "A calendar address was made.".into(),
        "feed-revoked" => "The calendar address was revoked.".into(),
        "banner-dismissed" => match detail["count"].as_u64() {
            Some(1) => "Put a banner away for a day: 1 account expires soon.".into(),
            count => format!("Put a banner away for a day: {} accounts expire soon.", count.unwrap_or_default()),
        },
        other => other.replace('-', " "),
    }
}

/// Without the dot at its end: the sentence brings one.
fn undotted(text: &str) -> &str {
    text.trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::activity::Kinds;

    // SPEC D-10
    #[test]
    fn every_happening_has_a_sentence_of_its_own() {
        let all = [
            Happening::Connected,
            Happening::Reconnected,
            Happening::Refreshed,
            Happening::CheckFailed { class: "transient".into() },
            Happening::WentAmber { cause: Cause::PermissionsMissing, missing: vec!["pages_manage_posts".into()] },
            Happening::CauseChanged { cause: Cause::Revoked },
            Happening::Healed,
            Happening::Disconnected,
            Happening::Removed { name: "Bakery".into() },
            Happening::ConnectFailed { platform: "x".into(), code: "wrong-account".into() },
            Happening::MailSent { what: "3 accounts need a reconnect.".into(), to: "Ada".into() },
            Happening::MailDead { what: "3 accounts need a reconnect".into(), to: "Ada".into() },
            Happening::MailResent { to: "Ada".into() },
            Happening::MailTested,
            Happening::Unsubscribed { what: "expiry reminders".into() },
            Happening::NotificationsChanged,
            Happening::WebhookAdded { name: "Chat".into() },
            Happening::WebhookChanged { name: "Chat".into() },
            Happening::WebhookRemoved { name: "Chat".into() },
            Happening::WebhookTested { name: "Chat".into() },
            Happening::WebhookResent { name: "Chat".into() },
            Happening::WebhookGivenUp { name: "Chat".into() },
            Happening::FeedMade,
            Happening::FeedRevoked,
            Happening::BannerDismissed { count: 2 },
        ];
        let mut seen = std::collections::BTreeSet::new();
        for one in all {
            let event = Event { at: 0, kind: one.kind().into(), detail: one.detail(), by_name: None };
            let words = entry(&event).words;
            assert!(words.ends_with('.') && !words.ends_with("..") && words.len() > 8, "{words}");
            assert_ne!(words, one.kind().replace('-', " "), "without a sentence of its own");
            assert!(seen.insert(words.clone()), "twice: {words}");
            // SPEC W-6: the log's filter knows it.
            assert_ne!(Kinds::of(one.kind()), Kinds::All, "{} is in no group", one.kind());
        }
        let mail = Happening::MailSent { what: "3 accounts need a reconnect.".into(), to: "Ada".into() };
        let event = Event { at: 0, kind: mail.kind().into(), detail: mail.detail(), by_name: None };
        assert_eq!(entry(&event).words, "Mail to Ada: 3 accounts need a reconnect.");
        let amber =
            Happening::WentAmber { cause: Cause::PermissionsMissing, missing: vec!["pages_manage_posts".into()] };
        let event = Event { at: 0, kind: amber.kind().into(), detail: amber.detail(), by_name: None };
        assert_eq!(entry(&event).words, "Needs reconnect: permissions missing (pages_manage_posts).");
    }
}
