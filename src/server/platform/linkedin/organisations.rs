//! The organisations that a member administers, and whether they still do.

use serde_json::Value;

use super::super::failure::{Class, Failure};
use super::super::read::{list, text};
use super::super::request::Request;
use super::super::{Context, Destination, Subject, Tokens};
use super::refusal::{classify, classify_after_report};
use super::{FOR_ORGANISATIONS, ORGANISATION, POST_AS_ORGANISATION, rest};

/// Roles that may publish.
const ROLES: [&str; 2] = ["ADMINISTRATOR", "CONTENT_ADMINISTRATOR"];

/// Roles asked for at once, and most answers that are read: a list that goes on for ever is no list.
const COUNT: usize = 100;
const MAX_LISTS: usize = 20;

const NO_ROLE: &str = "Your role on this LinkedIn page does not let you publish. Ask a super admin to make you an admin or content \
                       admin, then connect again.";

const NO_SCOPE: &str =
    "Pilotlight was not given the permission to publish for this LinkedIn page. Connect again and allow everything.";

/// Whether a consent lets us ask for organisations. What LinkedIn did not tell is no reason to ask.
pub fn may_be_listed(scopes: Option<&[String]>) -> bool {
    scopes.is_some_and(|scopes| scopes.iter().any(|one| one == FOR_ORGANISATIONS[0] || one == "r_organization_admin"))
}

/// Every organisation that the member has a role in, usable or not.
pub async fn all(cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure> {
    let may_post = has(tokens.scopes.as_deref(), POST_AS_ORGANISATION);
    let mut found = Vec::new();
    for role in by_organisation(roles(cx, tokens, classify).await?.all) {
        let known = describe(cx, tokens, &role.urn).await.unwrap_or(Value::Null);
        let vanity = text(&known, "/vanityName");
        let unusable = match (role.publishes, may_post) {
            (false, _) => Some(NO_ROLE.to_owned()),
            (_, false) => Some(NO_SCOPE.to_owned()),
            _ => None,
        };
        found.push(Destination {
            name: text(&known, "/localizedName").unwrap_or_else(|| role.urn.clone()),
            link: vanity.as_ref().map(|vanity| format!("https://www.linkedin.com/company/{vanity}")),
            handle: vanity,
            picture_url: None,
            token: None,
            unusable,
            id: role.urn,
        });
    }
    Ok(found)
}

/// Whether the member still may publish for the organisation; asked after the token was found good.
pub async fn check(cx: &Context<'_>, subject: &Subject<'_>, scopes: Option<&[String]>) -> Result<(), Failure> {
    if scopes.is_some() && !(has(scopes, POST_AS_ORGANISATION) && may_be_listed(scopes)) {
        return Err(Failure::new(Class::Scope, "the consent does not cover organisations any more"));
    }
    let Roles { all, unread } = roles(cx, subject.tokens, classify_after_report).await?;
    let roles = by_organisation(all);
    match roles.iter().find(|role| role.urn == subject.destination_id) {
        Some(role) if role.publishes => Ok(()),
        // What can't be read is not a role that is gone.
        _ if unread => Err(Failure::new(Class::Transient, "an answer about roles with one that can't be read")),
        Some(_) => Err(Failure::new(Class::Role, "the member's role in the organisation does not let them publish")),
        None => Err(Failure::new(Class::Role, "the member has no role in the organisation any more")),
    }
}

fn has(scopes: Option<&[String]>, scope: &str) -> bool {
    scopes.is_some_and(|scopes| scopes.iter().any(|one| one == scope))
}

struct Role {
    urn: String,
    publishes: bool,
}

/// What LinkedIn told about a member's roles.
#[derive(Default)]
struct Roles {
    all: Vec<Role>,
    /// There was one that can't be read.
    unread: bool,
}

/// A member may have several roles in one organisation: one that publishes is enough.
fn by_organisation(all: Vec<Role>) -> Vec<Role> {
    let mut found: Vec<Role> = Vec::new();
    for role in all {
        match found.iter_mut().find(|known| known.urn == role.urn) {
            Some(known) => known.publishes |= role.publishes,
            None => found.push(role),
        }
    }
    found
}

async fn roles(
    cx: &Context<'_>,
    tokens: &Tokens,
    classify: fn(&super::super::answer::Answer) -> Failure,
) -> Result<Roles, Failure> {
    let mut found = Roles::default();
    for start in (0..MAX_LISTS).map(|page| page * COUNT) {
        let request = rest("organizationAcls")
            .query("q", "roleAssignee")
            .query("state", "APPROVED")
            .query("start", &start.to_string())
            .query("count", &COUNT.to_string())
            .bearer(&tokens.access);
        let answer = cx.ask(request, classify).await?;
        // Without the list nothing was said about any role.
        if answer.get("elements").and_then(Value::as_array).is_none() {
            return Err(Failure::new(Class::Transient, "an answer about roles without a list of them"));
        }
        let elements = list(&answer, "/elements");
        for element in elements {
            match role(element) {
                Some(role) => found.all.extend(role),
                None => found.unread = true,
            }
        }
        if elements.len() < COUNT {
            break;
        }
    }
    Ok(found)
}

/// A role, if it counts: approved, and at an organisation. `None` if it can't be read.
fn role(element: &Value) -> Option<Option<Role>> {
    let urn = text(element, "/organization").or_else(|| text(element, "/organizationTarget"))?;
    let publishes = ROLES.contains(&text(element, "/role")?.as_str());
    let approved = text(element, "/state").is_none_or(|state| state == "APPROVED");
    Some((approved && urn.starts_with(ORGANISATION)).then_some(Role { urn, publishes }))
}

/// Name and address; an organisation that can't be described is still one.
async fn describe(cx: &Context<'_>, tokens: &Tokens, urn: &str) -> Result<Value, Failure> {
    let id = urn.trim_start_matches(ORGANISATION);
    if !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Value::Null);
    }
    let request: Request = rest(&format!("organizations/{id}")).bearer(&tokens.access);
    cx.ask(request, classify).await
}
