//! What a person has given the app, and giving it back.

use serde_json::json;

use super::super::call::{Call, Reply};
use super::super::state::{End, Kind, World};
use super::error::GraphError;
use super::known;
use super::proof::{Caller, caller};

/// `GET /me/permissions`.
pub fn list(world: &World, call: &Call, id: &str) -> Result<Reply, GraphError> {
    known(call, &["permission", "status", "limit"])?;
    let caller = user(world, call, id)?;
    let line = |status: &'static str| move |scope: &String| json!({"permission": scope, "status": status});
    let granted = caller.grant.scopes.iter().map(line("granted"));
    let all: Vec<_> = granted.chain(caller.grant.declined.iter().map(line("declined"))).collect();
    Ok(Reply::json(200, &json!({"data": all})).of(caller.grant.label()))
}

/// `DELETE /{user}/permissions`, of all or of one.
pub fn remove(world: &mut World, call: &Call, id: &str, one: Option<&str>) -> Result<Reply, GraphError> {
    known(call, &[])?;
    let caller = user(world, call, id)?;
    match one {
        None => world.end(caller.grant.id, End::GivenBack),
        Some(scope) if caller.grant.has(scope) => decline(world, caller.grant.id, scope),
        Some(scope) => {
            return Err(GraphError::request(100, format!("(#100) The permission {scope} was not granted"))
                .of(caller.grant.label()));
        }
    }
    Ok(Reply::json(200, &json!({"success": true})).of(caller.grant.label()))
}

/// Takes one scope out of a consent.
pub fn decline(world: &mut World, grant: u64, scope: &str) {
    if let Some(grant) = world.state.grants.get_mut(&grant) {
        grant.scopes.retain(|one| one != scope);
        grant.declined.push(scope.to_owned());
    }
    world.changed = true;
}

/// The caller, who must be the person meant: page tokens can't speak of permissions.
fn user(world: &World, call: &Call, id: &str) -> Result<Caller, GraphError> {
    let caller = caller(world, call)?;
    let own = world.person(&caller.grant).is_some_and(|person| id == "me" || person.id == id);
    if !own || matches!(caller.token.kind, Kind::Page(_)) {
        return Err(GraphError::object(id).of(caller.grant.label()));
    }
    Ok(caller)
}
