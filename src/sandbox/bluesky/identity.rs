//! Handles, DIDs, and the documents behind them.

use axum::http::Method;
use serde_json::{Value, json};

use super::super::call::{Answer, Call, Reply};
use super::super::cast::{self, Person};
use super::{error, person, required, strict};

/// `GET /xrpc/com.atproto.identity.resolveHandle`.
pub fn resolve(call: &Call) -> Answer {
    strict(call, &["handle"])?;
    let handle = required(call, "handle")?;
    if !handle.contains('.') {
        return Err(error(400, "InvalidRequest", "Error: handle must be a valid handle"));
    }
    match person(handle).filter(|person| person.handle.eq_ignore_ascii_case(handle)) {
        Some(person) => Ok(Reply::json(200, &json!({"did": person.id}))),
        None => Err(error(400, "InvalidRequest", "Unable to resolve handle")),
    }
}

/// `GET https://{handle}/.well-known/atproto-did`.
pub fn did_of_host(call: &Call) -> Answer {
    match person(&call.host) {
        Some(person) => Ok(Reply::text(200, person.id)),
        None => Err(Reply::text(404, "User not found")),
    }
}

/// `GET https://plc.directory/{did}`.
pub fn document(call: &Call) -> Answer {
    let did = call.path.trim_start_matches('/');
    if !call.is(&Method::GET) || !did.starts_with("did:plc:") {
        return Err(Reply::json(404, &json!({"message": "Not Found"})).unexpected());
    }
    match person(did).filter(|person| person.id == did) {
        Some(person) => Ok(Reply::json(200, &document_of(&person))),
        None => Err(Reply::json(404, &json!({"message": format!("DID not registered: {did}")}))),
    }
}

/// The DID document of an account.
pub fn document_of(person: &Person) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": person.id,
        "alsoKnownAs": [format!("at://{}", person.handle)],
        "verificationMethod": [{
            "id": format!("{}#atproto", person.id),
            "type": "Multikey",
            "controller": person.id,
            "publicKeyMultibase": "zQ3shXjHeiBuRCKmM36cuYnm7YEMzhGnCmCyW92sRJ9pribSF",
        }],
        "service": [{
            "id": "#atproto_pds",
            "type": "AtprotoPersonalDataServer",
            "serviceEndpoint": format!("https://{}", cast::BLUESKY_PDS),
        }],
    })
}

/// `GET /xrpc/com.atproto.server.describeServer`.
pub fn describe(call: &Call) -> Answer {
    strict(call, &[])?;
    let body = json!({
        "did": format!("did:web:{}", call.host),
        "availableUserDomains": [".bsky.example"],
        "inviteCodeRequired": true,
        "phoneVerificationRequired": false,
        "links": {},
        "contact": {},
    });
    Ok(Reply::json(200, &body))
}
