//! Who an app is: its own document tells, or, in development, its very name.

use serde_json::Value;
use url::Url;

use super::super::call::{Call, Reply};
use super::super::state::World;
use super::jws::Jws;
use super::oauth::{ISSUER, refused};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// An assertion is good for a minute.
const ASSERTION_LIFE_S: i64 = 60;

/// An app as its document describes it.
pub struct Client {
    pub id: String,
    pub name: String,
    pub redirect_uris: Vec<String>,
    pub scopes: Vec<String>,
    /// Its public keys; `None` for an app in development.
    keys: Option<Value>,
}

impl Client {
    /// The app of a client id.
    pub fn find(world: &World, id: &str) -> Result<Self, Reply> {
        let unreadable = |why: &str| refused(400, "invalid_client_metadata", why);
        if let Some(rest) = id.strip_prefix("http://localhost") {
            return in_development(id, rest).ok_or_else(|| unreadable("Invalid loopback client ID"));
        }
        let document = world.state.bluesky.clients.get(id);
        let document = document.ok_or_else(|| unreadable("Unable to obtain client metadata"))?;
        let metadata = &document.metadata;
        let text = |name: &str| metadata.get(name).and_then(Value::as_str).unwrap_or_default();
        let fits = text("client_id") == id
            && metadata.get("dpop_bound_access_tokens") == Some(&Value::Bool(true))
            && text("token_endpoint_auth_method") == "private_key_jwt"
            && text("token_endpoint_auth_signing_alg") == "ES256"
            && text("application_type") == "web"
            && list(metadata, "grant_types").contains(&"refresh_token".to_owned())
            && list(metadata, "response_types").contains(&"code".to_owned())
            && text("jwks_uri").starts_with("https://");
        if !fits {
            return Err(unreadable("Validation of client metadata failed"));
        }
        Ok(Self {
            id: id.to_owned(),
            name: text("client_name").to_owned(),
            redirect_uris: list(metadata, "redirect_uris"),
            scopes: text("scope").split(' ').map(str::to_owned).collect(),
            keys: Some(document.keys.clone()),
        })
    }

    /// Checks that the app is who it says; answers the key it proved it with.
    pub fn authenticate(&self, world: &mut World, call: &Call) -> Result<Option<String>, Reply> {
        let bad = |words: &str| refused(400, "invalid_client", words);
        let (kind, assertion) = (call.form.get("client_assertion_type"), call.form.get("client_assertion"));
        let Some(keys) = &self.keys else {
            let none = kind.is_none() && assertion.is_none();
            return if none { Ok(None) } else { Err(bad("This client has no keys")) };
        };
        let assertion = assertion.filter(|_| kind == Some(ASSERTION));
        let assertion = assertion.and_then(Jws::read).ok_or_else(|| bad("client_assertion must be a JWT"))?;
        let kid = assertion.text("kid").unwrap_or_default();
        let known = keys.get("keys").and_then(Value::as_array).into_iter().flatten();
        let key = known.into_iter().find(|key| key.get("kid").and_then(Value::as_str) == Some(kid));
        let key = key.ok_or_else(|| bad("no applicable key found in the JSON Web Key Set"))?;
        let fits = assertion.is_signed_by(key)
            && assertion.claim("iss") == Some(&self.id)
            && assertion.claim("sub") == Some(&self.id)
            && assertion.claim("aud") == Some(ISSUER)
            && assertion.issued().is_some_and(|at| (call.seconds() - at).abs() < ASSERTION_LIFE_S);
        if !fits {
            return Err(bad("Validation of \"client_assertion\" failed"));
        }
        let jti = assertion.claim("jti").filter(|jti| !jti.is_empty()).ok_or_else(|| bad("\"jti\" is missing"))?;
        if !world.state.bluesky.is_new(jti, call.now) {
            return Err(bad("client_assertion was used before"));
        }
        Ok(Some(kid.to_owned()))
    }
}

/// `http://localhost?redirect_uri=..&scope=..`: nothing else, and back to this machine by its number only.
fn in_development(id: &str, rest: &str) -> Option<Client> {
    let query = rest.strip_prefix('/').unwrap_or(rest).strip_prefix('?')?;
    let (mut redirect_uris, mut scopes) = (Vec::new(), Vec::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "redirect_uri" => {
                let url = Url::parse(&value).ok()?;
                if url.scheme() != "http" || !matches!(url.host_str(), Some("127.0.0.1" | "[::1]")) {
                    return None;
                }
                redirect_uris.push(value.into_owned());
            }
            "scope" => scopes = value.split(' ').map(str::to_owned).collect(),
            _ => return None,
        }
    }
    let name = "Loopback client".to_owned();
    Some(Client { id: id.to_owned(), name, redirect_uris, scopes, keys: None })
}

fn list(body: &Value, name: &str) -> Vec<String> {
    let all = body.get(name).and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}
