//! What a platform's refusal means to us: the table every adapter fills (platforms.md 0.3).

use crate::domain::explain::Problem;
use crate::domain::health::{Cause, Observation};

/// The normalised classes of platforms.md 0.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The access token ended; a refresh may bring a new one.
    Expired,
    /// The consent is gone.
    Revoked,
    /// The consent is gone because the person changed their password.
    Password,
    /// A permission we need was not given or was taken back.
    Scope,
    /// The person lost their role on the page, organisation or location.
    Role,
    /// The person must clear something on the platform first.
    Action,
    /// Too many requests: wait.
    Rate,
    /// Blocked by policy; asking again makes it worse.
    Blocked,
    /// Nothing was learnt: ask again later.
    Transient,
    /// This post is not acceptable.
    Content,
    /// Our own app, its approval or its billing is at fault.
    App,
    /// A refusal in words that no table of ours knows. Counted, never taken for a death.
    Unknown,
}

impl Class {
    /// Every class.
    pub const ALL: [Class; 12] = [
        Self::Expired,
        Self::Revoked,
        Self::Password,
        Self::Scope,
        Self::Role,
        Self::Action,
        Self::Rate,
        Self::Blocked,
        Self::Transient,
        Self::Content,
        Self::App,
        Self::Unknown,
    ];

    /// The word for it in the operator's figures.
    pub fn key(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Password => "password",
            Self::Scope => "scope",
            Self::Role => "role",
            Self::Action => "action",
            Self::Rate => "rate",
            Self::Blocked => "blocked",
            Self::Transient => "transient",
            Self::Content => "content",
            Self::App => "app",
            Self::Unknown => "unknown",
        }
    }
}

/// A call to a platform that did not work.
///
/// `detail` is for people who operate the server: at most a few hundred characters of the platform's own message,
/// with secrets removed by whoever builds it. It is never shown to a client of the workspace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{class:?}: {detail}")]
pub struct Failure {
    pub class: Class,
    pub detail: String,
    /// How long the platform asked us to wait, in milliseconds.
    pub retry_after_ms: Option<i64>,
    /// Whether the request may have been carried out although no clear answer came back.
    pub in_doubt: bool,
    /// What a person who is just connecting is told, where the adapter knows better than the class says.
    pub problem: Option<Problem>,
}

impl Failure {
    /// A failure that asks for no particular wait and was cleanly answered.
    pub fn new(class: Class, detail: impl Into<String>) -> Self {
        Self { class, detail: detail.into(), retry_after_ms: None, in_doubt: false, problem: None }
    }

    /// The same failure, which may have been carried out all the same.
    pub fn doubtful(self) -> Self {
        Self { in_doubt: true, ..self }
    }

    /// The same failure with the wait that the platform asked for, if it did.
    pub fn after(self, wait_ms: Option<i64>) -> Self {
        Self { retry_after_ms: wait_ms.or(self.retry_after_ms), ..self }
    }

    /// The same failure with its own explanation for a person who is just connecting.
    pub fn told_as(self, problem: Problem) -> Self {
        Self { problem: Some(problem), ..self }
    }

    /// Whether it says in so many words that the connection is over.
    pub fn is_death(&self) -> bool {
        matches!(self.observation(), Observation::Dead(_))
    }

    /// Whether the platform has said yes or no to what was asked, so that the question is settled.
    pub fn is_verdict(&self) -> bool {
        !self.in_doubt && !matches!(self.class, Class::Transient | Class::Rate | Class::Blocked | Class::App)
    }

    /// What this failure says about an account's health.
    ///
    /// `Expired` is a death only where nothing can be refreshed: the caller knows that and asks for it with `Class::Revoked` or by age.
    pub fn observation(&self) -> Observation {
        match self.class {
            Class::Expired => Observation::Dead(Cause::Expired),
            Class::Revoked => Observation::Dead(Cause::Revoked),
            Class::Password => Observation::Dead(Cause::PasswordChanged),
            Class::Scope => Observation::Dead(Cause::PermissionsMissing),
            Class::Role => Observation::Dead(Cause::RoleLost),
            Class::Action => Observation::Dead(Cause::ActionNeeded),
            Class::Unknown | Class::Content => Observation::Refused,
            Class::Rate | Class::Blocked | Class::Transient => Observation::Unreachable,
            Class::App => Observation::OurFault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC T-4
    #[test]
    fn only_definite_deaths_are_deaths() {
        let dead = |class| matches!(Failure::new(class, "").observation(), Observation::Dead(_));
        for class in [Class::Expired, Class::Revoked, Class::Password, Class::Scope, Class::Role, Class::Action] {
            assert!(dead(class), "{class:?}");
        }
        for class in [Class::Rate, Class::Blocked, Class::Transient, Class::Content, Class::App, Class::Unknown] {
            assert!(!dead(class), "{class:?}");
        }
    }
}
