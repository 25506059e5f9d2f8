//! LinkedIn's errors and what they mean to us (platforms.md section 8, "Errors").

use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::oauth::error_words;
use super::super::read::{number, text};
use crate::domain::explain::Problem;

/// Reads an error of the API. `code` and `serviceErrorCode` may each be missing.
pub fn classify(answer: &Answer) -> Failure {
    let error = ApiError::read(answer);
    if answer.status == 429 {
        return answer.rate(&error.words);
    }
    answer.failure(error.class(answer.status), &error.words)
}

/// Reads an error of the API about a token that LinkedIn itself has just called good: then a "revoked" only says that not
/// every machine knows a new token yet, and a denied list of roles is about the role.
pub fn classify_after_report(answer: &Answer) -> Failure {
    let failure = classify(answer);
    match failure.class {
        Class::Revoked | Class::Expired => Failure { class: Class::Transient, ..failure },
        Class::Scope => Failure { class: Class::Role, ..failure },
        _ => failure,
    }
}

/// Reads an error of the token and revocation endpoints.
pub fn classify_token(answer: &Answer) -> Failure {
    let (error, description) = error_words(&answer.json_or_null());
    let words = format!("{error}: {description}");
    if answer.status == 429 {
        return answer.rate(&words);
    }
    let failure = |class| answer.failure(class, &words);
    let about_app = ["client_id", "client id", "client_secret", "client secret", "client authentication", "version"];
    match error.as_str() {
        // LinkedIn says of a wrong code that it or the redirect address may be at fault: only one alone is certain.
        _ if description.contains("redirect") && !description.contains("code") => {
            failure(Class::App).told_as(Problem::RedirectMismatch)
        }
        "invalid_client"
        | "unauthorized_client"
        | "unsupported_grant_type"
        | "invalid_scope"
        | "unauthorized_scope_error" => failure(Class::App),
        _ if answer.status == 401 => failure(Class::App),
        "invalid_request" | "invalid_grant" if description.contains("code") => {
            failure(Class::Revoked).told_as(Problem::CodeRefused)
        }
        "invalid_request" if about_app.iter().any(|word| description.contains(word)) => failure(Class::App),
        "invalid_grant" => failure(Class::Revoked),
        "invalid_request" if description.contains("token") => failure(Class::Revoked),
        // A parameter of ours that it does not like says nothing about the person.
        "invalid_request" => failure(Class::Unknown),
        _ if error.is_empty() => classify(answer),
        _ => failure(Class::Unknown),
    }
}

/// Reads a refusal to report about a token: it is about our app, and never ends a connection by itself.
pub fn classify_report(answer: &Answer) -> Failure {
    let failure = classify_token(answer);
    match failure.class {
        Class::Rate | Class::Transient | Class::App => failure,
        _ if answer.status == 401 || answer.status == 403 => Failure { class: Class::App, ..failure },
        _ => Failure { class: Class::Unknown, ..failure },
    }
}

struct ApiError {
    number: Option<i64>,
    code: String,
    words: String,
    /// `words` in lower case.
    lower: String,
}

impl ApiError {
    fn read(answer: &Answer) -> Self {
        let body = answer.json_or_null();
        let code = text(&body, "/code").unwrap_or_default().to_ascii_uppercase();
        let message = text(&body, "/message").or_else(|| text(&body, "/error_description")).unwrap_or_default();
        let number = number(&body, "/serviceErrorCode");
        let shown = number.map(|number| format!("{number} ")).unwrap_or_default();
        let words = format!("{shown}{code} {message}");
        Self { number, lower: words.to_lowercase(), code, words }
    }

    fn says(&self, words: &str) -> bool {
        self.lower.contains(words)
    }

    fn class(&self, status: u16) -> Class {
        match (status, self.number, self.code.as_str()) {
            (426, ..) | (_, _, "NONEXISTENT_VERSION" | "VERSION_DEPRECATED" | "VERSION_MISSING") => Class::App,
            _ if self.says("unable to obtain activity") => Class::Transient,
            (400 | 422, _, "DUPLICATE_POST") => Class::Content,
            (400 | 422, ..) if self.says("duplicate") => Class::Content,
            (401, Some(65_602), _) | (401, _, "EXPIRED_ACCESS_TOKEN") => Class::Expired,
            (401, Some(65_601), _) | (401, _, "REVOKED_ACCESS_TOKEN") => Class::Revoked,
            // No token at all is a fault of ours, not the person's.
            (401, ..) if self.says("empty oauth2 access token") => Class::App,
            (401, Some(65_600), _) | (401, _, "INVALID_ACCESS_TOKEN") => Class::Revoked,
            (401, ..) if self.says("expired") => Class::Expired,
            (401, ..) if self.says("revoked") => Class::Revoked,
            (403, Some(100), _) | (403, _, "ACCESS_DENIED") => Class::Scope,
            _ => Class::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::answer::tests::{answer, with_header};
    use super::*;

    // SPEC T-4
    #[test]
    fn every_row_of_the_api_has_its_class() {
        use Class::*;
        let rows = [
            (401, r#"{"status":401,"serviceErrorCode":65602,"message":"x"}"#, Expired),
            (401, r#"{"status":401,"code":"EXPIRED_ACCESS_TOKEN","message":"x"}"#, Expired),
            (401, r#"{"status":401,"serviceErrorCode":"65601","code":"REVOKED_ACCESS_TOKEN","message":"x"}"#, Revoked),
            (401, r#"{"code":"REVOKED_ACCESS_TOKEN"}"#, Revoked),
            (401, r#"{"status":401,"message":"The token used in the request has been revoked by the user"}"#, Revoked),
            (
                401,
                r#"{"serviceErrorCode":65600,"code":"INVALID_ACCESS_TOKEN","message":"Invalid access token"}"#,
                Revoked,
            ),
            (401, r#"{"serviceErrorCode":65600,"message":"Empty oauth2 access token"}"#, App),
            (401, r#"{"status":401}"#, Unknown),
            (403, r#"{"serviceErrorCode":100,"code":"ACCESS_DENIED","message":"Not enough permissions"}"#, Scope),
            (403, r#"{"code":"ACCESS_DENIED"}"#, Scope),
            (403, r#"{"message":"something new"}"#, Unknown),
            (403, r#"{"serviceErrorCode":100,"message":"x"}"#, Scope),
            (422, r#"{"message":"Content is a duplicate of urn:li:share:1"}"#, Content),
            (422, r#"{"message":"Do not post duplicate content"}"#, Content),
            (400, r#"{"code":"DUPLICATE_POST"}"#, Content),
            (400, r#"{"message":"Unable to obtain activity"}"#, Transient),
            (426, r#"{"status":426,"code":"NONEXISTENT_VERSION","message":"x"}"#, App),
            (400, r#"{"code":"VERSION_DEPRECATED"}"#, App),
            (404, r#"{"message":"?"}"#, Unknown),
            (429, r#"{"status":429,"message":"Resource level throttle DAY limit reached"}"#, Rate),
            (500, r#"{"status":500}"#, Transient),
            (503, "{}", Transient),
            (504, "{}", Transient),
        ];
        for (status, body, class) in rows {
            assert_eq!(answer(status, body).accepted(classify).unwrap_err().class, class, "{status} {body}");
        }
        let limited = with_header(answer(429, "{}"), "retry-after", "60");
        assert_eq!(limited.accepted(classify).unwrap_err().retry_after_ms, Some(60_000));
        assert!(answer(429, "{}").accepted(classify).unwrap_err().retry_after_ms.is_some());
    }

    #[test]
    fn after_a_good_report_a_dead_token_is_only_new() {
        let told = |status, body| classify_after_report(&answer(status, body)).class;
        assert_eq!(told(401, r#"{"serviceErrorCode":65601}"#), Class::Transient);
        assert_eq!(told(401, r#"{"serviceErrorCode":65602}"#), Class::Transient);
        assert_eq!(told(403, r#"{"code":"ACCESS_DENIED"}"#), Class::Role);
        assert_eq!(told(426, r#"{"code":"NONEXISTENT_VERSION"}"#), Class::App);
    }

    #[test]
    fn every_row_of_the_token_endpoint_has_its_class() {
        let told = |status: u16, error: &str, description: &str| {
            let body = format!(r#"{{"error":"{error}","error_description":"{description}"}}"#);
            let failure = answer(status, &body).accepted(classify_token).unwrap_err();
            (failure.class, failure.problem)
        };
        let code = "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired.";
        assert_eq!(told(400, "invalid_request", code), (Class::Revoked, Some(Problem::CodeRefused)));
        assert_eq!(told(401, "invalid_request", "authorization code not found"), (Class::App, None));
        assert_eq!(told(400, "invalid_grant", "x"), (Class::Revoked, None));
        assert_eq!(told(400, "invalid_request", "The provided refresh token is invalid"), (Class::Revoked, None));
        assert_eq!(told(401, "invalid_client", "Client authentication failed"), (Class::App, None));
        assert_eq!(told(400, "invalid_request", "A required parameter client_id is missing"), (Class::App, None));
        let redirect = "The redirect_uri does not match the registered value";
        assert_eq!(told(400, "invalid_request", redirect), (Class::App, Some(Problem::RedirectMismatch)));
        assert_eq!(told(400, "invalid_request", "A required parameter is missing"), (Class::Unknown, None));
        assert_eq!(told(400, "brand_new", ""), (Class::Unknown, None));
        assert_eq!(told(503, "invalid_grant", ""), (Class::Transient, None));
        assert_eq!(told(429, "x", "").0, Class::Rate);
        let report = |status, body: &str| classify_report(&answer(status, body)).class;
        assert_eq!(
            report(400, r#"{"error":"invalid_request","error_description":"token is malformed"}"#),
            Class::Unknown
        );
        assert_eq!(report(401, r#"{"error":"invalid_client"}"#), Class::App);
        assert_eq!(report(403, "{}"), Class::App);
    }
}
