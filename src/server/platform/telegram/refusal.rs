//! Telegram's errors and what they mean to us (platforms.md section 14, "Errors").

use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::read::{number, text};

/// Reads an error, whatever the status says: it is repeated in the body.
pub fn classify(answer: &Answer) -> Failure {
    let body = answer.json_or_null();
    let words = text(&body, "/description").unwrap_or_default();
    let status = number(&body, "/error_code").unwrap_or_else(|| i64::from(answer.status));
    if status == 429 || answer.status == 429 {
        let wait = number(&body, "/parameters/retry_after").filter(|wait| (0..=86_400).contains(wait));
        return answer.rate(&words).after(wait.map(|wait| wait * 1_000));
    }
    answer.failure(class(status, &words.to_lowercase()), &words)
}

fn class(status: i64, words: &str) -> Class {
    let says = |any: &[&str]| any.iter().any(|one| words.contains(one));
    match status {
        401 if says(&["unauthorized"]) => Class::Revoked,
        // A token that was never one.
        404 if says(&["not found"]) => Class::Revoked,
        403 if says(&["user is deactivated", "bot was blocked by the user"]) => Class::Revoked,
        403 if says(&["kicked", "not a member", "chat was deleted", "not enough rights", "administrator rights"]) => {
            Class::Role
        }
        400 if says(&[
            "chat not found",
            "member list is inaccessible",
            "administrator rights",
            "not enough rights",
            "chat was deleted",
            "user not found",
        ]) =>
        {
            Class::Role
        }
        400 if says(&["can't parse", "message is too long", "message text is empty"]) => Class::Content,
        // Somebody else fetches this bot's updates: a fault of ours.
        409 => Class::App,
        500..=599 => Class::Transient,
        _ => Class::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::answer::tests::{answer, with_header};
    use super::*;

    // SPEC T-4
    #[test]
    fn every_row_has_its_class() {
        use Class::*;
        let rows = [
            (401, "Unauthorized", Revoked),
            (404, "Not Found", Revoked),
            (403, "Forbidden: bot was kicked from the channel chat", Role),
            (403, "Forbidden: bot was kicked from the supergroup chat", Role),
            (403, "Forbidden: bot is not a member of the channel chat", Role),
            (403, "Forbidden: bot is not a member of the supergroup chat", Role),
            (403, "Forbidden: bot is not a member of the group chat", Role),
            (403, "Forbidden: bot was kicked from the group chat", Role),
            (403, "Forbidden: the group chat was deleted", Role),
            (403, "Forbidden: bot was blocked by the user", Revoked),
            (403, "Forbidden: user is deactivated", Revoked),
            (403, "Forbidden: something new", Unknown),
            (400, "Bad Request: chat not found", Role),
            (400, "Bad Request: member list is inaccessible", Role),
            (400, "Bad Request: need administrator rights in the channel chat", Role),
            (400, "Bad Request: not enough rights to send text messages to the chat", Role),
            (400, "Bad Request: can't parse entities", Content),
            (400, "Bad Request: something new", Unknown),
            (409, "Conflict: terminated by other getUpdates request", App),
            (500, "Internal Server Error", Transient),
            (502, "Bad Gateway", Transient),
            (429, "Too Many Requests: retry after 5", Rate),
        ];
        for (status, words, class) in rows {
            let body = format!(r#"{{"ok":false,"error_code":{status},"description":"{words}"}}"#);
            assert_eq!(answer(status, &body).accepted(classify).unwrap_err().class, class, "{status} {words}");
        }
        let limited = r#"{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":5}}"#;
        assert_eq!(answer(429, limited).accepted(classify).unwrap_err().retry_after_ms, Some(5_000));
        let header = with_header(answer(429, r#"{"ok":false}"#), "retry-after", "7");
        assert_eq!(header.accepted(classify).unwrap_err().retry_after_ms, Some(7_000));
    }
}
