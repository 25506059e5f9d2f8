//! The API: who the token speaks for, their videos, and what they may post. "No error" is the code `ok`.

use serde_json::{Map, Value, json};

use super::super::call::{Answer, Call, Reply};
use super::super::cast::Person;
use super::super::state::{Grant, Kind, World};
use super::super::vendor::Vendor;
use super::super::{picture, posts};
use super::log_id;
use super::token::is_banned;

/// Fields of a user, and the scope that each needs.
const USER: &[(&str, &str)] = &[
    ("open_id", "user.info.basic"),
    ("union_id", "user.info.basic"),
    ("avatar_url", "user.info.basic"),
    ("avatar_url_100", "user.info.basic"),
    ("avatar_large_url", "user.info.basic"),
    ("display_name", "user.info.basic"),
    ("bio_description", "user.info.profile"),
    ("profile_deep_link", "user.info.profile"),
    ("is_verified", "user.info.profile"),
    ("username", "user.info.profile"),
    ("follower_count", "user.info.stats"),
    ("likes_count", "user.info.stats"),
    ("video_count", "user.info.stats"),
];

const VIDEO: &[&str] = &[
    "id",
    "title",
    "video_description",
    "cover_image_url",
    "share_url",
    "create_time",
    "duration",
    "like_count",
    "comment_count",
    "share_count",
    "view_count",
];

/// `GET /v2/user/info/`.
pub fn user(world: &World, call: &Call) -> Answer {
    let (grant, person) = caller(world, call)?;
    let fields = fields(call, &USER.iter().map(|(name, _)| *name).collect::<Vec<_>>())?;
    for (name, scope) in USER {
        if fields.iter().any(|field| field == name) {
            needs(&grant, scope)?;
        }
    }
    let all = json!({
        "open_id": person.id, "union_id": format!("u{}", person.id), "avatar_url": picture::tiktok(&person.handle),
        "avatar_url_100": picture::tiktok(&person.handle), "avatar_large_url": picture::tiktok(&person.handle),
        "display_name": person.name, "bio_description": "", "is_verified": false, "username": person.handle,
        "profile_deep_link": format!("https://vm.tiktok.example/{}", person.handle), "follower_count": 120, "likes_count": 900,
        "video_count": 5,
    });
    Ok(fine(call, &json!({"user": picked(&all, &fields)})).of(grant.label()))
}

/// `POST /v2/video/list/`.
pub fn videos(world: &World, call: &Call) -> Answer {
    let (grant, person) = caller(world, call)?;
    let fields = fields(call, VIDEO)?;
    needs(&grant, "video.list")?;
    let body = call.json.as_ref().and_then(Value::as_object).ok_or_else(|| params("The body is not JSON"))?;
    if let Some(name) = body.keys().find(|name| !["max_count", "cursor"].contains(&name.as_str())) {
        return Err(params(&format!("Unknown field {name}")));
    }
    let many = body.get("max_count").map_or(Some(10), Value::as_u64).filter(|many| (1..=20).contains(many));
    let many = usize::try_from(many.ok_or_else(|| params("max_count is not between 1 and 20"))?).unwrap_or(10);
    let video = |post: &posts::Post| {
        let all = json!({
            "id": format!("73{}", post.id), "title": post.text, "video_description": post.text, "duration": 14,
            "cover_image_url": picture::tiktok(&post.id.to_string()), "create_time": post.at / 1_000, "like_count": 11,
            "share_url": format!("https://www.tiktok.example/@{}/video/73{}", person.handle, post.id), "comment_count": 2,
            "share_count": 1, "view_count": 300,
        });
        picked(&all, &fields)
    };
    let videos: Vec<Value> = posts::of(&person.id, call.now).iter().take(many).map(video).collect();
    Ok(fine(call, &json!({"videos": videos, "cursor": call.now, "has_more": false})).of(grant.label()))
}

/// `POST /v2/post/publish/creator_info/query/`.
pub fn creator(world: &World, call: &Call) -> Answer {
    let (grant, person) = caller(world, call)?;
    needs(&grant, "video.publish")?;
    let data = json!({"creator_username": person.handle, "creator_nickname": person.name,
        "creator_avatar_url": picture::tiktok(&person.handle), "privacy_level_options": ["PUBLIC_TO_EVERYONE", "SELF_ONLY"],
        "comment_disabled": false, "duet_disabled": false, "stitch_disabled": true, "max_video_post_duration_sec": 600});
    Ok(fine(call, &data).of(grant.label()))
}

/// Whose token it is.
fn caller(world: &World, call: &Call) -> Result<(Grant, Person), Reply> {
    let invalid = || {
        let words = "The access token is invalid or not found in the request.";
        error(401, "access_token_invalid", words)
    };
    let secret = call.bearer().ok_or_else(invalid)?;
    let owner = world.owner(secret).map(Grant::label).unwrap_or_default();
    let (token, grant) = world.live(secret, call.now).map_err(|_| invalid().of(owner))?;
    let person = world.person(&grant).filter(|_| grant.vendor == Vendor::Tiktok && token.kind == Kind::Access);
    let person = person.filter(|_| !is_banned(world, &grant)).ok_or_else(|| invalid().of(grant.label()))?;
    Ok((grant, person))
}

fn needs(grant: &Grant, scope: &str) -> Result<(), Reply> {
    if grant.has(scope) {
        return Ok(());
    }
    let words = "The user did not authorize the scope required for completing this request.";
    Err(error(401, "scope_not_authorized", words).of(grant.label()))
}

/// The fields asked for: at least one, and all of them known.
fn fields(call: &Call, known: &[&str]) -> Result<Vec<String>, Reply> {
    if let Some(name) = call.query.stranger(&[&["fields"]]) {
        return Err(params(&format!("Unknown parameter {name}")));
    }
    let asked: Vec<String> = call
        .query
        .get("fields")
        .unwrap_or_default()
        .split(',')
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect();
    if asked.is_empty() {
        return Err(params("Fields is required"));
    }
    match asked.iter().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(params(&format!("Fields is invalid: {name}"))),
        None => Ok(asked),
    }
}

fn picked(all: &Value, names: &[String]) -> Value {
    Value::Object(names.iter().filter_map(|name| Some((name.clone(), all.get(name)?.clone()))).collect::<Map<_, _>>())
}

fn fine(call: &Call, data: &Value) -> Reply {
    Reply::json(200, &json!({"data": data, "error": {"code": "ok", "message": "", "log_id": log_id(call)}}))
}

fn params(words: &str) -> Reply {
    error(400, "invalid_params", words)
}

/// The envelope of an error.
pub fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(
        status,
        &json!({"data": {}, "error": {"code": code, "message": message, "log_id": "202611210000000000"}}),
    )
}
