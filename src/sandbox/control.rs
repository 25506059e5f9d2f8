//! What breaks a connection, on purpose: the buttons of the control page, and the same for programs.

use serde::{Deserialize, Serialize};

use super::SandboxError;
use super::cast;
use super::facebook::decline;
use super::models::{ACCESS_LIFE_S, Habits, RefreshModel};
use super::state::{End, Kind, Standing, World, standing_key};
use super::vendor::{Vendor, default_host};

/// One thing to break or to mend. `vendor` is its key, such as `facebook`; `person` is a key of [`cast`]: on
/// Mastodon `baker` on every server, or `baker@mastodon.example` on one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Control {
    /// The person takes back the consent.
    RevokeGrant { vendor: String, person: String },
    /// The person changes their password, which ends every token. (X and Mastodon call that revoked.)
    ChangePassword { vendor: String, person: String },
    /// Every token that has an end reaches it now; on Mastodon, whose tokens have none, all of them.
    ExpireAccess { vendor: String, person: String },
    /// The refresh tokens end.
    ExpireRefresh { vendor: String, person: String },
    /// The person takes back one permission.
    Untick { vendor: String, person: String, scope: String },
    /// Facebook: the person takes one page out of the consent.
    UntickPage { vendor: String, person: String, page: String },
    /// Facebook, LinkedIn: the person is no admin of the page any more.
    LoseRole { vendor: String, person: String, page: String },
    /// Telegram: the group becomes a supergroup, under another id.
    UpgradeGroup { vendor: String, person: String, page: String },
    /// Bluesky: deactivated by its owner. Facebook: must confirm who they are. X: locked. Mastodon: login disabled.
    DeactivateAccount { vendor: String, person: String },
    /// Bluesky: taken down. Facebook: at a checkpoint. X: suspended. Mastodon: login disabled.
    Suspend { vendor: String, person: String },
    /// Bluesky: the session can't be prolonged; access tokens live on to their end.
    DeleteAppPassword { vendor: String, person: String },
    /// Account, roles and app password are as at first. What was revoked needs a new consent.
    Restore { vendor: String, person: String },
    /// X only: how it treats refresh tokens from now on, and how long its access tokens live.
    SetRefresh {
        vendor: String,
        model: RefreshModel,
        #[serde(default = "usual_life")]
        access_seconds: i64,
    },
}

fn usual_life() -> i64 {
    ACCESS_LIFE_S
}

/// Does it.
pub fn apply(world: &mut World, control: &Control, now: i64) -> Result<(), SandboxError> {
    if let Control::SetRefresh { vendor, model, access_seconds } = control {
        return set_refresh(world, vendor, *model, *access_seconds);
    }
    let (vendor, person) = subject(control)?;
    let person = person.as_str();
    match control {
        Control::RevokeGrant { .. } => each(world, vendor, person, |world, grant| world.end(grant, End::Revoked)),
        Control::ChangePassword { .. } => {
            each(world, vendor, person, |world, grant| vendor.twin().password_changed(world, grant))
        }
        Control::ExpireAccess { .. } => {
            each(world, vendor, person, |world, grant| expire_access(world, vendor, grant, now))
        }
        Control::ExpireRefresh { .. } => each(world, vendor, person, |world, grant| {
            expire(world, grant, now, |kind, _| *kind == Kind::Refresh);
        }),
        Control::Untick { scope, .. } => untick(world, vendor, person, scope),
        Control::UntickPage { page, .. } => {
            let known = page_of(vendor, person, page)?;
            each(world, vendor, person, |world, grant| {
                if let Some(grant) = world.state.grants.get_mut(&grant) {
                    grant.pages.retain(|one| *one != known);
                }
            })
        }
        Control::LoseRole { page, .. } => {
            let page = page_of(vendor, person, page)?;
            world.state.lost_roles.insert((person.to_owned(), page));
            Ok(())
        }
        Control::UpgradeGroup { page, .. } => {
            world.state.upgraded.insert(page_of(vendor, person, page)?);
            Ok(())
        }
        Control::DeactivateAccount { .. } => stand(world, vendor, person, Standing::Deactivated),
        Control::Suspend { .. } => stand(world, vendor, person, Standing::Suspended),
        Control::DeleteAppPassword { .. } => vendor.twin().password_deleted(world, person),
        Control::Restore { .. } => {
            world.state.standings.remove(&standing_key(vendor, person));
            world.state.lost_roles.retain(|(who, page)| who != person || page_of(vendor, who, page).is_err());
            world.state.deleted_passwords.remove(person);
            Ok(())
        }
        // About nobody: seen to above.
        Control::SetRefresh { .. } => Ok(()),
    }?;
    world.changed = true;
    Ok(())
}

/// Vendor and person of a control, which must exist.
fn subject(control: &Control) -> Result<(Vendor, String), SandboxError> {
    use Control::*;
    let (vendor, person) = match control {
        RevokeGrant { vendor, person }
        | ChangePassword { vendor, person }
        | ExpireAccess { vendor, person }
        | ExpireRefresh { vendor, person }
        | Untick { vendor, person, .. }
        | UntickPage { vendor, person, .. }
        | LoseRole { vendor, person, .. }
        | UpgradeGroup { vendor, person, .. }
        | DeactivateAccount { vendor, person }
        | Suspend { vendor, person }
        | DeleteAppPassword { vendor, person }
        | Restore { vendor, person } => (vendor, person),
        SetRefresh { vendor, .. } => return Err(SandboxError::Unknown(format!("a person of {vendor}"))),
    };
    let found = Vendor::from_key(vendor).ok_or_else(|| SandboxError::Unknown(format!("a vendor called {vendor}")))?;
    let (key, host) = key_and_host(found, person);
    let known = cast::find(found, host, key)
        .ok_or_else(|| SandboxError::Unknown(format!("a person called {person} at {}", found.name())))?;
    // One of the crowd answers to a handle as well; what is remembered has the key.
    Ok((found, if found.twin().has_many_hosts() { person.clone() } else { known.key }))
}

fn set_refresh(world: &mut World, vendor: &str, model: RefreshModel, access_seconds: i64) -> Result<(), SandboxError> {
    if Vendor::from_key(vendor) != Some(Vendor::X) {
        return Err(SandboxError::Unknown(format!("models of refreshing at {vendor}")));
    }
    if access_seconds <= 0 || matches!(model, RefreshModel::Grace { seconds } if seconds < 0) {
        return Err(SandboxError::Unknown("lives that end before they begin".into()));
    }
    world.state.habits = Habits { model, access_seconds };
    world.changed = true;
    Ok(())
}

/// Key and server of a person as controls name them.
pub fn key_and_host(vendor: Vendor, person: &str) -> (&str, &str) {
    match person.split_once('@') {
        Some((key, host)) if vendor.twin().has_many_hosts() => (key, host),
        _ => (person, default_host(vendor)),
    }
}

/// Works on every living consent of a person; without one there is nothing to break.
fn each(
    world: &mut World,
    vendor: Vendor,
    person: &str,
    mut work: impl FnMut(&mut World, u64),
) -> Result<(), SandboxError> {
    let (key, host) = key_and_host(vendor, person);
    let everywhere = !person.contains('@');
    let found: Vec<u64> = world
        .consents(vendor, key)
        .filter(|grant| grant.ended.is_none())
        .filter(|grant| !vendor.twin().has_many_hosts() || everywhere || grant.host == host)
        .map(|grant| grant.id)
        .collect();
    if found.is_empty() {
        return Err(SandboxError::Unknown(format!("a living consent of {person} at {}", vendor.name())));
    }
    found.into_iter().for_each(|grant| work(world, grant));
    Ok(())
}

fn expire_access(world: &mut World, vendor: Vendor, grant: u64, now: i64) {
    let endless = vendor.twin().ends_endless_tokens();
    expire(world, grant, now, |kind, ends| *kind != Kind::Refresh && (ends || endless));
}

fn expire(world: &mut World, grant: u64, now: i64, which: impl Fn(&Kind, bool) -> bool) {
    world.each_token(grant, |token| {
        if which(&token.kind, token.ends.is_some()) {
            token.ends = Some(token.ends.map_or(now, |ends| ends.min(now)));
        }
    });
}

fn untick(world: &mut World, vendor: Vendor, person: &str, scope: &str) -> Result<(), SandboxError> {
    let mut found = false;
    each(world, vendor, person, |world, grant| {
        if world.state.grants.get(&grant).is_some_and(|grant| grant.has(scope)) {
            found = true;
            decline(world, grant, scope);
        }
    })?;
    if found { Ok(()) } else { Err(SandboxError::Unknown(format!("a granted scope {scope} of {person}"))) }
}

fn page_of(vendor: Vendor, person: &str, page: &str) -> Result<String, SandboxError> {
    let known = cast::find(vendor, "", person).is_some_and(|person| person.pages.iter().any(|one| one.id == page));
    if known { Ok(page.to_owned()) } else { Err(SandboxError::Unknown(format!("a page {page} of {person}"))) }
}

fn stand(world: &mut World, vendor: Vendor, person: &str, standing: Standing) -> Result<(), SandboxError> {
    world.state.standings.insert(standing_key(vendor, person), standing);
    Ok(())
}
