//! Threads (platforms.md section 4).
//!
//! Tokens as at Instagram's own login: an hour, then sixty days, and the long one is its own refresh token. Threads also
//! reports about a token, when the token itself asks.

pub(super) mod refusal;

use async_trait::async_trait;
use secrecy::SecretString;

use super::facebook::debug::{self, Debugged};
use super::failure::{Class, Failure};
use super::instagram::{bare, sixty_days};
use super::oauth::{self, ClientAuth};
use super::read::{list, text};
use super::request::Request;
use super::{
    Adapter, Ask, Context, Destination, Facts, Identity, Probe, Profile, RecentPost, Returned, Subject, Tokens,
};
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::refresh::RefreshKind;
use refusal::{classify, classify_exchange, classify_refresh};

/// Where tokens are traded; no version stands in these paths.
const GRAPH: &str = "https://graph.threads.net";

/// The API.
const API: &str = "https://graph.threads.net/v1.0";

/// The consent page.
const AUTHORIZE: &str = "https://threads.net/oauth/authorize";

/// Newest posts that are asked for.
const RECENT: &str = "20";

static FACTS: Facts = Facts {
    platform: Platform::Threads,
    required_scopes: &["threads_basic", "threads_content_publish"],
    optional_scopes: &[],
    refresh: RefreshKind::BeforeEnd { days: 7 },
    refreshes_itself: true,
    probe_every_ms: DAY_MS,
    probe_on_suspicion_only: false,
    refresh_repeatable: false,
    manage_url: "https://www.threads.net/settings/account",
};

/// The adapter.
pub struct Threads;

#[async_trait]
impl Adapter for Threads {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn console(&self) -> Option<&'static str> {
        Some("https://developers.facebook.com/apps")
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
        let request = oauth::code_request(&format!("{GRAPH}/oauth/access_token"), cx, bare(back.code), None);
        let short = oauth::tokens(cx, oauth::as_app(cx, ClientAuth::Body, request)?, classify_exchange).await?;
        let request = Request::get(format!("{GRAPH}/access_token"))
            .query("grant_type", "th_exchange_token")
            .secret_query("client_secret", &cx.app()?.client_secret)
            .secret_query("access_token", &short.access);
        let long = oauth::tokens(cx, request, classify_exchange).await?;
        Ok(described(cx, long).await)
    }

    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure> {
        let Me { id, profile } = me(cx, tokens).await?;
        Ok(Identity { id, name: profile.name, handle: profile.handle, host: None })
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        let Me { id, profile } = me(cx, tokens).await?;
        let link = profile.handle.as_ref().map(|handle| format!("https://www.threads.net/@{handle}"));
        let Profile { name, handle, picture_url } = profile;
        Ok(vec![Destination { id, name, handle, picture_url, link, token: None, unusable: None }])
    }

    async fn refresh(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Tokens, Failure> {
        let request = Request::get(format!("{GRAPH}/refresh_access_token"))
            .query("grant_type", "th_refresh_token")
            .secret_query("access_token", &tokens.access);
        let long = oauth::tokens(cx, request, classify_refresh).await?;
        Ok(described(cx, long).await)
    }

    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure> {
        // The report brings the scopes, the profile proves the account: the one may be missing, not the other.
        let known = match debugged(cx, &subject.tokens.access).await {
            Ok(known) => Some(known),
            Err(failure) if matches!(failure.class, Class::Unknown | Class::App) => None,
            Err(failure) => return Err(failure),
        };
        let me = me(cx, subject.tokens).await?;
        if me.id != subject.destination_id {
            return Err(Failure::new(Class::Revoked, "the token speaks for another profile"));
        }
        let probe = Probe { profile: Some(me.profile), ..Probe::default() };
        Ok(match known {
            Some(Debugged { scopes, ends_at, data_access_ends_at, .. }) => {
                Probe { scopes, access_ends_at: ends_at, data_access_ends_at, ..probe }
            }
            None => probe,
        })
    }

    async fn recent_posts(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure> {
        let request = Request::get(format!("{API}/me/threads"))
            .query("fields", "id,text,permalink,timestamp")
            .query("limit", RECENT)
            .bearer(&subject.tokens.access);
        let posts = cx.ask(request, classify).await?;
        Ok(list(&posts, "/data")
            .iter()
            .map(|post| RecentPost {
                text: text(post, "/text").unwrap_or_default(),
                link: text(post, "/permalink"),
                created_at: text(post, "/timestamp").unwrap_or_default(),
            })
            .collect())
    }

    /// A person's consent can't be given back by an app: they remove it in their settings.
    async fn revoke(&self, _cx: &Context<'_>, _tokens: &Tokens) -> Result<(), Failure> {
        Ok(())
    }
}

/// A token in our hands, with what Threads tells about it. That nothing could be learnt must not lose it.
async fn described(cx: &Context<'_>, tokens: Tokens) -> Tokens {
    let tokens = sixty_days(cx, tokens);
    match debugged(cx, &tokens.access).await {
        Ok(known) => Tokens { access_ends_at: known.ends_at.or(tokens.access_ends_at), scopes: known.scopes, ..tokens },
        Err(_) => tokens,
    }
}

/// The report about a token, asked for by the token itself: a refusal of the question is about the token, too.
async fn debugged(cx: &Context<'_>, token: &SecretString) -> Result<Debugged, Failure> {
    let request = Request::get(format!("{API}/debug_token")).secret_query("input_token", token).bearer(token);
    let answer = cx.send(request).await?;
    let body = answer.accepted(classify)?;
    debug::read(&answer, &body)
}

struct Me {
    id: String,
    profile: Profile,
}

async fn me(cx: &Context<'_>, tokens: &Tokens) -> Result<Me, Failure> {
    let request = Request::get(format!("{API}/me"))
        .query("fields", "id,username,name,threads_profile_picture_url")
        .bearer(&tokens.access);
    let answer = cx.send(request).await?;
    let body = answer.accepted(classify)?;
    let id = text(&body, "/id").ok_or_else(|| answer.failure(Class::Transient, "a profile without an id"))?;
    let handle = text(&body, "/username");
    let name = text(&body, "/name").or_else(|| handle.clone()).unwrap_or_else(|| id.clone());
    Ok(Me { id, profile: Profile { name, handle, picture_url: text(&body, "/threads_profile_picture_url") } })
}

#[cfg(test)]
mod tests;
