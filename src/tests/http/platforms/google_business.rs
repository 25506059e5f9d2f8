use pilotlight::domain::health::Cause;
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Control, cast};

use super::Case;

/// The first location of the first person.
const LOCATION: &str = "accounts/10420/locations/77001";
const MANAGE: &str = "https://www.googleapis.com/auth/business.manage";

const CASE: Case = Case {
    platform: Platform::GoogleBusiness,
    vendor: "google",
    person: cast::GOOGLE[0],
    other: cast::GOOGLE[1],
    host: None,
    destination: Some(LOCATION),
    breaks: &[
        (|vendor, person| Control::RevokeGrant { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::ExpireRefresh { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::DeactivateAccount { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::Suspend { vendor, person }, Cause::ActionNeeded),
        (|vendor, person| Control::LoseRole { vendor, person, page: LOCATION.into() }, Cause::RoleLost),
        (|vendor, person| Control::Untick { vendor, person, scope: MANAGE.into() }, Cause::PermissionsMissing),
    ],
};

// SPEC C-3, C-6, C-9, D-2, T-4
#[tokio::test]
async fn from_green_to_amber_and_back() {
    CASE.walk().await;
}
