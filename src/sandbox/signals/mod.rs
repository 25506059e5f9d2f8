//! What vendors tell an app by themselves. A test delivers it.

pub(super) mod google;
mod meta;
mod tiktok;

use super::cast::{self, Person};
use super::twin::RegisteredApp;
use super::vendor::Vendor;
use super::{SandboxError, apps};

/// The app that is registered for a platform, and a person (a key of [`cast`]) of its vendor.
fn found(platform: &str, person: &str) -> Result<(RegisteredApp, Vendor, Person), SandboxError> {
    let unknown = || SandboxError::Unknown(format!("{person} at {platform}"));
    let app = apps().find(|app| app.platform == platform).ok_or_else(unknown)?;
    let vendor = Vendor::ALL.into_iter().find(|vendor| vendor.twin().apps().iter().any(|app| app.platform == platform));
    let vendor = vendor.ok_or_else(unknown)?;
    let person = cast::find(vendor, "", person).ok_or_else(unknown)?;
    Ok((app, vendor, person))
}
