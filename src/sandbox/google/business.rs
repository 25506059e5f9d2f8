//! The three APIs of Business Profile, as far as one looks at a location.

use serde_json::{Map, Value, json};

use super::super::call::{Answer, Call, Reply};
use super::super::cast::{Page, Person};
use super::super::posts;
use super::super::state::{Grant, World};
use super::api::{caller, count, strict};
use super::error;
use super::people::{self, POSTS};

const MANAGE: &[&str] = &["https://www.googleapis.com/auth/business.manage"];

const FIELDS: &[&str] =
    &["name", "title", "storefrontAddress", "metadata", "languageCode", "storeCode", "phoneNumbers", "websiteUri"];

/// `GET /v1/accounts`.
pub fn accounts(world: &World, call: &Call) -> Answer {
    strict(call, &["pageToken", "pageSize", "parentAccount", "filter"])?;
    let size = count(call, "pageSize", 1, 1, 20)?;
    let (grant, person) = caller(world, call, MANAGE)?;
    let mut names: Vec<&str> = person.pages.iter().filter_map(|page| Some(people::parts(page)?.0)).collect();
    names.dedup();
    let all: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let (kind, title) =
                if index == 0 { ("PERSONAL", person.name.as_str()) } else { ("LOCATION_GROUP", "Group") };
            json!({"name": format!("accounts/{name}"), "accountName": title, "type": kind, "role": "PRIMARY_OWNER"})
        })
        .collect();
    paged(call, &grant, "accounts", &all, size)
}

/// `GET /v1/accounts/{account}/locations`.
pub fn locations(world: &World, call: &Call, account: &str) -> Answer {
    strict(call, &["readMask", "pageSize", "pageToken", "filter", "orderBy"])?;
    let mask = mask(call)?;
    let size = count(call, "pageSize", 10, 1, 100)?;
    let (grant, person) = caller(world, call, MANAGE)?;
    let own = |page: &&Page| people::parts(page).is_some_and(|(of, _)| of == account);
    if !person.pages.iter().any(|page| own(&page)) {
        return Err(denied().of(grant.label()));
    }
    let here = person.pages.iter().filter(own).filter(|page| world.has_role(&person.key, &page.id));
    let all: Vec<Value> = here.map(|page| shown(page, &mask)).collect();
    paged(call, &grant, "locations", &all, size)
}

/// `GET /v1/locations/{location}`.
pub fn location(world: &World, call: &Call, location: &str) -> Answer {
    strict(call, &["readMask"])?;
    let mask = mask(call)?;
    let (grant, person) = caller(world, call, MANAGE)?;
    let page = found(world, &grant, &person, |_, id| id == location)?;
    Ok(Reply::json(200, &shown(&page, &mask)).of(grant.label()))
}

/// `GET /v4/accounts/{account}/locations/{location}/localPosts`.
pub fn posts(world: &World, call: &Call, account: &str, location: &str) -> Answer {
    strict(call, &["pageSize", "pageToken"])?;
    let size = count(call, "pageSize", 20, 1, 100)?;
    let (grant, person) = caller(world, call, MANAGE)?;
    let page = found(world, &grant, &person, |of, id| of == account && id == location)?;
    let post = |post: &posts::Post| {
        json!({"name": format!("{}/localPosts/{}", page.id, post.id), "languageCode": "en", "summary": post.text, "state": "LIVE",
            "topicType": "STANDARD", "createTime": posts::utc_time(post.at), "updateTime": posts::utc_time(post.at),
            "searchUrl": format!("https://local.google.example/place?id={location}&lpsid={}", post.id)})
    };
    let all: Vec<Value> = posts::of(&page.id, call.now).iter().map(post).collect();
    paged(call, &grant, "localPosts", &all, size)
}

/// A location that the person knows and still manages.
fn found(world: &World, grant: &Grant, person: &Person, is: impl Fn(&str, &str) -> bool) -> Result<Page, Reply> {
    let known = person.pages.iter().find(|page| people::parts(page).is_some_and(|(account, id)| is(account, id)));
    let not_found = || error::api(404, "NOT_FOUND", "", "Requested entity was not found.").of(grant.label());
    let page = known.ok_or_else(not_found)?;
    if world.has_role(&person.key, &page.id) { Ok(page.clone()) } else { Err(denied().of(grant.label())) }
}

fn denied() -> Reply {
    error::api(403, "PERMISSION_DENIED", "", "The caller does not have permission")
}

/// Without a mask there is no answer at all.
fn mask(call: &Call) -> Result<Vec<String>, Reply> {
    let names: Vec<String> = call
        .query
        .get("readMask")
        .unwrap_or_default()
        .split(',')
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect();
    if names.is_empty() {
        return Err(error::invalid("Request contains an invalid argument. read_mask: Field is required"));
    }
    match names.iter().find(|name| !FIELDS.contains(&name.as_str())) {
        Some(name) => Err(error::invalid(&format!("Invalid field mask provided: {name}"))),
        None => Ok(names),
    }
}

fn shown(page: &Page, mask: &[String]) -> Value {
    let (_, id) = people::parts(page).unwrap_or_default();
    let mut metadata =
        json!({"placeId": format!("ChIJ{id}"), "mapsUri": format!("https://maps.google.example/?cid={id}")});
    // What is false is left out.
    for task in page.tasks {
        metadata[*task] = true.into();
    }
    debug_assert!(!page.tasks.contains(&POSTS) || metadata.get(POSTS).is_some());
    let all = json!({"name": format!("locations/{id}"), "title": page.name, "metadata": metadata, "languageCode": "en",
        "storefrontAddress": {"regionCode": "NL", "locality": "Port Quay", "addressLines": [page.username]}});
    Value::Object(mask.iter().filter_map(|name| Some((name.clone(), all.get(name)?.clone()))).collect::<Map<_, _>>())
}

/// A page of a list; its token is where the next one begins. An empty list is left out.
fn paged(call: &Call, grant: &Grant, name: &str, all: &[Value], size: usize) -> Answer {
    let start = match call.query.get("pageToken") {
        None => 0,
        Some(token) => token
            .strip_prefix("page-")
            .and_then(|at| at.parse::<usize>().ok())
            .filter(|at| *at < all.len())
            .ok_or_else(|| error::invalid("Invalid page token").of(grant.label()))?,
    };
    let shown: Vec<Value> = all.iter().skip(start).take(size).cloned().collect();
    let next = start + shown.len();
    let mut body = json!({});
    if !shown.is_empty() {
        body[name] = shown.into();
    }
    if next < all.len() {
        body["nextPageToken"] = format!("page-{next}").into();
    }
    Ok(Reply::json(200, &body).of(grant.label()))
}
