//! How an attempt to connect ends when it does not work: with a named problem and a page that explains it (SPEC C-4, C-9).

use super::ServiceError;
use crate::api::connect::RECONNECT;
use crate::domain::explain::Problem;
use crate::domain::filter::escaped;
use crate::domain::id::AccountId;
use crate::domain::platform::Platform;
use crate::server::platform::failure::{Class, Failure};

/// An attempt that ended.
#[derive(Debug)]
pub enum Stop {
    /// With an explanation for the person.
    Because(Problem),
    /// With a fault of ours, which the log explains.
    Fault(ServiceError),
}

impl<E: Into<ServiceError>> From<E> for Stop {
    fn from(error: E) -> Self {
        match error.into() {
            ServiceError::ReadOnly(_) => Self::Because(Problem::ReadOnly),
            ServiceError::Forbidden => Self::Because(Problem::Forbidden),
            other => Self::Fault(other),
        }
    }
}

impl Stop {
    /// The problem's page, with the way back to the account.
    pub fn path(&self, platform: Option<Platform>, account: Option<&AccountId>) -> String {
        problem_path(self.problem(), platform, account)
    }

    /// What the person is told.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Because(problem) => *problem,
            Self::Fault(error) => {
                tracing::error!(%error, "an attempt to connect failed");
                Problem::Internal
            }
        }
    }
}

/// Address of the page that explains a problem.
pub fn problem_path(problem: Problem, platform: Option<Platform>, account: Option<&AccountId>) -> String {
    let mut path = format!("/connect/problem?code={}", problem.key());
    if let Some(platform) = platform {
        path.push_str("&platform=");
        path.extend(url::form_urlencoded::byte_serialize(platform.text().as_bytes()));
    }
    if let Some(account) = account {
        path.push_str("&account=");
        path.push_str(account.as_str());
    }
    path
}

/// The same address, from which the person can go on with the accounts that were to come after this one (SPEC H-10).
pub fn going_on(path: String, back: &str) -> String {
    if !back.starts_with(RECONNECT) {
        return path;
    }
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}back={}", escaped(back))
}

/// What a refused call during an attempt means to the person.
pub fn from_failure(failure: &Failure) -> Problem {
    // The adapter knows best what a refusal in its own words means.
    if let Some(problem) = failure.problem {
        return problem;
    }
    match failure.class {
        Class::App if failure.detail.to_ascii_lowercase().contains("redirect") => Problem::RedirectMismatch,
        Class::App => Problem::AppNotApproved,
        Class::Transient => Problem::PlatformDown,
        Class::Rate => Problem::RateLimited,
        Class::Action | Class::Blocked => Problem::Checkpoint,
        Class::Scope | Class::Role => Problem::PermissionsMissing,
        Class::Expired | Class::Revoked | Class::Password | Class::Content | Class::Unknown => Problem::CodeRefused,
    }
}

/// What the error of a redirect means (the platforms' own words: platforms.md, "Redirect errors" of each section).
pub fn from_redirect(error: &str, description: &str) -> Problem {
    let description = description.to_ascii_lowercase();
    match error {
        "access_denied" | "user_cancelled_login" | "user_cancelled_authorize" | "login_required" => Problem::Declined,
        "server_error" | "temporarily_unavailable" => Problem::PlatformDown,
        "redirect_uri_mismatch" => Problem::RedirectMismatch,
        "invalid_request" if description.contains("redirect") => Problem::RedirectMismatch,
        _ => Problem::AppNotApproved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC C-9
    #[test]
    fn redirect_errors_are_told_apart() {
        assert_eq!(from_redirect("access_denied", ""), Problem::Declined);
        assert_eq!(from_redirect("temporarily_unavailable", ""), Problem::PlatformDown);
        assert_eq!(from_redirect("invalid_request", "The Redirect URI is wrong"), Problem::RedirectMismatch);
        assert_eq!(from_redirect("unauthorized_scope_error", ""), Problem::AppNotApproved);
    }
}
