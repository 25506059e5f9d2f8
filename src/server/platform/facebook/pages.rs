//! The pages that a person can hand over: their own, and those of their businesses.

use serde_json::Value;
use url::Url;

use super::super::failure::Failure;
use super::super::read::{list, text, texts};
use super::super::request::Request;
use super::super::{Context, Destination, Tokens};
use super::refusal::classify;
use super::{GRAPH, signed};

/// Most answers of one list that are read: a list that goes on for ever is no list.
const MAX_LISTS: usize = 20;

/// Most businesses that are looked into.
const MAX_BUSINESSES: usize = 20;

const PAGE_FIELDS: &str = "id,name,username,access_token,category,tasks,link,picture.type(large)";

const NO_TOKEN: &str = "Facebook lists this page through a business, but gives no access to it. Ask an admin of the page to give you \
                        access to it directly, then connect again.";

const NO_TASK: &str = "Your role on this page does not let you create posts. Ask an admin of the page to give you that access, then \
                       connect again.";

/// Every page within reach, usable or not.
pub async fn all(cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
    gathered(cx, tokens, PAGE_FIELDS, destination).await
}

/// What `read` makes of every page within reach, which is asked for with these fields.
pub async fn gathered(
    cx: &Context<'_>,
    tokens: &Tokens,
    fields: &str,
    read: fn(&Value) -> Option<Destination>,
) -> Result<Vec<Destination>, Failure> {
    let mut found: Vec<Destination> = Vec::new();
    add(&mut found, &listed(cx, tokens, "me/accounts", fields).await?, read);
    // Many people have no business, or did not give this permission: what fails here is not missed.
    if let Ok(businesses) = listed(cx, tokens, "me/businesses", "id,name").await {
        for business in businesses.iter().filter_map(|one| text(one, "/id")).take(MAX_BUSINESSES) {
            for edge in ["owned_pages", "client_pages"] {
                if let Ok(pages) = listed(cx, tokens, &format!("{business}/{edge}"), fields).await {
                    add(&mut found, &pages, read);
                }
            }
        }
    }
    Ok(found)
}

/// Adds what is not there yet. A page that came without a token before gives way to one with a token.
fn add(found: &mut Vec<Destination>, pages: &[Value], read: fn(&Value) -> Option<Destination>) {
    for page in pages.iter().filter_map(read) {
        match found.iter_mut().find(|known| known.id == page.id) {
            Some(known) if known.token.is_none() && page.token.is_some() => *known = page,
            Some(_) => {}
            None => found.push(page),
        }
    }
}

/// The token of a page, and why it can't be published to, if it can't.
pub fn access(page: &Value) -> (Option<String>, Option<String>) {
    let token = text(page, "/access_token");
    // Without the list of tasks nothing is known against the page.
    let may_post =
        texts(page, "/tasks").is_none_or(|tasks| tasks.iter().any(|task| task == "CREATE_CONTENT" || task == "MANAGE"));
    let unusable = match (&token, may_post) {
        (None, _) => Some(NO_TOKEN.to_owned()),
        (_, false) => Some(NO_TASK.to_owned()),
        _ => None,
    };
    (token, unusable)
}

fn destination(page: &Value) -> Option<Destination> {
    let id = text(page, "/id")?;
    let (token, unusable) = access(page);
    Some(Destination {
        name: text(page, "/name").unwrap_or_else(|| id.clone()),
        handle: text(page, "/username"),
        picture_url: text(page, "/picture/data/url"),
        link: text(page, "/link"),
        token: token.map(Into::into),
        unusable,
        id,
    })
}

/// A whole list, answer by answer.
async fn listed(cx: &Context<'_>, tokens: &Tokens, edge: &str, fields: &str) -> Result<Vec<Value>, Failure> {
    let mut found = Vec::new();
    let mut request = Some(Request::get(format!("{GRAPH}/{edge}")).query("fields", fields).query("limit", "100"));
    for _ in 0..MAX_LISTS {
        let Some(next) = request.take() else { break };
        let answer = cx.ask(signed(cx, next, &tokens.access)?, classify).await?;
        found.extend_from_slice(list(&answer, "/data"));
        request = text(&answer, "/paging/next").and_then(|link| next_page(cx, &link));
    }
    Ok(found)
}

/// The request for a list's next part. The link carries our token in its query: it is taken out, and the link is followed
/// only to the host it must lead to.
fn next_page(cx: &Context<'_>, link: &str) -> Option<Request> {
    if !cx.http.is_same_host(link, GRAPH) {
        return None;
    }
    let mut url = Url::parse(link).ok()?;
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    url.set_query(None);
    let kept = pairs.iter().filter(|(name, _)| name != "access_token" && name != "appsecret_proof");
    Some(kept.fold(Request::get(url), |request, (name, value)| request.query(name, value)))
}
