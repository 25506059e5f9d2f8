use pilotlight::domain::health::Cause;
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Control, cast};

use super::Case;

/// The channel of the first person.
const CHANNEL: &str = "UCq4ayS1deB3lls0fTh3N0rth";
const UPLOAD: &str = "https://www.googleapis.com/auth/youtube.upload";

const CASE: Case = Case {
    platform: Platform::Youtube,
    vendor: "google",
    person: cast::GOOGLE[0],
    other: cast::GOOGLE[1],
    host: None,
    destination: None,
    breaks: &[
        (|vendor, person| Control::RevokeGrant { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::ExpireRefresh { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::DeactivateAccount { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::Suspend { vendor, person }, Cause::ActionNeeded),
        (|vendor, person| Control::LoseRole { vendor, person, page: CHANNEL.into() }, Cause::ActionNeeded),
        (|vendor, person| Control::Untick { vendor, person, scope: UPLOAD.into() }, Cause::PermissionsMissing),
    ],
};

// SPEC C-3, C-6, C-9, D-2, T-4
#[tokio::test]
async fn from_green_to_amber_and_back() {
    CASE.walk().await;
}
