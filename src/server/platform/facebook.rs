//! Facebook pages (platforms.md section 1).
//!
//! One consent yields a person's long-lived token, and through it one token for each page. The page tokens have no date
//! of their own, but they die with the consent: both are looked at in a probe.

pub(super) mod debug;
pub(super) mod pages;
pub(super) mod refusal;
pub(super) mod signed_request;

use async_trait::async_trait;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::failure::{Class, Failure};
use super::oauth::{self, ClientAuth, Consent};
use super::read::{list, text};
use super::report::TokenReport;
use super::request::Request;
use super::signal;
use super::{Adapter, Ask, Context, Destination, Facts, Identity, Probe, RecentPost, Returned, Subject, Tokens};
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::refresh::RefreshKind;
use debug::Debugged;
use refusal::{classify, classify_exchange};

/// The Graph API in the version we are written for.
pub(super) const GRAPH: &str = "https://graph.facebook.com/v25.0";

/// The consent page in the same version.
const DIALOG: &str = "https://www.facebook.com/v25.0/dialog/oauth";

/// Newest posts that are asked for.
const RECENT: &str = "20";

static FACTS: Facts = Facts {
    platform: Platform::Facebook,
    required_scopes: &["pages_show_list", "pages_manage_posts", "pages_read_engagement"],
    optional_scopes: &["business_management"],
    refresh: RefreshKind::BeforeEnd { days: 7 },
    refreshes_itself: true,
    probe_every_ms: DAY_MS,
    probe_on_suspicion_only: false,
    refresh_repeatable: false,
    manage_url: "https://www.facebook.com/settings?tab=business_tools",
};

/// The adapter.
pub struct Facebook;

#[async_trait]
impl Adapter for Facebook {
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
        dialog(cx, ask, &FACTS)
    }

    async fn exchange(&self, cx: &Context<'_>, back: &Returned<'_>) -> Result<Tokens, Failure> {
        let request = oauth::code_request(&token_url(), cx, back.code, Some(back.verifier));
        let short = oauth::tokens(cx, oauth::as_app(cx, ClientAuth::Body, request)?, classify_exchange).await?;
        long_lived(cx, &short.access).await
    }

    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure> {
        let request = signed(cx, Request::get(format!("{GRAPH}/me")).query("fields", "id,name"), &tokens.access)?;
        let me = cx.ask(request, classify).await?;
        let id = text(&me, "/id").ok_or_else(|| nameless("/me"))?;
        Ok(Identity {
            name: text(&me, "/name").unwrap_or_else(|| "Facebook user".into()),
            id,
            handle: None,
            host: None,
            alias: None,
        })
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        pages::all(cx, tokens).await
    }

    async fn refresh(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Tokens, Failure> {
        long_lived(cx, &tokens.access).await
    }

    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure> {
        if let Some(token) = subject.destination_token {
            let page = debug::debugged(cx, token).await?;
            page.reaches(FACTS.required_scopes, subject.destination_id)?;
        }
        let person = debug::debugged(cx, &subject.tokens.access).await?;
        person.reaches(FACTS.required_scopes, subject.destination_id)?;
        let Debugged { scopes, ends_at, data_access_ends_at, .. } = person;
        Ok(Probe { scopes, access_ends_at: ends_at, data_access_ends_at, ..Probe::default() })
    }

    fn reports_tokens(&self) -> bool {
        true
    }

    async fn token_reports(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<TokenReport>, Failure> {
        debug::reports(cx, subject).await
    }

    async fn recent_posts(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure> {
        let token = subject.destination_token.unwrap_or(&subject.tokens.access);
        let request = Request::get(format!("{GRAPH}/{}/published_posts", subject.destination_id))
            .query("fields", "id,message,created_time,permalink_url")
            .query("limit", RECENT);
        let posts = cx.ask(signed(cx, request, token)?, classify).await?;
        Ok(list(&posts, "/data")
            .iter()
            .map(|post| RecentPost {
                text: text(post, "/message").unwrap_or_default(),
                link: text(post, "/permalink_url"),
                created_at: text(post, "/created_time").unwrap_or_default(),
            })
            .collect())
    }

    async fn revoke(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<(), Failure> {
        let person = self.identity(cx, tokens).await?;
        let request = signed(cx, Request::delete(format!("{GRAPH}/{}/permissions", person.id)), &tokens.access)?;
        let done = cx.ask(request, classify).await?;
        match done.get("success").and_then(serde_json::Value::as_bool) {
            Some(false) => Err(Failure::new(Class::Unknown, "the permissions were not given back")),
            _ => Ok(()),
        }
    }
}

/// The consent page, asked for everything that `facts` name.
pub(super) fn dialog(cx: &Context<'_>, ask: &Ask<'_>, facts: &Facts) -> Result<String, Failure> {
    let scope = [facts.required_scopes, facts.optional_scopes].concat().join(",");
    // Without this, the dialog does not offer again what was declined before.
    let extra: &[(&str, &str)] = if ask.again { &[("auth_type", "rerequest")] } else { &[] };
    oauth::authorize_url(&Consent {
        page: DIALOG,
        client_id: &cx.app()?.client_id,
        redirect_uri: cx.redirect_uri,
        scope: &scope,
        state: ask.state,
        verifier: Some(ask.verifier),
        extra,
    })
}

fn token_url() -> String {
    format!("{GRAPH}/oauth/access_token")
}

/// Trades a person's token for a long-lived one, and reads its end and scopes back: the answer itself names no scopes and
/// not always an end.
async fn long_lived(cx: &Context<'_>, token: &SecretString) -> Result<Tokens, Failure> {
    let request =
        Request::post(token_url()).form("grant_type", "fb_exchange_token").secret_form("fb_exchange_token", token);
    let mut tokens = oauth::tokens(cx, oauth::as_app(cx, ClientAuth::Body, request)?, classify_exchange).await?;
    // The token is in our hands: that nothing could be learnt about it must not lose it.
    if let Ok(known) = debug::debugged(cx, &tokens.access).await {
        tokens.access_ends_at = if known.told_end { known.ends_at } else { tokens.access_ends_at };
        tokens.scopes = known.scopes;
    }
    Ok(tokens)
}

/// A call in the name of a token, with the proof that it comes from our app.
pub(super) fn signed(cx: &Context<'_>, request: Request, token: &SecretString) -> Result<Request, Failure> {
    let proof = SecretString::from(proof(&cx.app()?.client_secret, token));
    Ok(request.secret_query("appsecret_proof", &proof).bearer(token))
}

fn proof(app_secret: &SecretString, token: &SecretString) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(app_secret.expose_secret().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(token.expose_secret().as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn nameless(what: &str) -> Failure {
    Failure::new(Class::Transient, format!("{what} answered without an id"))
}

#[cfg(test)]
mod tests;
