//! Google Business Profile: locations (platforms.md section 6), with Google's consent (section 5).
//!
//! A location has two names: `locations/456` for reading, `accounts/123/locations/456` for posting. We keep the long one,
//! which ends with the short one.

mod locations;

use async_trait::async_trait;

use super::failure::Failure;
use super::google::{self, nameless};
use super::read::{list, text};
use super::request::Request;
use super::signal;
use super::{Adapter, Ask, Context, Destination, Facts, Identity, Probe, RecentPost, Returned, Subject, Tokens};
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::refresh::RefreshKind;

/// Where posts are: the old API, the only one that has them.
const POSTS: &str = "https://mybusiness.googleapis.com/v4";

/// Newest posts that are asked for.
const RECENT: &str = "20";

static FACTS: Facts = Facts {
    platform: Platform::GoogleBusiness,
    required_scopes: &["https://www.googleapis.com/auth/business.manage"],
    optional_scopes: &google::WHO,
    refresh: RefreshKind::BeforeUse,
    refreshes_itself: false,
    probe_every_ms: DAY_MS,
    probe_on_suspicion_only: false,
    refresh_repeatable: true,
    manage_url: google::MANAGE,
};

/// The adapter.
pub struct GoogleBusiness;

#[async_trait]
impl Adapter for GoogleBusiness {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn console(&self) -> Option<&'static str> {
        Some(google::CONSOLE)
    }

    fn signals(&self) -> &'static [signal::Kind] {
        &[signal::Kind::Events]
    }

    async fn signal(
        &self,
        cx: &Context<'_>,
        delivery: &signal::Delivery<'_>,
    ) -> Result<Vec<signal::Signal>, signal::Unheard> {
        google::risc::heard(cx, delivery).await
    }

    fn heard_status(&self) -> u16 {
        google::risc::HEARD
    }

    fn authorize_url(&self, cx: &Context<'_>, ask: &Ask<'_>) -> Result<String, Failure> {
        google::authorize_url(cx, ask, &FACTS)
    }

    async fn exchange(&self, cx: &Context<'_>, back: &Returned<'_>) -> Result<Tokens, Failure> {
        google::exchange(cx, back).await
    }

    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure> {
        let person = google::person(cx, tokens).await?;
        let name = person.name.or_else(|| person.email.clone()).unwrap_or_else(|| "Google account".into());
        Ok(Identity { id: person.id, name, handle: person.email, host: None, alias: None })
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        locations::all(cx, tokens).await
    }

    async fn refresh(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Tokens, Failure> {
        google::refresh(cx, tokens).await
    }

    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure> {
        let known = google::looked_at(cx, subject.tokens, subject.identity_id).await?;
        let profile = locations::one(cx, subject.tokens, subject.destination_id).await?;
        Ok(Probe { profile: Some(profile), ..known })
    }

    async fn recent_posts(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure> {
        let request = Request::get(format!("{POSTS}/{}/localPosts", subject.destination_id)).query("pageSize", RECENT);
        let posts = google::object(cx, request, &subject.tokens.access).await?;
        Ok(list(&posts, "/localPosts")
            .iter()
            .map(|post| RecentPost {
                text: text(post, "/summary").unwrap_or_default(),
                link: text(post, "/searchUrl"),
                created_at: text(post, "/createTime").unwrap_or_default(),
            })
            .collect())
    }

    async fn revoke(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<(), Failure> {
        google::revoke(cx, tokens).await
    }
}

#[cfg(test)]
mod tests;
