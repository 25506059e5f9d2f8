use pilotlight::domain::health::Cause;
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Control, cast};

use super::Case;

const CASE: Case = Case {
    platform: Platform::Tiktok,
    vendor: "tiktok",
    person: cast::TIKTOK[0],
    other: cast::TIKTOK[1],
    host: None,
    destination: None,
    breaks: &[
        (|vendor, person| Control::RevokeGrant { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::ExpireRefresh { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::DeactivateAccount { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::Suspend { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::Untick { vendor, person, scope: "video.publish".into() }, Cause::PermissionsMissing),
    ],
};

// SPEC C-3, C-6, C-9, D-2, T-4
#[tokio::test]
async fn from_green_to_amber_and_back() {
    CASE.walk().await;
}
