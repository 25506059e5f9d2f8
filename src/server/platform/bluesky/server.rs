//! From an account's server to the one that signs people in: two documents, every address in them looked at before it is used.

use serde_json::Value;
use url::Url;

use super::super::Context;
use super::super::answer::Answer;
use super::super::failure::{Class, Failure};
use super::super::guard;
use super::super::read::{text, texts};
use super::super::request::Request;
use crate::domain::explain::Problem;

/// Where people sign in, and where their codes and tokens are handled.
pub struct Server {
    pub issuer: String,
    pub authorize: String,
    pub push: String,
    pub token: String,
    pub revoke: Option<String>,
}

/// Finds the authorization server of an account's server.
///
/// # Errors
/// Told as a bad server where there is none that we could use.
pub async fn discover(cx: &Context<'_>, host: &str) -> Result<Server, Failure> {
    let home = cx.http.base(host);
    let about = Request::get(format!("{home}/.well-known/oauth-protected-resource"));
    let about = cx.ask(about, classify).await?;
    if text(&about, "/resource").is_none_or(|resource| resource.trim_end_matches('/') != home) {
        return Err(unfit("the account's server does not describe itself"));
    }
    let issuer = match texts(&about, "/authorization_servers").as_deref() {
        Some([one]) => one.clone(),
        _ => return Err(unfit("the account's server does not name one authorization server")),
    };
    if !is_origin(cx, &issuer) {
        return Err(unfit("the authorization server's name is not one of a public server"));
    }
    let described = Request::get(format!("{issuer}/.well-known/oauth-authorization-server"));
    let described = cx.ask(described, classify).await?;
    read(cx, &described, issuer)
}

fn read(cx: &Context<'_>, body: &Value, issuer: String) -> Result<Server, Failure> {
    if text(body, "/issuer").as_deref() != Some(issuer.as_str()) {
        return Err(unfit("the authorization server goes by another name than the one it was found by"));
    }
    let endpoint = |name: &str| {
        let address = text(body, &format!("/{name}")).filter(|address| is_usable(cx, address));
        address.ok_or_else(|| unfit(&format!("the authorization server has no usable {name}")))
    };
    let lists = |name: &str, value: &str| {
        texts(body, &format!("/{name}")).is_some_and(|known| known.iter().any(|one| one == value))
    };
    if !lists("dpop_signing_alg_values_supported", "ES256") || !lists("scopes_supported", "atproto") {
        return Err(unfit("the authorization server does not work as this network's do"));
    }
    Ok(Server {
        authorize: endpoint("authorization_endpoint")?,
        push: endpoint("pushed_authorization_request_endpoint")?,
        token: endpoint("token_endpoint")?,
        revoke: endpoint("revocation_endpoint").ok(),
        issuer,
    })
}

/// An issuer is a bare origin: no path, no query.
fn is_origin(cx: &Context<'_>, address: &str) -> bool {
    is_usable(cx, address) && Url::parse(address).is_ok_and(|url| url.origin().ascii_serialization() == address)
}

fn is_usable(cx: &Context<'_>, address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| guard::check(&url, cx.http.private_hosts()).is_ok())
}

fn classify(answer: &Answer) -> Failure {
    match answer.status {
        429 => answer.rate("too many look-ups"),
        _ => answer.failure(Class::Unknown, "the server offers no sign-in by OAuth").told_as(Problem::BadServer),
    }
}

fn unfit(why: &str) -> Failure {
    Failure::new(Class::Unknown, why).told_as(Problem::BadServer)
}
