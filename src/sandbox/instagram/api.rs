//! The account and its posts.

use serde_json::{Map, Value, json};

use super::super::call::{Call, Reply};
use super::super::cast::Person;
use super::super::facebook::error::GraphError;
use super::super::facebook::graph::fields;
use super::super::state::{End, Grant, Token, World};
use super::super::vendor::Vendor;
use super::super::{picture, posts};
use super::BASIC;

/// A token that works, and whose it is.
pub struct Caller {
    pub token: Token,
    pub grant: Grant,
    pub person: Person,
}

/// The token of a call: in the query or in the header.
pub fn caller(world: &World, call: &Call) -> Result<Caller, GraphError> {
    let secret = call.query.get("access_token").or_else(|| call.bearer()).ok_or_else(GraphError::no_token)?;
    check(world, secret, call.now)
}

/// A token that works.
pub fn check(world: &World, secret: &str, now: i64) -> Result<Caller, GraphError> {
    let owner = world.owner(secret).filter(|grant| grant.vendor == Vendor::Instagram);
    let label = owner.map(Grant::label).ok_or_else(GraphError::malformed_token)?;
    let (token, grant) =
        world.live(secret, now).map_err(|dead| GraphError::dead(dead, " on an earlier date.").of(&label))?;
    if let Some(standing) = world.standing(Vendor::Instagram, "", &grant.person) {
        return Err(GraphError::standing(standing).of(label));
    }
    if world.state.personal.contains(&grant.person) {
        let words =
            "(#10) Application does not have permission for this action: the user is not an Instagram Business account";
        return Err(GraphError::permission(10, words).of(label));
    }
    let person = world.person(&grant).ok_or_else(GraphError::malformed_token)?;
    Ok(Caller { token, grant, person })
}

/// Refuses a consent without the basic permission.
pub fn needs(grant: &Grant) -> Result<(), GraphError> {
    if grant.has(BASIC) {
        return Ok(());
    }
    let words = format!("(#10) Application does not have permission for this action: {}", BASIC);
    Err(GraphError::permission(10, words).of(grant.label()))
}

/// Refuses parameters that the call does not know.
pub fn known(call: &Call, names: &[&str]) -> Result<(), GraphError> {
    match call.query.stranger(&[names]).or_else(|| call.form.stranger(&[names])) {
        Some(name) => Err(GraphError::parameter(name)),
        None => Ok(()),
    }
}

/// The id of a person that is made for the app.
pub fn app_scoped(id: &str) -> String {
    format!("99{}", id.get(2..).unwrap_or_default())
}

/// `GET /me`.
pub fn me(world: &World, call: &Call, id: &str) -> Result<Reply, GraphError> {
    known(call, &["fields", "access_token"])?;
    let caller = caller(world, call)?;
    own(&caller, id)?;
    needs(&caller.grant)?;
    let Person { id, name, handle, .. } = &caller.person;
    let all = json!({
        // Made for the app; the other one is the account's.
        "id": app_scoped(id),
        "user_id": id,
        "username": handle,
        "name": name,
        "account_type": "BUSINESS",
        "profile_picture_url": picture::instagram(id),
        "followers_count": 412,
        "follows_count": 55,
        "media_count": 31,
    });
    let names = fields(call.query.get("fields").unwrap_or("id"));
    Ok(Reply::json(200, &picked(&all, &names, "User")?).of(caller.grant.label()))
}

/// `GET /me/media`.
pub fn posts(world: &World, call: &Call, id: &str) -> Result<Reply, GraphError> {
    known(call, &["fields", "access_token", "limit", "after", "before", "since", "until"])?;
    let caller = caller(world, call)?;
    own(&caller, id)?;
    needs(&caller.grant)?;
    let names = fields(call.query.get("fields").unwrap_or("id"));
    let limit = call.query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(25_usize);
    let mut data = Vec::new();
    for post in posts::of(&caller.person.id, call.now).into_iter().take(limit) {
        let at = posts::offset_time(post.at);
        data.push(picked(&medium(&post, &at), &names, "Media")?);
    }
    Ok(Reply::json(200, &json!({"data": data})).of(caller.grant.label()))
}

/// A medium of Instagram's.
pub fn medium(post: &posts::Post, at: &str) -> Value {
    json!({"id": format!("18{}", post.id), "caption": post.text, "media_type": "IMAGE", "media_product_type": "FEED", "timestamp": at,
        "permalink": format!("https://www.instagram.com/p/C{}/", post.id), "like_count": 7, "comments_count": 1})
}

/// `DELETE /me/permissions`.
pub fn give_back(world: &mut World, call: &Call) -> Result<Reply, GraphError> {
    known(call, &["access_token"])?;
    let caller = caller(world, call)?;
    world.end(caller.grant.id, End::GivenBack);
    Ok(Reply::json(200, &json!({"success": true})).of(caller.grant.label()))
}

fn own(caller: &Caller, id: &str) -> Result<(), GraphError> {
    let own = id == "me" || id == caller.person.id;
    if own { Ok(()) } else { Err(GraphError::object(id).of(caller.grant.label())) }
}

/// The asked fields, and the id, which is always there.
fn picked(all: &Value, names: &[String], node: &str) -> Result<Value, GraphError> {
    let mut some = Map::new();
    for name in names {
        let value = all.get(name).ok_or_else(|| GraphError::field(name, node))?;
        some.insert(name.clone(), value.clone());
    }
    some.insert("id".into(), all["id"].clone());
    Ok(Value::Object(some))
}
