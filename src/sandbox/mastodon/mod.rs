//! Mastodon's stand-in (platforms.md section 12). Every host that is nobody else's is such a server; one whose name begins with
//! `old.` is of a version before 4.3.

mod api;
mod apps;
pub mod consent;
mod mint;
mod people;
pub mod token;

use axum::http::Method;
use serde_json::json;

use super::SandboxError;
use super::call::{Answer, Call, Reply};
use super::cast::{MASTODON_HOSTS, Person};
use super::consent::{Ask, Refusal};
use super::mint::Minted;
use super::posts::utc_time;
use super::state::{Code, World};
use super::twin::Twin;

/// Scopes that a server knows; `read` and `write` stand for all that begin with them.
const SCOPES: &[&str] = &[
    "profile",
    "read",
    "read:accounts",
    "read:statuses",
    "read:notifications",
    "read:lists",
    "read:follows",
    "read:search",
    "write",
    "write:accounts",
    "write:statuses",
    "write:media",
    "write:favourites",
    "write:follows",
    "follow",
    "push",
];

/// The stand-in.
pub struct Mastodon;

impl Twin for Mastodon {
    fn key(&self) -> &'static str {
        "mastodon"
    }

    fn name(&self) -> &'static str {
        "Mastodon"
    }

    fn owns(&self, _host: &str, _path: &str) -> bool {
        true
    }

    fn host(&self) -> &'static str {
        MASTODON_HOSTS[0]
    }

    fn has_many_hosts(&self) -> bool {
        true
    }

    fn people(&self, host: &str) -> Vec<Person> {
        people::of(host)
    }

    fn crowd(&self, host: &str, n: u64) -> Option<Person> {
        Some(people::of_crowd(host, n))
    }

    fn number_in_crowd(&self, host: &str, id: &str) -> Option<u64> {
        people::number_in_crowd(host, id)
    }

    fn shown_handle(&self, person: &Person, host: &str) -> String {
        format!("@{}@{host}", person.handle)
    }

    fn asked(&self, world: &World, call: &Call) -> Option<Result<Ask, Refusal>> {
        consent::asked(world, call)
    }

    fn denied(&self) -> &'static [(&'static str, &'static str)] {
        &consent::DENIED
    }

    fn code(&self, world: &mut World, _ask: &Ask, _code: &mut Code, _now: i64) -> String {
        world.dice.mastodon_token()
    }

    fn answer(&self, world: &mut World, call: &Call) -> Answer {
        answer(world, call)
    }

    fn too_often(&self, _world: &mut World, call: &Call, seconds: Option<u32>) -> Reply {
        let until = seconds.map(|seconds| utc_time((call.seconds() + i64::from(seconds)) * 1_000));
        Reply::json(429, &json!({"error": "Too many requests"}))
            .header("x-ratelimit-remaining", "0")
            .header_if("x-ratelimit-reset", until)
    }

    fn app_refused(&self, _world: &mut World, call: &Call) -> Option<Reply> {
        call.path.starts_with("/oauth/").then(unknown_app)
    }

    fn ends_endless_tokens(&self) -> bool {
        true
    }

    fn mint(&self, world: &mut World, host: &str, person: Person, now: i64) -> Result<Minted, SandboxError> {
        Ok(mint::minted(world, host, person, now))
    }
}

/// What an app hears that is not the one it says it is.
fn unknown_app() -> Reply {
    oauth_error(401, "invalid_client", UNKNOWN_CLIENT)
}

/// Answers everything but the consent page.
fn answer(world: &mut World, call: &Call) -> Answer {
    let parts: Vec<&str> = call.path.split('/').filter(|part| !part.is_empty()).collect();
    let (get, post) = (call.is(&Method::GET), call.is(&Method::POST));
    match parts[..] {
        ["api", "v1", "apps"] if post => apps::register(world, call),
        ["oauth", "token"] if post => token::answer(world, call),
        ["oauth", "revoke"] if post => token::revoke(world, call),
        [".well-known", "oauth-authorization-server"] if get => api::discovery(call),
        ["api", "v2", "instance"] if get => Ok(api::instance(call)),
        ["api", "v1", "accounts", "verify_credentials"] if get => api::verify_credentials(world, call),
        ["api", "v1", "accounts", id, "statuses"] if get => api::statuses(world, call, id),
        _ => Err(error(404, "Record not found").unexpected()),
    }
}

fn is_old(host: &str) -> bool {
    host.starts_with("old.")
}

/// Whether granted or registered scopes cover one.
fn covers(scopes: &[String], wanted: &str) -> bool {
    scopes.iter().any(|scope| {
        scope == wanted
            || wanted.strip_prefix(scope.as_str()).is_some_and(|rest| rest.starts_with(':'))
            || (scope == "profile" && wanted == "read:accounts")
    })
}

fn split(scopes: &str) -> Vec<String> {
    scopes.split([' ', '+']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

fn error(status: u16, words: &str) -> Reply {
    Reply::json(status, &json!({"error": words}))
}

/// An error in OAuth's form.
fn oauth_error(status: u16, error: &str, description: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "error_description": description}))
}

const UNKNOWN_CLIENT: &str = "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.";
const WRONG_GRANT: &str = "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the \
                           authorization request, or was issued to another client.";
const WRONG_SCOPE: &str = "The requested scope is invalid, unknown, or malformed.";
const MALFORMED: &str =
    "The request is missing a required parameter, includes an unsupported parameter value, or is otherwise malformed.";
