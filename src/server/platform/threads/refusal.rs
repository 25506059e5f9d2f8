//! Threads' errors: Meta's envelope and codes, and a few of its own (platforms.md section 4, "Errors").

use serde_json::Value;

use super::super::answer::Answer;
use super::super::facebook::refusal as meta;
use super::super::failure::{Class, Failure};
use super::super::read::{number, text};

/// The post was refused although it may be out: nothing is to be asked again.
const BLOCKED: i64 = 2207051;
/// The person may not post for a while, or must confirm something.
const RESTRICTED: i64 = 4279013;
/// A container that is ready and not yet known everywhere.
const NOT_THERE_YET: i64 = 4279009;

/// Reads an error of the API.
pub fn classify(answer: &Answer) -> Failure {
    own(answer, answer.json_or_null().get("error")).unwrap_or_else(|| meta::classify(answer))
}

/// Reads an error of the token endpoints.
pub fn classify_exchange(answer: &Answer) -> Failure {
    meta::classify_exchange(answer)
}

/// Reads the error in a report about a token.
pub fn read_error(answer: &Answer, error: &Value) -> Failure {
    own(answer, Some(error)).unwrap_or_else(|| meta::read_error(answer, error))
}

fn own(answer: &Answer, error: Option<&Value>) -> Option<Failure> {
    let error = error?;
    let code = number(error, "/code").unwrap_or(0);
    let subcode = number(error, "/error_subcode").unwrap_or(0);
    let class = match [code, subcode] {
        numbers if numbers.contains(&BLOCKED) => Class::Blocked,
        numbers if numbers.contains(&RESTRICTED) => Class::Action,
        [24, NOT_THERE_YET] => Class::Transient,
        _ => return None,
    };
    Some(answer.failure(class, &format!("{code}/{subcode} {}", text(error, "/message").unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::super::super::answer::tests::answer;
    use super::*;

    // SPEC T-4
    #[test]
    fn own_rows_come_before_metas() {
        use Class::*;
        let rows = [
            (24, NOT_THERE_YET, Transient),
            (10, BLOCKED, Blocked),
            (10, RESTRICTED, Action),
            (10, 0, Scope),
            (190, 463, Expired),
            (190, 458, Revoked),
            (190, 460, Password),
            (190, 0, Revoked),
            (4, 0, Rate),
            (17, 0, Rate),
            (32, 0, Rate),
            (613, 0, Rate),
            (2, 0, Transient),
            (987_654, 0, Unknown),
        ];
        for (code, subcode, class) in rows {
            let body = format!(r#"{{"error":{{"message":"m","code":{code},"error_subcode":{subcode}}}}}"#);
            assert_eq!(answer(400, &body).accepted(classify).unwrap_err().class, class, "{code}/{subcode}");
        }
    }
}
