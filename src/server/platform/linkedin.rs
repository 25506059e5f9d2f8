//! LinkedIn, members and organisations (platforms.md section 8).
//!
//! One login brings the member's own profile and, where the operator's app is approved for it, the organisations they
//! administer. Access tokens live sixty days. Only approved apps get a refresh token, whose year counts down from the
//! first login whatever is done with it. LinkedIn itself says by introspection whether a token is good.

mod organisations;
mod refusal;
mod report;

use async_trait::async_trait;
use serde_json::Value;

use super::failure::{Class, Failure};
use super::oauth::{self, ClientAuth, Consent};
use super::read::{list, number, text};
use super::request::Request;
use super::{Adapter, Ask, Context, Destination, Facts, Identity, Probe, RecentPost, Returned, Subject, Tokens};
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::refresh::RefreshKind;
use refusal::{classify, classify_token};

/// Consent page, tokens and their introspection.
const OAUTH: &str = "https://www.linkedin.com/oauth/v2";

/// The API. What lies below `/rest` wants to be told its version.
const API: &str = "https://api.linkedin.com";

/// The version of `/rest` we are written for. LinkedIn keeps one alive for about a year.
const VERSION: &str = "202607";

/// How the ids of a member's own destination and of organisations begin.
const PERSON: &str = "urn:li:person:";
const ORGANISATION: &str = "urn:li:organization:";

/// Life of an access token where its answer does not tell, in milliseconds.
const ACCESS_LIFE_MS: i64 = 60 * DAY_MS;

/// What every app may ask for that has the two self-serve products.
const IDENTITY: [&str; 2] = ["openid", "profile"];
const POST_AS_MEMBER: &str = "w_member_social";

/// What only approved apps may ask for.
const POST_AS_ORGANISATION: &str = "w_organization_social";
const FOR_ORGANISATIONS: [&str; 3] = ["rw_organization_admin", POST_AS_ORGANISATION, "r_organization_social"];

static FACTS: Facts = Facts {
    platform: Platform::Linkedin,
    required_scopes: &[POST_AS_MEMBER],
    optional_scopes: &IDENTITY,
    refresh: RefreshKind::BeforeEnd { days: 7 },
    refreshes_itself: false,
    probe_every_ms: DAY_MS,
    probe_on_suspicion_only: false,
    refresh_repeatable: false,
    manage_url: "https://www.linkedin.com/mypreferences/d/data-sharing-for-permitted-services",
};

/// The adapter.
pub struct LinkedIn {
    /// Whether the operator's app may ask for organisations: LinkedIn refuses the whole consent to an app that may not.
    pub organisations: bool,
}

#[async_trait]
impl Adapter for LinkedIn {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn console(&self) -> Option<&'static str> {
        Some("https://www.linkedin.com/developers/apps")
    }

    fn authorize_url(&self, cx: &Context<'_>, ask: &Ask<'_>) -> Result<String, Failure> {
        let organisations: &[&str] = if self.organisations { &FOR_ORGANISATIONS } else { &[] };
        oauth::authorize_url(&Consent {
            page: &format!("{OAUTH}/authorization"),
            client_id: &cx.app()?.client_id,
            redirect_uri: cx.redirect_uri,
            scope: &[&IDENTITY, FACTS.required_scopes, organisations].concat().join(" "),
            state: ask.state,
            // Web apps that send one are refused.
            verifier: None,
            extra: &[],
        })
    }

    async fn exchange(&self, cx: &Context<'_>, back: &Returned<'_>) -> Result<Tokens, Failure> {
        asked_for_tokens(cx, oauth::code_request(&token_url(), cx, back.code, None)).await
    }

    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure> {
        let me = me(cx, tokens).await?;
        Ok(Identity { id: me.id, name: me.name, handle: None, host: None, alias: None })
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        let me = me(cx, tokens).await?;
        let mut all = vec![Destination {
            id: format!("{PERSON}{}", me.id),
            name: me.name,
            handle: None,
            picture_url: me.picture_url,
            link: None,
            token: None,
            unusable: None,
        }];
        if organisations::may_be_listed(tokens.scopes.as_deref()) {
            all.extend(organisations::all(cx, tokens).await?);
        }
        Ok(all)
    }

    async fn refresh(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Tokens, Failure> {
        asked_for_tokens(cx, oauth::refresh_request(&token_url(), tokens)?).await
    }

    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure> {
        let report = report::report(cx, &subject.tokens.access).await?;
        let scopes = report.scopes.as_deref().or(subject.tokens.scopes.as_deref());
        if subject.destination_id.starts_with(ORGANISATION) {
            organisations::check(cx, subject, scopes).await?;
        }
        Ok(Probe { scopes: report.scopes, access_ends_at: report.ends_at, ..Probe::default() })
    }

    async fn recent_posts(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure> {
        // LinkedIn gives new apps no way to read what a member posted.
        if !subject.destination_id.starts_with(ORGANISATION) {
            return Ok(Vec::new());
        }
        let request = rest("posts")
            .query("q", "author")
            .query("author", subject.destination_id)
            .query("count", "10")
            .query("sortBy", "LAST_MODIFIED")
            .header("X-RestLi-Method", "FINDER")
            .bearer(&subject.tokens.access);
        let posts = cx.ask(request, classify).await?;
        Ok(list(&posts, "/elements").iter().map(recent_post).collect())
    }

    async fn revoke(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<(), Failure> {
        let request = Request::post(format!("{OAUTH}/revoke")).secret_form("token", &tokens.access);
        let answer = cx.send(oauth::as_app(cx, ClientAuth::Body, request)?).await?;
        // Nobody documents the body of its answer.
        if answer.is_success() { Ok(()) } else { Err(answer.unanswered().unwrap_or_else(|| classify_token(&answer))) }
    }
}

fn token_url() -> String {
    format!("{OAUTH}/accessToken")
}

async fn asked_for_tokens(cx: &Context<'_>, request: Request) -> Result<Tokens, Failure> {
    let tokens = oauth::tokens(cx, oauth::as_app(cx, ClientAuth::Body, request)?, classify_token).await?;
    let usual = cx.now.checked_add(ACCESS_LIFE_MS);
    Ok(Tokens { access_ends_at: tokens.access_ends_at.or(usual), ..tokens })
}

/// A call below `/rest`, in our version.
fn rest(path: &str) -> Request {
    Request::get(format!("{API}/rest/{path}"))
        .header("LinkedIn-Version", VERSION)
        .header("X-Restli-Protocol-Version", "2.0.0")
}

struct Me {
    id: String,
    name: String,
    picture_url: Option<String>,
}

/// Who the token speaks for. Apps with the Community Management product alone have no OpenID: they ask the older way.
async fn me(cx: &Context<'_>, tokens: &Tokens) -> Result<Me, Failure> {
    let granted = |scope: &str| tokens.scopes.iter().flatten().any(|one| one == scope);
    let older = granted("r_basicprofile") && !granted("openid");
    let path = if older { "me" } else { "userinfo" };
    let body = cx.ask(Request::get(format!("{API}/v2/{path}")).bearer(&tokens.access), classify).await?;
    read_me(&body).ok_or_else(|| Failure::new(Class::Transient, format!("/v2/{path} answered without an id")))
}

fn read_me(body: &Value) -> Option<Me> {
    let id = text(body, "/sub").or_else(|| text(body, "/id"))?;
    let both = |first: &str, last: &str| {
        let names: Vec<_> = [first, last].into_iter().filter_map(|pointer| text(body, pointer)).collect();
        (!names.is_empty()).then(|| names.join(" "))
    };
    let name = text(body, "/name")
        .or_else(|| both("/given_name", "/family_name"))
        .or_else(|| both("/localizedFirstName", "/localizedLastName"))
        .unwrap_or_else(|| "LinkedIn member".into());
    Some(Me { id, name, picture_url: text(body, "/picture") })
}

fn recent_post(post: &Value) -> RecentPost {
    let at = number(post, "/publishedAt").or_else(|| number(post, "/createdAt"));
    RecentPost {
        text: text(post, "/commentary").unwrap_or_default(),
        link: text(post, "/id").map(|urn| format!("https://www.linkedin.com/feed/update/{urn}")),
        created_at: at
            .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
            .map(|at| at.to_string())
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
