//! Threads (platforms.md section 4).
//!
//! A code gives a token of an hour, which is traded at once for one of sixty days; that one is renewed by itself, without a
//! secret of ours, once it is a day old. Tokens travel in the query: no other place is documented for them.

mod refusal;

use async_trait::async_trait;
use secrecy::SecretString;

use super::facebook::signed_request;
use super::failure::{Class, Failure};
use super::oauth::{self, ClientAuth};
use super::read::{list, moment, text, texts};
use super::report::{self, TokenReport};
use super::request::Request;
use super::signal;
use super::{
    Adapter, Ask, Context, Destination, Facts, Identity, Probe, Profile, RecentPost, Returned, Subject, Tokens,
};
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::refresh::RefreshKind;
use refusal::{classify, classify_exchange, read_error};

/// The API; its token endpoints have no version in their path.
const GRAPH: &str = "https://graph.threads.net";
const API: &str = "https://graph.threads.net/v1.0";

/// The consent page.
const AUTHORIZE: &str = "https://threads.net/oauth/authorize";

/// How long a long-lived token lives where the answer does not say, in milliseconds.
const USUAL_LIFE_MS: i64 = 60 * DAY_MS;

static FACTS: Facts = Facts {
    platform: Platform::Threads,
    required_scopes: &["threads_basic", "threads_content_publish"],
    optional_scopes: &[],
    refresh: RefreshKind::BeforeEnd { days: 7 },
    refreshes_itself: true,
    probe_every_ms: DAY_MS,
    probe_on_suspicion_only: false,
    refresh_repeatable: false,
    manage_url: "https://www.threads.net/settings/privacy",
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
        // Its redirects end in `#_`, which some ways here do not keep apart from the code.
        let code = back.code.trim_end_matches("#_");
        let request = oauth::code_request(&format!("{GRAPH}/oauth/access_token"), cx, code, None);
        let short = oauth::tokens(cx, oauth::as_app(cx, ClientAuth::Body, request)?, classify_exchange).await?;
        let request = Request::get(format!("{GRAPH}/access_token"))
            .query("grant_type", "th_exchange_token")
            .secret_query("client_secret", &cx.app()?.client_secret)
            .secret_query("access_token", &short.access);
        let mut tokens = long_lived(cx, request, classify_exchange).await?;
        // Neither answer names the scopes; the report about the token does. That it could not be asked loses nothing.
        if let Ok(report) = debugged(cx, &tokens.access).await {
            tokens.scopes = report.scopes;
            tokens.access_ends_at = report.ends_at.or(tokens.access_ends_at);
        }
        Ok(tokens)
    }

    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure> {
        let Me { id, profile } = me(cx, &tokens.access).await?;
        Ok(Identity { id, name: profile.name, handle: profile.handle, host: None, alias: None })
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        let Me { id, profile } = me(cx, &tokens.access).await?;
        let link = profile.handle.as_ref().map(|handle| format!("https://www.threads.net/@{handle}"));
        let Profile { name, handle, picture_url } = profile;
        Ok(vec![Destination { id, name, handle, picture_url, link, token: None, unusable: None }])
    }

    async fn refresh(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Tokens, Failure> {
        let request = Request::get(format!("{GRAPH}/refresh_access_token"))
            .query("grant_type", "th_refresh_token")
            .secret_query("access_token", &tokens.access);
        long_lived(cx, request, classify).await
    }

    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure> {
        let report = debugged(cx, &subject.tokens.access).await?;
        let me = me(cx, &subject.tokens.access).await?;
        if me.id != subject.destination_id {
            return Err(Failure::new(Class::Revoked, "the token speaks for another account"));
        }
        Ok(Probe {
            scopes: report.scopes,
            access_ends_at: report.ends_at,
            profile: Some(me.profile),
            ..Probe::default()
        })
    }

    fn reports_tokens(&self) -> bool {
        true
    }

    async fn token_reports(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<TokenReport>, Failure> {
        Ok(vec![debugged(cx, &subject.tokens.access).await?.whole])
    }

    async fn recent_posts(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure> {
        let request = Request::get(format!("{API}/me/threads"))
            .query("fields", "id,text,media_type,permalink,timestamp,shortcode")
            .query("limit", "25")
            .secret_query("access_token", &subject.tokens.access);
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

    /// There is no way to give a consent back: the person removes it in the settings.
    async fn revoke(&self, _cx: &Context<'_>, _tokens: &Tokens) -> Result<(), Failure> {
        Ok(())
    }
}

async fn long_lived(
    cx: &Context<'_>,
    request: Request,
    classify: fn(&super::answer::Answer) -> Failure,
) -> Result<Tokens, Failure> {
    let mut tokens = oauth::tokens(cx, request, classify).await?;
    tokens.access_ends_at = tokens.access_ends_at.or_else(|| cx.now.checked_add(USUAL_LIFE_MS));
    Ok(tokens)
}

/// What Threads reports about a token that works.
struct Report {
    whole: TokenReport,
    scopes: Option<Vec<String>>,
    ends_at: Option<i64>,
}

async fn debugged(cx: &Context<'_>, token: &SecretString) -> Result<Report, Failure> {
    let request = Request::get(format!("{API}/debug_token"))
        .secret_query("input_token", token)
        .secret_query("access_token", token);
    let answer = cx.send(request).await?;
    let body = answer.accepted(classify)?;
    let data = body.get("data").filter(|data| data.is_object());
    let valid = data.and_then(|data| data.get("is_valid")).and_then(serde_json::Value::as_bool);
    let (Some(data), Some(valid)) = (data, valid) else {
        return Err(answer.failure(Class::Transient, "a report about a token without a verdict"));
    };
    if !valid {
        return Err(match data.get("error") {
            Some(error) => read_error(&answer, error),
            None if moment(data, "/expires_at").is_some_and(|end| end <= answer.now) => {
                answer.failure(Class::Expired, "the token has ended")
            }
            None => answer.failure(Class::Revoked, "the token is not valid"),
        });
    }
    Ok(Report { whole: report::read(data), scopes: texts(data, "/scopes"), ends_at: moment(data, "/expires_at") })
}

struct Me {
    id: String,
    profile: Profile,
}

async fn me(cx: &Context<'_>, token: &SecretString) -> Result<Me, Failure> {
    let request = Request::get(format!("{API}/me"))
        .query("fields", "id,username,name,threads_profile_picture_url")
        .secret_query("access_token", token);
    let answer = cx.send(request).await?;
    let body = answer.accepted(classify)?;
    let id = text(&body, "/id").ok_or_else(|| answer.failure(Class::Transient, "a profile without an id"))?;
    let handle = text(&body, "/username");
    let name = text(&body, "/name").or_else(|| handle.clone()).unwrap_or_else(|| id.clone());
    Ok(Me { id, profile: Profile { name, handle, picture_url: text(&body, "/threads_profile_picture_url") } })
}

#[cfg(test)]
mod tests;
