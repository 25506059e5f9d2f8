//! Bluesky's stand-in (platforms.md section 13, mode B): handles, the register of DIDs, and a server of the network. Any host is
//! such a server; the accounts' own documents name one.

mod feed;
mod identity;
mod session;

use axum::http::Method;
use serde_json::json;

use super::call::{Answer, Call, Reply};
use super::cast::{self, Person};
use super::state::World;
use super::vendor::Vendor;

pub use session::{APP_PASSWORD, access_token, end_refresh, refresh_token};

/// Answers a request.
pub fn answer(world: &mut World, call: &Call) -> Answer {
    let (get, post) = (call.is(&Method::GET), call.is(&Method::POST));
    if call.host == "plc.directory" {
        return identity::document(call);
    }
    if call.path == "/.well-known/atproto-did" && get {
        return identity::did_of_host(call);
    }
    let method = call.path.strip_prefix("/xrpc/").unwrap_or_default();
    match method {
        "com.atproto.identity.resolveHandle" if get => identity::resolve(call),
        "com.atproto.server.describeServer" if get => identity::describe(call),
        "com.atproto.server.createSession" if post => session::create(world, call),
        "com.atproto.server.refreshSession" if post => session::refresh(world, call),
        "com.atproto.server.deleteSession" if post => session::delete(world, call),
        "com.atproto.server.getSession" if get => session::get(world, call),
        "app.bsky.actor.getProfile" if get => feed::profile(world, call),
        "app.bsky.feed.getAuthorFeed" if get => feed::author(world, call),
        _ if call.path == "/.well-known/did.json" || call.path == "/.well-known/oauth-protected-resource" => {
            Err(Reply::text(404, "Not Found"))
        }
        _ if method.is_empty() => Err(Reply::text(404, "Not Found").unexpected()),
        _ => Err(error(404, "MethodNotImplemented", "Method Not Implemented").unexpected()),
    }
}

/// Errors as every server of the network writes them.
fn error(status: u16, name: &str, message: &str) -> Reply {
    Reply::json(status, &json!({"error": name, "message": message}))
}

/// A parameter that the method asks for.
fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, Reply> {
    let words = format!("Error: Params must have the property \"{name}\"");
    call.query.get(name).ok_or_else(|| error(400, "InvalidRequest", &words))
}

/// Refuses parameters that the method does not know.
fn strict(call: &Call, known: &[&str]) -> Result<(), Reply> {
    match call.query.stranger(&[known]) {
        Some(name) => {
            Err(error(400, "InvalidRequest", &format!("Error: Params must not have the property \"{name}\"")))
        }
        None => Ok(()),
    }
}

/// A person by handle or DID.
fn person(identifier: &str) -> Option<Person> {
    let identifier = identifier.trim_start_matches('@');
    let handle = identifier.to_ascii_lowercase();
    // A key is no handle: `crowd-1` alone means nobody here.
    cast::by_id(Vendor::Bluesky, "", identifier)
        .or_else(|| cast::find(Vendor::Bluesky, "", &handle).filter(|person| person.handle == handle))
}
