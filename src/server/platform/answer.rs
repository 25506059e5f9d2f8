//! What a platform answered, and the first reading of it that all platforms share.

use std::fmt;

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde_json::Value;

use super::failure::{Class, Failure};
use super::redact::redact;

/// The headers an adapter may want; the others are dropped.
pub(super) const KEPT_HEADERS: [&str; 10] = [
    "content-type",
    "date",
    "dpop-nonce",
    "location",
    "ratelimit-reset",
    "retry-after",
    "www-authenticate",
    "x-business-use-case-usage",
    "x-rate-limit-reset",
    "x-ratelimit-reset",
];

/// Longest wait that is believed, in milliseconds.
const MAX_WAIT_MS: i64 = 86_400_000;

/// A number below this is no point in time but a span, in milliseconds.
const LONG_AGO_MS: i64 = 1_000_000_000_000;

/// Wait after a "too many requests" that names none, in milliseconds: the usual window.
const USUAL_WAIT_MS: i64 = 15 * 60_000;

/// An answer of any status. Its `Debug` shows neither headers nor body.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// When it was asked for, Unix milliseconds.
    pub now: i64,
    pub(super) secrets: Vec<SecretString>,
}

impl Answer {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The JSON of a 2xx answer, or what `classify` makes of the others.
    pub fn accepted(&self, classify: fn(&Answer) -> Failure) -> Result<Value, Failure> {
        if self.is_success() { self.json() } else { Err(self.unanswered().unwrap_or_else(|| classify(self))) }
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `Transient`, in doubt: something stands between us and the platform, and it may have passed the request on.
    pub fn json(&self) -> Result<Value, Failure> {
        serde_json::from_slice(&self.body).map_err(|_| self.failure(Class::Transient, &self.shape()).doubtful())
    }

    /// The body as JSON, or `Null`. For reading error answers.
    pub fn json_or_null(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The failure of an answer that says nothing in the platform's own words: 5xx, too many requests, a redirect,
    /// HTML, an empty or garbled body. `None` if the platform's error must be read.
    pub fn unanswered(&self) -> Option<Failure> {
        if self.status >= 500 {
            let failure = self.failure(Class::Transient, &self.shape()).after(self.stated_wait_ms());
            // A gateway has passed it on and heard nothing; everybody else says that it was not done.
            return Some(if matches!(self.status, 502 | 504) { failure.doubtful() } else { failure });
        }
        let garbled = !matches!(self.json_or_null(), Value::Object(_) | Value::Array(_));
        if self.status == 429 && garbled {
            return Some(self.rate(""));
        }
        garbled.then(|| self.failure(Class::Transient, &self.shape()))
    }

    /// A failure with the platform's own words, made safe.
    pub fn failure(&self, class: Class, words: &str) -> Failure {
        Failure::new(class, redact(&format!("{} {words}", self.status), &self.secrets))
    }

    /// "Too many requests", with the wait that was asked for or the usual one.
    pub fn rate(&self, words: &str) -> Failure {
        self.failure(Class::Rate, words).after(Some(self.stated_wait_ms().unwrap_or(USUAL_WAIT_MS)))
    }

    /// The wait in the headers, in milliseconds: seconds, an HTTP date, Unix seconds or ISO 8601, whichever the platform writes.
    pub fn stated_wait_ms(&self) -> Option<i64> {
        let until = |at: i64| at.saturating_sub(self.now);
        let wait = self
            .header("retry-after")
            .and_then(|text| seconds(text).or_else(|| http_date(text).map(until)))
            .or_else(|| self.header("x-rate-limit-reset").and_then(seconds).map(until))
            .or_else(|| {
                let text = self.header("x-ratelimit-reset")?;
                iso(text).map(until).or_else(|| seconds(text).map(|at| if at < LONG_AGO_MS { at } else { until(at) }))
            })
            .or_else(|| self.header("ratelimit-reset").and_then(seconds).map(until))?;
        Some(wait.clamp(0, MAX_WAIT_MS))
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim)
    }

    fn shape(&self) -> String {
        let start = self.body.iter().find(|byte| !byte.is_ascii_whitespace());
        let size = self.body.len();
        match start {
            None => "with an empty body".into(),
            Some(b'<') => format!("with a web page of {size} bytes where data belongs"),
            Some(b'{' | b'[') if serde_json::from_slice::<Value>(&self.body).is_ok() => {
                format!("with {size} bytes of data")
            }
            Some(_) => format!("with {size} bytes that can't be read"),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({} {})", self.status, self.shape())
    }
}

fn seconds(text: &str) -> Option<i64> {
    let value: f64 = text.parse().ok()?;
    (value.is_finite() && value >= 0.0).then(|| (value.min(1e12) * 1_000.0) as i64)
}

fn http_date(text: &str) -> Option<i64> {
    jiff::fmt::rfc2822::parse(text).ok().map(|at| at.timestamp().as_millisecond())
}

fn iso(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// 2026-11-21T12:00:00Z
    pub const NOW: i64 = 1_795_262_400_000;

    /// An answer as if it had come from a platform.
    pub fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
            now: NOW,
            secrets: vec!["hush-hush".into()],
        }
    }

    /// The same with a header.
    pub fn with_header(mut answer: Answer, name: &'static str, value: &str) -> Answer {
        answer.headers.insert(name, value.parse().unwrap());
        answer
    }

    #[test]
    fn waits_are_read_in_every_spelling() {
        let wait = |name, value: &str| with_header(answer(429, "{}"), name, value).stated_wait_ms();
        assert_eq!(wait("retry-after", "120"), Some(120_000));
        assert_eq!(wait("retry-after", "Sat, 21 Nov 2026 12:01:00 GMT"), Some(60_000));
        assert_eq!(wait("retry-after", "Sat, 21 Nov 2026 11:01:00 GMT"), Some(0));
        assert_eq!(wait("retry-after", "soon"), None);
        assert_eq!(wait("retry-after", "-5"), None);
        assert_eq!(wait("retry-after", "1e300"), Some(MAX_WAIT_MS));
        assert_eq!(wait("x-rate-limit-reset", &(NOW / 1_000 + 30).to_string()), Some(30_000));
        assert_eq!(wait("x-ratelimit-reset", "2026-11-21T12:05:00.000000Z"), Some(300_000));
        assert_eq!(wait("x-ratelimit-reset", "30"), Some(30_000));
        assert_eq!(wait("ratelimit-reset", &(NOW / 1_000 + 7).to_string()), Some(7_000));
        assert_eq!(answer(429, "{}").stated_wait_ms(), None);
        assert_eq!(answer(429, "{}").rate("").retry_after_ms, Some(USUAL_WAIT_MS));
    }

    // SPEC T-4
    #[test]
    fn what_is_no_answer_is_transient() {
        for body in ["", "   ", "<html>502</html>", "oops", "\"text\"", "{\"cut\":"] {
            for status in [200, 302, 400, 401, 403, 404, 500, 503] {
                let failure = answer(status, body).accepted(|_| Failure::new(Class::Revoked, "read")).err();
                let class = failure.as_ref().map(|f| f.class);
                if status == 200 && body == "\"text\"" {
                    assert_eq!(class, None);
                } else {
                    assert_eq!(class, Some(Class::Transient), "{status} {body:?}");
                }
            }
        }
        let failure = answer(503, r#"{"error":"x"}"#).accepted(|_| Failure::new(Class::Revoked, "")).unwrap_err();
        assert_eq!((failure.class, failure.in_doubt), (Class::Transient, false));
        let failure = answer(504, "").accepted(|_| Failure::new(Class::Revoked, "")).unwrap_err();
        assert_eq!((failure.class, failure.in_doubt), (Class::Transient, true));
        let failure = answer(400, r#"{"error":"x"}"#).accepted(|_| Failure::new(Class::Revoked, "")).unwrap_err();
        assert_eq!((failure.class, failure.in_doubt), (Class::Revoked, false));
        assert!(answer(200, "<html>").json().unwrap_err().in_doubt);
    }

    #[test]
    fn no_secret_gets_into_words_or_debug() {
        let answer = answer(400, r#"{"error":"hush-hush"}"#);
        assert_eq!(answer.failure(Class::Unknown, "bad hush-hush").detail, "400 bad [hidden]");
        assert!(!format!("{answer:?}").contains("hush"));
    }
}
