//! Meta's error codes and what they mean to us (platforms.md section 1, "Errors").

use serde_json::Value;

use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::read::{number, text};
use crate::domain::explain::Problem;

/// Reads the error of a Graph API answer.
pub fn classify(answer: &Answer) -> Failure {
    let body = answer.json_or_null();
    match body.get("error") {
        Some(error) if error.is_object() => read_error(answer, error),
        _ if answer.status == 429 => answer.rate("too many requests"),
        _ => answer.failure(Class::Unknown, "a refusal without an error object"),
    }
}

/// Reads the error of the token endpoint: there, some codes speak about the code or about our app.
pub fn classify_exchange(answer: &Answer) -> Failure {
    let failure = classify(answer);
    let body = answer.json_or_null();
    let message = text(&body, "/error/message").unwrap_or_default().to_ascii_lowercase();
    let code = number(&body, "/error/code");
    let as_app = |problem| Failure { class: Class::App, ..failure.clone() }.told_as(problem);
    if message.contains("redirect_uri") || message.contains("redirect uri") {
        return as_app(Problem::RedirectMismatch);
    }
    if code == Some(101)
        || message.contains("client secret")
        || message.contains("validating application")
        || message.contains("client_id")
    {
        return as_app(Problem::AppNotApproved);
    }
    if message.contains("authorization code")
        || message.contains("verification code")
        || message.contains("code_verifier")
    {
        return Failure { class: Class::Revoked, ..failure }.told_as(Problem::CodeRefused);
    }
    failure
}

/// Reads an error object of the Graph API or of a report about a token.
pub fn read_error(answer: &Answer, error: &Value) -> Failure {
    let code = number(error, "/code").unwrap_or(0);
    let subcode = number(error, "/error_subcode").or_else(|| number(error, "/subcode")).unwrap_or(0);
    let words = format!("{code}/{subcode} {}", text(error, "/message").unwrap_or_default());
    if error.get("is_transient").and_then(Value::as_bool) == Some(true) {
        return answer.failure(Class::Transient, &words);
    }
    match class_of(code, subcode) {
        Class::Rate => answer.rate(&words).after(regain_ms(answer)),
        class => answer.failure(class, &words),
    }
}

fn class_of(code: i64, subcode: i64) -> Class {
    // Meta writes the long numbers into either place.
    if let Some(class) = [subcode, code].into_iter().find_map(long_number) {
        return class;
    }
    match (code, subcode) {
        (190 | 102, 463) => Class::Expired,
        (190 | 102, 460) => Class::Password,
        (190 | 102, 459 | 464 | 490) => Class::Action,
        (190 | 102, 492) => Class::Role,
        (190 | 102, _) => Class::Revoked,
        (10 | 3 | 200..=299, _) => Class::Scope,
        (100, 33) => Class::Role,
        (4 | 17 | 32 | 613 | 341 | 80001, _) => Class::Rate,
        (368, _) => Class::Blocked,
        (506, _) => Class::Content,
        (1 | 2, _) => Class::Transient,
        (104 | 101, _) => Class::App,
        _ => Class::Unknown,
    }
}

fn long_number(code: i64) -> Option<Class> {
    match code {
        1390008 | 1346003 => Some(Class::Blocked),
        1404006 | 1404112 | 1404078 | 4854002 => Some(Class::Action),
        1609005 | 2061006 | 1609008 | 1366046 | 1366051 => Some(Class::Content),
        1363047 | 1609010 => Some(Class::Transient),
        _ => None,
    }
}

/// The longest wait in the usage header, which counts in minutes.
pub fn regain_ms(answer: &Answer) -> Option<i64> {
    let usage: Value = serde_json::from_str(answer.header("x-business-use-case-usage")?).ok()?;
    let waits = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    let minutes =
        waits.filter_map(|one| number(one, "/estimated_time_to_regain_access")).filter(|minutes| *minutes > 0).max()?;
    Some(minutes.min(24 * 60) * 60_000)
}

#[cfg(test)]
mod tests {
    use super::super::super::answer::tests::{answer, with_header};
    use super::*;

    fn error(code: i64, subcode: i64) -> String {
        format!(
            r#"{{"error":{{"message":"words hush-hush","type":"OAuthException","code":{code},"error_subcode":{subcode},"fbtrace_id":"x"}}}}"#
        )
    }

    #[test]
    fn every_row_of_the_table_has_its_class() {
        use Class::*;
        let rows = [
            (190, 463, Expired),
            (190, 458, Revoked),
            (190, 460, Password),
            (190, 467, Revoked),
            (190, 461, Revoked),
            (190, 466, Revoked),
            (190, 0, Revoked),
            (102, 0, Revoked),
            (102, 463, Expired),
            (102, 460, Password),
            (190, 459, Action),
            (190, 464, Action),
            (190, 490, Action),
            (190, 492, Role),
            (10, 0, Scope),
            (200, 0, Scope),
            (299, 0, Scope),
            (201, 0, Scope),
            (270, 0, Scope),
            (298, 0, Scope),
            (3, 0, Scope),
            (100, 33, Role),
            (4, 0, Rate),
            (17, 0, Rate),
            (32, 0, Rate),
            (613, 0, Rate),
            (341, 0, Rate),
            (80001, 0, Rate),
            (368, 0, Blocked),
            (1390008, 0, Blocked),
            (1346003, 0, Blocked),
            (1404006, 0, Action),
            (368, 1404112, Action),
            (1404078, 0, Action),
            (200, 4854002, Action),
            (506, 0, Content),
            (100, 1609005, Content),
            (2061006, 0, Content),
            (1609008, 0, Content),
            (1366046, 0, Content),
            (100, 1366051, Content),
            (1, 0, Transient),
            (2, 0, Transient),
            (1363047, 0, Transient),
            (1609010, 0, Transient),
            (104, 0, App),
            (100, 0, Unknown),
            (987654, 1, Unknown),
            (0, 0, Unknown),
        ];
        for (code, subcode, class) in rows {
            let failure = answer(400, &error(code, subcode)).accepted(classify).unwrap_err();
            assert_eq!(failure.class, class, "{code}/{subcode}");
            assert!(!failure.detail.contains("hush"), "{}", failure.detail);
        }
    }

    // SPEC T-4
    #[test]
    fn what_may_pass_is_never_a_death() {
        let told = r#"{"error":{"message":"m","code":190,"error_subcode":463,"is_transient":true}}"#;
        assert_eq!(answer(400, told).accepted(classify).unwrap_err().class, Class::Transient);
        assert_eq!(answer(500, &error(190, 463)).accepted(classify).unwrap_err().class, Class::Transient);
        assert_eq!(answer(403, "<html>").accepted(classify).unwrap_err().class, Class::Transient);
        assert_eq!(answer(400, "{}").accepted(classify).unwrap_err().class, Class::Unknown);
        assert_eq!(answer(400, r#"{"error":"text"}"#).accepted(classify).unwrap_err().class, Class::Unknown);
        assert_eq!(answer(429, "{}").accepted(classify).unwrap_err().class, Class::Rate);
    }

    #[test]
    fn the_wait_is_read_from_the_usage_header() {
        let usage = r#"{"55":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":7}],"56":[{"estimated_time_to_regain_access":"9"}]}"#;
        let limited = with_header(answer(400, &error(32, 0)), "x-business-use-case-usage", usage);
        assert_eq!(classify(&limited).retry_after_ms, Some(9 * 60_000));
        assert!(classify(&answer(400, &error(4, 0))).retry_after_ms.is_some());
    }

    // SPEC C-9
    #[test]
    fn the_token_endpoint_speaks_about_code_and_app() {
        let refused = |code: i64, message: &str| {
            let failure =
                classify_exchange(&answer(400, &format!(r#"{{"error":{{"message":"{message}","code":{code}}}}}"#)));
            (failure.class, failure.problem)
        };
        assert_eq!(
            refused(100, "This authorization code has been used."),
            (Class::Revoked, Some(Problem::CodeRefused))
        );
        assert_eq!(refused(100, "This authorization code has expired."), (Class::Revoked, Some(Problem::CodeRefused)));
        assert_eq!(
            refused(
                100,
                "Error validating verification code. Please make sure your redirect_uri is identical to the one you used"
            ),
            (Class::App, Some(Problem::RedirectMismatch))
        );
        assert_eq!(refused(1, "Error validating client secret."), (Class::App, Some(Problem::AppNotApproved)));
        assert_eq!(
            refused(101, "Error validating application. Invalid application ID."),
            (Class::App, Some(Problem::AppNotApproved))
        );
        assert_eq!(refused(190, "Error validating access token: Session has expired"), (Class::Revoked, None));
        assert_eq!(refused(2, "Service temporarily unavailable"), (Class::Transient, None));
    }
}
