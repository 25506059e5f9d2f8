//! Instagram's error codes and what they mean to us, beyond those that it shares with Facebook (platforms.md sections 2
//! and 3, "Errors"). Both ways to Instagram read their refusals here.

use serde_json::Value;

use super::super::answer::Answer;
use super::super::facebook::refusal as meta;
use super::super::failure::{Class, Failure};
use super::super::read::{number, text};
use crate::domain::explain::Problem;

/// Reads the error of a call about Instagram.
pub fn classify(answer: &Answer) -> Failure {
    let body = answer.json_or_null();
    match body.get("error").filter(|error| error.is_object()).and_then(|error| own(answer, error)) {
        Some(failure) => failure,
        None => meta::classify(answer),
    }
}

/// What only Instagram says.
fn own(answer: &Answer, error: &Value) -> Option<Failure> {
    if error.get("is_transient").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let code = number(error, "/code").unwrap_or(0);
    let subcode = number(error, "/error_subcode").unwrap_or(0);
    let message = text(error, "/message").unwrap_or_default();
    let class = [subcode, code].into_iter().find_map(of_number).or_else(|| of_words(code, &message))?;
    let words = format!("{code}/{subcode} {message}");
    Some(match class {
        Class::Rate => answer.rate(&words).after(meta::regain_ms(answer)),
        class => answer.failure(class, &words),
    })
}

fn of_number(code: i64) -> Option<Class> {
    match code {
        // With code 4 and 403 it looks like a rate limit, and is none; the medium may be out all the same.
        2_207_051 | 2_207_001 => Some(Class::Blocked),
        2_207_042 | 80_002 => Some(Class::Rate),
        2_207_050 | 2_207_081 => Some(Class::Action),
        2_207_027 | 2_207_003 | 2_207_020 | 2_207_032 | 2_207_053 | 2_207_082 => Some(Class::Transient),
        2_207_052 | 2_207_077 => Some(Class::Content),
        2_207_004 | 2_207_005 | 2_207_009 | 2_207_010 | 2_207_023 | 2_207_026 | 2_207_028 | 2_207_057 => {
            Some(Class::Content)
        }
        36_001 | 36_003 => Some(Class::Content),
        _ => None,
    }
}

/// An account that was switched back to a personal one speaks of permissions, or of what it is not.
fn of_words(code: i64, message: &str) -> Option<Class> {
    let message = message.to_ascii_lowercase();
    let no_business = message.contains("not an instagram business")
        || message.contains("not a business account")
        || message.contains("not a professional account")
        || (matches!(code, 3 | 10 | 100 | 200..=299) && message.contains("personal account"));
    no_business.then_some(Class::Action)
}

/// Reads the error of the endpoints that trade codes and short tokens: they have a form of their own, and speak about the
/// code or about our app.
pub fn classify_exchange(answer: &Answer) -> Failure {
    let body = answer.json_or_null();
    let Some(message) = text(&body, "/error_message") else { return of_graph(answer) };
    let words = message.to_ascii_lowercase();
    let failure = |class| answer.failure(class, &message);
    if words.contains("redirect") {
        return failure(Class::App).told_as(Problem::RedirectMismatch);
    }
    if ["platform app", "client", "secret", "application"].iter().any(|word| words.contains(word)) {
        return failure(Class::App).told_as(Problem::AppNotApproved);
    }
    if words.contains("code") {
        return failure(Class::Revoked).told_as(Problem::CodeRefused);
    }
    if answer.status == 429 || words.contains("rate limit") || words.contains("too many") {
        return answer.rate(&message);
    }
    failure(Class::Unknown)
}

/// The same in the graph's form. Narrow words only: it speaks of applications where a person's token is dead, too.
fn of_graph(answer: &Answer) -> Failure {
    let failure = meta::classify_exchange(answer);
    let message = text(&answer.json_or_null(), "/error/message").unwrap_or_default().to_ascii_lowercase();
    if failure.problem.is_some() {
        failure
    } else if message.contains("matching code") {
        Failure { class: Class::Revoked, ..failure }.told_as(Problem::CodeRefused)
    } else if message.contains("platform app") {
        Failure { class: Class::App, ..failure }.told_as(Problem::AppNotApproved)
    } else {
        failure
    }
}

/// Reads the refusal of a refresh. A token that is younger than a day is refused and good all the same.
pub fn classify_refresh(answer: &Answer) -> Failure {
    let body = answer.json_or_null();
    let message = text(&body, "/error/message").or_else(|| text(&body, "/error_message")).unwrap_or_default();
    let words = message.to_ascii_lowercase();
    let too_young = words.contains("24 hour") || words.contains("24-hour") || words.contains("too new");
    if too_young && !words.contains("expired") {
        // Not silence of the platform, and not a death: it has spoken about the hour, not about the consent.
        return answer.failure(Class::Unknown, &message).after(Some(DAY_MS));
    }
    classify(answer)
}

/// How long a token must have lived before it can be traded, in milliseconds.
const DAY_MS: i64 = crate::domain::grant::DAY_MS;

#[cfg(test)]
mod tests {
    use super::super::super::answer::tests::{answer, with_header};
    use super::*;

    fn class(status: u16, code: i64, subcode: i64, message: &str) -> Class {
        let body = format!(r#"{{"error":{{"message":"{message}","code":{code},"error_subcode":{subcode}}}}}"#);
        answer(status, &body).accepted(classify).unwrap_err().class
    }

    #[test]
    fn every_row_of_both_tables_has_its_class() {
        use Class::*;
        let rows = [
            (190, 463, Expired),
            (190, 460, Password),
            (190, 458, Revoked),
            (190, 0, Revoked),
            (190, 459, Action),
            (10, 0, Scope),
            (4, 0, Rate),
            (4, 2_207_051, Blocked),
            (9, 2_207_042, Rate),
            (25, 2_207_050, Action),
            (100, 2_207_081, Action),
            (100, 2_207_001, Blocked),
            (9007, 2_207_027, Transient),
            (-2, 2_207_003, Transient),
            (-1, 2_207_020, Transient),
            (-1, 2_207_032, Transient),
            (-1, 2_207_053, Transient),
            (100, 2_207_082, Transient),
            (9004, 2_207_052, Content),
            (100, 2_207_077, Content),
            (36000, 2_207_004, Content),
            (36002, 2_207_005, Content),
            (36003, 2_207_009, Content),
            (36004, 2_207_010, Content),
            (352, 2_207_026, Content),
            (100, 2_207_023, Content),
            (100, 2_207_028, Content),
            (100, 2_207_057, Content),
            (36_001, 0, Content),
            (36_003, 0, Content),
            (80_002, 0, Rate),
            (100, 33, Role),
            (987_654, 1, Unknown),
        ];
        for (code, subcode, expected) in rows {
            assert_eq!(class(400, code, subcode, "words"), expected, "{code}/{subcode}");
        }
        assert_eq!(class(400, 10, 0, "User is not an Instagram Business"), Action);
        assert_eq!(class(403, 10, 0, "This is not available for a personal account"), Action);
        assert_eq!(class(403, 4, 2_207_051, "words"), Blocked, "no rate limit, whatever its status");
        assert_eq!(class(500, 190, 463, "words"), Transient);
        let usage = r#"{"1":[{"estimated_time_to_regain_access":3}]}"#;
        let limited = answer(400, r#"{"error":{"code":80002,"message":"m"}}"#);
        let limited = with_header(limited, "x-business-use-case-usage", usage);
        assert_eq!(classify(&limited).retry_after_ms, Some(3 * 60_000));
    }

    // SPEC C-9
    #[test]
    fn the_code_endpoint_speaks_about_code_and_app() {
        let refused = |message: &str| {
            let body = format!(r#"{{"error_type":"OAuthException","code":400,"error_message":"{message}"}}"#);
            let failure = classify_exchange(&answer(400, &body));
            (failure.class, failure.problem)
        };
        let code = (Class::Revoked, Some(Problem::CodeRefused));
        assert_eq!(refused("Matching code was not found or was already used"), code);
        assert_eq!(refused("Invalid authorization code"), code);
        assert_eq!(refused("This authorization code has expired"), code);
        assert_eq!(refused("Invalid platform app"), (Class::App, Some(Problem::AppNotApproved)));
        assert_eq!(refused("Invalid Client Secret"), (Class::App, Some(Problem::AppNotApproved)));
        let redirect = (Class::App, Some(Problem::RedirectMismatch));
        assert_eq!(
            refused("Error validating verification code. Please make sure your redirect_uri is identical"),
            redirect
        );
        assert_eq!(refused("odd"), (Class::Unknown, None));
        let graph = answer(400, r#"{"error":{"code":101,"message":"Error validating application."}}"#);
        assert_eq!(classify_exchange(&graph).class, Class::App);
        let used = answer(400, r#"{"error":{"code":1,"message":"Matching code was not found or was already used"}}"#);
        assert_eq!(classify_exchange(&used).problem, Some(Problem::CodeRefused));
    }

    // SPEC T-4
    #[test]
    fn a_refresh_that_came_too_early_is_no_death() {
        for code in [100, 190, 10, 0] {
            let body = format!(
                r#"{{"error":{{"code":{code},"message":"The access token must be at least 24 hours old to be refreshed"}}}}"#
            );
            let failure = answer(400, &body).accepted(classify_refresh).unwrap_err();
            assert_eq!((failure.class, failure.is_death()), (Class::Unknown, false), "{code}");
            assert_eq!(failure.retry_after_ms, Some(DAY_MS));
        }
        let ended = r#"{"error":{"code":190,"error_subcode":463,"message":"Session has expired"}}"#;
        assert_eq!(answer(400, ended).accepted(classify_refresh).unwrap_err().class, Class::Expired);
    }
}
