//! Refusals as the standards write them.

use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::oauth::error_words;
use super::super::read::text;
use crate::domain::explain::Problem;

/// Reads a refusal to trade a code.
pub fn classify_code(answer: &Answer) -> Failure {
    let failure = classify_token(answer);
    let (_, description) = error_words(&answer.json_or_null());
    match failure.class {
        Class::Revoked if description.contains("redirect") => {
            Failure { class: Class::App, ..failure }.told_as(Problem::RedirectMismatch)
        }
        Class::Revoked => failure.told_as(Problem::CodeRefused),
        _ => failure,
    }
}

/// Reads a refusal of the token or revocation endpoint (RFC 6749, 5.2). Only `invalid_grant` speaks about the person.
pub fn classify_token(answer: &Answer) -> Failure {
    let (error, description) = error_words(&answer.json_or_null());
    let words = format!("{error}: {description}");
    if answer.status == 429 {
        return answer.rate(&words);
    }
    let class = match error.as_str() {
        "invalid_grant" => Class::Revoked,
        "invalid_client"
        | "unauthorized_client"
        | "unsupported_grant_type"
        | "invalid_scope"
        | "unsupported_token_type" => Class::App,
        "temporarily_unavailable" | "server_error" => Class::Transient,
        // At this address a 401 speaks of our app: the person's token travels in the form.
        _ if answer.status == 401 => Class::App,
        _ => Class::Unknown,
    };
    answer.failure(class, &words)
}

/// A refusal of a bearer token in the header that the standard has for it (RFC 6750, 3); such an answer may have no body.
pub fn challenged(answer: &Answer) -> Option<Failure> {
    let header = answer.header("www-authenticate")?;
    let says = |error: &str| header.contains(&format!("error=\"{error}\""));
    match answer.status {
        401 if says("invalid_token") => Some(answer.failure(Class::Expired, header)),
        403 if says("insufficient_scope") => Some(answer.failure(Class::Scope, header)),
        _ => None,
    }
}

/// Reads a refusal of a bearer token (RFC 6750, 3.1) in the body.
pub fn classify(answer: &Answer) -> Failure {
    let body = answer.json_or_null();
    let (error, description) = error_words(&body);
    let words = format!("{error}: {description}{}", text(&body, "/message").unwrap_or_default());
    match answer.status {
        429 => answer.rate(&words),
        // A refresh may help; where there is none, it is the end.
        401 => answer.failure(Class::Expired, &words),
        403 if error == "insufficient_scope" => answer.failure(Class::Scope, &words),
        _ => answer.failure(Class::Unknown, &words),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::answer::tests::{answer, with_header};
    use super::*;

    // SPEC T-4; RFC 6750, 3
    #[test]
    fn a_challenge_in_the_header_is_enough() {
        let told = |status, header: &str| {
            let answer = with_header(answer(status, ""), "www-authenticate", header);
            challenged(&answer).map(|failure| failure.class)
        };
        assert_eq!(told(401, r#"Bearer realm="x", error="invalid_token""#), Some(Class::Expired));
        assert_eq!(told(403, r#"Bearer error="insufficient_scope""#), Some(Class::Scope));
        for (status, header) in [(401, "Bearer"), (500, r#"Bearer error="invalid_token""#), (401, "Basic")] {
            assert_eq!(told(status, header), None, "{status} {header}");
        }
    }

    // SPEC T-4
    #[test]
    fn every_standard_refusal_has_its_class() {
        use Class::*;
        let error = |error: &str| format!(r#"{{"error":"{error}","error_description":"x"}}"#);
        for (status, name, class) in [
            (400, "invalid_grant", Revoked),
            (401, "invalid_client", App),
            (400, "unauthorized_client", App),
            (400, "unsupported_grant_type", App),
            (400, "invalid_scope", App),
            (400, "invalid_request", Unknown),
            (400, "brand_new", Unknown),
            (401, "", App),
            (429, "slow_down", Rate),
            (503, "invalid_grant", Transient),
        ] {
            let failure = answer(status, &error(name)).accepted(classify_token).unwrap_err();
            assert_eq!(failure.class, class, "{status} {name}");
        }
        for (status, name, class) in [
            (401, "invalid_token", Expired),
            (401, "", Expired),
            (403, "insufficient_scope", Scope),
            (403, "", Unknown),
            (404, "", Unknown),
            (429, "", Rate),
            (500, "", Transient),
        ] {
            assert_eq!(answer(status, &error(name)).accepted(classify).unwrap_err().class, class, "{status} {name}");
        }
        assert_eq!(classify_code(&answer(400, &error("invalid_grant"))).problem, Some(Problem::CodeRefused));
        let redirect = r#"{"error":"invalid_grant","error_description":"redirect_uri mismatch"}"#;
        let failure = classify_code(&answer(400, redirect));
        assert_eq!((failure.class, failure.problem), (App, Some(Problem::RedirectMismatch)));
    }
}
