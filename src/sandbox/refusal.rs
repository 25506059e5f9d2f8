//! What each vendor says when an app asks too often, or is not the app it says it is.

use super::call::{Call, Reply};
use super::state::World;
use super::twin::Twin;
use super::vendor::{Place, Vendor, place};

/// Too many requests; `seconds` is the wait that the vendor names in its own way, if it names one.
pub fn rate_limited(world: &mut World, call: &Call, seconds: Option<u32>) -> Reply {
    twin_of(call).too_often(world, call, seconds)
}

/// The app's credentials are wrong; `None` where the vendor does not look at them.
pub fn app_refused(world: &mut World, call: &Call) -> Option<Reply> {
    twin_of(call).app_refused(world, call)
}

/// Pictures have no such answers, and no faults of a vendor hit them; a fault of their host speaks like Mastodon.
fn twin_of(call: &Call) -> &'static dyn Twin {
    match place(&call.host, &call.path) {
        Place::Vendor(vendor) => vendor.twin(),
        Place::Pictures => Vendor::Mastodon.twin(),
    }
}
