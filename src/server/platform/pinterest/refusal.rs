//! Pinterest's errors and what they mean to us (platforms.md section 10, "Errors").

use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::oauth::error_words;
use super::super::read::{number, text};
use crate::domain::explain::Problem;

/// Reads an error of the API: a number and a message.
pub fn classify(answer: &Answer) -> Failure {
    let body = answer.json_or_null();
    let words = text(&body, "/message").unwrap_or_default();
    let lower = words.to_lowercase();
    let failure = |class| answer.failure(class, &words);
    match (answer.status, number(&body, "/code")) {
        (429, _) | (_, Some(8)) => answer.rate(&words),
        // An app on trial may not create pins; asking for consent again would not help. Seen with codes 29 and 3.
        (401 | 403, _) if lower.contains("trial access") => failure(Class::App),
        (401, _) => failure(Class::Expired),
        (403, Some(29)) => failure(Class::Scope),
        (_, _) if lower.contains("unable to reach the url") => failure(Class::Transient),
        (400, Some(1)) | (404, Some(40)) => failure(Class::Content),
        _ => failure(Class::Unknown),
    }
}

/// Reads an error of the token endpoint, which has the API's form; OAuth's own is understood as well.
pub fn classify_token(answer: &Answer) -> Failure {
    let body = answer.json_or_null();
    let (error, description) = error_words(&body);
    let message = text(&body, "/message").unwrap_or_default().to_lowercase();
    let words = [error.as_str(), &description, &message].join(" ");
    let says = |part: &str| words.contains(part);
    let failure = |class| answer.failure(class, words.trim());
    if answer.status == 429 {
        return answer.rate(words.trim());
    }
    match error.as_str() {
        _ if says("redirect") => failure(Class::App).told_as(Problem::RedirectMismatch),
        "invalid_client" | "unauthorized_client" | "unsupported_grant_type" | "invalid_scope" => failure(Class::App),
        _ if says("refresh token") || says("refresh_token") => failure(Class::Revoked),
        _ if says("authorization code") || says("auth code") => failure(Class::Revoked).told_as(Problem::CodeRefused),
        "invalid_grant" => failure(Class::Revoked),
        // The person's token travels in the form: a 401 here is about our app.
        _ if answer.status == 401 => failure(Class::App),
        _ => failure(Class::Unknown),
    }
}

/// Reads a refusal of a refresh. A dead refresh token and a wrong secret of ours may get the same 401: then it is nobody's
/// definite word, and the access token is asked before anybody is alarmed.
pub fn classify_refresh(answer: &Answer) -> Failure {
    let failure = classify_token(answer);
    let told = !error_words(&answer.json_or_null()).0.is_empty();
    if answer.status == 401 && !told && failure.class == Class::App {
        return Failure { class: Class::Unknown, ..failure };
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::super::super::answer::tests::{answer, with_header};
    use super::*;

    fn body(code: i64, message: &str) -> String {
        format!(r#"{{"code":{code},"message":"{message}","status":"failure"}}"#)
    }

    // SPEC T-4
    #[test]
    fn every_row_of_the_api_has_its_class() {
        use Class::*;
        let rows = [
            (401, body(2, "Authentication failed."), Expired),
            (403, body(29, "You are not permitted to access that resource."), Scope),
            (403, body(29, "Apps with Trial access may not create Pins in production."), App),
            (403, body(3, "Apps with Trial access may not create Pins in production."), App),
            (429, body(8, "You have exceeded your rate limit. Try again later."), Rate),
            (404, body(40, "Board not found."), Content),
            (400, body(1, "Parameter 'title' is too long."), Content),
            (400, body(235, "Unable to reach the URL. Please check the URL is correct and try again."), Transient),
            (403, body(77, "something new"), Unknown),
            (418, body(2, "teapot"), Unknown),
            (401, r#"{"message":"no code"}"#.into(), Expired),
            (500, body(11, "Oops"), Transient),
        ];
        for (status, body, class) in rows {
            assert_eq!(answer(status, &body).accepted(classify).unwrap_err().class, class, "{status} {body}");
        }
        let limited = with_header(answer(429, &body(8, "later")), "x-ratelimit-reset", "37");
        assert_eq!(limited.accepted(classify).unwrap_err().retry_after_ms, Some(37_000));
    }

    // SPEC C-9, T-4
    #[test]
    fn every_row_of_the_token_endpoint_has_its_class() {
        let told = |status: u16, body: &str| {
            let failure = answer(status, body).accepted(classify_token).unwrap_err();
            (failure.class, failure.problem)
        };
        assert_eq!(told(400, &body(1, "Invalid authorization code.")), (Class::Revoked, Some(Problem::CodeRefused)));
        assert_eq!(told(400, &body(1, "Invalid refresh token.")), (Class::Revoked, None));
        assert_eq!(told(401, &body(2, "Authentication failed.")), (Class::App, None));
        assert_eq!(told(400, &body(1, "redirect_uri does not match.")), (Class::App, Some(Problem::RedirectMismatch)));
        assert_eq!(told(400, r#"{"error":"invalid_grant"}"#), (Class::Revoked, None));
        assert_eq!(told(401, r#"{"error":"invalid_client"}"#), (Class::App, None));
        assert_eq!(told(400, &body(1, "something new")), (Class::Unknown, None));
        assert_eq!(told(429, &body(8, "")), (Class::Rate, None));
        assert_eq!(told(503, &body(1, "Invalid refresh token.")), (Class::Transient, None));
        let refused = |body: &str| answer(401, body).accepted(classify_refresh).unwrap_err().class;
        assert_eq!(refused(&body(2, "Authentication failed.")), Class::Unknown);
        assert_eq!(refused(r#"{"error":"invalid_client"}"#), Class::App);
    }
}
