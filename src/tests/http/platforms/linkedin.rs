use pilotlight::domain::health::Cause;
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Control, cast};

use super::Case;

/// As the member.
const MEMBER: Case = Case {
    platform: Platform::Linkedin,
    vendor: "linkedin",
    person: cast::LINKEDIN[0],
    other: cast::LINKEDIN[1],
    host: None,
    destination: Some("urn:li:person:yrZCpj2Z12"),
    breaks: &[
        (|vendor, person| Control::RevokeGrant { vendor, person }, Cause::Revoked),
        (
            |vendor, person| Control::Untick { vendor, person, scope: "w_member_social".into() },
            Cause::PermissionsMissing,
        ),
    ],
};

/// As an organisation that the member administers.
const ORGANISATION: Case = Case {
    destination: Some(cast::LINKEDIN_ORGANISATION),
    breaks: &[
        (|vendor, person| Control::RevokeGrant { vendor, person }, Cause::Revoked),
        (
            |vendor, person| Control::LoseRole { vendor, person, page: cast::LINKEDIN_ORGANISATION.into() },
            Cause::RoleLost,
        ),
        (
            |vendor, person| Control::Untick { vendor, person, scope: "w_organization_social".into() },
            Cause::PermissionsMissing,
        ),
    ],
    ..MEMBER
};

// SPEC C-3, C-6, C-9, D-2, T-4
#[tokio::test]
async fn a_member_from_green_to_amber_and_back() {
    MEMBER.walk().await;
}

// SPEC C-3, C-6, C-9, D-2, T-4
#[tokio::test]
async fn an_organisation_from_green_to_amber_and_back() {
    ORGANISATION.walk().await;
}
