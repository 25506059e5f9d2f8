//! A consent to everything, without clicks.

use super::super::SandboxError;
use super::super::cast::{Page, Person};
use super::super::mint::{Minted, MintedDestination, consent, whole_seconds};
use super::super::state::{Grant, World};
use super::super::vendor::Vendor;
use super::{APP_ID, consented, graph, long_lived};

const SCOPES: &[&str] =
    &["public_profile", "pages_show_list", "pages_manage_posts", "pages_read_engagement", "business_management"];

/// It is about the first page that the person may publish on.
pub fn minted(world: &mut World, person: Person, now: i64) -> Result<Minted, SandboxError> {
    let pages: Vec<Page> = super::super::consent::pages_of(world, &person);
    let page = pages.iter().find(|page| page.tasks.contains(&"CREATE_CONTENT"));
    let page = page.ok_or_else(|| SandboxError::Unknown(format!("a page of {}", person.key)))?;
    let fresh = Grant {
        pages: pages.iter().map(|page| page.id.to_string()).collect(),
        ..consent(Vendor::Facebook, "", APP_ID, &person, SCOPES, now)
    };
    let grant = consented(world, fresh);
    let (access, ends) = long_lived(world, grant, now);
    let token = graph::token_of_page(world, grant, &page.id, None, now);
    Ok(Minted {
        access,
        refresh: None,
        access_ends_at: Some(whole_seconds(ends)),
        scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        identity_id: person.id,
        name: person.name,
        handle: None,
        host: String::new(),
        destination: MintedDestination {
            id: page.id.to_string(),
            name: page.name.to_string(),
            handle: Some(page.username.to_string()),
            token: Some(token),
        },
    })
}
