//! What all of Google's APIs share: whose token it is, what it may do, which parameters are known. And who that is.

use serde_json::json;

use super::super::call::{Answer, Call, Reply};
use super::super::cast::Person;
use super::super::picture;
use super::super::state::{Grant, Kind, Standing, World};
use super::super::vendor::Vendor;
use super::error;

/// Whose token it is; it must have one of these scopes.
pub fn caller(world: &World, call: &Call, scopes: &[&str]) -> Result<(Grant, Person), Reply> {
    let secret = call.bearer().ok_or_else(error::unauthenticated)?;
    let owner = world.owner(secret).map(Grant::label).unwrap_or_default();
    let (token, grant) = world.live(secret, call.now).map_err(|_| error::unauthenticated().of(owner))?;
    let person = world.person(&grant).filter(|_| grant.vendor == Vendor::Google && token.kind == Kind::Access);
    let person = person.ok_or_else(error::unauthenticated)?;
    if world.standing(Vendor::Google, "", &grant.person) == Some(Standing::Deactivated) {
        return Err(error::unauthenticated().of(grant.label()));
    }
    if !scopes.iter().any(|scope| grant.has(scope)) {
        return Err(error::insufficient().of(grant.label()));
    }
    Ok((grant, person))
}

/// Refuses parameters that the call does not know.
pub fn strict(call: &Call, known: &[&str]) -> Result<(), Reply> {
    match call.query.stranger(&[known, &["alt", "prettyPrint", "fields"]]) {
        Some(name) => Err(error::invalid(&format!(
            "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter. Field '{name}' could not be found in request message."
        ))),
        None => Ok(()),
    }
}

/// A whole number between two bounds out of the query.
pub fn count(call: &Call, name: &str, usual: usize, low: usize, high: usize) -> Result<usize, Reply> {
    match call.query.get(name) {
        None => Ok(usual),
        Some(text) => text.parse().ok().filter(|count| (low..=high).contains(count)).ok_or_else(|| {
            error::invalid(&format!(
                "Invalid value '{text}' for {name}. Values must be within the range: [{low}, {high}]"
            ))
        }),
    }
}

/// `GET /oauth2/v2/userinfo`.
pub fn userinfo(world: &World, call: &Call) -> Answer {
    strict(call, &[])?;
    let (grant, person) = caller(world, call, &["profile", "email"])?;
    let mut body = json!({"id": person.id});
    if grant.has("profile") {
        body["name"] = person.name.into();
        body["picture"] = picture::google(&person.id).into();
    }
    if grant.has("email") {
        body["email"] = person.handle.into();
        body["verified_email"] = true.into();
    }
    Ok(Reply::json(200, &body).of(grant.label()))
}
