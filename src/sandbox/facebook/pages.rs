//! The lists of pages: the person's own, and those of their businesses.

use serde_json::{Value, json};

use super::super::call::{Call, Reply};
use super::super::cast::{self, Page};
use super::super::state::{Kind, World};
use super::error::GraphError;
use super::graph;
use super::people::page_of;
use super::proof::{Caller, caller};
use super::{known, parameter, version_of};

/// The one business there is, its owner and its page.
const BUSINESS: (&str, &str, &str, &str) =
    ("990011223344550", "Harbour Street Collective", cast::FACEBOOK_MANY, "100200300400501");

const LIMIT: usize = 25;
const MAX_LIMIT: usize = 100;
const DEFAULT_FIELDS: &str = "access_token,category,name,id,tasks";

/// `GET /me/accounts`.
pub fn accounts(world: &mut World, call: &Call, id: &str) -> Result<Reply, GraphError> {
    known(call, &["limit", "after", "before"])?;
    let caller = caller(world, call)?;
    let me = world.person(&caller.grant).filter(|me| id == "me" || me.id == id);
    let Some(me) = me.filter(|_| !matches!(caller.token.kind, Kind::Page(_))) else {
        return Err(GraphError::object(id).of(caller.grant.label()));
    };
    // Without the permission there is no error, only nothing to see.
    let given =
        |page: &Page| caller.grant.has("pages_show_list") && caller.grant.pages.iter().any(|one| *one == page.id);
    let pages: Vec<Page> =
        me.pages.iter().filter(|page| given(page) && world.has_role(&me.key, &page.id)).cloned().collect();
    paged(world, call, &caller, &pages, &me.id)
}

/// `GET /me/businesses`.
pub fn businesses(world: &World, call: &Call, id: &str) -> Result<Reply, GraphError> {
    known(call, &["limit", "after", "before"])?;
    let caller = caller(world, call)?;
    if !world.person(&caller.grant).is_some_and(|me| id == "me" || me.id == id) {
        return Err(GraphError::object(id).of(caller.grant.label()));
    }
    if !caller.grant.has("business_management") {
        return Err(GraphError::permission(100, "(#100) Missing Permissions").of(caller.grant.label()));
    }
    let (business, name, owner, _) = BUSINESS;
    let all: Vec<Value> =
        (caller.grant.person == owner).then(|| json!({"id": business, "name": name})).into_iter().collect();
    Ok(Reply::json(200, &json!({"data": all})).of(caller.grant.label()))
}

/// `GET /{business}/owned_pages` and `client_pages`.
pub fn of_business(world: &mut World, call: &Call, id: &str, edge: &str) -> Result<Reply, GraphError> {
    known(call, &["limit", "after", "before"])?;
    let caller = caller(world, call)?;
    let (business, _, owner, page) = BUSINESS;
    if id != business || caller.grant.person != owner || !caller.grant.has("business_management") {
        return Err(GraphError::object(id).of(caller.grant.label()));
    }
    let owned =
        edge == "owned_pages" && world.has_role(owner, page) && caller.grant.pages.iter().any(|one| one == page);
    let pages: Vec<Page> = page_of(page).filter(|_| owned).into_iter().collect();
    paged(world, call, &caller, &pages, id)
}

fn paged(world: &mut World, call: &Call, caller: &Caller, pages: &[Page], of: &str) -> Result<Reply, GraphError> {
    let asked = parameter(call, "fields").unwrap_or(DEFAULT_FIELDS);
    let limit = match parameter(call, "limit").map(str::parse::<usize>) {
        None => LIMIT,
        Some(Ok(limit)) if limit > 0 => limit.min(MAX_LIMIT),
        Some(_) => {
            return Err(
                GraphError::request(100, "(#100) Param limit must be a positive integer").of(caller.grant.label())
            );
        }
    };
    let start = match parameter(call, "after") {
        None => 0,
        Some(after) => pages.iter().position(|page| cursor(page) == after).map_or(pages.len(), |index| index + 1),
    };
    let mut data = Vec::new();
    for page in pages.iter().skip(start).take(limit) {
        data.push(graph::page(world, caller, page, asked, call.now)?);
    }
    let mut body = json!({"data": data});
    let shown = &pages[start..(start + data_len(&body)).min(pages.len())];
    if let (Some(first), Some(last)) = (shown.first(), shown.last()) {
        body["paging"] = json!({"cursors": {"before": cursor(first), "after": cursor(last)}});
        if start + shown.len() < pages.len() {
            let edge = call.path.rsplit('/').next().unwrap_or_default();
            let mut url = format!("https://graph.facebook.com/{}/{of}/{edge}?", version_of(call));
            let limit = limit.to_string();
            let pairs = [
                ("access_token", caller.secret.as_str()),
                ("fields", asked),
                ("limit", &limit),
                ("after", &cursor(last)),
            ];
            url.push_str(&url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish());
            body["paging"]["next"] = url.into();
        }
    }
    Ok(Reply::json(200, &body).of(caller.grant.label()))
}

fn data_len(body: &Value) -> usize {
    body["data"].as_array().map_or(0, Vec::len)
}

/// A cursor says nothing to anybody; ours is the page's id turned around.
fn cursor(page: &Page) -> String {
    format!("QVFI{}ZD", page.id.chars().rev().collect::<String>())
}
