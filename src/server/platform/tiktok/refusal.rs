//! TikTok's errors and what they mean to us (platforms.md section 9, "Errors").

use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::oauth::error_words;
use super::super::read::text;
use crate::domain::explain::Problem;

/// How long TikTok's brakes on posting hold, in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// Reads an error of the token and revocation endpoints, of whatever status.
pub fn classify_token(answer: &Answer) -> Failure {
    let body = answer.json_or_null();
    let (error, description) = error_words(&body);
    if error.is_empty() {
        return classify(answer);
    }
    let words = format!("{error}: {description}");
    let failure = |class| answer.failure(class, &words);
    match error.as_str() {
        _ if answer.status == 429 || error == "rate_limit_exceeded" => answer.rate(&words),
        "invalid_grant" => failure(Class::Revoked),
        _ if description.contains("redirect") => failure(Class::App).told_as(Problem::RedirectMismatch),
        "invalid_client" | "unauthorized_client" | "unsupported_grant_type" | "invalid_scope" | "unauthorized" => {
            failure(Class::App)
        }
        "invalid_request" if description.contains("client_key") || description.contains("client key") => {
            failure(Class::App)
        }
        "server_error" | "temporarily_unavailable" | "internal_error" => failure(Class::Transient),
        _ => failure(Class::Unknown),
    }
}

/// Reads a refused code: a bad one only means to start again.
pub fn classify_code(answer: &Answer) -> Failure {
    let failure = classify_token(answer);
    match failure.class {
        Class::Revoked => failure.told_as(Problem::CodeRefused),
        Class::Unknown if failure.detail.contains("code") => {
            Failure { class: Class::Revoked, ..failure }.told_as(Problem::CodeRefused)
        }
        _ => failure,
    }
}

/// Reads an error of the API: its code is the whole truth, whatever the status.
pub fn classify(answer: &Answer) -> Failure {
    let body = answer.json_or_null();
    let code = text(&body, "/error/code").unwrap_or_default();
    let message = text(&body, "/error/message").unwrap_or_default();
    let words = format!("{code}: {message}");
    let failure = |class| answer.failure(class, &words);
    match code.as_str() {
        "access_token_invalid" => failure(Class::Expired),
        "scope_not_authorized" | "scope_permission_missed" => failure(Class::Scope),
        "rate_limit_exceeded" => answer.rate(&words),
        "spam_risk_too_many_posts" | "spam_risk_too_many_pending_share" => failure(Class::Rate).after(Some(DAY_MS)),
        "reached_active_user_cap"
        | "unaudited_client_can_only_post_to_private_accounts"
        | "url_ownership_unverified" => failure(Class::App),
        _ if code.starts_with("spam_risk") => failure(Class::Blocked),
        "privacy_level_option_mismatch"
        | "invalid_params"
        | "invalid_param"
        | "video_pull_failed"
        | "photo_pull_failed" => failure(Class::Content),
        _ if code.ends_with("_check_failed") => failure(Class::Content),
        "internal_error" => failure(Class::Transient),
        _ if answer.status == 429 => answer.rate(&words),
        // A success without the word for it: something else answered.
        "" | "ok" if answer.is_success() => failure(Class::Transient),
        _ => failure(Class::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::answer::tests::answer;
    use super::*;

    // SPEC T-4
    #[test]
    fn every_row_of_the_api_has_its_class() {
        use Class::*;
        for (status, code, class) in [
            (401, "access_token_invalid", Expired),
            (401, "scope_not_authorized", Scope),
            (400, "scope_permission_missed", Scope),
            (429, "rate_limit_exceeded", Rate),
            (403, "spam_risk_too_many_posts", Rate),
            (403, "spam_risk_too_many_pending_share", Rate),
            (403, "reached_active_user_cap", App),
            (403, "spam_risk_user_banned_from_posting", Blocked),
            (403, "spam_risk_something_else", Blocked),
            (403, "unaudited_client_can_only_post_to_private_accounts", App),
            (403, "url_ownership_unverified", App),
            (400, "privacy_level_option_mismatch", Content),
            (400, "invalid_params", Content),
            (400, "picture_size_check_failed", Content),
            (400, "video_pull_failed", Content),
            (400, "photo_pull_failed", Content),
            (500, "internal_error", Transient),
            (400, "internal_error", Transient),
            (403, "brand_new", Unknown),
            // Under status 200 they mean the same.
            (200, "access_token_invalid", Expired),
            (200, "internal_error", Transient),
        ] {
            let body = format!(r#"{{"data":{{}},"error":{{"code":"{code}","message":"M","log_id":"1"}}}}"#);
            let answer = answer(status, &body);
            let failure = answer.unanswered().unwrap_or_else(|| classify(&answer));
            assert_eq!(failure.class, class, "{status} {code}");
        }
        let day = answer(403, r#"{"error":{"code":"spam_risk_too_many_posts"}}"#);
        assert_eq!(classify(&day).retry_after_ms, Some(DAY_MS));
    }

    // SPEC T-4, C-9
    #[test]
    fn every_row_of_the_token_endpoint_has_its_class() {
        let refused = |status: u16, error: &str, description: &str| {
            let body = format!(r#"{{"error":"{error}","error_description":"{description}","log_id":"1"}}"#);
            classify_token(&answer(status, &body))
        };
        for status in [200, 400, 401] {
            assert_eq!(refused(status, "invalid_grant", "Refresh token is invalid or expired.").class, Class::Revoked);
            assert_eq!(refused(status, "invalid_client", "").class, Class::App);
            assert_eq!(refused(status, "server_error", "").class, Class::Transient);
            assert_eq!(refused(status, "temporarily_unavailable", "").class, Class::Transient);
            assert_eq!(refused(status, "brand_new", "").class, Class::Unknown);
        }
        let redirect =
            refused(400, "invalid_request", "Redirect_uri is not matched with the uri when requesting code.");
        assert_eq!((redirect.class, redirect.problem), (Class::App, Some(Problem::RedirectMismatch)));
        assert_eq!(refused(400, "invalid_request", "Client_key is invalid").class, Class::App);
        for words in [("invalid_grant", "Authorization code is expired."), ("invalid_request", "The code is malformed")]
        {
            let body = format!(r#"{{"error":"{}","error_description":"{}"}}"#, words.0, words.1);
            assert_eq!(classify_code(&answer(200, &body)).problem, Some(Problem::CodeRefused), "{words:?}");
        }
    }
}
