//! Meta's own report about a token (`debug_token`).

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::read::{moment, text, texts};
use super::super::report::{self, TokenReport};
use super::super::request::Request;
use super::super::{Context, Subject};
use super::GRAPH;
use super::refusal::{classify, read_error};

/// A valid token, as Meta describes it.
pub struct Debugged {
    /// Unix milliseconds; `None`: never, or not told.
    pub ends_at: Option<i64>,
    /// Whether the report spoke about the end at all.
    pub told_end: bool,
    pub data_access_ends_at: Option<i64>,
    pub scopes: Option<Vec<String>>,
    /// The page that the token speaks for, where it is a page's.
    pub profile: Option<String>,
    /// Scopes that were given for some pages only, and for which.
    targets: Vec<(String, Vec<String>)>,
    /// All of it, for a person.
    whole: TokenReport,
}

/// The reports about an account's own token, where it has one, and about the person's.
pub async fn reports(cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<TokenReport>, Failure> {
    let mut reports = Vec::new();
    for token in subject.destination_token.into_iter().chain([&subject.tokens.access]) {
        reports.push(debugged(cx, token).await?.whole);
    }
    Ok(reports)
}

/// Asks about a token in the name of our app.
///
/// # Errors
/// The class of the token's end. What is wrong with our app's own token is never taken for that.
pub async fn debugged(cx: &Context<'_>, token: &SecretString) -> Result<Debugged, Failure> {
    let app = cx.app()?;
    let app_token = SecretString::from(format!("{}|{}", app.client_id, app.client_secret.expose_secret()));
    let request = Request::get(format!("{GRAPH}/debug_token"))
        .secret_query("input_token", token)
        .bearer(&app_token)
        .hide(&app.client_secret);
    let answer = cx.send(request).await?;
    let body = answer.clone().accepted(refused_us)?;
    read(&answer, &body)
}

/// A refusal of the report as a whole is about our app's token, not about the one in question.
fn refused_us(answer: &Answer) -> Failure {
    let failure = classify(answer);
    match failure.class {
        Class::Expired | Class::Revoked | Class::Password | Class::Scope | Class::Role | Class::Action => {
            Failure { class: Class::App, ..failure }
        }
        _ => failure,
    }
}

/// Reads the report in an answer of 2xx.
///
/// # Errors
/// The class of the token's end.
pub fn read(answer: &Answer, body: &Value) -> Result<Debugged, Failure> {
    let Some(data) = body.get("data").filter(|data| data.is_object()) else {
        return Err(answer.failure(Class::Transient, "a report about a token without data"));
    };
    let valid = data.get("is_valid").and_then(Value::as_bool);
    let valid = valid.ok_or_else(|| answer.failure(Class::Transient, "a report about a token without a verdict"))?;
    if !valid {
        return Err(match data.get("error") {
            Some(error) => read_error(answer, error),
            None if moment(data, "/expires_at").is_some_and(|end| end <= answer.now) => {
                answer.failure(Class::Expired, "the token has ended")
            }
            None => answer.failure(Class::Revoked, "the token is not valid"),
        });
    }
    Ok(Debugged {
        ends_at: moment(data, "/expires_at"),
        told_end: data.get("expires_at").is_some(),
        data_access_ends_at: moment(data, "/data_access_expires_at"),
        scopes: texts(data, "/scopes"),
        profile: text(data, "/profile_id"),
        targets: report::targets(data),
        whole: report::read(data),
    })
}

impl Debugged {
    /// Whether the scopes cover this page. A scope without a list of targets covers all.
    pub fn reaches(&self, scopes: &[&str], page: &str) -> Result<(), Failure> {
        self.reaches_one_of(scopes, &[page.to_owned()])
    }

    /// The same for something that goes by several ids, of which one is enough.
    pub fn reaches_one_of(&self, scopes: &[&str], ids: &[String]) -> Result<(), Failure> {
        let unticked = self
            .targets
            .iter()
            .find(|(scope, targets)| scopes.contains(&scope.as_str()) && !targets.iter().any(|id| ids.contains(id)));
        match unticked {
            Some((scope, _)) => Err(Failure::new(Class::Scope, format!("it is not among what {scope} was given for"))),
            None => Ok(()),
        }
    }
}
