//! The sentences of an account's history (SPEC D-10, W-6).

use serde_json::{Value, json};

use crate::api::accounts::HistoryEntry;
use crate::domain::health::Cause;
use crate::domain::text::one_line;
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
        }
    }

    /// What its sentence needs, as JSON.
    pub fn detail(&self) -> String {
        match self {
            Self::CheckFailed { class } => json!({ "class": class }),
            Self::WentAmber { cause, missing } => json!({ "cause": cause.key(), "missing": missing }),
            Self::CauseChanged { cause } => json!({ "cause": cause.key() }),
            Self::Removed { name } => json!({ "name": one_line(name, 120) }),
            Self::ConnectFailed { platform, code } => json!({ "platform": platform, "code": code }),
            Self::Connected | Self::Reconnected | Self::Refreshed | Self::Healed | Self::Disconnected => json!({}),
        }
        .to_string()
    }
}

/// A stored line as a sentence.
pub fn entry(event: &Event) -> HistoryEntry {
    let detail: Value = serde_json::from_str(&event.detail).unwrap_or_default();
    HistoryEntry { at: event.at, words: sentence(&event.kind, &detail), by: event.by_name.clone() }
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
        "connect-failed" => format!("An attempt to connect did not work ({}).", text("code").replace('-', " ")),
        other => other.replace('-', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ];
        for one in all {
            let event = Event { at: 0, kind: one.kind().into(), detail: one.detail(), by_name: None };
            let words = entry(&event).words;
            assert!(words.ends_with('.') && words.len() > 8, "{words}");
        }
        let amber =
            Happening::WentAmber { cause: Cause::PermissionsMissing, missing: vec!["pages_manage_posts".into()] };
        let event = Event { at: 0, kind: amber.kind().into(), detail: amber.detail(), by_name: None };
        assert_eq!(entry(&event).words, "Needs reconnect: permissions missing (pages_manage_posts).");
    }
}
