use pilotlight::domain::health::Cause;
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Control, cast};

use super::Case;

const CASE: Case = Case {
    platform: Platform::Instagram,
    vendor: "instagram",
    person: cast::INSTAGRAM[0],
    other: cast::INSTAGRAM[1],
    host: None,
    destination: None,
    breaks: &[
        (|vendor, person| Control::RevokeGrant { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::ExpireAccess { vendor, person }, Cause::Expired),
        (|vendor, person| Control::ChangePassword { vendor, person }, Cause::PasswordChanged),
        (
            |vendor, person| Control::Untick { vendor, person, scope: "instagram_business_basic".into() },
            Cause::PermissionsMissing,
        ),
        (|vendor, person| Control::SwitchToPersonal { vendor, person }, Cause::ActionNeeded),
        (|vendor, person| Control::Suspend { vendor, person }, Cause::ActionNeeded),
        (|vendor, person| Control::DeactivateAccount { vendor, person }, Cause::ActionNeeded),
    ],
};

// SPEC C-3, C-6, C-9, D-2, T-4
#[tokio::test]
async fn from_green_to_amber_and_back() {
    CASE.walk().await;
}
