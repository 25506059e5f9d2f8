//! The YouTube Data API, as far as one looks at a channel.

use serde_json::{Map, Value, json};

use super::super::call::{Answer, Call, Reply};
use super::super::cast::Page;
use super::super::consent::pages_of;
use super::super::state::World;
use super::super::{picture, posts};
use super::api::{caller, count, strict};
use super::error;

const READ: &[&str] = &[
    "https://www.googleapis.com/auth/youtube.readonly",
    "https://www.googleapis.com/auth/youtube.force-ssl",
    "https://www.googleapis.com/auth/youtube",
];

/// `GET /youtube/v3/channels`.
pub fn channels(world: &World, call: &Call) -> Answer {
    strict(call, &["part", "mine", "id", "maxResults", "pageToken"])?;
    let parts = parts(call, &["id", "snippet", "statistics", "contentDetails", "status"])?;
    count(call, "maxResults", 5, 0, 50)?;
    if call.query.get("mine") != Some("true") {
        return Err(error::api(400, "", "missingRequiredParameter", "No filter selected. Expected one of: mine, id"));
    }
    let (grant, person) = caller(world, call, READ)?;
    if !person.pages.iter().any(is_channel) {
        return Err(error::api(401, "", "youtubeSignupRequired", "Unauthorized").of(grant.label()));
    }
    let items: Vec<Value> =
        pages_of(world, &person).iter().filter(|page| is_channel(page)).map(|page| shown(page, &parts)).collect();
    let mut body = json!({"kind": "youtube#channelListResponse", "etag": "e", "pageInfo": {"totalResults": items.len(), "resultsPerPage": 5}});
    // An empty list is left out.
    if !items.is_empty() {
        body["items"] = items.into();
    }
    Ok(Reply::json(200, &body).of(grant.label()))
}

/// `GET /youtube/v3/playlistItems`.
pub fn playlist(world: &World, call: &Call) -> Answer {
    strict(call, &["part", "playlistId", "maxResults", "pageToken", "id", "videoId"])?;
    let parts = parts(call, &["id", "snippet", "contentDetails", "status"])?;
    let many = count(call, "maxResults", 5, 0, 50)?;
    let (grant, person) = caller(world, call, READ)?;
    let wanted = call.query.get("playlistId").unwrap_or_default();
    let channel = person.pages.iter().find(|page| is_channel(page) && uploads(page) == wanted);
    let Some(channel) = channel else {
        return Err(error::api(
            404,
            "",
            "playlistNotFound",
            "The playlist identified with the request's playlistId cannot be found.",
        )
        .of(grant.label()));
    };
    let item = |post: &posts::Post| {
        let (id, at) = (format!("v{}", post.id), posts::utc_time(post.at));
        let all = json!({
            "snippet": {"title": post.text, "publishedAt": at, "channelId": channel.id, "resourceId": {"kind": "youtube#video", "videoId": id}},
            "contentDetails": {"videoId": id, "videoPublishedAt": at},
            "status": {"privacyStatus": "public"},
        });
        picked(json!({"kind": "youtube#playlistItem", "etag": "e", "id": format!("P{id}")}), &all, &parts)
    };
    let items: Vec<Value> = posts::of(&channel.id, call.now).iter().take(many).map(item).collect();
    let total = json!({"totalResults": items.len(), "resultsPerPage": many});
    Ok(Reply::json(
        200,
        &json!({"kind": "youtube#playlistItemListResponse", "etag": "e", "items": items, "pageInfo": total}),
    )
    .of(grant.label()))
}

fn is_channel(page: &Page) -> bool {
    page.id.starts_with("UC")
}

fn uploads(page: &Page) -> String {
    format!("UU{}", &page.id[2..])
}

fn shown(page: &Page, parts: &[String]) -> Value {
    let picture = json!({"url": picture::google(&page.id), "width": 88, "height": 88});
    let all = json!({
        "snippet": {"title": page.name, "customUrl": page.username, "thumbnails": {"default": picture}, "country": "NL"},
        "statistics": {"viewCount": "1400", "subscriberCount": "90", "videoCount": "5"},
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": uploads(page)}},
        "status": {"privacyStatus": "public", "longUploadsStatus": "allowed"},
    });
    picked(json!({"kind": "youtube#channel", "etag": "e", "id": page.id}), &all, parts)
}

fn picked(mut item: Value, all: &Value, parts: &[String]) -> Value {
    let chosen: Map<String, Value> =
        parts.iter().filter_map(|part| Some((part.clone(), all.get(part)?.clone()))).collect();
    for (name, value) in chosen {
        item[name] = value;
    }
    item
}

/// The parts asked for: at least one, and all of them known.
fn parts(call: &Call, known: &[&str]) -> Result<Vec<String>, Reply> {
    let parts: Vec<String> = call
        .query
        .get("part")
        .unwrap_or_default()
        .split(',')
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect();
    if parts.is_empty() {
        return Err(error::api(400, "", "missingRequiredParameter", "No part specified"));
    }
    match parts.iter().find(|part| !known.contains(&part.as_str())) {
        Some(part) => Err(error::api(400, "", "unknownPart", &format!("'{part}'"))),
        None => Ok(parts),
    }
}
