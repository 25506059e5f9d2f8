//! Instagram accounts that are linked to pages (platforms.md section 2).

use serde_json::{Value, json};

use super::super::call::{Call, Reply};
use super::super::instagram::medium;
use super::super::state::{Kind, World};
use super::super::{picture, posts};
use super::error::GraphError;
use super::graph::{fields, picked};
use super::proof::{Caller, caller};
use super::{known, parameter};

/// A professional account, and the page that it is linked to.
struct Linked {
    page: &'static str,
    id: &'static str,
    username: &'static str,
    name: &'static str,
}

const ALL: [Linked; 3] = [
    linked("100200300400501", "17841400000000501", "harbourstreet.bakery", "Harbour Street Bakery"),
    linked("100200300400503", "17841400000000503", "lighthouse.friends", "Friends of the Old Lighthouse"),
    linked("100200300400601", "17841400000000601", "spokeandsaddle", "Spoke & Saddle Cycle Workshop"),
];

const fn linked(page: &'static str, id: &'static str, username: &'static str, name: &'static str) -> Linked {
    Linked { page, id, username, name }
}

/// Whether an account is linked to this page at first.
pub fn is_linked(page: &str) -> bool {
    ALL.iter().any(|one| one.page == page)
}

/// The account behind a page, as `instagram_business_account` shows it; `None` where the field is left out.
pub fn of_page(world: &World, caller: &Caller, page: &str, asked: &str) -> Option<Value> {
    let one = ALL.iter().find(|one| one.page == page && !world.state.unlinked.contains(one.page))?;
    caller.grant.has("instagram_basic").then(|| {
        let all = described(one);
        picked(&all, &inner(asked), "InstagramUser").unwrap_or_else(|_| json!({"id": one.id}))
    })
}

/// The fields in the braces behind `instagram_business_account`; without braces only the id.
fn inner(asked: &str) -> Vec<String> {
    let after = asked.split_once("instagram_business_account").map_or("", |(_, after)| after);
    let inside = after.strip_prefix('{').and_then(|rest| rest.split_once('}')).map_or("id", |(inside, _)| inside);
    fields(inside)
}

/// `GET /{account}`; `None` if there is no such account.
pub fn node(world: &World, call: &Call, id: &str) -> Option<Result<Reply, GraphError>> {
    let one = ALL.iter().find(|one| one.id == id)?;
    Some(reached(world, call, one).and_then(|caller| {
        let names = fields(parameter(call, "fields").unwrap_or("id"));
        Ok(Reply::json(200, &picked(&described(one), &names, "InstagramUser")?).of(caller.grant.label()))
    }))
}

/// `GET /{account}/media`.
pub fn media(world: &World, call: &Call, id: &str) -> Result<Reply, GraphError> {
    known(call, &["limit", "after", "before", "since", "until"])?;
    let one = ALL.iter().find(|one| one.id == id).ok_or_else(|| GraphError::object(id))?;
    let caller = reached(world, call, one)?;
    let names = fields(parameter(call, "fields").unwrap_or("id"));
    let limit = parameter(call, "limit").and_then(|limit| limit.parse().ok()).unwrap_or(25_usize);
    let mut data = Vec::new();
    for post in posts::of(one.id, call.now).into_iter().take(limit) {
        data.push(picked(&medium(&post, &posts::offset_time(post.at)), &names, "Media")?);
    }
    Ok(Reply::json(200, &json!({"data": data})).of(caller.grant.label()))
}

/// A caller who may see the account: its page was ticked, the two are still linked, the permission was given.
fn reached(world: &World, call: &Call, one: &Linked) -> Result<Caller, GraphError> {
    let caller = caller(world, call)?;
    let other_page = matches!(&caller.token.kind, Kind::Page(page) if page != one.page);
    let theirs = world.person(&caller.grant).is_some_and(|me| me.pages.iter().any(|page| page.id == one.page));
    let ticked = caller.grant.pages.iter().any(|page| page == one.page);
    let linked = !world.state.unlinked.contains(one.page) && world.has_role(&caller.grant.person, one.page);
    if other_page || !theirs || !ticked || !linked {
        return Err(GraphError::object(one.id).of(caller.grant.label()));
    }
    caller.needs("instagram_basic")?;
    Ok(caller)
}

fn described(one: &Linked) -> Value {
    json!({
        "id": one.id,
        "username": one.username,
        "name": one.name,
        "profile_picture_url": picture::instagram(one.id),
        "followers_count": 412,
        "media_count": 31,
    })
}

/// Ids of the accounts behind these pages, for reports about a consent.
pub fn ids_of(pages: &[String]) -> Vec<&'static str> {
    ALL.iter().filter(|one| pages.iter().any(|page| page == one.page)).map(|one| one.id).collect()
}
