//! Nodes of the graph, people and pages, and a page's posts.

use serde_json::{Map, Value, json};

use super::super::call::{Call, Reply};
use super::super::cast::{Page, Person};
use super::super::picture;
use super::super::posts;
use super::super::state::{Kind, Token, World};
use super::error::GraphError;
use super::instagram;
use super::proof::{Caller, caller};
use super::{known, parameter};

/// `GET /{id}`: the person, or a page.
pub fn node(world: &mut World, call: &Call, id: &str) -> Result<Reply, GraphError> {
    known(call, &["metadata"])?;
    if let Some(answer) = instagram::node(world, call, id) {
        return answer;
    }
    let caller = caller(world, call)?;
    let label = caller.grant.label();
    let asked = parameter(call, "fields").unwrap_or("id,name");
    let own_page = match &caller.token.kind {
        Kind::Page(page) => Some(page.clone()),
        _ => None,
    };
    let body = match (id, own_page) {
        ("me", Some(page)) => {
            reach(world, &caller, &page).and_then(|page| self::page(world, &caller, &page, asked, call.now))?
        }
        ("me", None) => user(world, &caller, &fields(asked))?,
        (id, None) if world.person(&caller.grant).is_some_and(|me| me.id == id) => {
            user(world, &caller, &fields(asked))?
        }
        (id, _) => reach(world, &caller, id).and_then(|page| self::page(world, &caller, &page, asked, call.now))?,
    };
    Ok(Reply::json(200, &body).of(label))
}

/// `GET /{page}/published_posts`.
pub fn posts(world: &World, call: &Call, id: &str, edge: &str) -> Result<Reply, GraphError> {
    known(call, &["limit", "after", "before", "since", "until"])?;
    let caller = caller(world, call)?;
    let page = reach(world, &caller, id)?;
    if edge == "published_posts" && !matches!(caller.token.kind, Kind::Page(_)) {
        return Err(GraphError::request(210, "(#210) A page access token is required to request this resource.")
            .of(caller.grant.label()));
    }
    caller.needs("pages_read_engagement")?;
    let names = fields(parameter(call, "fields").unwrap_or("id,message,created_time"));
    let limit = parameter(call, "limit").and_then(|limit| limit.parse().ok()).unwrap_or(25_usize);
    let mut data = Vec::new();
    for post in posts::of(&page.id, call.now).into_iter().take(limit) {
        let all = json!({
            "id": format!("{}_{}", page.id, post.id),
            "message": post.text,
            "created_time": posts::offset_time(post.at),
            "permalink_url": format!("https://www.facebook.com/{}/posts/{}", page.username, post.id),
            "status_type": "mobile_status_update",
            "is_published": true,
        });
        data.push(picked(&all, &names, "Post")?);
    }
    Ok(Reply::json(200, &json!({"data": data})).of(caller.grant.label()))
}

/// A page that this caller may see: ticked in the dialog, and their role is still there.
fn reach(world: &World, caller: &Caller, id: &str) -> Result<Page, GraphError> {
    let hidden = || GraphError::object(id).of(caller.grant.label());
    let page = world
        .person(&caller.grant)
        .and_then(|me| me.pages.into_iter().find(|page| page.id == id))
        .ok_or_else(hidden)?;
    if matches!(&caller.token.kind, Kind::Page(own) if own != id) || !world.has_role(&caller.grant.person, id) {
        return Err(hidden());
    }
    if !caller.grant.pages.iter().any(|one| one == id) {
        let words = "(#10) This endpoint requires the 'pages_read_engagement' permission or the 'Page Public Content Access' feature.";
        return Err(GraphError::permission(10, words).of(caller.grant.label()));
    }
    Ok(page)
}

/// A person, with these fields.
fn user(world: &World, caller: &Caller, names: &[String]) -> Result<Value, GraphError> {
    let Some(Person { id, name, .. }) = world.person(&caller.grant) else { return Err(GraphError::object("me")) };
    let mut words = name.split(' ');
    let all = json!({
        "first_name": words.next(),
        "last_name": words.next_back(),
        "picture": portrait(&id),
        "name": name,
        "id": id,
    });
    picked(&all, names, "User")
}

/// A page, with these fields. Its token is made when it is asked for.
pub fn page(world: &mut World, caller: &Caller, page: &Page, asked: &str, now: i64) -> Result<Value, GraphError> {
    let mut names = fields(asked);
    let mut all = json!({
        "id": page.id,
        "name": page.name,
        "username": page.username,
        "category": page.category,
        "category_list": [{"id": "2500", "name": page.category}],
        "tasks": page.tasks,
        "link": format!("https://www.facebook.com/{}", page.username),
        "picture": portrait(&page.id),
        "is_published": true,
        "fan_count": 412,
        "access_token": null,
    });
    if names.iter().any(|name| name == "access_token") {
        all["access_token"] = page_token(world, caller, &page.id, now).into();
    }
    match instagram::of_page(world, caller, &page.id, asked) {
        Some(account) => all["instagram_business_account"] = account,
        // Where there is none, the field is left out.
        None => names.retain(|name| name != "instagram_business_account"),
    }
    picked(&all, &names, "Page")
}

/// The page's token for this consent: without an end if the person's token is a long one, and with theirs if not. Asked for
/// again, the same one is answered as long as it lives.
fn page_token(world: &mut World, caller: &Caller, page: &str, now: i64) -> String {
    if matches!(caller.token.kind, Kind::Page(_)) {
        return caller.secret.clone();
    }
    let ends = if caller.token.kind == Kind::LongUser { None } else { caller.token.ends };
    token_of_page(world, caller.grant.id, page, ends, now)
}

/// The token of a page and a consent, which lives until `ends`; a new one if there is none.
pub fn token_of_page(world: &mut World, grant: u64, page: &str, ends: Option<i64>, now: i64) -> String {
    let kind = Kind::Page(page.to_owned());
    let same = |(_, token): &(&str, &Token)| token.kind == kind && token.ended.is_none() && token.ends == ends;
    if let Some((secret, _)) = world.tokens_of(grant).find(same) {
        return secret.to_owned();
    }
    let secret = world.dice.facebook_token();
    world.add_token(&secret, grant, kind, now, ends.map(|ends| ends - now));
    secret
}

fn portrait(id: &str) -> Value {
    json!({"data": {"height": 96, "is_silhouette": false, "url": picture::facebook(id), "width": 96}})
}

/// The names in a `fields` parameter, without what stands behind them: `picture.type(large)`, `picture{url}`.
pub fn fields(text: &str) -> Vec<String> {
    let (mut names, mut name, mut depth) = (Vec::new(), String::new(), 0_usize);
    let mut tail = false;
    for c in text.chars() {
        match c {
            '{' | '(' => (depth, tail) = (depth + 1, true),
            '}' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                names.push(std::mem::take(&mut name));
                tail = false;
            }
            '.' if depth == 0 => tail = true,
            c if depth == 0 && !tail && !c.is_whitespace() => name.push(c),
            _ => {}
        }
    }
    names.push(name);
    names.retain(|name| !name.is_empty());
    names
}

/// The asked fields of a node, and its id, which is always there.
pub fn picked(all: &Value, names: &[String], node: &str) -> Result<Value, GraphError> {
    let mut some = Map::new();
    for name in names {
        let value = all.get(name).ok_or_else(|| GraphError::field(name, node))?;
        some.insert(name.clone(), value.clone());
    }
    some.insert("id".into(), all["id"].clone());
    Ok(Value::Object(some))
}
