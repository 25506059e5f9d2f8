//! Profile and posts. Servers ask for a session; the public hosts of the network show the same to everybody.

use serde_json::{Value, json};

use super::super::call::{Answer, Call, Reply};
use super::super::cast::Person;
use super::super::state::{Standing, World};
use super::super::vendor::Vendor;
use super::super::{picture, posts};
use super::session::caller;
use super::{error, person, required, strict};

const PUBLIC: [&str; 2] = ["public.api.bsky.app", "api.bsky.app"];

/// `GET app.bsky.actor.getProfile`.
pub fn profile(world: &mut World, call: &Call) -> Answer {
    strict(call, &["actor"])?;
    let (person, label) = actor(world, call)?;
    let mut body = author_of(&person);
    for (name, value) in [("followersCount", 120), ("followsCount", 64), ("postsCount", 5)] {
        body[name] = value.into();
    }
    Ok(Reply::json(200, &body).of(label))
}

/// `GET app.bsky.feed.getAuthorFeed`.
pub fn author(world: &mut World, call: &Call) -> Answer {
    strict(call, &["actor", "limit", "cursor", "filter", "includePins"])?;
    let limit = call.query.get("limit").unwrap_or("50");
    let limit = limit.parse::<usize>().ok().filter(|limit| (1..=100).contains(limit));
    let limit =
        limit.ok_or_else(|| error(400, "InvalidRequest", "Error: limit must be an integer between 1 and 100"))?;
    let (person, label) = actor(world, call)?;
    let item = |post: &posts::Post| {
        let key = format!("3l{}", post.id);
        let at = posts::utc_time(post.at);
        json!({"post": {
            "uri": format!("at://{}/app.bsky.feed.post/{key}", person.id),
            "cid": format!("bafyreib{key}"),
            "author": author_of(&person),
            "record": {"$type": "app.bsky.feed.post", "text": post.text, "createdAt": at, "langs": ["en"]},
            "replyCount": 1, "repostCount": 0, "likeCount": 9, "quoteCount": 0,
            "indexedAt": at,
        }})
    };
    let feed: Vec<Value> = posts::of(&person.id, call.now).iter().take(limit).map(item).collect();
    Ok(Reply::json(200, &json!({"feed": feed})).of(label))
}

fn author_of(person: &Person) -> Value {
    json!({"did": person.id, "handle": person.handle, "displayName": person.name, "avatar": picture::bluesky(&person.id), "labels": []})
}

/// Who is asked about, and who asks.
fn actor(world: &mut World, call: &Call) -> Result<(Person, String), Reply> {
    let label = if PUBLIC.contains(&call.host.as_str()) && call.authorization.is_none() {
        String::new()
    } else {
        let (grant, _) = caller(world, call)?;
        if world.standing(Vendor::Bluesky, "", &grant.person) == Some(Standing::Suspended) {
            return Err(error(401, "AccountTakedown", "Account has been taken down").of(grant.label()));
        }
        grant.label()
    };
    let person = person(required(call, "actor")?).ok_or_else(|| error(400, "InvalidRequest", "Profile not found"))?;
    Ok((person, label))
}
