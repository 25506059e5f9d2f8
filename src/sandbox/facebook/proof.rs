//! Who a call speaks for: its token, and the proof that the app sent it.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::super::call::Call;
use super::super::state::{Grant, Kind, Token, World};
use super::super::tokens::same;
use super::super::vendor::Vendor;
use super::error::GraphError;
use super::{APP_SECRET, parameter};

/// A token that works, and whose it is.
pub struct Caller {
    pub secret: String,
    pub token: Token,
    pub grant: Grant,
}

/// The token of a call: in the query, the form or the header.
pub fn secret(call: &Call) -> Option<&str> {
    parameter(call, "access_token").or_else(|| call.bearer())
}

/// The caller of a call that needs one.
pub fn caller(world: &World, call: &Call) -> Result<Caller, GraphError> {
    let secret = secret(call).ok_or_else(GraphError::no_token)?;
    if parameter(call, "appsecret_proof").is_some_and(|proof| !same(proof, &proof_of(secret))) {
        return Err(GraphError::request(104, "Invalid appsecret_proof provided in the API argument"));
    }
    check(world, secret, call.now)
}

/// A token that works.
pub fn check(world: &World, secret: &str, now: i64) -> Result<Caller, GraphError> {
    let known = world.state.tokens.get(secret).and_then(|token| world.state.grants.get(&token.grant));
    if known.is_some_and(|grant| grant.vendor != Vendor::Facebook) {
        return Err(GraphError::malformed_token());
    }
    let label = known.map(Grant::label).unwrap_or_default();
    let (token, grant) =
        world.live(secret, now).map_err(|dead| GraphError::dead(dead, " on an earlier date.").of(&label))?;
    if let Some(standing) = world.standing(Vendor::Facebook, "", &grant.person) {
        return Err(GraphError::standing(standing).of(label));
    }
    if let Kind::Page(page) = &token.kind
        && !world.has_role(&grant.person, page)
    {
        return Err(GraphError::no_role().of(label));
    }
    Ok(Caller { secret: secret.to_owned(), token, grant })
}

fn proof_of(token: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(token.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Caller {
    /// Refuses a caller without this permission, in Facebook's words.
    pub fn needs(&self, scope: &str) -> Result<(), GraphError> {
        if self.grant.has(scope) {
            return Ok(());
        }
        let words = format!(
            "(#10) This endpoint requires the '{scope}' permission or the 'Page Public Content Access' feature."
        );
        Err(GraphError::permission(10, words).of(self.grant.label()))
    }
}
