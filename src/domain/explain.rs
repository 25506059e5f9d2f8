//! Causes and failed attempts in plain words (SPEC 10): one text for panel, page, mail and docs.

mod causes;
mod places;
mod problems;

use serde::{Deserialize, Serialize};

pub use causes::cause;
pub use problems::problem;

use places::Place;

/// What happened, why, and how it is put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// A heading of a few words.
    pub title: String,
    /// What happened, in a sentence or two.
    pub sentence: String,
    /// What to do, in this order; at least one step.
    pub steps: Vec<String>,
    pub who: Fixer,
    /// The place on the platform where it is put right, where one address serves everybody.
    pub link: Option<&'static str>,
}

/// Who can put it right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fixer {
    /// The person who reads it, with their own login.
    You,
    /// Somebody with more rights on the page, channel or location.
    PageAdmin,
    /// Whoever runs this Pilotlight.
    Operator,
    /// Nobody: it passes.
    Wait,
}

impl Fixer {
    /// An answer to "Can I fix this myself?".
    pub fn words(self) -> &'static str {
        match self {
            Self::You => "You can fix this yourself.",
            Self::PageAdmin => "Somebody with admin rights on the platform has to help you.",
            Self::Operator => "The person who runs this Pilotlight has to fix this.",
            Self::Wait => "There is nothing to fix: this passes by itself.",
        }
    }
}

/// A text with the platform's names put in.
fn fill(text: &str, place: &Place) -> String {
    text.replace("{platform}", place.name).replace("{noun}", place.noun).replace("{apps}", place.apps)
}

fn fill_all(texts: &[&str], place: &Place) -> Vec<String> {
    texts.iter().map(|text| fill(text, place)).collect()
}

/// What ended an attempt to connect, as the page after the redirect names it (`/connect/problem?code=...`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Problem {
    /// The person pressed Cancel on the platform.
    Declined,
    /// The callback names an attempt we never made, or one that is long gone.
    UnknownAttempt,
    /// The callback's attempt was made more than ten minutes ago.
    AttemptExpired,
    /// The callback's attempt was already finished.
    AttemptUsed,
    /// The callback arrived in another browser than the one that began.
    OtherBrowser,
    /// The person who began is signed out, or another one is signed in.
    OtherMember,
    /// The platform answered with another identity than the account's (SPEC C-6).
    WrongAccount,
    /// The identity has nothing that could be connected.
    NoDestination,
    /// Required permissions were not given.
    PermissionsMissing,
    /// The plan's number of accounts is reached (SPEC C-8).
    PlanLimit,
    /// The plan does not include the platform.
    PlanPlatform,
    /// The role may not connect.
    Forbidden,
    /// The operator has not set the platform's app credentials.
    NotConfigured,
    /// Pilotlight can't connect this platform yet.
    ComingSoon,
    /// The platform does not accept our redirect address.
    RedirectMismatch,
    /// The platform has not approved our app, or does not know its credentials.
    AppNotApproved,
    /// The platform wants the person to clear something first.
    Checkpoint,
    /// The platform asks us to wait.
    RateLimited,
    /// The platform did not answer, or not in a way one can use.
    PlatformDown,
    /// The named server is not one that can be reached and used.
    BadServer,
    /// Handle and app password do not fit.
    WrongPassword,
    /// Nobody has the handle that was typed.
    UnknownHandle,
    /// An account's main password was typed where an app password belongs.
    MainPassword,
    /// The code from the platform was refused.
    CodeRefused,
    /// The vault is read-only: tokens can't be stored now.
    ReadOnly,
    /// Something of ours broke; the log has the rest.
    Internal,
}

impl Problem {
    /// Every problem.
    pub const ALL: [Problem; 26] = [
        Self::Declined,
        Self::UnknownAttempt,
        Self::AttemptExpired,
        Self::AttemptUsed,
        Self::OtherBrowser,
        Self::OtherMember,
        Self::WrongAccount,
        Self::NoDestination,
        Self::PermissionsMissing,
        Self::PlanLimit,
        Self::PlanPlatform,
        Self::Forbidden,
        Self::NotConfigured,
        Self::ComingSoon,
        Self::RedirectMismatch,
        Self::AppNotApproved,
        Self::Checkpoint,
        Self::RateLimited,
        Self::PlatformDown,
        Self::BadServer,
        Self::WrongPassword,
        Self::UnknownHandle,
        Self::MainPassword,
        Self::CodeRefused,
        Self::ReadOnly,
        Self::Internal,
    ];

    /// The word in URLs and in the history.
    pub fn key(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::UnknownAttempt => "unknown-attempt",
            Self::AttemptExpired => "attempt-expired",
            Self::AttemptUsed => "attempt-used",
            Self::OtherBrowser => "other-browser",
            Self::OtherMember => "other-member",
            Self::WrongAccount => "wrong-account",
            Self::NoDestination => "no-destination",
            Self::PermissionsMissing => "permissions-missing",
            Self::PlanLimit => "plan-limit",
            Self::PlanPlatform => "plan-platform",
            Self::Forbidden => "forbidden",
            Self::NotConfigured => "not-configured",
            Self::ComingSoon => "coming-soon",
            Self::RedirectMismatch => "redirect-mismatch",
            Self::AppNotApproved => "app-not-approved",
            Self::Checkpoint => "checkpoint",
            Self::RateLimited => "rate-limited",
            Self::PlatformDown => "platform-down",
            Self::BadServer => "bad-server",
            Self::WrongPassword => "wrong-password",
            Self::UnknownHandle => "unknown-handle",
            Self::MainPassword => "main-password",
            Self::CodeRefused => "code-refused",
            Self::ReadOnly => "read-only",
            Self::Internal => "internal",
        }
    }

    /// The problem of a key, if there is one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.key() == key)
    }
}

#[cfg(test)]
mod tests;
