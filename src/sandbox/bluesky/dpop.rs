//! Proofs of a key (RFC 9449), looked at as strictly as the vendor does: a proof is for one request, with a nonce of ours.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::super::call::{Call, Reply};
use super::super::state::World;
use super::super::tokens::s256;
use super::jws::{Jws, thumbprint};

/// How long a nonce is the newest; the one before is good as well.
const NONCE_LIFE_MS: i64 = 90_000;
/// How far a proof's time may be off, in seconds.
const SKEW_S: i64 = 190;

/// The key that a request proves; the nonce for the next one goes with every refusal.
pub fn proven(world: &mut World, call: &Call, token: Option<&str>) -> Result<String, Reply> {
    let bad = |words: &str| refused(call, token, "invalid_dpop_proof", words);
    let proof = call.dpop.as_deref().ok_or_else(|| bad("DPoP proof required"))?;
    let proof = Jws::read(proof).ok_or_else(|| bad("Invalid Compact JWS"))?;
    let jwk = proof.header.get("jwk").cloned().unwrap_or_default();
    let jkt = thumbprint(&jwk).ok_or_else(|| bad("\"jwk\" (JSON Web Key) Header Parameter must be a public key"))?;
    if proof.text("typ") != Some("dpop+jwt") || !proof.is_signed_by(&jwk) {
        return Err(bad("signature verification failed"));
    }
    if proof.issued().is_none_or(|at| (call.seconds() - at).abs() > SKEW_S) {
        return Err(bad("\"iat\" claim timestamp check failed"));
    }
    let jti = proof.claim("jti").filter(|jti| !jti.is_empty()).ok_or_else(|| bad("DPoP \"jti\" missing"))?;
    if proof.claim("htm") != Some(call.method.as_str()) {
        return Err(bad("DPoP \"htm\" mismatch"));
    }
    if proof.claim("htu") != Some(format!("https://{}{}", call.host, call.path).as_str()) {
        return Err(bad("DPoP \"htu\" mismatch"));
    }
    match proof.claim("nonce") {
        None => {
            return Err(refused(call, token, "use_dpop_nonce", "Authorization server requires nonce in DPoP proof"));
        }
        Some(nonce) if [0, 1].iter().all(|age| nonce_of(call, *age) != nonce) => {
            return Err(refused(call, token, "use_dpop_nonce", "DPoP \"nonce\" mismatch"));
        }
        Some(_) => {}
    }
    if proof.claim("ath") != token.map(s256).as_deref() {
        return Err(bad("DPoP \"ath\" mismatch"));
    }
    if !world.state.bluesky.is_new(jti, call.now) {
        return Err(bad("DPoP proof replayed"));
    }
    world.changed = true;
    Ok(jkt)
}

/// The nonce for the next request to this server.
pub fn nonce(call: &Call) -> String {
    nonce_of(call, 0)
}

fn nonce_of(call: &Call, age: i64) -> String {
    let step = call.now.div_euclid(NONCE_LIFE_MS) - age;
    URL_SAFE_NO_PAD.encode(format!("{}#{step}", call.host))
}

/// Authorization servers refuse with 400; the others with 401, and in their own way of writing.
fn refused(call: &Call, token: Option<&str>, error: &str, words: &str) -> Reply {
    let reply = match token {
        None => Reply::json(400, &json!({"error": error, "error_description": words})),
        Some(_) => {
            // The account's server takes a bad proof for a bad token.
            let error = if error == "use_dpop_nonce" { error } else { "invalid_token" };
            let header = format!("DPoP error=\"{error}\", error_description=\"{}\"", words.replace('"', "'"));
            Reply::json(401, &json!({"error": error, "message": words})).header("www-authenticate", header)
        }
    };
    reply.header("dpop-nonce", nonce(call))
}
