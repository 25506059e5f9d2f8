//! Errors of Bluesky servers and what they mean to us (platforms.md section 13, "Errors").

use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::read::text;
use crate::domain::explain::Problem;

/// Reads an error of a call with an access token.
pub fn classify(answer: &Answer) -> Failure {
    let body = answer.json_or_null();
    let name = text(&body, "/error").unwrap_or_default();
    let words = format!(
        "{name}: {}",
        text(&body, "/message").or_else(|| text(&body, "/error_description")).unwrap_or_default()
    );
    if answer.status == 429 {
        return answer.rate(&words);
    }
    let class = match name.as_str() {
        // An OAuth session that was ended answers like one whose access token is old: the refresh tells them apart.
        "ExpiredToken" | "invalid_token" => Class::Expired,
        "InvalidToken" | "AuthenticationRequired" | "invalid_grant" => Class::Revoked,
        "AccountTakedown" | "AccountDeactivated" | "AuthFactorTokenRequired" => Class::Action,
        "RateLimitExceeded" => return answer.rate(&words),
        "ScopeMissingError" | "insufficient_scope" => Class::Scope,
        // A proof that is refused is one that we wrote, or dated by a clock that is wrong.
        "invalid_client"
        | "invalid_client_metadata"
        | "unauthorized_client"
        | "invalid_dpop_proof"
        | "invalid_scope"
        | "invalid_redirect_uri"
        | "unsupported_grant_type" => Class::App,
        "UpstreamFailure"
        | "UpstreamTimeout"
        | "NotEnoughResources"
        | "use_dpop_nonce"
        | "server_error"
        | "temporarily_unavailable"
        | "slow_down" => Class::Transient,
        "InvalidRequest" | "invalid_request" => Class::Content,
        _ => Class::Unknown,
    };
    answer.failure(class, &words)
}

/// Reads an error of a call with a refresh token: what has ended there has ended for good.
pub fn classify_refresh(answer: &Answer) -> Failure {
    let failure = classify(answer);
    match failure.class {
        Class::Expired => Failure { class: Class::Revoked, ..failure },
        _ => failure,
    }
}

/// Reads a refused code.
pub fn classify_exchange(answer: &Answer) -> Failure {
    let failure = classify(answer);
    match failure.class {
        Class::Revoked | Class::Content | Class::Unknown => failure.told_as(Problem::CodeRefused),
        _ => failure,
    }
}

/// Reads a refused sign-in.
pub fn classify_sign_in(answer: &Answer) -> Failure {
    let failure = classify(answer);
    match failure.class {
        // App passwords are never asked for a second factor.
        Class::Action if failure.detail.contains("AuthFactorTokenRequired") => failure.told_as(Problem::MainPassword),
        Class::Revoked | Class::Content => failure.told_as(Problem::WrongPassword),
        Class::Unknown => failure.told_as(Problem::BadServer),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::answer::tests::{NOW, answer, with_header};
    use super::*;

    fn body(name: &str) -> String {
        format!(r#"{{"error":"{name}","message":"Token has been revoked"}}"#)
    }

    #[test]
    fn every_row_of_the_table_has_its_class() {
        use Class::*;
        let rows = [
            (400, "ExpiredToken", Expired),
            (400, "InvalidToken", Revoked),
            (401, "AuthMissing", Unknown),
            (401, "AccountTakedown", Action),
            (401, "AccountDeactivated", Action),
            (401, "AuthFactorTokenRequired", Action),
            (401, "AuthenticationRequired", Revoked),
            (429, "RateLimitExceeded", Rate),
            (400, "InvalidRequest", Content),
            (502, "UpstreamFailure", Transient),
            (400, "UpstreamFailure", Transient),
            (503, "NotEnoughResources", Transient),
            (400, "invalid_grant", Revoked),
            (401, "invalid_client", App),
            (400, "invalid_client_metadata", App),
            (401, "use_dpop_nonce", Transient),
            (400, "use_dpop_nonce", Transient),
            (401, "invalid_token", Expired),
            (400, "invalid_dpop_proof", App),
            (400, "invalid_scope", App),
            (400, "unauthorized_client", App),
            (400, "invalid_redirect_uri", App),
            (400, "unsupported_grant_type", App),
            (400, "invalid_request", Content),
            (400, "temporarily_unavailable", Transient),
            (500, "server_error", Transient),
            (403, "ScopeMissingError", Scope),
            (403, "insufficient_scope", Scope),
            (400, "BrandNew", Unknown),
        ];
        for (status, name, class) in rows {
            assert_eq!(answer(status, &body(name)).accepted(classify).unwrap_err().class, class, "{name}");
        }
        let limited =
            with_header(answer(429, &body("RateLimitExceeded")), "ratelimit-reset", &(NOW / 1_000 + 9).to_string());
        assert_eq!(limited.accepted(classify).unwrap_err().retry_after_ms, Some(9_000));
    }

    #[test]
    fn the_same_word_is_final_for_a_refresh_token() {
        assert_eq!(classify_refresh(&answer(400, &body("ExpiredToken"))).class, Class::Revoked);
        assert_eq!(answer(500, &body("ExpiredToken")).accepted(classify_refresh).unwrap_err().class, Class::Transient);
    }

    // SPEC C-9
    #[test]
    fn a_refused_sign_in_is_told_in_its_own_words() {
        let told = |status, name: &str| classify_sign_in(&answer(status, &body(name))).problem;
        assert_eq!(told(401, "AuthenticationRequired"), Some(Problem::WrongPassword));
        assert_eq!(told(401, "AuthFactorTokenRequired"), Some(Problem::MainPassword));
        assert_eq!(told(400, "InvalidRequest"), Some(Problem::WrongPassword));
        assert_eq!(told(404, "XRPCNotSupported"), Some(Problem::BadServer));
        assert_eq!(told(401, "AccountTakedown"), None);
        assert_eq!(told(429, "RateLimitExceeded"), None);
    }
}
