//! X's errors and what they mean to us (platforms.md section 11, "Errors").

use serde_json::Value;

use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::oauth::error_words;
use super::super::read::{list, number, text};
use crate::domain::explain::Problem;

/// Code of an account that must be unlocked on x.com.
const LOCKED: i64 = 326;
/// Code of an app that is unknown or suspended.
const APP_SUSPENDED: i64 = 416;
/// Code of a suspended account.
const SUSPENDED: i64 = 64;

/// Reads an error of the token and revocation endpoints.
///
/// X calls a dead refresh token `invalid_request`, as it does a malformed request: only the description tells.
pub fn classify_token(answer: &Answer) -> Failure {
    let (error, description) = error_words(&answer.json_or_null());
    let words = format!("{error}: {description}");
    if answer.status == 429 {
        return answer.rate(&words);
    }
    let failure = |class| answer.failure(class, &words);
    match error.as_str() {
        _ if description.contains("redirect") => failure(Class::App).told_as(Problem::RedirectMismatch),
        "invalid_request" | "invalid_grant" if description.contains("code") => {
            failure(Class::Revoked).told_as(Problem::CodeRefused)
        }
        "invalid_grant" => failure(Class::Revoked),
        "invalid_request" if description.contains("token") && description.contains("invalid") => {
            failure(Class::Revoked)
        }
        "invalid_client" | "unauthorized_client" | "unsupported_grant_type" | "invalid_scope" => failure(Class::App),
        // At this address a 401 speaks of our app: the person's token travels in the form.
        _ if error.is_empty() && answer.status == 401 => failure(Class::App),
        _ if error.is_empty() => classify(answer),
        _ => failure(Class::Unknown),
    }
}

/// Reads an error of the API: problem JSON, a list of errors, or both.
pub fn classify(answer: &Answer) -> Failure {
    let body = answer.json_or_null();
    let problem = Problems::read(&body);
    let failure = |class| answer.failure(class, &problem.words);
    match answer.status {
        401 => failure(Class::Expired),
        402 => failure(Class::App),
        429 if problem.kind("usage-capped") => failure(Class::App),
        429 => answer.rate(&problem.words),
        403 | 200..=299 => failure(problem.class()),
        _ => failure(Class::Unknown),
    }
}

/// Everything an answer says about what is wrong.
struct Problems {
    kinds: Vec<String>,
    codes: Vec<i64>,
    words: String,
    /// `words` in lower case.
    lower: String,
}

impl Problems {
    fn read(body: &Value) -> Self {
        let all = || std::iter::once(body).chain(list(body, "/errors"));
        let mut parts = Vec::new();
        for pointer in ["/title", "/detail", "/reason", "/message"] {
            parts.extend(all().filter_map(|one| text(one, pointer)));
        }
        let words = parts.join("; ");
        Self {
            kinds: all().filter_map(|one| text(one, "/type")).collect(),
            codes: all().filter_map(|one| number(one, "/code")).collect(),
            lower: words.to_lowercase(),
            words,
        }
    }

    fn kind(&self, ending: &str) -> bool {
        self.kinds.iter().any(|kind| kind.ends_with(ending))
    }

    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.lower.contains(word))
    }

    /// The class of a "forbidden". What a text says about the account or the post is more exact than the problem's type.
    fn class(&self) -> Class {
        // With the blank before it: "blocked" is another thing.
        let stopped = self.says(&[" suspended", " locked"]);
        if self.codes.contains(&APP_SUSPENDED) || (stopped && self.says(&["application"])) {
            Class::App
        } else if self.codes.iter().any(|code| [LOCKED, SUSPENDED].contains(code))
            || (stopped && self.says(&["user", "account"]))
        {
            Class::Action
        } else if self.says(&[
            "duplicate content",
            "cashtag",
            "summoned",
            "quote",
            "reply to this conversation",
            "not been mentioned",
        ]) {
            Class::Content
        } else if self.kind("client-forbidden") || self.says(&["client-not-enrolled"]) {
            Class::App
        } else if self.kind("not-authorized-for-resource") || self.kind("unsupported-authentication") {
            Class::Scope
        } else if self.kind("usage-capped") {
            Class::App
        } else if self.says(&["not permitted to access this feature"]) {
            Class::Blocked
        } else {
            Class::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::answer::tests::{NOW, answer, with_header};
    use super::*;

    #[test]
    fn every_row_of_the_api_has_its_class() {
        use Class::*;
        let kind = |kind: &str| {
            format!(r#"{{"title":"T","detail":"D","type":"https://api.twitter.com/2/problems/{kind}","status":403}}"#)
        };
        let detail =
            |words: &str| format!(r#"{{"title":"Forbidden","detail":"{words}","type":"about:blank","status":403}}"#);
        let rows = [
            (
                401,
                r#"{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}"#.to_owned(),
                Expired,
            ),
            (402, r#"{"title":"CreditsDepleted","detail":"x","status":402}"#.to_owned(), App),
            (403, kind("client-forbidden"), App),
            (
                403,
                r#"{"reason":"client-not-enrolled","title":"Client Forbidden","type":"about:blank"}"#.to_owned(),
                App,
            ),
            (403, kind("not-authorized-for-resource"), Scope),
            (403, kind("unsupported-authentication"), Scope),
            (403, detail("You are not allowed to create a Tweet with duplicate content."), Content),
            (403, detail("Only one cashtag is allowed"), Content),
            (403, detail("Reply to someone who has not summoned you"), Content),
            (403, detail("Quote Tweet not allowed"), Content),
            (403, detail("This user has been suspended."), Action),
            (403, detail("Your request has been blocked"), Unknown),
            (403, detail("This application has been suspended from accessing accounts."), App),
            (403, r#"{"errors":[{"code":416,"message":"Invalid / suspended application"}]}"#.into(), App),
            (403, detail("You are not permitted to access this feature"), Blocked),
            (403, r#"{"errors":[{"code":326,"message":"To protect our users"}]}"#.to_owned(), Action),
            (403, detail("something new"), Unknown),
            (429, kind("usage-capped"), App),
            (429, kind("rate-limit-exceeded"), Rate),
            (418, r#"{"title":"?"}"#.to_owned(), Unknown),
        ];
        for (status, body, class) in rows {
            assert_eq!(answer(status, &body).accepted(classify).unwrap_err().class, class, "{status} {body}");
        }
        for status in [500, 502, 503, 504] {
            assert_eq!(answer(status, "{}").accepted(classify).unwrap_err().class, Transient);
        }
        let limited = with_header(answer(429, "{}"), "x-rate-limit-reset", &(NOW / 1_000 + 60).to_string());
        assert_eq!(limited.accepted(classify).unwrap_err().retry_after_ms, Some(60_000));
        // Errors under status 200.
        assert_eq!(classify(&answer(200, r#"{"errors":[{"type":"https://x/problems/client-forbidden"}]}"#)).class, App);
    }

    #[test]
    fn every_row_of_the_token_endpoint_has_its_class() {
        let refused = |status: u16, error: &str, description: &str| {
            let body = format!(r#"{{"error":"{error}","error_description":"{description}"}}"#);
            let failure = answer(status, &body).accepted(classify_token).unwrap_err();
            (failure.class, failure.problem)
        };
        assert_eq!(refused(400, "invalid_request", "Value passed for the token was invalid."), (Class::Revoked, None));
        assert_eq!(
            refused(400, "invalid_request", "Value passed for the authorization code was invalid."),
            (Class::Revoked, Some(Problem::CodeRefused))
        );
        assert_eq!(refused(400, "invalid_grant", "x"), (Class::Revoked, None));
        assert_eq!(refused(401, "unauthorized_client", "Missing valid authorization header"), (Class::App, None));
        assert_eq!(refused(401, "invalid_client", ""), (Class::App, None));
        assert_eq!(
            refused(400, "invalid_request", "Value passed for the redirect uri did not match"),
            (Class::App, Some(Problem::RedirectMismatch))
        );
        assert_eq!(refused(400, "invalid_request", "Missing required parameter [x]."), (Class::Unknown, None));
        assert_eq!(refused(400, "brand_new", ""), (Class::Unknown, None));
        assert_eq!(refused(503, "invalid_grant", ""), (Class::Transient, None));
        assert_eq!(refused(429, "rate", ""), (Class::Rate, None));
    }
}
