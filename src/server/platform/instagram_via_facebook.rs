//! Instagram through Facebook's login (platforms.md section 2): login, tokens, refresh and reports are Facebook's; what is
//! published to are the professional Instagram accounts that are linked to the person's pages.
//!
//! An account's token is that of its page, and tells which page it is. So the page's id needs no place of its own.

mod accounts;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde_json::Value;

use super::facebook::debug::{self, Debugged};
use super::facebook::{self, GRAPH, signed, signed_request};
use super::failure::{Class, Failure};
use super::instagram::{post, profile, refusal::classify};
use super::read::{list, text};
use super::report::TokenReport;
use super::request::Request;
use super::signal;
use super::{
    Adapter, Ask, Context, Destination, Facts, Identity, Probe, Profile, RecentPost, Returned, Subject, Tokens,
};
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::refresh::RefreshKind;

/// Newest posts that are asked for.
const RECENT: &str = "20";

/// Scopes that are given for accounts or their pages one by one.
const GIVEN: &[&str] = &["instagram_basic", "instagram_content_publish"];

static FACTS: Facts = Facts {
    platform: Platform::InstagramViaFacebook,
    required_scopes: &["instagram_basic", "instagram_content_publish", "pages_show_list", "pages_read_engagement"],
    optional_scopes: &["business_management"],
    refresh: RefreshKind::BeforeEnd { days: 7 },
    refreshes_itself: true,
    probe_every_ms: DAY_MS,
    probe_on_suspicion_only: false,
    refresh_repeatable: false,
    manage_url: "https://www.facebook.com/settings?tab=business_tools",
};

/// The adapter.
pub struct InstagramViaFacebook;

#[async_trait]
impl Adapter for InstagramViaFacebook {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn console(&self) -> Option<&'static str> {
        facebook::Facebook.console()
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
        facebook::dialog(cx, ask, &FACTS)
    }

    async fn exchange(&self, cx: &Context<'_>, back: &Returned<'_>) -> Result<Tokens, Failure> {
        facebook::Facebook.exchange(cx, back).await
    }

    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure> {
        facebook::Facebook.identity(cx, tokens).await
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        accounts::all(cx, tokens).await
    }

    async fn refresh(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Tokens, Failure> {
        facebook::Facebook.refresh(cx, tokens).await
    }

    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure> {
        let account = subject.destination_id;
        let mut ids = vec![account.to_owned()];
        if let Some(token) = subject.destination_token {
            let page = debug::debugged(cx, token).await?;
            ids.extend(page.profile.clone());
            // Targets may name the page or the account: without the page's id nothing follows from them.
            if page.profile.is_some() {
                page.reaches_one_of(GIVEN, &ids)?;
            }
        }
        let person = debug::debugged(cx, &subject.tokens.access).await?;
        if ids.len() > 1 {
            person.reaches_one_of(GIVEN, &ids)?;
        }
        let profile = linked(cx, subject).await?;
        let Debugged { scopes, ends_at, data_access_ends_at, .. } = person;
        Ok(Probe { scopes, access_ends_at: ends_at, data_access_ends_at, profile: Some(profile), moved: None })
    }

    fn reports_tokens(&self) -> bool {
        true
    }

    async fn token_reports(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<TokenReport>, Failure> {
        debug::reports(cx, subject).await
    }

    async fn recent_posts(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure> {
        let token = subject.destination_token.unwrap_or(&subject.tokens.access);
        let request = Request::get(format!("{GRAPH}/{}/media", subject.destination_id))
            .query("fields", "id,caption,permalink,timestamp")
            .query("limit", RECENT);
        let media = cx.ask(signed(cx, request, token)?, classify).await?;
        Ok(list(&media, "/data").iter().map(post).collect())
    }

    async fn revoke(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<(), Failure> {
        facebook::Facebook.revoke(cx, tokens).await
    }
}

/// Whether the account still hangs on its page; a token goes on working when it was unlinked.
async fn linked(cx: &Context<'_>, subject: &Subject<'_>) -> Result<Profile, Failure> {
    let id = subject.destination_id;
    let token = subject.destination_token.filter(|token| !token.expose_secret().is_empty());
    let Some(token) = token else {
        let request = Request::get(format!("{GRAPH}/{id}")).query("fields", accounts::ACCOUNT_FIELDS);
        let account = cx.ask(signed(cx, request, &subject.tokens.access)?, classify).await?;
        return told(&account, id);
    };
    let fields = format!("id,{}", accounts::linked_field());
    let request = Request::get(format!("{GRAPH}/me")).query("fields", &fields);
    let page = cx.ask(signed(cx, request, token)?, classify).await?;
    if text(&page, "/id").is_none() {
        return Err(Failure::new(Class::Transient, "a page answered without an id"));
    }
    match page.get("instagram_business_account").filter(|account| !account.is_null()) {
        Some(account) if account.is_object() => told(account, id),
        Some(_) => Err(Failure::new(Class::Transient, "a page answered with an account that can't be read")),
        None => Err(Failure::new(Class::Role, "the page is linked to no Instagram account any more")),
    }
}

fn told(account: &Value, id: &str) -> Result<Profile, Failure> {
    match text(account, "/id") {
        Some(found) if found == id => Ok(profile(account, id)),
        Some(_) => Err(Failure::new(Class::Role, "the page is linked to another Instagram account now")),
        None => Err(Failure::new(Class::Transient, "an account answered without an id")),
    }
}

#[cfg(test)]
mod tests;
