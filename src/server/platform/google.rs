//! What YouTube and Google Business Profile share: Google's OAuth (platforms.md section 5).
//!
//! Access tokens live an hour. The refresh token stays the same for years and is sent once only, with the consent; it
//! can be used as often as one likes, and only its use proves that the consent still stands.

pub(super) mod refusal;
pub mod risc;

use secrecy::SecretString;
use serde_json::Value;

use super::failure::{Class, Failure};
use super::oauth::{self, ClientAuth, Consent};
use super::read::{number, text};
use super::request::Request;
use super::{Ask, Context, Facts, Probe, Returned, Tokens};
use refusal::{classify, classify_code, classify_token};

/// The consent page.
const AUTHORIZE: &str = "https://accounts.google.com/o/oauth2/v2/auth";

/// Where tokens are made, looked at and given back.
const TOKENS: &str = "https://oauth2.googleapis.com";

/// Who somebody is.
const USERINFO: &str = "https://www.googleapis.com/oauth2/v2/userinfo";

/// Where an operator registers an app.
pub(super) const CONSOLE: &str = "https://console.cloud.google.com/auth/clients";

/// Where a person sees the connection.
pub(super) const MANAGE: &str = "https://myaccount.google.com/connections";

/// Scopes that tell who somebody is. Google answers them under longer names, so they are asked for and not compared.
pub(super) const WHO: [&str; 3] = ["openid", "email", "profile"];

/// The address of the consent page for a product's scopes.
///
/// Without `access_type` there is no refresh token, and without `prompt=consent` none the second time.
pub(super) fn authorize_url(cx: &Context<'_>, ask: &Ask<'_>, facts: &Facts) -> Result<String, Failure> {
    oauth::authorize_url(&Consent {
        page: AUTHORIZE,
        client_id: &cx.app()?.client_id,
        redirect_uri: cx.redirect_uri,
        scope: &[facts.required_scopes, facts.optional_scopes].concat().join(" "),
        state: ask.state,
        verifier: Some(ask.verifier),
        // An agency has many Google accounts: the person chooses each time.
        extra: &[("access_type", "offline"), ("prompt", "select_account consent")],
    })
}

/// Trades a code for tokens.
pub(super) async fn exchange(cx: &Context<'_>, back: &Returned<'_>) -> Result<Tokens, Failure> {
    let request = oauth::code_request(&format!("{TOKENS}/token"), cx, back.code, Some(back.verifier));
    oauth::tokens(cx, oauth::as_app(cx, ClientAuth::Body, request)?, classify_code).await
}

/// A new access token. The answer normally has no refresh token: the stored one goes on.
pub(super) async fn refresh(cx: &Context<'_>, tokens: &Tokens) -> Result<Tokens, Failure> {
    let request = oauth::refresh_request(&format!("{TOKENS}/token"), tokens)?;
    oauth::tokens(cx, oauth::as_app(cx, ClientAuth::Body, request)?, classify_token).await
}

/// Gives the consent back. It ends for every product that the person allowed to this app.
pub(super) async fn revoke(cx: &Context<'_>, tokens: &Tokens) -> Result<(), Failure> {
    let token = tokens.refresh.as_ref().unwrap_or(&tokens.access);
    let answer = cx.send(Request::post(format!("{TOKENS}/revoke")).secret_form("token", token)).await?;
    if answer.is_success() {
        return Ok(());
    }
    let failure = answer.unanswered().unwrap_or_else(|| classify_token(&answer));
    // What is invalid already is given back.
    if failure.class == Class::Expired { Ok(()) } else { Err(failure) }
}

/// Somebody with a Google account.
pub(super) struct Person {
    /// Never changes.
    pub id: String,
    pub name: Option<String>,
    pub email: Option<String>,
}

/// Who consented.
pub(super) async fn person(cx: &Context<'_>, tokens: &Tokens) -> Result<Person, Failure> {
    let me = cx.ask(Request::get(USERINFO).bearer(&tokens.access), classify).await?;
    let id = text(&me, "/id").or_else(|| text(&me, "/sub")).ok_or_else(|| nameless("userinfo"))?;
    Ok(Person { id, name: text(&me, "/name"), email: text(&me, "/email") })
}

/// Looks at the access token, for nothing: its end, its scopes, and that it is `person`'s and meant for our app.
pub(super) async fn looked_at(cx: &Context<'_>, tokens: &Tokens, person: &str) -> Result<Probe, Failure> {
    let request = Request::get(format!("{TOKENS}/tokeninfo")).secret_query("access_token", &tokens.access);
    let info = cx.ask(request, classify_token).await?;
    let audience = text(&info, "/aud").or_else(|| text(&info, "/azp")).ok_or_else(|| nameless("tokeninfo"))?;
    if audience != cx.app()?.client_id {
        return Err(Failure::new(Class::App, "the token was made for another client id than the configured one"));
    }
    if text(&info, "/sub").is_some_and(|sub| !person.is_empty() && sub != person) {
        return Err(Failure::new(Class::Revoked, "the token speaks for another Google account"));
    }
    Ok(Probe {
        scopes: text(&info, "/scope").map(|joined| oauth::scopes(&joined)),
        access_ends_at: ends_at(&info, cx.now),
        ..Probe::default()
    })
}

fn ends_at(info: &Value, now: i64) -> Option<i64> {
    let life = number(info, "/expires_in").filter(|life| (1..=86_400).contains(life))?;
    now.checked_add(life * 1_000)
}

/// What came in place of the data that was asked for.
pub(super) fn nameless(what: &str) -> Failure {
    Failure::new(Class::Transient, format!("{what} answered without what was asked for"))
}

/// A bearer call to one of the APIs that must answer with an object.
pub(super) async fn object(cx: &Context<'_>, request: Request, access: &SecretString) -> Result<Value, Failure> {
    let body = cx.ask(request.bearer(access), classify).await?;
    if body.is_object() { Ok(body) } else { Err(nameless("the API")) }
}

#[cfg(test)]
mod tests;
