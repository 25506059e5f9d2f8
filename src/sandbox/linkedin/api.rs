//! The API: who the token speaks for, the organisations they have a role in, and an organisation's posts.

use serde_json::{Value, json};

use super::super::call::{Answer, Call, Reply};
use super::super::cast::{self, Page, Person};
use super::super::state::{Dead, End, Grant, Kind, World};
use super::super::vendor::Vendor;
use super::super::{picture, posts as invented};

/// Versions of `/rest` that live.
const VERSIONS: [&str; 3] = ["202601", "202604", "202607"];

/// For so long the API calls a token revoked that a refresh has just made.
const SETTLING_MS: i64 = 5_000;

/// `GET /v2/userinfo`.
pub fn userinfo(world: &World, call: &Call) -> Answer {
    let (grant, person) = caller(world, call)?;
    known(call, &[])?;
    needs(&grant, &["openid"])?;
    let mut body = json!({"sub": person.id});
    if grant.has("profile") {
        let (given, family) = person.name.split_once(' ').unwrap_or((&person.name, ""));
        body["name"] = person.name.clone().into();
        body["given_name"] = given.into();
        body["family_name"] = family.into();
        body["picture"] = picture::linkedin(&person.id).into();
        body["locale"] = json!({"country": "PT", "language": "pt"});
    }
    Ok(Reply::json(200, &body).of(grant.label()))
}

/// `GET /v2/me`.
pub fn me(world: &World, call: &Call) -> Answer {
    let (grant, person) = caller(world, call)?;
    known(call, &["projection"])?;
    needs(&grant, &["r_basicprofile"])?;
    let (given, family) = person.name.split_once(' ').unwrap_or((&person.name, ""));
    let body = json!({"id": person.id, "localizedFirstName": given, "localizedLastName": family});
    Ok(Reply::json(200, &body).of(grant.label()))
}

/// `GET /rest/organizationAcls?q=roleAssignee`.
pub fn roles(world: &World, call: &Call) -> Answer {
    version(call)?;
    let (grant, person) = caller(world, call)?;
    known(call, &["q", "state", "role", "start", "count"])?;
    if call.query.get("q") != Some("roleAssignee") {
        return Err(error(400, Some(100), "ILLEGAL_ARGUMENT", "Invalid query parameters passed to request"));
    }
    needs(&grant, &["rw_organization_admin", "r_organization_admin"])?;
    let number = |name: &str, usual: usize| call.query.get(name).map_or(Ok(usual), str::parse).ok();
    let (Some(start), Some(count)) = (number("start", 0), number("count", 10).filter(|count| *count <= 100)) else {
        return Err(error(400, Some(100), "ILLEGAL_ARGUMENT", "Invalid paging parameters"));
    };
    let held: Vec<Value> = administered(world, &person)
        .flat_map(|page| page.tasks.iter().map(move |role| (page.id.to_string(), *role)))
        .map(|(urn, role)| {
            let assignee = format!("urn:li:person:{}", person.id);
            json!({"organization": urn, "role": role, "roleAssignee": assignee, "state": "APPROVED"})
        })
        .collect();
    let elements: Vec<&Value> = held.iter().skip(start).take(count).collect();
    let body =
        json!({"paging": {"start": start, "count": count, "links": [], "total": held.len()}, "elements": elements});
    Ok(Reply::json(200, &body).of(grant.label()))
}

/// `GET /rest/organizations/{id}`.
pub fn organisation(world: &World, call: &Call, id: &str) -> Answer {
    version(call)?;
    let (grant, person) = caller(world, call)?;
    known(call, &["fields"])?;
    needs(&grant, &["rw_organization_admin", "r_organization_admin"])?;
    let urn = format!("urn:li:organization:{id}");
    let page = administered(world, &person).find(|page| page.id == urn).cloned().ok_or_else(denied)?;
    let number: u64 = id.parse().unwrap_or_default();
    let body = json!({"id": number, "localizedName": page.name, "vanityName": page.username, "$URN": urn});
    Ok(Reply::json(200, &body).of(grant.label()))
}

/// `GET /rest/posts?q=author`.
pub fn posts(world: &World, call: &Call) -> Answer {
    version(call)?;
    let (grant, person) = caller(world, call)?;
    known(call, &["q", "author", "count", "start", "sortBy", "isDsc", "viewContext"])?;
    if call.query.get("q") != Some("author") {
        return Err(error(400, Some(100), "ILLEGAL_ARGUMENT", "Invalid query parameters passed to request"));
    }
    let author = call.query.get("author").unwrap_or_default();
    // Nobody gets the permission that reading a member's posts takes.
    needs(&grant, &["r_organization_social"])?;
    if !administered(world, &person).any(|page| page.id == author) {
        return Err(denied());
    }
    let count = call.query.get("count").and_then(|count| count.parse().ok()).unwrap_or(10);
    let all = invented::of(author, call.now);
    let elements: Vec<Value> = all
        .iter()
        .take(count)
        .map(|post| {
            json!({"id": format!("urn:li:share:7{}", post.id), "author": author, "commentary": post.text,
                "publishedAt": post.at, "createdAt": post.at, "lifecycleState": "PUBLISHED", "visibility": "PUBLIC"})
        })
        .collect();
    Ok(Reply::json(200, &json!({"paging": {"start": 0, "count": count, "links": []}, "elements": elements}))
        .of(grant.label()))
}

fn administered<'a>(world: &'a World, person: &'a Person) -> impl Iterator<Item = &'a Page> {
    person.pages.iter().filter(|page| world.has_role(&person.key, &page.id))
}

/// Below `/rest` nothing is answered without a living version and the second protocol.
fn version(call: &Call) -> Result<(), Reply> {
    match call.header("linkedin-version") {
        None => {
            return Err(error(
                400,
                None,
                "VERSION_MISSING",
                "A version must be present. Please specify a version by adding the LinkedIn-Version header.",
            ));
        }
        Some(version) if !VERSIONS.contains(&version) => return Err(dead_version(version)),
        Some(_) => {}
    }
    if call.header("x-restli-protocol-version") != Some("2.0.0") {
        return Err(error(400, Some(100), "ILLEGAL_ARGUMENT", "Syntax exception in path variables"));
    }
    Ok(())
}

/// Whose token it is.
fn caller(world: &World, call: &Call) -> Result<(Grant, Person), Reply> {
    let Some(secret) = call.bearer().filter(|secret| !secret.is_empty()) else {
        return Err(error(401, Some(65_600), "INVALID_ACCESS_TOKEN", "Empty oauth2 access token"));
    };
    let invalid = || error(401, Some(65_600), "INVALID_ACCESS_TOKEN", "Invalid access token");
    let revoked = || {
        let words = "The token used in the request has been revoked by the user";
        error(401, Some(65_601), "REVOKED_ACCESS_TOKEN", words)
    };
    let owner = world.owner(secret).filter(|grant| grant.vendor == Vendor::Linkedin).cloned().ok_or_else(invalid)?;
    let (token, grant) = world.live(secret, call.now).map_err(|dead| {
        let reply = match dead {
            Dead::Unknown => invalid(),
            Dead::Ended(End::Expired) => {
                error(401, Some(65_602), "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired")
            }
            Dead::Ended(_) => revoked(),
        };
        reply.of(owner.label())
    })?;
    if token.kind != Kind::Access {
        return Err(invalid());
    }
    let refreshed = world.state.latest.get(&grant.id).and_then(|latest| latest.renewed) == Some(token.issued);
    if refreshed && call.now - token.issued < SETTLING_MS {
        return Err(revoked().of(grant.label()));
    }
    let person = cast::find(Vendor::Linkedin, "", &grant.person).ok_or_else(invalid)?;
    Ok((grant, person))
}

/// One of these scopes is enough.
fn needs(grant: &Grant, scopes: &[&str]) -> Result<(), Reply> {
    if scopes.iter().any(|scope| grant.has(scope)) { Ok(()) } else { Err(denied().of(grant.label())) }
}

fn known(call: &Call, names: &[&str]) -> Result<(), Reply> {
    match call.query.stranger(&[names]) {
        Some(name) => {
            let words = format!("Unpermitted query parameter present: {name}");
            Err(error(400, Some(100), "QUERY_PARAM_NOT_ALLOWED", &words))
        }
        None => Ok(()),
    }
}

fn denied() -> Reply {
    error(403, Some(100), "ACCESS_DENIED", "Not enough permissions to access this resource")
}

/// A version that was switched off.
pub fn dead_version(version: &str) -> Reply {
    error(426, None, "NONEXISTENT_VERSION", &format!("Requested version {version} is not active"))
}

/// Errors as the API writes them.
pub fn error(status: u16, number: Option<u32>, code: &str, message: &str) -> Reply {
    let mut body = json!({"status": status, "code": code, "message": message});
    if let Some(number) = number {
        body["serviceErrorCode"] = number.into();
    }
    Reply::json(status, &body)
}
