//! X (platforms.md section 11).
//!
//! Access tokens live two hours, refresh tokens are used up by use, and looking at an account costs money.

mod refusal;

use async_trait::async_trait;
use serde_json::Value;

use super::failure::{Class, Failure};
use super::oauth::{self, ClientAuth, Consent};
use super::read::{list, text};
use super::request::Request;
use super::{
    Adapter, Ask, Context, Destination, Facts, Identity, Probe, Profile, RecentPost, Returned, Subject, Tokens,
};
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::refresh::RefreshKind;
use refusal::{classify, classify_token};

/// The API.
const API: &str = "https://api.x.com/2";

/// The consent page.
const AUTHORIZE: &str = "https://x.com/i/oauth2/authorize";

static FACTS: Facts = Facts {
    platform: Platform::X,
    required_scopes: &["tweet.read", "users.read", "tweet.write", "offline.access"],
    optional_scopes: &["media.write"],
    refresh: RefreshKind::OnNeed,
    refreshes_itself: false,
    probe_every_ms: DAY_MS,
    probe_on_suspicion_only: true,
    refresh_repeatable: false,
    manage_url: "https://x.com/settings/connected_apps",
};

/// The adapter.
pub struct X;

#[async_trait]
impl Adapter for X {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn console(&self) -> Option<&'static str> {
        Some("https://console.x.com")
    }

    fn authorize_url(&self, cx: &Context<'_>, ask: &Ask<'_>) -> Result<String, Failure> {
        oauth::authorize_url(&Consent {
            page: AUTHORIZE,
            client_id: &cx.app()?.client_id,
            redirect_uri: cx.redirect_uri,
            scope: &[FACTS.required_scopes, FACTS.optional_scopes].concat().join(" "),
            state: ask.state,
            verifier: Some(ask.verifier),
            extra: &[],
        })
    }

    async fn exchange(&self, cx: &Context<'_>, back: &Returned<'_>) -> Result<Tokens, Failure> {
        let request = oauth::code_request(&token_url(), cx, back.code, Some(back.verifier));
        oauth::tokens(cx, oauth::as_app(cx, ClientAuth::Basic, request)?, classify_token).await
    }

    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure> {
        let me = me(cx, tokens).await?;
        Ok(Identity { id: me.id, name: me.profile.name, handle: me.profile.handle, host: None, alias: None })
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        let Me { id, profile } = me(cx, tokens).await?;
        let link = profile.handle.as_ref().map(|handle| format!("https://x.com/{handle}"));
        let Profile { name, handle, picture_url } = profile;
        Ok(vec![Destination { id, name, handle, picture_url, link, token: None, unusable: None }])
    }

    async fn refresh(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Tokens, Failure> {
        let request = oauth::refresh_request(&token_url(), tokens)?;
        oauth::tokens(cx, oauth::as_app(cx, ClientAuth::Basic, request)?, classify_token).await
    }

    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure> {
        let me = me(cx, subject.tokens).await?;
        if me.id != subject.destination_id {
            return Err(Failure::new(Class::Revoked, "the token speaks for another account"));
        }
        Ok(Probe { profile: Some(me.profile), ..Probe::default() })
    }

    async fn recent_posts(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure> {
        let request = Request::get(format!("{API}/users/{}/tweets", subject.destination_id))
            .query("max_results", "10")
            .query("tweet.fields", "created_at,public_metrics")
            .bearer(&subject.tokens.access);
        let posts = cx.ask(request, classify).await?;
        Ok(list(&posts, "/data")
            .iter()
            .map(|post| RecentPost {
                text: text(post, "/text").unwrap_or_default(),
                link: text(post, "/id").map(|id| format!("https://x.com/i/web/status/{id}")),
                created_at: text(post, "/created_at").unwrap_or_default(),
            })
            .collect())
    }

    async fn revoke(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<(), Failure> {
        // The refresh token first: with it, new access tokens could be made.
        for token in tokens.refresh.iter().chain([&tokens.access]) {
            let request = Request::post(format!("{API}/oauth2/revoke")).secret_form("token", token);
            cx.ask(oauth::as_app(cx, ClientAuth::Basic, request)?, classify_token).await?;
        }
        Ok(())
    }
}

fn token_url() -> String {
    format!("{API}/oauth2/token")
}

struct Me {
    id: String,
    profile: Profile,
}

/// Who the token speaks for. Billed: only asked when there is a reason to.
async fn me(cx: &Context<'_>, tokens: &Tokens) -> Result<Me, Failure> {
    let request = Request::get(format!("{API}/users/me"))
        .query("user.fields", "profile_image_url,verified,username,name")
        .bearer(&tokens.access);
    let answer = cx.send(request).await?;
    let body = answer.clone().accepted(classify)?;
    read_me(&body).ok_or_else(|| match body.get("errors") {
        Some(_) => classify(&answer),
        None => answer.failure(Class::Transient, "a user without an id"),
    })
}

fn read_me(body: &Value) -> Option<Me> {
    let id = text(body, "/data/id")?;
    let handle = text(body, "/data/username");
    let name = text(body, "/data/name").or_else(|| handle.clone()).unwrap_or_else(|| id.clone());
    Some(Me { id, profile: Profile { name, handle, picture_url: text(body, "/data/profile_image_url") } })
}

#[cfg(test)]
mod tests;
