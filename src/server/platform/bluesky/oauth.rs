//! Bluesky by OAuth (platforms.md section 13, mode A): the request is pushed before the person is sent to the consent page,
//! every call proves a key of the session's own, and refresh tokens can be used once.

use super::super::answer::Answer;
use super::super::dpop;
use super::super::es256::{Key, generate};
use super::super::failure::{Class, Failure};
use super::super::oauth::{challenge, code_request, refresh_request, tokens_in};
use super::super::read::text;
use super::super::request::Request;
use super::super::{Ask, Begun, Context, Returned, Tokens};
use super::bound::{Bound, Place};
use super::client::{Client, SCOPES};
use super::refusal::{classify, classify_exchange, classify_refresh};
use super::{resolve, server};
use crate::domain::explain::Problem;
use crate::domain::grant::DAY_MS;

/// Longest life of an access token, where the answer does not tell it.
const ACCESS_LIFE_MS: i64 = 60 * 60_000;
/// How long a session lasts from one refresh to the next where the client has proved itself.
const REFRESH_LIFE_MS: i64 = 90 * DAY_MS;
/// How long a session of the nameless client lasts altogether.
const NAMELESS_LIFE_MS: i64 = 14 * DAY_MS;

/// Pushes the request for a consent; answers the page to send the person to.
pub async fn begin(cx: &Context<'_>, ask: &Ask<'_>) -> Result<Begun, Failure> {
    let hint = ask.hint.ok_or_else(|| Failure::new(Class::Content, "no handle").told_as(Problem::UnknownHandle))?;
    let home = resolve::account(cx, hint).await.map_err(without_password)?;
    let server = server::discover(cx, &home.host).await?;
    let client = Client::now(cx)?;
    let stored = generate()?;
    let key = Key::read(&stored)?;
    let challenge = challenge(ask.verifier)?;
    let push = || {
        let request = Request::post(&server.push)
            .form("response_type", "code")
            .form("redirect_uri", cx.redirect_uri)
            .form("scope", &SCOPES.join(" "))
            .form("state", ask.state)
            .form("code_challenge", &challenge)
            .form("code_challenge_method", "S256")
            .form("login_hint", &home.hint);
        client.sign(request, &server.issuer, cx.now)
    };
    let pushed = dpop::send(cx, &key, None, push).await?.accepted(classify)?;
    let request_uri = text(&pushed, "/request_uri")
        .ok_or_else(|| Failure::new(Class::Transient, "the authorization server took the request without naming it"))?;
    let page = url::Url::parse_with_params(
        &server.authorize,
        [("client_id", client.id.as_str()), ("request_uri", request_uri.as_str())],
    );
    let page = page.map_err(|_| Failure::new(Class::Unknown, "the consent page's address can't be read"))?;
    let bound = Bound::new(
        &stored,
        Place {
            did: home.did,
            host: home.host,
            issuer: server.issuer,
            token_endpoint: server.token,
            revocation_endpoint: server.revoke,
            has_client_key: client.has_key(),
            client_id: client.id,
        },
    );
    Ok(Begun { url: page.into(), binding: Some(bound.stored()?) })
}

/// Where no password was typed, only the handle can be wrong.
fn without_password(failure: Failure) -> Failure {
    match failure.problem {
        Some(Problem::WrongPassword) => failure.told_as(Problem::UnknownHandle),
        _ => failure,
    }
}

/// Trades a code, after the server said in the redirect that it is its own.
pub async fn exchange(cx: &Context<'_>, back: &Returned<'_>) -> Result<Tokens, Failure> {
    let binding = back.binding.ok_or_else(|| Failure::new(Class::App, "the attempt has no key"))?;
    let bound = Bound::read(binding)?;
    if back.issuer != Some(bound.issuer.as_str()) {
        // Another server's code must not reach this one, nor this one's key another (RFC 9207).
        return Err(Failure::new(Class::Unknown, "the code comes from another server than the one that was asked")
            .told_as(Problem::CodeRefused));
    }
    let client = Client::of(cx, &bound)?;
    let request = || {
        let request = code_request(&bound.token_endpoint, cx, back.code, Some(back.verifier));
        client.sign(request, &bound.issuer, cx.now)
    };
    let answer = dpop::send(cx, &bound.key()?, None, request).await?;
    let tokens = read(&answer, cx, &bound, classify_exchange)?;
    let tokens = Tokens { binding: Some(binding.clone()), ..tokens };
    if let Err(failure) = check(&answer, &bound, &tokens) {
        // Nobody will use it. Best effort: it ends by itself as well.
        let _ = revoke(cx, &bound, &tokens).await;
        return Err(failure);
    }
    Ok(tokens)
}

/// New tokens for old. The refresh token is spent by it.
pub async fn refresh(cx: &Context<'_>, bound: &Bound, old: &Tokens) -> Result<Tokens, Failure> {
    let client = Client::of(cx, bound)?;
    let request = || client.sign(refresh_request(&bound.token_endpoint, old)?, &bound.issuer, cx.now);
    let answer = dpop::send(cx, &bound.key()?, None, request).await?;
    let fresh = read(&answer, cx, bound, classify_refresh)?;
    // The nameless client's sessions are not prolonged by use.
    let ends = if bound.has_client_key { fresh.refresh_ends_at } else { old.refresh_ends_at };
    Ok(Tokens { binding: old.binding.clone(), refresh_ends_at: ends, ..fresh })
}

/// Ends a session.
pub async fn revoke(cx: &Context<'_>, bound: &Bound, tokens: &Tokens) -> Result<(), Failure> {
    let Some(endpoint) = &bound.revocation_endpoint else { return Ok(()) };
    let client = Client::of(cx, bound)?;
    let token = tokens.refresh.as_ref().unwrap_or(&tokens.access);
    let request = || client.sign(Request::post(endpoint).secret_form("token", token), &bound.issuer, cx.now);
    let answer = dpop::send(cx, &bound.key()?, None, request).await?;
    // A success has no body that matters.
    if answer.is_success() { Ok(()) } else { Err(answer.unanswered().unwrap_or_else(|| classify(&answer))) }
}

fn read(answer: &Answer, cx: &Context<'_>, bound: &Bound, classify: fn(&Answer) -> Failure) -> Result<Tokens, Failure> {
    let tokens = tokens_in(answer, classify)?;
    let life = if bound.has_client_key { REFRESH_LIFE_MS } else { NAMELESS_LIFE_MS };
    let lives = |life: i64| cx.now.checked_add(life);
    Ok(Tokens {
        access_ends_at: tokens.access_ends_at.or_else(|| lives(ACCESS_LIFE_MS)),
        refresh_ends_at: tokens.refresh.as_ref().and_then(|_| tokens.refresh_ends_at.or_else(|| lives(life))),
        ..tokens
    })
}

/// Whether a new session is what was asked for. Its server was found by way of the account, so it may speak for that one only.
fn check(answer: &Answer, bound: &Bound, tokens: &Tokens) -> Result<(), Failure> {
    let body = answer.json_or_null();
    match text(&body, "/sub") {
        None => Err(Failure::new(Class::Transient, "the tokens do not say whose they are").doubtful()),
        Some(did) if did != bound.did => {
            Err(Failure::new(Class::Unknown, "another account consented").told_as(Problem::WrongAccount))
        }
        Some(_) if text(&body, "/token_type").is_none_or(|kind| !kind.eq_ignore_ascii_case("dpop")) => {
            Err(Failure::new(Class::Unknown, "the tokens are bound to no key").told_as(Problem::BadServer))
        }
        // Servers are to tell what was granted; without `atproto` the tokens say nothing about the account.
        Some(_) if tokens.scopes.as_ref().is_none_or(|scopes| !scopes.iter().any(|scope| scope == SCOPES[0])) => {
            Err(Failure::new(Class::Scope, "the account itself was not granted").told_as(Problem::PermissionsMissing))
        }
        Some(_) => Ok(()),
    }
}

/// A call in the name of an account: with the proof that an OAuth session asks for, or as an app password's session.
pub async fn as_owner(
    cx: &Context<'_>,
    tokens: &Tokens,
    make: impl Fn() -> Request + Send + Sync,
) -> Result<Answer, Failure> {
    match Bound::of(tokens)? {
        Some(bound) => dpop::send(cx, &bound.key()?, Some(&tokens.access), || Ok(make())).await,
        None => cx.send(make().bearer(&tokens.access)).await,
    }
}

#[cfg(test)]
mod tests;
