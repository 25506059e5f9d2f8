//! TikTok (platforms.md section 9): Login Kit and the Content Posting API.
//!
//! The app's id is a `client_key`, scopes are parted by commas, errors may come under status 200, and lives are whatever
//! the answer says: an access token of 24 hours or of two, a refresh token that is used up by its use.

mod refusal;
pub mod webhook;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::{Host, Url};

use super::failure::{Class, Failure};
use super::oauth;
use super::read::{list, number, text};
use super::request::Request;
use super::signal;
use super::{
    Adapter, Ask, Context, Destination, Facts, Identity, Probe, Profile, RecentPost, Returned, Subject, Tokens,
};
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::refresh::RefreshKind;
use refusal::{classify, classify_code, classify_token};

/// The consent page; its slash at the end belongs there.
const AUTHORIZE: &str = "https://www.tiktok.com/v2/auth/authorize/";

/// The API.
const API: &str = "https://open.tiktokapis.com/v2";

/// The scope that opens user name and profile link.
const PROFILE: &str = "user.info.profile";

/// Newest videos that are asked for.
const RECENT: u32 = 20;

static FACTS: Facts = Facts {
    platform: Platform::Tiktok,
    required_scopes: &["user.info.basic", "video.publish"],
    optional_scopes: &[PROFILE, "video.list"],
    refresh: RefreshKind::OnNeed,
    refreshes_itself: false,
    probe_every_ms: DAY_MS,
    probe_on_suspicion_only: false,
    refresh_repeatable: false,
    manage_url: "https://www.tiktok.com/setting",
};

/// The adapter.
pub struct Tiktok;

#[async_trait]
impl Adapter for Tiktok {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn console(&self) -> Option<&'static str> {
        Some("https://developers.tiktok.com/apps")
    }

    fn signals(&self) -> &'static [signal::Kind] {
        &[signal::Kind::Events]
    }

    async fn signal(
        &self,
        cx: &Context<'_>,
        delivery: &signal::Delivery<'_>,
    ) -> Result<Vec<signal::Signal>, signal::Unheard> {
        webhook::heard(cx, delivery)
    }

    fn authorize_url(&self, cx: &Context<'_>, ask: &Ask<'_>) -> Result<String, Failure> {
        let scope = [FACTS.required_scopes, FACTS.optional_scopes].concat().join(",");
        let mut url = Url::parse(AUTHORIZE).map_err(|_| Failure::new(Class::App, "TikTok's address can't be read"))?;
        url.query_pairs_mut()
            .append_pair("client_key", &cx.app()?.client_id)
            .append_pair("response_type", "code")
            .append_pair("scope", &scope)
            .append_pair("redirect_uri", cx.redirect_uri)
            .append_pair("state", ask.state)
            // The page is shown also to those who allowed it before: they see as whom they are signed in.
            .append_pair("disable_auto_auth", "1");
        if wants_pkce(cx.redirect_uri) {
            url.query_pairs_mut()
                .append_pair("code_challenge", &challenge(ask.verifier))
                .append_pair("code_challenge_method", "S256");
        }
        Ok(url.into())
    }

    async fn exchange(&self, cx: &Context<'_>, back: &Returned<'_>) -> Result<Tokens, Failure> {
        let verifier = wants_pkce(cx.redirect_uri).then_some(back.verifier);
        let request = oauth::code_request(&format!("{API}/oauth/token/"), cx, back.code, verifier);
        let mut tokens = oauth::tokens(cx, as_app(cx, request)?, classify_code).await?;
        // People can switch off single scopes; the redirect tells them as well.
        tokens.scopes = tokens.scopes.or_else(|| back.scopes.map(oauth::scopes));
        Ok(tokens)
    }

    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure> {
        let Me { id, profile, .. } = me(cx, tokens).await?;
        Ok(Identity { id, name: profile.name, handle: profile.handle, host: None, alias: None })
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        let Me { id, profile, link } = me(cx, tokens).await?;
        let Profile { name, handle, picture_url } = profile;
        Ok(vec![Destination { id, name, handle, picture_url, link, token: None, unusable: None }])
    }

    async fn refresh(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Tokens, Failure> {
        let request = oauth::refresh_request(&format!("{API}/oauth/token/"), tokens)?;
        oauth::tokens(cx, as_app(cx, request)?, classify_token).await
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
        let request = Request::post(format!("{API}/video/list/"))
            .query("fields", "id,title,video_description,share_url,create_time")
            .json(json!({"max_count": RECENT}))
            .bearer(&subject.tokens.access);
        let data = data(cx, request).await?;
        Ok(list(&data, "/videos").iter().map(video).collect())
    }

    async fn revoke(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<(), Failure> {
        let request = Request::post(format!("{API}/oauth/revoke/")).secret_form("token", &tokens.access);
        let answer = cx.send(as_app(cx, request)?).await?;
        // The answer to a success is empty; an error may come under status 200 as well.
        if answer.is_success() && answer.json_or_null().get("error").is_none_or(is_fine) {
            return Ok(());
        }
        Err(answer.unanswered().unwrap_or_else(|| classify_token(&answer)))
    }
}

/// A request that carries our app's credentials, under TikTok's name for the id.
fn as_app(cx: &Context<'_>, request: Request) -> Result<Request, Failure> {
    let app = cx.app()?;
    Ok(request.form("client_key", &app.client_id).secret_form("client_secret", &app.client_secret))
}

/// Whether this address is one of a desktop app: those must prove themselves with PKCE, web apps know nothing of it.
fn wants_pkce(redirect_uri: &str) -> bool {
    let Ok(url) = Url::parse(redirect_uri) else { return false };
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => true,
    }
}

/// The challenge as TikTok wants it: hexadecimal, where the standard says base64url.
fn challenge(verifier: &SecretString) -> String {
    Sha256::digest(verifier.expose_secret().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Me {
    id: String,
    profile: Profile,
    link: Option<String>,
}

/// Who the token speaks for. One field too many and the whole call is refused.
async fn me(cx: &Context<'_>, tokens: &Tokens) -> Result<Me, Failure> {
    const BASIC: &str = "open_id,union_id,avatar_url,display_name";
    let more = tokens.scopes.as_ref().is_some_and(|scopes| scopes.iter().any(|scope| scope == PROFILE));
    if more {
        match user(cx, tokens, &format!("{BASIC},username,profile_deep_link")).await {
            Err(failure) if matches!(failure.class, Class::Scope | Class::Content) => {}
            answer => return answer,
        }
    }
    user(cx, tokens, BASIC).await
}

async fn user(cx: &Context<'_>, tokens: &Tokens, fields: &str) -> Result<Me, Failure> {
    let request = Request::get(format!("{API}/user/info/")).query("fields", fields).bearer(&tokens.access);
    let data = data(cx, request).await?;
    read_me(&data).ok_or_else(|| Failure::new(Class::Transient, "a user without an open_id"))
}

fn read_me(data: &Value) -> Option<Me> {
    let id = text(data, "/user/open_id")?;
    let handle = text(data, "/user/username");
    let link = handle
        .as_ref()
        .map(|name| format!("https://www.tiktok.com/@{name}"))
        .or_else(|| text(data, "/user/profile_deep_link"));
    let name = text(data, "/user/display_name").or_else(|| handle.clone()).unwrap_or_else(|| "TikTok account".into());
    Some(Me { id, profile: Profile { name, handle, picture_url: text(data, "/user/avatar_url") }, link })
}

/// The `data` of an API answer, whose `error` says "ok".
async fn data(cx: &Context<'_>, request: Request) -> Result<Value, Failure> {
    let answer = cx.send(request).await?;
    let mut body = answer.accepted(classify)?;
    if !body.get("error").is_none_or(is_fine) {
        return Err(classify(&answer));
    }
    match body.get_mut("data").map(Value::take) {
        Some(data @ Value::Object(_)) => Ok(data),
        _ => Err(answer.failure(Class::Transient, "without data")),
    }
}

/// "No error" is an error with the code "ok".
fn is_fine(error: &Value) -> bool {
    error.is_null() || matches!(text(error, "/code").as_deref(), Some("ok"))
}

fn video(video: &Value) -> RecentPost {
    let at = number(video, "/create_time").and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    RecentPost {
        text: text(video, "/title").or_else(|| text(video, "/video_description")).unwrap_or_default(),
        link: text(video, "/share_url"),
        created_at: at.map(|at| at.to_string()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
