//! Bluesky's stand-in (platforms.md section 13): handles, the register of DIDs, a server of the network, and the one that signs
//! people in. Any host is such a server; the accounts' own documents name one, and it names the other.

mod client;
mod dpop;
mod feed;
mod identity;
mod jws;
mod memory;
mod oauth;
mod people;
mod session;

use axum::http::Method;
use serde_json::json;

use super::SandboxError;
use super::call::{Answer, Call, Reply};
use super::cast::{self, Person};
use super::consent::{Ask, Refusal};
use super::mint::Minted;
use super::state::{Code, End, Grant, World};
use super::twin::Twin;
use super::vendor::{Vendor, below};

pub use memory::{Document, Memory};
pub use people::HANDLE_END;
use session::{APP_PASSWORD, end_refresh};

/// The stand-in.
pub struct Bluesky;

impl Twin for Bluesky {
    fn key(&self) -> &'static str {
        "bluesky"
    }

    fn name(&self) -> &'static str {
        "Bluesky"
    }

    /// A server is known by its paths, so that any host can be one.
    fn owns(&self, host: &str, path: &str) -> bool {
        let known = ["bsky.example", "bsky.social", "bsky.app", "plc.directory"];
        known.iter().any(|domain| below(host, domain))
            || path.starts_with("/xrpc/")
            || matches!(
                path,
                "/.well-known/atproto-did" | "/.well-known/did.json" | "/.well-known/oauth-protected-resource"
            )
    }

    fn host(&self) -> &'static str {
        cast::BLUESKY_PDS
    }

    fn secrets(&self) -> Vec<String> {
        let own = cast::BLUESKY.map(|(_, password)| password);
        own.into_iter().chain(cast::BLUESKY_MAIN).map(str::to_owned).collect()
    }

    fn people(&self, _host: &str) -> Vec<Person> {
        people::all()
    }

    fn crowd(&self, _host: &str, n: u64) -> Option<Person> {
        Some(people::of_crowd(n))
    }

    fn number_in_crowd(&self, _host: &str, id: &str) -> Option<u64> {
        people::number_in_crowd(id)
    }

    fn asked(&self, world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
        oauth::asked(world, call)
    }

    fn denied(&self) -> &'static [(&'static str, &'static str)] {
        &[("error", "access_denied"), ("error_description", "The user denied the request"), ("iss", oauth::ISSUER)]
    }

    fn told(&self, _ask: &Ask, _code: &Code) -> Vec<(&'static str, String)> {
        vec![("iss", oauth::ISSUER.to_owned())]
    }

    fn code(&self, world: &mut World, ask: &Ask, code: &mut Code, _now: i64) -> String {
        oauth::code(world, ask, code)
    }

    fn answer(&self, world: &mut World, call: &Call) -> Answer {
        answer(world, call)
    }

    fn too_often(&self, _world: &mut World, call: &Call, seconds: Option<u32>) -> Reply {
        let until = seconds.map(|seconds| (call.seconds() + i64::from(seconds)).to_string());
        Reply::json(429, &json!({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}))
            .header("ratelimit-remaining", "0")
            .header_if("ratelimit-reset", until)
    }

    /// With app passwords no app proves itself; this is what a server says to those that must.
    fn app_refused(&self, _world: &mut World, call: &Call) -> Option<Reply> {
        if call.path.starts_with("/oauth/") {
            return Some(oauth::refused(400, "invalid_client", "Client authentication failed"));
        }
        let body = json!({"error": "invalid_client", "message": "Client authentication failed"});
        call.path.starts_with("/xrpc/com.atproto.server.").then(|| Reply::json(401, &body))
    }

    fn refreshed_with<'a>(&self, call: &'a Call) -> Option<&'a str> {
        if call.path == "/oauth/token" {
            let refresh = call.form.get("grant_type") == Some("refresh_token");
            return refresh.then(|| call.form.get("refresh_token").unwrap_or_default());
        }
        (call.is(&Method::POST) && call.path == "/xrpc/com.atproto.server.refreshSession")
            .then(|| call.bearer().unwrap_or_default())
    }

    /// Access tokens of app passwords live on to their end; OAuth sessions don't live by the password.
    fn password_changed(&self, world: &mut World, grant: u64) {
        if world.state.bluesky.sessions.contains_key(&grant) {
            return world.end(grant, End::PasswordChanged);
        }
        end_refresh(world, grant, End::PasswordChanged);
    }

    fn password_deleted(&self, world: &mut World, person: &str) -> Result<(), SandboxError> {
        world.state.deleted_passwords.insert(person.to_owned());
        let by_app_password = |grant: &&Grant| grant.ended.is_none() && grant.app == APP_PASSWORD;
        let grants: Vec<u64> =
            world.consents(Vendor::Bluesky, person).filter(by_app_password).map(|grant| grant.id).collect();
        grants.into_iter().for_each(|grant| end_refresh(world, grant, End::Revoked));
        Ok(())
    }

    fn mint(&self, world: &mut World, _host: &str, person: Person, now: i64) -> Result<Minted, SandboxError> {
        Ok(session::minted(world, &person, now))
    }
}

/// Answers a request.
fn answer(world: &mut World, call: &Call) -> Answer {
    let (get, post) = (call.is(&Method::GET), call.is(&Method::POST));
    if call.host == "plc.directory" {
        return identity::document(call);
    }
    if call.path == "/.well-known/atproto-did" && get {
        return identity::did_of_host(call);
    }
    if call.host == oauth::HOST {
        return oauth::answer(world, call);
    }
    if call.path == "/.well-known/oauth-protected-resource" && get {
        return oauth::resource(call);
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
        _ if call.path == "/.well-known/did.json" => Err(Reply::text(404, "Not Found")),
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
