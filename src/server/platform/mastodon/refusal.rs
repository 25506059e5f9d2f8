//! Errors of Mastodon servers and what they mean to us (platforms.md section 12, "Errors").

use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::oauth::error_words;
use crate::domain::explain::Problem;

/// Reads an error of the API.
pub fn classify(answer: &Answer) -> Failure {
    let (error, description) = error_words(&answer.json_or_null());
    let words = format!("{error} {description}");
    let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    let failure = |class| answer.failure(class, &words);
    match answer.status {
        401 if says(&["access token"]) && says(&["invalid", "revoked", "expired"]) => failure(Class::Revoked),
        403 if says(&["outside the authorized scopes", "insufficient_scope"]) => failure(Class::Scope),
        403 if says(&[
            "login is currently disabled",
            "pending approval",
            "confirmed e-mail",
            "confirm your e-mail",
            "suspended",
            "has moved",
            "have moved",
        ]) =>
        {
            failure(Class::Action)
        }
        410 => failure(Class::Transient),
        422 => failure(Class::Content),
        429 => answer.rate(&words),
        _ => failure(Class::Unknown),
    }
}

/// Reads an error of the token and revocation endpoints.
pub fn classify_token(answer: &Answer) -> Failure {
    let (error, description) = error_words(&answer.json_or_null());
    let words = format!("{error}: {description}");
    match error.as_str() {
        // The server words a wrong code, verifier and redirect address in one sentence.
        "invalid_grant" => answer.failure(Class::Revoked, &words).told_as(Problem::CodeRefused),
        "invalid_client" | "unauthorized_client" => answer.failure(Class::App, &words).told_as(Problem::AppNotApproved),
        "invalid_redirect_uri" => answer.failure(Class::App, &words).told_as(Problem::RedirectMismatch),
        "invalid_scope" => answer.failure(Class::App, &words),
        _ => classify(answer),
    }
}

/// Reads a refused registration: whatever it says, this server can't be used now.
pub fn classify_registration(answer: &Answer) -> Failure {
    let failure = classify(answer);
    match failure.class {
        Class::Rate => failure,
        _ => Failure { class: Class::App, ..failure }.told_as(Problem::BadServer),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::answer::tests::{NOW, answer, with_header};
    use super::*;

    #[test]
    fn every_row_of_the_api_has_its_class() {
        use Class::*;
        let rows = [
            (401, "The access token is invalid", Revoked),
            (401, "The access token was revoked", Revoked),
            (401, "The access token expired", Revoked),
            (401, "Something else", Unknown),
            (403, "This action is outside the authorized scopes", Scope),
            (403, "Your login is currently disabled", Action),
            (403, "Your login is missing a confirmed e-mail address", Action),
            (403, "This action is not allowed", Unknown),
            (404, "Record not found", Unknown),
            (410, "Gone", Transient),
            (422, "Validation failed: Text can't be blank", Content),
            (429, "Too many requests", Rate),
            (500, "x", Transient),
            (503, "Service Unavailable", Transient),
        ];
        for (status, words, class) in rows {
            let body = format!(r#"{{"error":"{words}"}}"#);
            assert_eq!(answer(status, &body).accepted(classify).unwrap_err().class, class, "{status} {words}");
        }
        assert_eq!(answer(403, "<html>proxy</html>").accepted(classify).unwrap_err().class, Transient);
        assert_eq!(answer(401, "").accepted(classify).unwrap_err().class, Transient);
        let limited = with_header(answer(429, r#"{"error":"x"}"#), "x-ratelimit-reset", "2026-11-21T12:05:00.000Z");
        assert_eq!((limited.now, limited.accepted(classify).unwrap_err().retry_after_ms), (NOW, Some(300_000)));
    }

    #[test]
    fn every_row_of_the_token_endpoint_has_its_class() {
        let refused = |status: u16, error: &str| {
            let failure = answer(status, &format!(r#"{{"error":"{error}","error_description":"words"}}"#))
                .accepted(classify_token)
                .unwrap_err();
            (failure.class, failure.problem)
        };
        assert_eq!(refused(400, "invalid_grant"), (Class::Revoked, Some(Problem::CodeRefused)));
        assert_eq!(refused(400, "invalid_scope"), (Class::App, None));
        assert_eq!(refused(401, "invalid_client"), (Class::App, Some(Problem::AppNotApproved)));
        assert_eq!(refused(400, "odd"), (Class::Unknown, None));
        assert_eq!(refused(502, "invalid_grant"), (Class::Transient, None));
    }

    #[test]
    fn a_server_that_registers_nobody_is_a_bad_server() {
        let refused = |status: u16, body: &str| classify_registration(&answer(status, body)).problem;
        assert_eq!(refused(404, r#"{"error":"Not Found"}"#), Some(Problem::BadServer));
        assert_eq!(refused(422, r#"{"error":"Validation failed"}"#), Some(Problem::BadServer));
        assert_eq!(refused(429, r#"{"error":"x"}"#), None);
    }
}
