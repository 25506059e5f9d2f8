//! What a code is traded for: a token of an hour, in one of two shapes (platforms.md section 3, "Token responses").

use secrecy::SecretString;
use serde_json::Value;

use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::oauth;
use super::super::read::{text, texts};
use super::refusal::classify_exchange;

/// The short-lived token, and what the person granted.
#[derive(Debug)]
pub struct Short {
    pub access: SecretString,
    /// `None` where the answer does not tell.
    pub scopes: Option<Vec<String>>,
}

/// Reads the answer of the code endpoint.
///
/// # Errors
/// What the endpoint's refusal means; `Transient`, in doubt, for an answer without a token.
pub fn read(answer: &Answer) -> Result<Short, Failure> {
    let body = answer.accepted(classify_exchange)?;
    // Production answers the pair itself, the documentation a list with it.
    let pair = body.pointer("/data/0").unwrap_or(&body);
    match text(pair, "/access_token") {
        Some(access) => Ok(Short { access: access.into(), scopes: scopes(pair) }),
        None if body.get("error_type").is_some() || body.get("error").is_some() => Err(classify_exchange(answer)),
        None => Err(answer.failure(Class::Transient, "without an access token").doubtful()),
    }
}

/// A list, or one text with commas.
fn scopes(pair: &Value) -> Option<Vec<String>> {
    texts(pair, "/permissions").or_else(|| text(pair, "/permissions").map(|joined| oauth::scopes(&joined)))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::super::super::answer::tests::answer;
    use super::*;

    // SPEC C-3, C-5
    #[test]
    fn both_shapes_are_read() {
        let bodies = [
            r#"{"access_token":"IGAA1","user_id":17841400000000001,"permissions":["instagram_business_basic","instagram_business_content_publish"]}"#,
            r#"{"data":[{"access_token":"IGAA1","user_id":"17841400000000001","permissions":"instagram_business_basic,instagram_business_content_publish"}],"odd":1}"#,
        ];
        for body in bodies {
            let short = read(&answer(200, body)).unwrap();
            assert_eq!(short.access.expose_secret(), "IGAA1");
            let scopes = short.scopes.unwrap();
            assert_eq!(scopes, ["instagram_business_basic", "instagram_business_content_publish"], "{body}");
        }
        let silent = read(&answer(200, r#"{"access_token":"IGAA1","user_id":5}"#)).unwrap();
        assert!(silent.scopes.is_none(), "what is not told is not missing");
    }

    #[test]
    fn an_answer_without_a_token_is_in_doubt_and_an_error_under_200_is_one() {
        for body in [r#"{"data":[]}"#, r#"{"user_id":1}"#, "[]"] {
            let failure = read(&answer(200, body)).unwrap_err();
            assert_eq!((failure.class, failure.in_doubt), (Class::Transient, true), "{body}");
        }
        let odd = r#"{"error_type":"OAuthException","code":400,"error_message":"Matching code was not found or was already used"}"#;
        assert_eq!(read(&answer(200, odd)).unwrap_err().class, Class::Revoked);
    }
}
