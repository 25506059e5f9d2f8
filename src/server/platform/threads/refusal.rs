//! Threads' error codes and what they mean to us, beyond those that it shares with Facebook (platforms.md section 4).

use super::super::answer::Answer;
use super::super::facebook::refusal as meta;
use super::super::failure::{Class, Failure};
use super::super::instagram::refusal as instagram;
use super::super::read::{number, text};

pub use instagram::classify_exchange;

/// Reads the error of a call to the API.
pub fn classify(answer: &Answer) -> Failure {
    let body = answer.json_or_null();
    let numbers = [number(&body, "/error/error_subcode"), number(&body, "/error/code")];
    let class = numbers.into_iter().flatten().find_map(|code| match code {
        2_207_051 => Some(Class::Blocked),
        4_279_013 => Some(Class::Action),
        // A container that was just reported as finished is not found for some seconds.
        4_279_009 => Some(Class::Transient),
        _ => None,
    });
    match class {
        Some(class) => answer.failure(class, &text(&body, "/error/message").unwrap_or_default()),
        None => meta::classify(answer),
    }
}

/// Reads the refusal of a refresh, as Instagram's.
pub fn classify_refresh(answer: &Answer) -> Failure {
    let failure = instagram::classify_refresh(answer);
    if failure.class == Class::Unknown && failure.retry_after_ms.is_some() { failure } else { classify(answer) }
}

#[cfg(test)]
mod tests {
    use super::super::super::answer::tests::answer;
    use super::*;

    #[test]
    fn every_row_of_the_table_has_its_class() {
        use Class::*;
        let rows = [
            (190, 463, Expired),
            (190, 460, Password),
            (190, 458, Revoked),
            (190, 0, Revoked),
            (190, 459, Action),
            (10, 0, Scope),
            (4, 0, Rate),
            (17, 0, Rate),
            (32, 0, Rate),
            (613, 0, Rate),
            (24, 4_279_009, Transient),
            (24, 0, Unknown),
            (4, 2_207_051, Blocked),
            (100, 4_279_013, Action),
            (987_654, 0, Unknown),
        ];
        for (code, subcode, expected) in rows {
            let body = format!(r#"{{"error":{{"message":"words","code":{code},"error_subcode":{subcode}}}}}"#);
            let failure = answer(400, &body).accepted(classify).unwrap_err();
            assert_eq!(failure.class, expected, "{code}/{subcode}");
            assert_eq!(answer(400, &body).accepted(classify_refresh).unwrap_err().class, expected, "{code}/{subcode}");
        }
    }

    // SPEC T-4
    #[test]
    fn a_refresh_that_came_too_early_is_no_death() {
        let body = r#"{"error":{"code":190,"message":"Token is not yet 24 hours old"}}"#;
        let failure = answer(400, body).accepted(classify_refresh).unwrap_err();
        assert!(!failure.is_death() && failure.retry_after_ms.is_some());
    }
}
