//! Pinterest (platforms.md section 10).
//!
//! Access tokens live thirty days. A refresh brings a new refresh token, good for sixty days more, so a consent that is
//! refreshed at half the access token's life never ends by itself.

mod refusal;

use async_trait::async_trait;

use super::failure::{Class, Failure};
use super::oauth::{self, ClientAuth};
use super::read::{list, text};
use super::request::Request;
use super::{
    Adapter, Ask, Context, Destination, Facts, Identity, Probe, Profile, RecentPost, Returned, Subject, Tokens,
};
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::refresh::RefreshKind;
use refusal::{classify, classify_refresh, classify_token};

/// The API.
const API: &str = "https://api.pinterest.com/v5";

/// The consent page.
const AUTHORIZE: &str = "https://www.pinterest.com/oauth/";

static FACTS: Facts = Facts {
    platform: Platform::Pinterest,
    required_scopes: &["user_accounts:read", "boards:read", "boards:write", "pins:read", "pins:write"],
    optional_scopes: &[],
    refresh: RefreshKind::BeforeEnd { days: 15 },
    refreshes_itself: false,
    probe_every_ms: 7 * DAY_MS,
    probe_on_suspicion_only: false,
    refresh_repeatable: false,
    manage_url: "https://www.pinterest.com/settings/security",
};

/// The adapter.
pub struct Pinterest;

#[async_trait]
impl Adapter for Pinterest {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn console(&self) -> Option<&'static str> {
        Some("https://developers.pinterest.com/apps/")
    }

    fn authorize_url(&self, cx: &Context<'_>, ask: &Ask<'_>) -> Result<String, Failure> {
        oauth::authorize_url(&oauth::Consent {
            page: AUTHORIZE,
            client_id: &cx.app()?.client_id,
            redirect_uri: cx.redirect_uri,
            scope: &FACTS.required_scopes.join(","),
            state: ask.state,
            verifier: None,
            extra: &[],
        })
    }

    async fn exchange(&self, cx: &Context<'_>, back: &Returned<'_>) -> Result<Tokens, Failure> {
        // Apps from before 25 September 2025 get refresh tokens that end for good without this; others ignore it.
        let request = oauth::code_request(&token_url(), cx, back.code, None).form("continuous_refresh", "true");
        oauth::tokens(cx, oauth::as_app(cx, ClientAuth::Basic, request)?, classify_token).await
    }

    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure> {
        let Me { id, profile } = me(cx, tokens).await?;
        Ok(Identity { id, name: profile.name, handle: profile.handle, host: None, alias: None })
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        let Me { id, profile } = me(cx, tokens).await?;
        let request = Request::get(format!("{API}/boards")).query("page_size", "1").bearer(&tokens.access);
        let boards = cx.ask(request, classify).await?;
        let homeless = list(&boards, "/items").is_empty();
        let unusable =
            homeless.then(|| "It has no board yet, and a pin needs one. Make a board on Pinterest.".to_owned());
        let link = profile.handle.as_ref().map(|handle| format!("https://www.pinterest.com/{handle}/"));
        let Profile { name, handle, picture_url } = profile;
        Ok(vec![Destination { id, name, handle, picture_url, link, token: None, unusable }])
    }

    async fn refresh(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Tokens, Failure> {
        let request = oauth::refresh_request(&token_url(), tokens)?;
        oauth::tokens(cx, oauth::as_app(cx, ClientAuth::Basic, request)?, classify_refresh).await
    }

    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure> {
        let me = me(cx, subject.tokens).await?;
        if me.id != subject.destination_id {
            return Err(Failure::new(Class::Revoked, "the token speaks for another account"));
        }
        Ok(Probe { profile: Some(me.profile), ..Probe::default() })
    }

    /// A refresh brings a refresh token with a new end.
    fn renews_by_itself(&self, has_refresh: bool) -> bool {
        has_refresh
    }

    async fn recent_posts(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure> {
        let request = Request::get(format!("{API}/pins")).query("page_size", "25").bearer(&subject.tokens.access);
        let pins = cx.ask(request, classify).await?;
        Ok(list(&pins, "/items")
            .iter()
            .map(|pin| RecentPost {
                text: text(pin, "/title").or_else(|| text(pin, "/description")).unwrap_or_default(),
                link: text(pin, "/id").map(|id| format!("https://www.pinterest.com/pin/{id}/")),
                created_at: text(pin, "/created_at").unwrap_or_default(),
            })
            .collect())
    }

    /// A person's consent can't be given back by an app: they remove it in their settings.
    async fn revoke(&self, _cx: &Context<'_>, _tokens: &Tokens) -> Result<(), Failure> {
        Ok(())
    }
}

fn token_url() -> String {
    format!("{API}/oauth/token")
}

struct Me {
    id: String,
    profile: Profile,
}

async fn me(cx: &Context<'_>, tokens: &Tokens) -> Result<Me, Failure> {
    let request = Request::get(format!("{API}/user_account")).bearer(&tokens.access);
    let answer = cx.send(request).await?;
    let body = answer.accepted(classify)?;
    let id = text(&body, "/id").ok_or_else(|| answer.failure(Class::Transient, "an account without an id"))?;
    let handle = text(&body, "/username");
    let name = text(&body, "/business_name").or_else(|| handle.clone()).unwrap_or_else(|| id.clone());
    Ok(Me { id, profile: Profile { name, handle, picture_url: text(&body, "/profile_image") } })
}

#[cfg(test)]
mod tests;
