//! Bluesky (platforms.md section 13), on any server of the network: by OAuth, or by app password.
//!
//! An account is its DID; its handle and its server may change. A session of an app password has an access token of two
//! hours and a refresh token that is replaced by use, the old one staying good for a grace of two hours. What an OAuth
//! session has is told in [`oauth`].

mod bound;
pub mod client;
mod oauth;
mod refusal;
mod resolve;
mod server;

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::failure::{Class, Failure};
use super::read::{list, moment, text};
use super::request::Request;
use super::{
    Adapter, AppCredentials, Ask, Begun, Context, Destination, Facts, Identity, Probe, RecentPost, Returned, Subject,
    Tokens,
};
use crate::domain::explain::Problem;
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::refresh::RefreshKind;
use bound::Bound;
use oauth::as_owner;
use refusal::{classify, classify_refresh, classify_sign_in};

/// Life of an access token where it does not tell its end itself.
const ACCESS_LIFE_MS: i64 = 120 * 60_000;
/// Life of a refresh token where it does not tell its end itself.
const REFRESH_LIFE_MS: i64 = 90 * DAY_MS;
/// A profile comes from another server than the session: it is not waited for long.
const PROFILE_TIMEOUT: Duration = Duration::from_secs(5);

static FACTS: Facts = Facts {
    platform: Platform::Bluesky,
    required_scopes: &client::SCOPES,
    optional_scopes: &[],
    refresh: RefreshKind::OnNeed,
    refreshes_itself: false,
    probe_every_ms: DAY_MS,
    probe_on_suspicion_only: false,
    // With an app password; see [`Bluesky::refresh_repeatable`].
    refresh_repeatable: true,
    manage_url: "https://bsky.app/settings/app-passwords",
};

/// The adapter.
pub struct Bluesky;

#[async_trait]
impl Adapter for Bluesky {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    /// By OAuth a refresh token that comes again ends the session; and a session that was ended refuses its access token.
    fn refresh_repeatable(&self, bound: bool) -> bool {
        !bound
    }

    /// Nobody registers us; what is made here is our own name and key.
    async fn register_app(&self, cx: &Context<'_>) -> Result<AppCredentials, Failure> {
        client::register(cx.redirect_uri)
    }

    async fn begin(&self, cx: &Context<'_>, ask: &Ask<'_>) -> Result<Begun, Failure> {
        oauth::begin(cx, ask).await
    }

    async fn exchange(&self, cx: &Context<'_>, back: &Returned<'_>) -> Result<Tokens, Failure> {
        oauth::exchange(cx, back).await
    }

    async fn sign_in(
        &self,
        cx: &Context<'_>,
        handle: &str,
        password: &SecretString,
    ) -> Result<(Tokens, Identity), Failure> {
        if !looks_like_app_password(password.expose_secret()) {
            return Err(Failure::new(Class::Content, "that is not an app password").told_as(Problem::MainPassword));
        }
        let place = resolve::place(cx, handle).await?;
        let request = Request::post(xrpc(cx, &place.host, "com.atproto.server.createSession"))
            .json(json!({"identifier": place.identifier, "password": password.expose_secret().trim()}))
            .hide(password);
        let session = cx.ask(request, classify_sign_in).await?;
        let did = text(&session, "/did").ok_or_else(|| nobody("a session"))?;
        if place.did.as_ref().is_some_and(|expected| *expected != did) {
            return Err(Failure::new(Class::Unknown, "the server opened a session for another account")
                .told_as(Problem::BadServer));
        }
        refuse_inactive(&session)?;
        let tokens = read_session(&session, cx.now).ok_or_else(|| nobody("a session"))?;
        // Servers don't tell: an app password may do all of this.
        let tokens = Tokens { scopes: Some(client::SCOPES.map(str::to_owned).to_vec()), ..tokens };
        let host = resolve::home(cx, &place, &did, &tokens).await?;
        let handle = text(&session, "/handle");
        let name = handle.clone().unwrap_or_else(|| did.clone());
        Ok((tokens, Identity { id: did, name, handle, host: Some(host), alias: None }))
    }

    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure> {
        let host = home(cx, tokens).await?;
        let session = session(cx, &host, tokens).await?;
        let id = text(&session, "/did").ok_or_else(|| nobody("a session"))?;
        let handle = text(&session, "/handle");
        Ok(Identity { name: handle.clone().unwrap_or_else(|| id.clone()), id, handle, host: Some(host), alias: None })
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        let host = home(cx, tokens).await?;
        let session = session(cx, &host, tokens).await?;
        let id = text(&session, "/did").ok_or_else(|| nobody("a session"))?;
        let handle = text(&session, "/handle");
        // Name and picture live with the app's own service; an account without them is still an account.
        let ask =
            || Request::get(xrpc(cx, &host, "app.bsky.actor.getProfile")).query("actor", &id).within(PROFILE_TIMEOUT);
        let profile = as_owner(cx, tokens, ask).await.and_then(|answer| answer.accepted(classify));
        let profile = profile.unwrap_or(Value::Null);
        let name = text(&profile, "/displayName").or_else(|| handle.clone()).unwrap_or_else(|| id.clone());
        Ok(vec![Destination {
            name,
            handle: handle.map(|handle| format!("@{handle}")),
            picture_url: text(&profile, "/avatar"),
            link: Some(format!("https://bsky.app/profile/{id}")),
            token: None,
            unusable: None,
            id,
        }])
    }

    async fn refresh(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Tokens, Failure> {
        if let Some(bound) = Bound::of(tokens)? {
            return oauth::refresh(cx, &bound, tokens).await;
        }
        let refresh =
            tokens.refresh.as_ref().ok_or_else(|| Failure::new(Class::Revoked, "there is no refresh token"))?;
        let host = home(cx, tokens).await?;
        let request = Request::post(xrpc(cx, &host, "com.atproto.server.refreshSession")).bearer(refresh);
        let session = cx.ask(request, classify_refresh).await?;
        read_session(&session, cx.now).ok_or_else(|| nobody("a new session").doubtful())
    }

    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure> {
        let host = home(cx, subject.tokens).await?;
        let session = session(cx, &host, subject.tokens).await?;
        // An answer that does not say whose session it is says nothing about this one.
        let did = text(&session, "/did").ok_or_else(|| nobody("a session"))?;
        if did != subject.destination_id {
            return Err(Failure::new(Class::Revoked, "the token speaks for another account"));
        }
        refuse_inactive(&session)?;
        Ok(Probe::default())
    }

    async fn recent_posts(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure> {
        let host = home(cx, subject.tokens).await?;
        let ask = || {
            Request::get(xrpc(cx, &host, "app.bsky.feed.getAuthorFeed"))
                .query("actor", subject.destination_id)
                .query("limit", "20")
                .query("filter", "posts_no_replies")
        };
        let feed = as_owner(cx, subject.tokens, ask).await?.accepted(classify)?;
        Ok(list(&feed, "/feed").iter().filter_map(|item| recent_post(item.get("post")?)).collect())
    }

    async fn revoke(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<(), Failure> {
        if let Some(bound) = Bound::of(tokens)? {
            return oauth::revoke(cx, &bound, tokens).await;
        }
        let Some(refresh) = &tokens.refresh else { return Ok(()) };
        let host = home(cx, tokens).await?;
        let request = Request::post(xrpc(cx, &host, "com.atproto.server.deleteSession")).bearer(refresh);
        let answer = cx.send(request).await?;
        // A success has no body.
        if answer.is_success() { Ok(()) } else { Err(answer.unanswered().unwrap_or_else(|| classify_refresh(&answer))) }
    }
}

/// Whether a text has the form of an app password: four groups of four letters or digits, joined by hyphens.
/// Main passwords are never sent anywhere.
pub fn looks_like_app_password(text: &str) -> bool {
    let groups: Vec<_> = text.trim().split('-').collect();
    groups.len() == 4 && groups.iter().all(|group| group.len() == 4 && group.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn xrpc(cx: &Context<'_>, host: &str, method: &str) -> String {
    format!("{}/xrpc/{method}", cx.http.base(host))
}

/// The server of a session: the known one, or the one that the token's owner lives on now.
async fn home(cx: &Context<'_>, tokens: &Tokens) -> Result<String, Failure> {
    if let Some(host) = cx.host {
        return resolve::named(cx, host);
    }
    if let Some(bound) = Bound::of(tokens)? {
        return Ok(bound.host);
    }
    let did = claims(&tokens.access).and_then(|claims| text(&claims, "/sub"));
    let did =
        did.ok_or_else(|| Failure::new(Class::App, "no server was named, and the token does not tell its owner"))?;
    Ok(resolve::document(cx, &did).await?.host)
}

async fn session(cx: &Context<'_>, host: &str, tokens: &Tokens) -> Result<Value, Failure> {
    let ask = || Request::get(xrpc(cx, host, "com.atproto.server.getSession"));
    as_owner(cx, tokens, ask).await?.accepted(classify)
}

/// A token that works does not help an account that is switched off.
fn refuse_inactive(session: &Value) -> Result<(), Failure> {
    if session.get("active").and_then(Value::as_bool) != Some(false) {
        return Ok(());
    }
    let status = text(session, "/status").unwrap_or_else(|| "inactive".into());
    Err(Failure::new(Class::Action, format!("the account is {status}")))
}

fn read_session(session: &Value, now: i64) -> Option<Tokens> {
    let access = SecretString::from(text(session, "/accessJwt")?);
    let refresh = text(session, "/refreshJwt").map(SecretString::from);
    let end = |token: &SecretString| claims(token).and_then(|claims| moment(&claims, "/exp"));
    Some(Tokens {
        access_ends_at: end(&access).or_else(|| now.checked_add(ACCESS_LIFE_MS)),
        refresh_ends_at: refresh.as_ref().and_then(|refresh| end(refresh).or_else(|| now.checked_add(REFRESH_LIFE_MS))),
        access,
        refresh,
        scopes: None,
        binding: None,
    })
}

/// What a JWT says about itself. Only used for facts that its server will check anyway: the signature is not ours to verify.
fn claims(token: &SecretString) -> Option<Value> {
    let payload = token.expose_secret().split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()
}

fn recent_post(post: &Value) -> Option<RecentPost> {
    // at://did/app.bsky.feed.post/key
    let uri = text(post, "/uri")?;
    let mut parts = uri.strip_prefix("at://")?.split('/');
    let link = parts.next().zip(parts.nth(1)).map(|(did, key)| format!("https://bsky.app/profile/{did}/post/{key}"));
    Some(RecentPost {
        text: text(post, "/record/text").unwrap_or_default(),
        link,
        created_at: text(post, "/record/createdAt").unwrap_or_default(),
    })
}

fn nobody(what: &str) -> Failure {
    Failure::new(Class::Transient, format!("the server answered {what} without what belongs to it"))
}

#[cfg(test)]
mod tests;
