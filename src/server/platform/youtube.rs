//! YouTube channels (platforms.md section 7), with Google's consent (section 5).
//!
//! A person chooses one channel on Google's page, and a consent sees that channel only: who consented is the person
//! together with the channel, so that a second channel of the same person is a connection of its own.

use async_trait::async_trait;
use serde_json::Value;

use super::failure::{Class, Failure};
use super::google::{self, nameless};
use super::read::{list, text};
use super::request::Request;
use super::signal;
use super::{
    Adapter, Ask, Context, Destination, Facts, Identity, Probe, Profile, RecentPost, Returned, Subject, Tokens,
};
use crate::domain::explain::Problem;
use crate::domain::grant::DAY_MS;
use crate::domain::platform::Platform;
use crate::domain::refresh::RefreshKind;

/// The Data API.
const API: &str = "https://www.googleapis.com/youtube/v3";

/// Newest videos that are asked for.
const RECENT: &str = "20";

static FACTS: Facts = Facts {
    platform: Platform::Youtube,
    required_scopes: &[
        "https://www.googleapis.com/auth/youtube.upload",
        "https://www.googleapis.com/auth/youtube.readonly",
    ],
    optional_scopes: &google::WHO,
    // A look costs a unit of ten thousand that all accounts share for a day: it comes daily, not with every hour's token.
    refresh: RefreshKind::BeforeUse,
    refreshes_itself: false,
    probe_every_ms: DAY_MS,
    probe_on_suspicion_only: false,
    refresh_repeatable: true,
    manage_url: google::MANAGE,
};

/// The adapter.
pub struct Youtube;

#[async_trait]
impl Adapter for Youtube {
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
        let channel = channels(cx, tokens, "id,snippet").await?.into_iter().next().ok_or_else(no_channel)?;
        let name = person.name.or_else(|| person.email.clone()).unwrap_or(channel.profile.name);
        Ok(Identity {
            id: format!("{}/{}", person.id, channel.id),
            name,
            handle: person.email,
            host: None,
            alias: None,
        })
    }

    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
        Ok(channels(cx, tokens, "id,snippet").await?.into_iter().map(destination).collect())
    }

    async fn refresh(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Tokens, Failure> {
        google::refresh(cx, tokens).await
    }

    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure> {
        let person = subject.identity_id.split('/').next().unwrap_or_default();
        let known = google::looked_at(cx, subject.tokens, person).await?;
        let seen = channels(cx, subject.tokens, "id,snippet").await.map_err(suspended)?;
        if seen.is_empty() {
            return Err(no_channel());
        }
        let own = seen.into_iter().find(|channel| channel.id == subject.destination_id);
        let own = own.ok_or_else(|| Failure::new(Class::Role, "the consent does not reach this channel any more"))?;
        Ok(Probe { profile: Some(own.profile), ..known })
    }

    async fn recent_posts(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure> {
        let own = channels(cx, subject.tokens, "id,contentDetails").await?;
        let own = own.into_iter().find(|channel| channel.id == subject.destination_id);
        let Some(uploads) = own.and_then(|channel| channel.uploads) else { return Ok(Vec::new()) };
        // A search would cost a hundred units, this costs one.
        let request = Request::get(format!("{API}/playlistItems"))
            .query("part", "snippet,contentDetails")
            .query("playlistId", &uploads)
            .query("maxResults", RECENT);
        let videos = match google::object(cx, request, &subject.tokens.access).await {
            Ok(videos) => videos,
            // A channel without a single video has no such list.
            Err(failure) if failure.class == Class::Role && failure.detail.starts_with("404") => return Ok(Vec::new()),
            Err(failure) => return Err(failure),
        };
        Ok(list(&videos, "/items").iter().map(video).collect())
    }

    async fn revoke(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<(), Failure> {
        google::revoke(cx, tokens).await
    }
}

struct Channel {
    id: String,
    profile: Profile,
    uploads: Option<String>,
}

/// The channels that a consent sees: normally one.
async fn channels(cx: &Context<'_>, tokens: &Tokens, parts: &str) -> Result<Vec<Channel>, Failure> {
    let request = Request::get(format!("{API}/channels")).query("part", parts).query("mine", "true");
    let body = google::object(cx, request, &tokens.access).await?;
    // Without any channel the list is missing as a whole, but the answer still says what it is.
    let told = match body.get("items") {
        Some(items) => items.is_array(),
        None => body.get("kind").is_some() || body.get("pageInfo").is_some(),
    };
    if !told {
        return Err(nameless("channels"));
    }
    // One that can't be read is not one that is gone.
    list(&body, "/items").iter().map(|item| channel(item).ok_or_else(|| nameless("a channel"))).collect()
}

fn channel(item: &Value) -> Option<Channel> {
    let id = text(item, "/id")?;
    let handle = text(item, "/snippet/customUrl");
    let picture_url =
        ["high", "medium", "default"].iter().find_map(|size| text(item, &format!("/snippet/thumbnails/{size}/url")));
    let name = text(item, "/snippet/title").or_else(|| handle.clone()).unwrap_or_else(|| "YouTube channel".into());
    let uploads = text(item, "/contentDetails/relatedPlaylists/uploads");
    Some(Channel { id, profile: Profile { name, handle, picture_url }, uploads })
}

fn destination(Channel { id, profile, .. }: Channel) -> Destination {
    let Profile { name, handle, picture_url } = profile;
    let link = Some(format!("https://www.youtube.com/channel/{id}"));
    Destination { id, name, handle, picture_url, link, token: None, unusable: None }
}

fn video(item: &Value) -> RecentPost {
    let id = text(item, "/contentDetails/videoId").or_else(|| text(item, "/snippet/resourceId/videoId"));
    RecentPost {
        text: text(item, "/snippet/title").unwrap_or_default(),
        link: id.map(|id| format!("https://www.youtube.com/watch?v={id}")),
        created_at: text(item, "/contentDetails/videoPublishedAt")
            .or_else(|| text(item, "/snippet/publishedAt"))
            .unwrap_or_default(),
    }
}

/// A Google account without a channel: its owner can make one, a new token can't.
fn no_channel() -> Failure {
    Failure::new(Class::Action, "this Google account has no channel").told_as(Problem::NoDestination)
}

/// A suspended channel does not come back by waiting: its owner has to see to it.
fn suspended(failure: Failure) -> Failure {
    if failure.class == Class::Blocked { Failure { class: Class::Action, ..failure } } else { failure }
}

#[cfg(test)]
mod tests;
