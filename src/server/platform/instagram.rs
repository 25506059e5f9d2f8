//! Instagram directly, by Instagram's own login (platforms.md section 3).
//!
//! A consent yields a token of an hour, which is traded for one of sixty days. That one is its own refresh token: it can be
//! traded for a new one while it lives and is at least a day old. Nobody tells the scopes later, so those of the consent
//! are remembered.

mod codes;
pub(super) mod refusal;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use super::facebook::signed_request;
use super::failure::{Class, Failure};
use super::oauth::{self, ClientAuth};
use super::read::{list, text};
use super::request::Request;
use super::signal;
use super::{
    Adapter, Ask, Context, Destination, Facts, Identity, Probe, Profile, RecentPost, Returned, Subject, Tokens,
};
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::refresh::RefreshKind;
use refusal::{classify, classify_exchange, classify_refresh};

/// Where tokens are traded; no version stands in these paths.
const GRAPH: &str = "https://graph.instagram.com";

/// The API in the version we are written for.
const API: &str = "https://graph.instagram.com/v25.0";

/// The consent page.
const AUTHORIZE: &str = "https://www.instagram.com/oauth/authorize";

/// Where a code is traded.
const CODES: &str = "https://api.instagram.com/oauth/access_token";

/// A long-lived token lives this long where its answer does not say.
const LONG_LIFE_MS: i64 = 60 * DAY_MS;

/// Newest posts that are asked for.
const RECENT: &str = "20";

const PERSONAL: &str = "This is a personal account, and Instagram lets apps publish to professional ones only. Switch it in the \
                        Instagram app (Settings > Account type and tools), then connect again.";

static FACTS: Facts = Facts {
    platform: Platform::Instagram,
    required_scopes: &["instagram_business_basic", "instagram_business_content_publish"],
    optional_scopes: &[],
    refresh: RefreshKind::BeforeEnd { days: 7 },
    refreshes_itself: true,
    probe_every_ms: DAY_MS,
    probe_on_suspicion_only: false,
    refresh_repeatable: false,
    manage_url: "https://www.instagram.com/accounts/manage_access/",
};

/// The adapter.
pub struct Instagram;

#[async_trait]
impl Adapter for Instagram {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn console(&self) -> Option<&'static str> {
        Some("https://developers.facebook.com/apps")
    }

    fn signals(&self) -> &'static [signal::Kind] {
        signed_request::KINDS
    }

    async fn signal(
        &self,
        cx: &Context<'_>,
        delivery: &signal::Delivery<'_>,
    ) -> Result<Vec<signal::Signal>, signal::Unheard> {
        signed_request::heard(cx, delivery)
    }

    fn authorize_url(&self, cx: &Context<'_>, ask: &Ask<'_>) -> Result<String, Failure> {
        // Whoever reconnects may be signed in to another account by now.
        let extra: &[(&str, &str)] = if ask.again {
            &[("enable_fb_login", "0"), ("force_authentication", "1")]
        } else {
            &[("enable_fb_login", "0")]
        };
        oauth::authorize_url(&oauth::Consent {
            page: AUTHORIZE,
            client_id: &cx.app()?.client_id,
            redirect_uri: cx.redirect_uri,
            scope: &FACTS.required_scopes.join(","),
            state: ask.state,
            verifier: None,
            extra,
        })
    }

    async fn exchange(&self, cx: &Context<'_>, back: &Returned<'_>) -> Result<Tokens, Failure> {
        let request = oauth::code_request(CODES, cx, bare(back.code), None);
        let answer = cx.send(oauth::as_app(cx, ClientAuth::Body, request)?).await?;
        let short = codes::read(&answer)?;
        let request = Request::get(format!("{GRAPH}/access_token"))
            .query("grant_type", "ig_exchange_token")
            .secret_query("client_secret", &cx.app()?.client_secret)
            .secret_query("access_token", &short.access);
        let long = oauth::tokens(cx, request, classify_exchange).await?;
        Ok(Tokens { scopes: short.scopes, ..sixty_days(cx, long) })
    }

    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure> {
        let Me { id, alias, profile, .. } = me(cx, tokens).await?;
        Ok(Identity { id, name: profile.name, handle: profile.handle, host: None, alias })
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        let Me { id, profile, personal, .. } = me(cx, tokens).await?;
        Ok(vec![destination(id, profile, None, personal.then(|| PERSONAL.to_owned()))])
    }

    async fn refresh(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Tokens, Failure> {
        let request = Request::get(format!("{GRAPH}/refresh_access_token"))
            .query("grant_type", "ig_refresh_token")
            .secret_query("access_token", &tokens.access);
        Ok(sixty_days(cx, oauth::tokens(cx, request, classify_refresh).await?))
    }

    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure> {
        let me = me(cx, subject.tokens).await?;
        if me.id != subject.destination_id {
            return Err(Failure::new(Class::Revoked, "the token speaks for another account"));
        }
        if me.personal {
            return Err(Failure::new(Class::Action, "the account is a personal one now"));
        }
        Ok(Probe { profile: Some(me.profile), ..Probe::default() })
    }

    async fn recent_posts(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure> {
        let request = Request::get(format!("{API}/me/media"))
            .query("fields", "id,caption,permalink,timestamp")
            .query("limit", RECENT)
            .bearer(&subject.tokens.access);
        let media = cx.ask(request, classify).await?;
        Ok(list(&media, "/data").iter().map(post).collect())
    }

    /// Not documented, but known to work for others; what is refused is removed by the person in their settings.
    async fn revoke(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<(), Failure> {
        let request = Request::delete(format!("{API}/me/permissions")).bearer(&tokens.access);
        cx.ask(request, classify).await.map(drop)
    }
}

/// A code without the fragment that Meta hangs on its redirects, should somebody have taken it for a part of the code.
pub(super) fn bare(code: &str) -> &str {
    code.strip_suffix("#_").unwrap_or(code)
}

/// The end of a long-lived token, also where the answer does not tell it.
pub(super) fn sixty_days(cx: &Context<'_>, tokens: Tokens) -> Tokens {
    Tokens { access_ends_at: tokens.access_ends_at.or(Some(cx.now + LONG_LIFE_MS)), refresh: None, ..tokens }
}

/// An Instagram account as something to publish to.
pub(super) fn destination(
    id: String,
    profile: Profile,
    token: Option<SecretString>,
    unusable: Option<String>,
) -> Destination {
    let Profile { name, handle, picture_url } = profile;
    let link = handle.as_ref().map(|handle| format!("https://www.instagram.com/{handle}/"));
    let token = token.filter(|token| !token.expose_secret().is_empty());
    Destination { id, name, handle, picture_url, link, token, unusable }
}

/// A medium as Instagram's lists describe it.
pub(super) fn post(medium: &serde_json::Value) -> RecentPost {
    RecentPost {
        text: text(medium, "/caption").unwrap_or_default(),
        link: text(medium, "/permalink"),
        created_at: text(medium, "/timestamp").unwrap_or_default(),
    }
}

/// Name, handle and picture of an Instagram account, whose id is `id`.
pub(super) fn profile(account: &serde_json::Value, id: &str) -> Profile {
    let handle = text(account, "/username");
    let name = text(account, "/name").or_else(|| handle.clone()).unwrap_or_else(|| id.to_owned());
    Profile { name, handle, picture_url: text(account, "/profile_picture_url") }
}

struct Me {
    /// Of the professional account: the one that paths use.
    id: String,
    /// Made for our app: the one by which Instagram tells that somebody removed it.
    alias: Option<String>,
    profile: Profile,
    /// Not an account that apps may publish to.
    personal: bool,
}

async fn me(cx: &Context<'_>, tokens: &Tokens) -> Result<Me, Failure> {
    let request = Request::get(format!("{API}/me"))
        .query("fields", "id,user_id,username,name,account_type,profile_picture_url")
        .bearer(&tokens.access);
    let answer = cx.send(request).await?;
    let body = answer.accepted(classify)?;
    let id = text(&body, "/user_id").ok_or_else(|| answer.failure(Class::Transient, "an account without a user_id"))?;
    let personal = text(&body, "/account_type").is_some_and(|kind| kind.eq_ignore_ascii_case("personal"));
    Ok(Me { profile: profile(&body, &id), alias: text(&body, "/id"), id, personal })
}

#[cfg(test)]
mod tests;
