use std::time::Duration;

use pilotlight::domain::health::{Cause, Health};
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Choice, Control, cast};

use super::Case;
use crate::support::TestApp;

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

// platforms.md 5: one consent ends with the other, where both products are asked for by the same app.
#[tokio::test]
async fn giving_back_one_product_spares_the_other() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let channel = CASE.connect(&app, &mut browser).await;
    let start = "/oauth/start?platform=google-business";
    let page = app.connect(&mut browser, start, Choice::person(CASE.person)).await;
    let grant = page.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned();
    browser.post("/oauth/choose", &[("grant", &grant), ("destination", "accounts/10420/locations/77001")]).await;
    app.drain().await;
    let given_back = || app.twin.requests().iter().filter(|one| one.path == "/revoke").count();
    browser.call("disconnect", &[("id", channel.id.as_str())]).await;
    app.drain().await;
    app.keep_all().await;
    let cards = app.cards(&mut browser).await;
    let location = cards.iter().find(|card| card.platform == Platform::GoogleBusiness).expect("the location");
    assert_eq!((location.health, given_back()), (Health::Healthy, 0));
    browser.call("disconnect", &[("id", location.id.as_str())]).await;
    app.drain().await;
    assert_eq!(given_back(), 1, "the last one is given back");
}

// platforms.md 16.4: a look costs a unit of a quota that everybody shares; an hour's token may lapse meanwhile.
#[tokio::test]
async fn it_is_looked_at_once_a_day() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = CASE.connect(&app, &mut browser).await;
    let looks = || app.twin.requests().iter().filter(|one| one.path == "/youtube/v3/channels").count();
    // The first look comes at once, to see whether what was chosen works.
    app.keep().await;
    let before = looks();
    for _ in 0..5 {
        app.advance(Duration::from_secs(4 * 3_600));
        app.keep().await;
    }
    assert_eq!(looks(), before, "twenty hours");
    app.advance(Duration::from_secs(4 * 3_600));
    app.keep().await;
    assert_eq!(looks(), before + 1);
    assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy);
}

// SPEC C-9: a Google account without a channel.
#[tokio::test]
async fn without_a_channel_there_is_nothing_to_connect() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    for platform in ["youtube", "google-business"] {
        let start = format!("/oauth/start?platform={platform}");
        let page = app.connect(&mut browser, &start, Choice::person(cast::GOOGLE[2])).await;
        assert!(page.redirect().contains("code=no-destination"), "{}", page.redirect());
    }
    assert_eq!(app.cards(&mut browser).await.len(), 0);
}
