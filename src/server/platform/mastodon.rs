//! Mastodon and the servers that speak like it (platforms.md section 12): any host, an app of ours on each, tokens without an end.

mod refusal;

use async_trait::async_trait;
use serde_json::Value;

use super::failure::{Class, Failure};
use super::oauth::{self, ClientAuth, Consent};
use super::read::{list, text};
use super::request::Request;
use super::{
    Adapter, AppCredentials, Ask, Context, Destination, Facts, Identity, Probe, Profile, RecentPost, Returned, Subject,
    Tokens,
};
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::refresh::RefreshKind;
use refusal::{classify, classify_registration, classify_token};

/// How our app is called on the consent pages and in people's lists of apps.
const APP_NAME: &str = "Pilotlight";

/// Longest text of a post that is kept, in characters; posts are HTML there.
const MAX_TEXT: usize = 500;

/// Who the person is, is asked for by `read:accounts`: servers before 4.3 and the imitators know no `profile`, a scope must be
/// one of those the app was registered with, and a registration outlives its server's updates.
static FACTS: Facts = Facts {
    platform: Platform::Mastodon,
    required_scopes: &["read:accounts", "write:statuses", "write:media"],
    optional_scopes: &["read:statuses"],
    refresh: RefreshKind::None,
    refreshes_itself: false,
    probe_every_ms: DAY_MS,
    probe_on_suspicion_only: false,
    refresh_repeatable: false,
    manage_url: "https://docs.joinmastodon.org/user/preferences/",
};

/// The adapter.
pub struct Mastodon;

#[async_trait]
impl Adapter for Mastodon {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    async fn register_app(&self, cx: &Context<'_>) -> Result<AppCredentials, Failure> {
        let request = Request::post(address(cx, "/api/v1/apps")?)
            .form("client_name", APP_NAME)
            .form("redirect_uris", cx.redirect_uri)
            .form("scopes", &scope());
        let app = cx.ask(request, classify_registration).await?;
        let (Some(client_id), Some(secret)) = (text(&app, "/client_id"), text(&app, "/client_secret")) else {
            return Err(Failure::new(Class::Transient, "the server registered an app without credentials"));
        };
        let app = AppCredentials { client_id, client_secret: secret.into() };
        keep_registration(cx, &app).await;
        Ok(app)
    }

    fn authorize_url(&self, cx: &Context<'_>, ask: &Ask<'_>) -> Result<String, Failure> {
        // Somebody signed in with the wrong one of two accounts could never get out of it otherwise.
        let extra: &[(&str, &str)] = if ask.again { &[("force_login", "true")] } else { &[] };
        oauth::authorize_url(&Consent {
            page: &address(cx, "/oauth/authorize")?,
            client_id: &cx.app()?.client_id,
            redirect_uri: cx.redirect_uri,
            scope: &scope(),
            state: ask.state,
            // Servers without PKCE ignore it.
            verifier: Some(ask.verifier),
            extra,
        })
    }

    async fn exchange(&self, cx: &Context<'_>, back: &Returned<'_>) -> Result<Tokens, Failure> {
        let request = oauth::code_request(&address(cx, "/oauth/token")?, cx, back.code, Some(back.verifier));
        oauth::tokens(cx, oauth::as_app(cx, ClientAuth::Body, request)?, classify_token).await
    }

    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure> {
        let me = me(cx, tokens).await?;
        Ok(Identity { id: me.id, name: me.profile.name, handle: me.profile.handle, host: None, alias: None })
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        let Me { id, link, profile } = me(cx, tokens).await?;
        let Profile { name, handle, picture_url } = profile;
        Ok(vec![Destination { id, name, handle, picture_url, link, token: None, unusable: None }])
    }

    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure> {
        let me = me(cx, subject.tokens).await?;
        if me.id != subject.destination_id {
            return Err(Failure::new(Class::Revoked, "the token speaks for another account"));
        }
        Ok(Probe { profile: Some(me.profile), ..Probe::default() })
    }

    async fn recent_posts(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure> {
        let id = subject.destination_id.split('@').next().unwrap_or_default();
        let request = Request::get(address(cx, &format!("/api/v1/accounts/{id}/statuses"))?)
            .query("limit", "20")
            .query("exclude_reblogs", "true")
            .bearer(&subject.tokens.access);
        let posts = cx.ask(request, classify).await?;
        Ok(list(&posts, "")
            .iter()
            .map(|post| RecentPost {
                text: plain(&text(post, "/content").unwrap_or_default()),
                link: text(post, "/url"),
                created_at: text(post, "/created_at").unwrap_or_default(),
            })
            .collect())
    }

    async fn revoke(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<(), Failure> {
        let request = Request::post(address(cx, "/oauth/revoke")?).secret_form("token", &tokens.access);
        cx.ask(oauth::as_app(cx, ClientAuth::Body, request)?, classify_token).await.map(drop)
    }
}

fn address(cx: &Context<'_>, path: &str) -> Result<String, Failure> {
    Ok(format!("{}{path}", cx.http.base(cx.host()?)))
}

fn scope() -> String {
    [FACTS.required_scopes, FACTS.optional_scopes].concat().join(" ")
}

/// Servers before 4.3 tidy away apps that have no token: an app token keeps ours until somebody consents. Newer servers announce
/// themselves and need none. The registration is good either way.
async fn keep_registration(cx: &Context<'_>, app: &AppCredentials) {
    let Ok(discovery) = address(cx, "/.well-known/oauth-authorization-server") else { return };
    let announced = cx
        .http
        .send(cx.now, Request::get(discovery))
        .await
        .is_ok_and(|answer| answer.is_success() && answer.json().is_ok());
    if announced {
        return;
    }
    let Ok(token_url) = address(cx, "/oauth/token") else { return };
    let request = Request::post(token_url)
        .form("grant_type", "client_credentials")
        .form("redirect_uri", cx.redirect_uri)
        .form("client_id", &app.client_id)
        .secret_form("client_secret", &app.client_secret);
    if let Err(failure) = oauth::tokens(cx, request, classify_token).await {
        tracing::debug!(%failure, "a Mastodon server gave no app token");
    }
}

struct Me {
    /// With its host: numbers are only unique on their server.
    id: String,
    link: Option<String>,
    profile: Profile,
}

async fn me(cx: &Context<'_>, tokens: &Tokens) -> Result<Me, Failure> {
    let request = Request::get(address(cx, "/api/v1/accounts/verify_credentials")?).bearer(&tokens.access);
    let body = cx.ask(request, classify).await?;
    read_me(&body, cx.host()?).ok_or_else(|| Failure::new(Class::Transient, "an account without an id"))
}

fn read_me(body: &Value, host: &str) -> Option<Me> {
    let id = text(body, "/id")?;
    let acct = text(body, "/acct").or_else(|| text(body, "/username"));
    let name = text(body, "/display_name").or_else(|| acct.clone()).unwrap_or_else(|| id.clone());
    let handle = acct.map(|acct| if acct.contains('@') { format!("@{acct}") } else { format!("@{acct}@{host}") });
    let link = text(body, "/url");
    Some(Me { id: format!("{id}@{host}"), link, profile: Profile { name, handle, picture_url: text(body, "/avatar") } })
}

/// The text of a post's HTML: tags out, the five usual entities in.
fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut in_tag = false;
    for c in html.replace("<br", "\n<br").replace("</p><p>", "\n").chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            _ if !in_tag => text.push(c),
            _ => {}
        }
    }
    for (entity, c) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
        text = text.replace(entity, c);
    }
    text.chars().take(MAX_TEXT).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests;
