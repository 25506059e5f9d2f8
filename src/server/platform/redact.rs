//! Takes secrets out of texts before they reach a log or an operator (DESIGN rule 2).

use secrecy::{ExposeSecret, SecretString};

use crate::domain::text::one_line;

/// Longest detail of a failure, in characters.
const MAX_DETAIL: usize = 300;

/// Runs of token characters from this length on are hidden even if nobody named them as a secret: a platform may repeat
/// a token we have never seen before.
const LONG_RUN: usize = 24;

const HIDDEN: &str = "[hidden]";

/// One short line without secrets: the named ones, query strings, and whatever looks like a token.
pub fn redact(text: &str, secrets: &[SecretString]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, HIDDEN);
    }
    let words: Vec<String> =
        text.split_whitespace().scan(false, |after_scheme, word| Some(hide_word(word, after_scheme))).collect();
    one_line(&words.join(" "), MAX_DETAIL)
}

/// `after_scheme`: the word before was `Bearer` or its like, so this one is a credential whatever it looks like.
fn hide_word(word: &str, after_scheme: &mut bool) -> String {
    if std::mem::take(after_scheme) && word.chars().any(char::is_alphanumeric) && word.len() > 3 {
        return HIDDEN.to_owned();
    }
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    *after_scheme = ["bearer", "basic", "oauth", "dpop"].iter().any(|scheme| bare.eq_ignore_ascii_case(scheme));
    let word = match (word.find("://"), word.find('?')) {
        (Some(_), Some(at)) => format!("{}?{HIDDEN}", &word[..at]),
        _ => hide_values(word),
    };
    hide_runs(&word)
}

/// Values of `access_token=...` and its like.
fn hide_values(word: &str) -> String {
    const NAMES: [&str; 5] = ["token=", "secret=", "password=", "code=", "proof="];
    let lower = word.to_ascii_lowercase();
    match NAMES.iter().filter_map(|name| lower.find(name).map(|at| at + name.len())).min() {
        Some(at) if at < word.len() && !word[at..].starts_with(HIDDEN) => format!("{}{HIDDEN}", &word[..at]),
        _ => word.to_owned(),
    }
}

fn hide_runs(word: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '=' | '|' | '%');
    let mut clean = String::with_capacity(word.len());
    let mut run = String::new();
    for c in word.chars() {
        if is_token(c) {
            run.push(c);
            continue;
        }
        clean.push_str(shown(&run));
        clean.push(c);
        run.clear();
    }
    clean.push_str(shown(&run));
    clean
}

fn shown(run: &str) -> &str {
    let mixed = run.bytes().any(|b| b.is_ascii_digit()) && run.bytes().any(|b| b.is_ascii_alphabetic());
    let shouting = run.bytes().any(|b| b.is_ascii_uppercase())
        && run.bytes().any(|b| b.is_ascii_lowercase())
        && !run.contains('.');
    if run.len() >= LONG_RUN && (mixed || shouting) { HIDDEN } else { run }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_get_through() {
        let secrets =
            ["abcd-efgh-ijkl-mnop".into(), "shh".into(), String::new()].map(|s: String| SecretString::from(s));
        let cases = [
            ("wrong password abcd-efgh-ijkl-mnop given", "wrong password [hidden] given"),
            (
                "GET https://graph.facebook.com/me?access_token=x&y=1 failed",
                "GET https://graph.facebook.com/me?[hidden] failed",
            ),
            ("header was Bearer tiny and bad", "header was Bearer [hidden] and bad"),
            ("access_token=short", "access_token=[hidden]"),
            ("token EAAGm0PX4ZCpsBAKZCZCZC1234567890 is invalid", "token [hidden] is invalid"),
            ("token \"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln\"", "token \"[hidden]\""),
            ("shh!", "[hidden]!"),
            (
                "The session is invalid because the user logged out.",
                "The session is invalid because the user logged out.",
            ),
            (
                "(#200) pages_manage_posts is missing at api.example.social",
                "(#200) pages_manage_posts is missing at api.example.social",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(redact(text, &secrets), expected);
        }
        assert!(redact(&"word ".repeat(1_000), &[]).chars().count() <= MAX_DETAIL + 1);
    }
}
