//! From a handle to the server that an account lives on: handle -> DID -> DID document -> server.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::guard;
use super::super::read::{list, text, texts};
use super::super::request::Request;
use super::super::{Context, Tokens};
use super::{session, xrpc};
use crate::domain::explain::Problem;

/// The register of `did:plc`.
const PLC: &str = "https://plc.directory";
/// A public server that resolves handles, also those that are kept in the DNS.
const RESOLVER_HOST: &str = "public.api.bsky.app";
/// What a handle without a dot is short for.
const DEFAULT_ENDING: &str = "bsky.social";
/// A person's own web server is not waited for long: there is a second way.
const HANDLE_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest DID the network allows.
const MAX_DID: usize = 2048;
/// Largest answer that can be a DID.
const DID_FILE_LIMIT: usize = 4 * 1024;

/// Where to open a session, and what is known before.
pub struct Place {
    pub host: String,
    /// What the server knows the account by.
    pub identifier: String,
    /// `None` where the person named their server: then nothing was looked up.
    pub did: Option<String>,
}

/// What a DID document says.
pub struct Document {
    pub host: String,
    handles: Vec<String>,
}

/// Finds the server of what a person typed as their handle; a server they named themselves is taken at their word.
pub async fn place(cx: &Context<'_>, typed: &str) -> Result<Place, Failure> {
    let identifier = tidy(typed);
    if identifier.is_empty() {
        return Err(unknown_handle());
    }
    match cx.host {
        Some(host) => Ok(Place { host: named(cx, host)?, identifier, did: None }),
        None => looked_up(cx, identifier).await,
    }
}

/// An account and its server.
pub struct Account {
    pub did: String,
    pub host: String,
    /// What the person is known by, for the sign-in page.
    pub hint: String,
}

/// Finds account and server of a handle or DID. Only a server of a development set-up is taken from what was named: it is
/// in no public register.
pub async fn account(cx: &Context<'_>, typed: &str) -> Result<Account, Failure> {
    let hint = tidy(typed);
    if hint.is_empty() {
        return Err(unknown_handle());
    }
    let Some(host) = cx.host.filter(|host| guard::is_private(host, cx.http.private_hosts())) else {
        let place = looked_up(cx, hint).await?;
        let did = place.did.ok_or_else(unknown_handle)?;
        return Ok(Account { did, host: place.host, hint: place.identifier });
    };
    let did = if is_did(&hint) { hint.clone() } else { ask_for_did(cx, host, &hint).await? };
    Ok(Account { did, host: host.to_owned(), hint })
}

async fn looked_up(cx: &Context<'_>, identifier: String) -> Result<Place, Failure> {
    if identifier.starts_with("did:") {
        let host = document(cx, &identifier).await?.host;
        return Ok(Place { host, did: Some(identifier.clone()), identifier });
    }
    let handle = if identifier.contains('.') { identifier } else { format!("{identifier}.{DEFAULT_ENDING}") };
    let handle = guard::host(&handle, &[]).map_err(|_| unknown_handle())?;
    let did = did_of(cx, &handle).await?;
    let document = document(cx, &did).await?;
    // A handle is only good if the account claims it as well; else anybody could point theirs at somebody else's account.
    if !document.handles.contains(&handle) {
        return Err(
            Failure::new(Class::Content, "the account does not claim this handle").told_as(Problem::WrongPassword)
        );
    }
    Ok(Place { host: document.host, identifier: handle, did: Some(did) })
}

/// The server on which a session that was just opened is to be used.
///
/// A named server may be a common entrance, or lie about whose account it holds: the DID document has the last word, and the
/// server in it must accept the session. Private servers of a development set-up are in no public register.
pub async fn home(cx: &Context<'_>, place: &Place, did: &str, tokens: &Tokens) -> Result<String, Failure> {
    if place.did.is_some() || guard::is_private(&place.host, cx.http.private_hosts()) {
        return Ok(place.host.clone());
    }
    let host = document(cx, did).await?.host;
    if host == place.host {
        return Ok(host);
    }
    let there = session(cx, &host, tokens).await.map_err(|failure| match failure.class {
        Class::Transient | Class::Rate => failure,
        _ => failure.told_as(Problem::BadServer),
    })?;
    match text(&there, "/did") {
        Some(same) if same == did => Ok(host),
        _ => Err(Failure::new(Class::Unknown, "the account's own server does not know the session")
            .told_as(Problem::BadServer)),
    }
}

/// A server that a person or a row of ours names.
pub fn named(cx: &Context<'_>, host: &str) -> Result<String, Failure> {
    guard::host(host, cx.http.private_hosts())
        .map_err(|error| Failure::new(Class::App, error.to_string()).told_as(Problem::BadServer))
}

/// A handle as servers write it: people put an @ in front, capitals, and invisible marks that come along when copying.
fn tidy(typed: &str) -> String {
    let visible: String = typed.chars().filter(|c| !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')).collect();
    let text = visible.trim();
    let text = text.strip_prefix("https://bsky.app/profile/").unwrap_or(text).trim_end_matches('/');
    let text = text.strip_prefix('@').unwrap_or(text).trim();
    if text.starts_with("did:") { text.to_owned() } else { text.to_lowercase() }
}

/// The DID of a handle: from the handle's own web server, or else from a server that also looks into the DNS.
async fn did_of(cx: &Context<'_>, handle: &str) -> Result<String, Failure> {
    let own = Request::get(format!("https://{handle}/.well-known/atproto-did"))
        .within(HANDLE_TIMEOUT)
        .at_most(DID_FILE_LIMIT);
    if let Ok(answer) = cx.send(own).await
        && answer.is_success()
        && let Some(did) = std::str::from_utf8(&answer.body).ok().map(str::trim).filter(|text| is_did(text))
    {
        return Ok(did.to_owned());
    }
    ask_for_did(cx, RESOLVER_HOST, handle).await
}

async fn ask_for_did(cx: &Context<'_>, host: &str, handle: &str) -> Result<String, Failure> {
    let request = Request::get(xrpc(cx, host, "com.atproto.identity.resolveHandle")).query("handle", handle);
    let body = cx.ask(request, classify_handle).await?;
    text(&body, "/did").filter(|did| is_did(did)).ok_or_else(unknown_handle)
}

/// The document of a DID and the server in it.
pub async fn document(cx: &Context<'_>, did: &str) -> Result<Document, Failure> {
    if !is_did(did) {
        return Err(unknown_handle());
    }
    let url = match did.strip_prefix("did:web:") {
        Some(host) => {
            let host = guard::host(&host.replace("%3A", ":"), cx.http.private_hosts()).map_err(|_| unknown_handle())?;
            format!("{}/.well-known/did.json", cx.http.base(&host))
        }
        None => format!("{PLC}/{did}"),
    };
    let body = cx.ask(Request::get(url), classify_handle).await?;
    read_document(cx, &body, did).ok_or_else(|| {
        Failure::new(Class::Unknown, "the account's record names no server that can be used")
            .told_as(Problem::BadServer)
    })
}

fn read_document(cx: &Context<'_>, body: &Value, did: &str) -> Option<Document> {
    if text(body, "/id").is_some_and(|id| id != did) {
        return None;
    }
    let service = list(body, "/service")
        .iter()
        .find(|service| text(service, "/id").is_some_and(|id| id.ends_with("#atproto_pds")))?;
    let endpoint = Url::parse(&text(service, "/serviceEndpoint")?).ok()?;
    guard::check(&endpoint, cx.http.private_hosts()).ok()?;
    let port = endpoint.port().map(|port| format!(":{port}")).unwrap_or_default();
    let handles = texts(body, "/alsoKnownAs").unwrap_or_default();
    let handles = handles.iter().filter_map(|known| known.strip_prefix("at://")).map(str::to_lowercase).collect();
    Some(Document { host: format!("{}{port}", endpoint.host_str()?), handles })
}

/// `did:plc:...` or `did:web:...`, of harmless characters only: it becomes part of an address.
fn is_did(text: &str) -> bool {
    let rest = text.strip_prefix("did:plc:").or_else(|| text.strip_prefix("did:web:"));
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && text.len() <= MAX_DID
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'%'))
            && !rest.contains("..")
    })
}

fn classify_handle(answer: &Answer) -> Failure {
    match answer.status {
        429 => answer.rate("too many look-ups"),
        400 | 404 | 410 => answer.failure(Class::Content, "nobody has this handle").told_as(Problem::WrongPassword),
        _ => answer.failure(Class::Unknown, "the handle could not be looked up"),
    }
}

fn unknown_handle() -> Failure {
    Failure::new(Class::Content, "that is no handle that leads to an account").told_as(Problem::WrongPassword)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_tidied() {
        for typed in [
            "alice.example",
            " @Alice.example ",
            "\u{202a}alice.example\u{202c}",
            "https://bsky.app/profile/alice.example/",
            "ALICE.example\n",
        ] {
            assert_eq!(tidy(typed), "alice.example", "{typed:?}");
        }
        assert_eq!(tidy("did:plc:AbC"), "did:plc:AbC");
        assert_eq!(tidy(" @ "), "");
    }

    #[test]
    fn only_dids_of_the_network_pass() {
        for did in ["did:plc:ewvi7nxzyoun6zhxrhs64oiz", "did:web:pds.example", "did:web:localhost%3A4201"] {
            assert!(is_did(did), "{did}");
        }
        for text in [
            "",
            "did:plc:",
            "did:key:zQ3",
            "did:plc:a/b",
            "did:plc:a?b",
            "did:plc:a b",
            "did:plc:..",
            "did:web:a\nb",
            "<html>",
        ] {
            assert!(!is_did(text), "{text}");
        }
    }
}
