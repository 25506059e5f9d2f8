//! Google's errors and what they mean to us (platforms.md sections 5 to 7, "Errors").

use serde_json::Value;

use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::oauth::error_words;
use super::super::read::{list, text};
use crate::domain::explain::Problem;

/// The hour (UTC) by which it is midnight on the Pacific coast all the year round, when daily quotas start again.
const NEW_DAY_UTC_HOUR: i64 = 8;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Reads an error of the token endpoint, of `tokeninfo` and of `revoke`.
pub fn classify_token(answer: &Answer) -> Failure {
    let body = answer.json_or_null();
    let (error, description) = error_words(&body);
    let words = format!("{error}: {description}");
    let failure = |class| answer.failure(class, &words);
    match error.as_str() {
        _ if answer.status == 429 => answer.rate(&words),
        // An admin's session control wants the person to sign in again with more proof.
        "invalid_grant" if text(&body, "/error_subtype").as_deref() == Some("invalid_rapt") => failure(Class::Action),
        "invalid_grant" => failure(Class::Revoked),
        "invalid_token" => failure(Class::Expired),
        "" if description == "invalid value" => failure(Class::Expired),
        "redirect_uri_mismatch" => failure(Class::App).told_as(Problem::RedirectMismatch),
        "invalid_request" if description.contains("redirect") => failure(Class::App).told_as(Problem::RedirectMismatch),
        "invalid_client"
        | "unauthorized_client"
        | "unsupported_grant_type"
        | "invalid_scope"
        | "deleted_client"
        | "disabled_client"
        | "org_internal" => failure(Class::App),
        "internal_failure" | "server_error" | "temporarily_unavailable" => failure(Class::Transient),
        "" if body.get("error").is_some_and(Value::is_object) => classify(answer),
        _ => failure(Class::Unknown),
    }
}

/// Reads a refused code: a bad one is called `invalid_grant` like a dead consent, but only means to start again.
pub fn classify_code(answer: &Answer) -> Failure {
    let failure = classify_token(answer);
    if failure.class == Class::Revoked { failure.told_as(Problem::CodeRefused) } else { failure }
}

/// Reads an error of the APIs.
pub fn classify(answer: &Answer) -> Failure {
    let error = ApiError::read(&answer.json_or_null());
    let failure = |class| answer.failure(class, &error.words);
    if error.says(&["youtubeSignupRequired"]) {
        // Under status 401, but no refresh in the world gives this person a channel.
        return failure(Class::Action).told_as(Problem::NoDestination);
    }
    if error.no_quota {
        return failure(Class::App);
    }
    if error.says(&PROJECT) {
        return failure(Class::App);
    }
    if error.says(&["quotaExceeded", "dailyLimitExceeded"]) {
        return failure(Class::Rate).after(Some(until_new_day(answer.now)));
    }
    if error.says(&["uploadLimitExceeded"]) {
        return failure(Class::Rate).after(Some(DAY_MS));
    }
    if answer.status == 429 || error.says(&["rateLimitExceeded", "userRateLimitExceeded", "RESOURCE_EXHAUSTED"]) {
        return answer.rate(&error.words);
    }
    if error.says(&["accountSuspended", "channelSuspended", "channelClosed"]) {
        return failure(Class::Blocked);
    }
    if error.says(&["insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"]) {
        return failure(Class::Scope);
    }
    match answer.status {
        401 => failure(Class::Expired),
        403 if error.says_only(&["PERMISSION_DENIED", "forbidden", "IAM_PERMISSION_DENIED"]) => failure(Class::Role),
        404 if error.is_about_a_method() => failure(Class::App),
        404 if error.says(&["NOT_FOUND", "notFound"]) || error.says_ending("NotFound") => failure(Class::Role),
        400 if error.is_about_content() => failure(Class::Content),
        _ => failure(Class::Unknown),
    }
}

/// From now to the moment the daily quotas are new, in milliseconds; in summer an hour more than that.
fn until_new_day(now: i64) -> i64 {
    let past = (now - NEW_DAY_UTC_HOUR * HOUR_MS).rem_euclid(DAY_MS);
    DAY_MS - past
}

/// Reasons that are about our project and not about a person.
const PROJECT: [&str; 7] = [
    "SERVICE_DISABLED",
    "accessNotConfigured",
    "CONSUMER_INVALID",
    "CONSUMER_SUSPENDED",
    "BILLING_DISABLED",
    "USER_PROJECT_DENIED",
    "SECURITY_POLICY_VIOLATED",
];

/// The envelope of all APIs.
struct ApiError {
    /// The status word and every reason, in the vendor's spelling.
    reasons: Vec<String>,
    /// A quota of nothing at all: the project was not approved (section 6).
    no_quota: bool,
    words: String,
}

impl ApiError {
    fn read(body: &Value) -> Self {
        let mut reasons: Vec<String> = text(body, "/error/status").into_iter().collect();
        reasons.extend(list(body, "/error/errors").iter().filter_map(|one| text(one, "/reason")));
        reasons.extend(list(body, "/error/details").iter().filter_map(|one| text(one, "/reason")));
        let no_quota = list(body, "/error/details")
            .iter()
            .any(|one| text(one, "/metadata/quota_limit_value").as_deref() == Some("0"));
        let message = text(body, "/error/message").unwrap_or_default();
        let words = format!("{}: {message}", reasons.join(", "));
        Self { reasons, no_quota, words }
    }

    fn says(&self, reasons: &[&str]) -> bool {
        self.reasons.iter().any(|one| reasons.contains(&one.as_str()))
    }

    /// Whether it says one of these and nothing else: a reason that nobody knows may be about our project.
    fn says_only(&self, reasons: &[&str]) -> bool {
        !self.reasons.is_empty() && self.reasons.iter().all(|one| reasons.contains(&one.as_str()))
    }

    /// Whether it is the address that does not exist, and not what it names.
    fn is_about_a_method(&self) -> bool {
        self.words.ends_with("Method not found.")
    }

    fn says_ending(&self, ending: &str) -> bool {
        self.reasons.iter().any(|one| one.ends_with(ending))
    }

    fn is_about_content(&self) -> bool {
        const CONTENT: [&str; 8] = [
            "INVALID_ARGUMENT",
            "invalidTitle",
            "invalidDescription",
            "invalidTags",
            "invalidCategoryId",
            "invalidPublishAt",
            "mediaBodyRequired",
            "invalidVideoMetadata",
        ];
        self.says(&CONTENT)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::answer::tests::{NOW, answer, with_header};
    use super::*;

    fn api(status: u16, word: &str, reason: &str) -> Failure {
        let body = format!(
            r#"{{"error":{{"code":{status},"message":"M","status":"{word}","errors":[{{"domain":"d","reason":"{reason}"}}]}}}}"#
        );
        answer(status, &body).accepted(classify).unwrap_err()
    }

    // SPEC T-4
    #[test]
    fn every_row_of_the_apis_has_its_class() {
        use Class::*;
        for (status, word, reason, class) in [
            (401, "UNAUTHENTICATED", "authError", Expired),
            (401, "", "youtubeSignupRequired", Action),
            (403, "PERMISSION_DENIED", "insufficientPermissions", Scope),
            (403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", Scope),
            (403, "PERMISSION_DENIED", "SERVICE_DISABLED", App),
            (403, "PERMISSION_DENIED", "accessNotConfigured", App),
            (403, "PERMISSION_DENIED", "", Role),
            (403, "", "forbidden", Role),
            (429, "RESOURCE_EXHAUSTED", "", Rate),
            (403, "", "rateLimitExceeded", Rate),
            (403, "", "userRateLimitExceeded", Rate),
            (403, "", "quotaExceeded", Rate),
            (403, "", "dailyLimitExceeded", Rate),
            (400, "", "uploadLimitExceeded", Rate),
            (403, "", "accountSuspended", Blocked),
            (403, "", "channelSuspended", Blocked),
            (404, "", "channelClosed", Blocked),
            (404, "NOT_FOUND", "", Role),
            (404, "", "channelNotFound", Role),
            (400, "INVALID_ARGUMENT", "", Content),
            (400, "", "invalidTitle", Content),
            (400, "", "invalidDescription", Content),
            (400, "", "invalidTags", Content),
            (400, "", "invalidCategoryId", Content),
            (400, "", "invalidPublishAt", Content),
            (400, "", "mediaBodyRequired", Content),
            (418, "", "teapot", Unknown),
            (403, "", "something new", Unknown),
            (403, "PERMISSION_DENIED", "something new", Unknown),
            (403, "PERMISSION_DENIED", "BILLING_DISABLED", App),
            (403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED", Role),
            (500, "INTERNAL", "", Transient),
            (502, "", "", Transient),
            (504, "DEADLINE_EXCEEDED", "", Transient),
            (503, "UNAVAILABLE", "authError", Transient),
        ] {
            assert_eq!(api(status, word, reason).class, class, "{status} {word} {reason}");
        }
        assert_eq!(api(401, "", "youtubeSignupRequired").problem, Some(Problem::NoDestination));
        let method = r#"{"error":{"code":404,"status":"NOT_FOUND","message":"Method not found."}}"#;
        assert_eq!(answer(404, method).accepted(classify).unwrap_err().class, App);
        let details = r#"{"error":{"code":403,"status":"PERMISSION_DENIED","details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}"#;
        assert_eq!(answer(403, details).accepted(classify).unwrap_err().class, Scope);
    }

    // platforms.md section 6: an app that waits for approval is no reason to wait and ask again.
    #[test]
    fn a_quota_of_nothing_is_about_our_app() {
        let body = |limit: &str| {
            format!(
                r#"{{"error":{{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{{"metadata":{{"quota_limit_value":"{limit}"}}}}]}}}}"#
            )
        };
        assert_eq!(answer(429, &body("0")).accepted(classify).unwrap_err().class, Class::App);
        assert_eq!(answer(429, &body("300")).accepted(classify).unwrap_err().class, Class::Rate);
    }

    #[test]
    fn waits_are_told_or_follow_from_the_quota() {
        // Noon: the next 08:00 UTC is twenty hours away.
        assert_eq!(api(403, "", "quotaExceeded").retry_after_ms, Some(20 * HOUR_MS));
        assert_eq!(until_new_day(NOW - 5 * HOUR_MS), HOUR_MS);
        let told = with_header(answer(429, r#"{"error":{"status":"RESOURCE_EXHAUSTED"}}"#), "retry-after", "7");
        assert_eq!(told.accepted(classify).unwrap_err().retry_after_ms, Some(7_000));
    }

    // SPEC T-4, C-9
    #[test]
    fn every_row_of_the_token_endpoint_has_its_class() {
        let refused = |status: u16, error: &str, rest: &str| {
            let body = format!(r#"{{"error":"{error}"{rest}}}"#);
            let failure = answer(status, &body).accepted(classify_token).unwrap_err();
            (failure.class, failure.problem)
        };
        let gone = r#","error_description":"Token has been expired or revoked.""#;
        assert_eq!(refused(400, "invalid_grant", gone), (Class::Revoked, None));
        let deleted = r#","error_description":"Account has been deleted""#;
        assert_eq!(refused(400, "invalid_grant", deleted), (Class::Revoked, None));
        assert_eq!(refused(400, "invalid_grant", r#","error_subtype":"invalid_rapt""#), (Class::Action, None));
        assert_eq!(refused(401, "invalid_client", ""), (Class::App, None));
        assert_eq!(refused(400, "unauthorized_client", ""), (Class::App, None));
        assert_eq!(refused(400, "redirect_uri_mismatch", ""), (Class::App, Some(Problem::RedirectMismatch)));
        assert_eq!(refused(400, "invalid_token", r#","error_description":"Invalid Value""#), (Class::Expired, None));
        assert_eq!(refused(400, "internal_failure", ""), (Class::Transient, None));
        assert_eq!(refused(400, "brand_new", ""), (Class::Unknown, None));
        assert_eq!(refused(429, "slow", ""), (Class::Rate, None));
        assert_eq!(refused(503, "invalid_grant", ""), (Class::Transient, None));
        let code = answer(400, r#"{"error":"invalid_grant","error_description":"Malformed auth code."}"#);
        assert_eq!(classify_code(&code).problem, Some(Problem::CodeRefused));
        let code = answer(400, r#"{"error":"invalid_grant","error_description":"Bad Request"}"#);
        assert_eq!(classify_code(&code).problem, Some(Problem::CodeRefused));
    }
}
