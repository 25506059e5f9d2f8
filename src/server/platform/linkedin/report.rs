//! LinkedIn's own report about a token (introspection). It costs no member's quota.

use secrecy::SecretString;
use serde_json::Value;

use super::super::Context;
use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::oauth::{self, ClientAuth};
use super::super::read::{moment, text};
use super::super::request::Request;
use super::OAUTH;
use super::refusal::classify_report;

/// For so long a new token may be called revoked before LinkedIn knows it everywhere, in milliseconds. Seconds were
/// observed; nobody takes back a consent in its first minute.
const SETTLING_MS: i64 = 60_000;

/// A token that is good.
pub struct Report {
    pub scopes: Option<Vec<String>>,
    /// Unix milliseconds, if told.
    pub ends_at: Option<i64>,
}

/// Asks about a token in the name of our app.
///
/// # Errors
/// `Expired` or `Revoked` for a token that ended; a refusal of the question itself is about our app, never about the token.
pub async fn report(cx: &Context<'_>, token: &SecretString) -> Result<Report, Failure> {
    let request = Request::post(format!("{OAUTH}/introspectToken")).secret_form("token", token);
    let answer = cx.send(oauth::as_app(cx, ClientAuth::Body, request)?).await?;
    let body = answer.accepted(classify_report)?;
    read(&answer, &body)
}

fn read(answer: &Answer, body: &Value) -> Result<Report, Failure> {
    let status = text(body, "/status").unwrap_or_default();
    match body.get("active").and_then(Value::as_bool) {
        Some(true) => Ok(Report {
            scopes: text(body, "/scope").map(|joined| oauth::scopes(&joined)),
            ends_at: moment(body, "/expires_at"),
        }),
        Some(false) => Err(ended(answer, body, &status)),
        None => Err(answer.failure(Class::Transient, "a report that does not say whether the token is active")),
    }
}

fn ended(answer: &Answer, body: &Value, status: &str) -> Failure {
    let words = format!("the token is {}", if status.is_empty() { "not active" } else { status });
    let fresh = moment(body, "/created_at").is_some_and(|at| answer.now < at.saturating_add(SETTLING_MS));
    let over = moment(body, "/expires_at").is_some_and(|at| at <= answer.now);
    answer.failure(
        match status {
            "expired" => Class::Expired,
            _ if fresh => Class::Transient,
            "revoked" => Class::Revoked,
            _ if over => Class::Expired,
            "" => Class::Revoked,
            _ => Class::Unknown,
        },
        &words,
    )
}
