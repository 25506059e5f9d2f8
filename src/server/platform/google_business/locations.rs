//! The locations that a person manages: theirs, and those of the groups they belong to.

use serde_json::Value;

use super::super::failure::{Class, Failure};
use super::super::read::{list, text, texts};
use super::super::request::Request;
use super::super::{Context, Destination, Profile, Tokens, google};
use super::nameless;

const ACCOUNTS: &str = "https://mybusinessaccountmanagement.googleapis.com/v1/accounts";
const INFORMATION: &str = "https://mybusinessbusinessinformation.googleapis.com/v1";

/// Mandatory: without it the API answers nothing but an error.
const READ_MASK: &str = "name,title,storefrontAddress,metadata";

/// Most pages of one list that are read: a list that goes on for ever is no list.
const MAX_PAGES: usize = 50;
/// Locations on a page; the API's own maximum.
const PAGE_SIZE: &str = "100";

const NO_POSTS: &str = "Google lets no app post to this location: it is not verified yet, or belongs to a chain. Its Business \
                        Profile says which.";

/// Every location within reach, usable or not.
pub async fn all(cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
    let accounts = listed(cx, tokens, || Request::get(ACCOUNTS), "/accounts").await?;
    let mut names: Vec<String> = accounts.iter().filter_map(|account| text(account, "/name")).collect();
    // A location may be reached by several ways. Whatever order Google lists them in, it keeps the same name here.
    names.sort_by_key(|name| (name.len(), name.clone()));
    let several = names.len() > 1;
    let mut found: Vec<Destination> = Vec::new();
    for account in names {
        let request = || {
            Request::get(format!("{INFORMATION}/{account}/locations"))
                .query("readMask", READ_MASK)
                .query("pageSize", PAGE_SIZE)
        };
        let locations = match listed(cx, tokens, request, "/locations").await {
            Ok(locations) => locations,
            // One group that this person may not look into must not hide the others.
            Err(failure) if failure.class == Class::Role && several => continue,
            Err(failure) => return Err(failure),
        };
        for location in locations {
            let Some(destination) = destination(&account, &location) else { continue };
            if !found.iter().any(|known| short_name(&known.id) == short_name(&destination.id)) {
                found.push(destination);
            }
        }
    }
    Ok(found)
}

/// What a location is called now.
pub async fn one(cx: &Context<'_>, tokens: &Tokens, id: &str) -> Result<Profile, Failure> {
    let name = short_name(id);
    let request = Request::get(format!("{INFORMATION}/{name}")).query("readMask", READ_MASK);
    let location = google::object(cx, request, &tokens.access).await?;
    if text(&location, "/name").as_deref() != Some(name) {
        return Err(nameless("the location"));
    }
    Ok(profile(&location))
}

/// All elements of a list that comes in pages.
async fn listed(
    cx: &Context<'_>,
    tokens: &Tokens,
    request: impl Fn() -> Request,
    pointer: &str,
) -> Result<Vec<Value>, Failure> {
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let request = match &next {
            Some(token) => request().query("pageToken", token),
            None => request(),
        };
        let page = google::object(cx, request, &tokens.access).await?;
        found.extend_from_slice(list(&page, pointer));
        next = text(&page, "/nextPageToken");
        if next.is_none() {
            break;
        }
    }
    Ok(found)
}

fn destination(account: &str, location: &Value) -> Option<Destination> {
    let name = text(location, "/name")?;
    let id = format!("{account}/{}", short_name(&name));
    let Profile { name, handle, picture_url } = profile(location);
    // False is left out. Where nothing at all is told about the location, nothing is known against it.
    let may_post = location
        .get("metadata")
        .is_none_or(|metadata| metadata.get("canOperateLocalPost").and_then(Value::as_bool) == Some(true));
    let unusable = (!may_post).then(|| NO_POSTS.to_owned());
    Some(Destination {
        id,
        name,
        handle,
        picture_url,
        link: text(location, "/metadata/mapsUri"),
        token: None,
        unusable,
    })
}

/// Branches share a name: the address tells them apart.
fn profile(location: &Value) -> Profile {
    let mut address = texts(location, "/storefrontAddress/addressLines").unwrap_or_default();
    address.extend(text(location, "/storefrontAddress/locality"));
    let name = text(location, "/title").unwrap_or_else(|| "Location without a name".into());
    Profile { name, handle: Some(address.join(", ")).filter(|line| !line.is_empty()), picture_url: None }
}

/// `locations/456` of either name.
fn short_name(id: &str) -> &str {
    id.find("locations/").map_or(id, |at| &id[at..])
}
