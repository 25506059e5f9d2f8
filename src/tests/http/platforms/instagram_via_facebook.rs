use pilotlight::domain::health::Cause;
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Control, cast};

use super::Case;

/// The first page of the person with many, and the Instagram account that is linked to it.
const PAGE: &str = "100200300400501";
const ACCOUNT: &str = "17841400000000501";

const CASE: Case = Case {
    platform: Platform::InstagramViaFacebook,
    vendor: "facebook",
    person: cast::FACEBOOK_MANY,
    other: cast::FACEBOOK_FEW,
    host: None,
    destination: Some(ACCOUNT),
    breaks: &[
        (|vendor, person| Control::RevokeGrant { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::ExpireAccess { vendor, person }, Cause::Expired),
        (|vendor, person| Control::ChangePassword { vendor, person }, Cause::PasswordChanged),
        (
            |vendor, person| Control::Untick { vendor, person, scope: "instagram_content_publish".into() },
            Cause::PermissionsMissing,
        ),
        (|vendor, person| Control::UntickPage { vendor, person, page: PAGE.into() }, Cause::PermissionsMissing),
        (|vendor, person| Control::LoseRole { vendor, person, page: PAGE.into() }, Cause::RoleLost),
        (|vendor, person| Control::UnlinkInstagram { vendor, person, page: PAGE.into() }, Cause::RoleLost),
        (|vendor, person| Control::Suspend { vendor, person }, Cause::ActionNeeded),
    ],
};

// SPEC C-3, C-6, C-9, D-2, T-4
#[tokio::test]
async fn from_green_to_amber_and_back() {
    CASE.walk().await;
}
