//! By OAuth as a client that proves itself, and by app password, which has no consent page.

use pilotlight::domain::explain;
use pilotlight::domain::health::{Cause, Health};
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Choice, Control, Fault, FaultKind, cast};

use super::{Break, Case};
use crate::support::TestApp;

const CASE: Case = Case {
    platform: Platform::Bluesky,
    vendor: "bluesky",
    person: cast::BLUESKY[0].0,
    other: cast::BLUESKY[1].0,
    host: Some(cast::BLUESKY[0].0),
    destination: None,
    breaks: &[
        (|vendor, person| Control::RevokeGrant { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::ChangePassword { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::ExpireRefresh { vendor, person }, Cause::Revoked),
        (|vendor, person| Control::DeactivateAccount { vendor, person }, Cause::ActionNeeded),
        (|vendor, person| Control::Suspend { vendor, person }, Cause::ActionNeeded),
    ],
};

// SPEC C-3, C-6, C-9, D-2, T-4
#[tokio::test]
async fn by_oauth_from_green_to_amber_and_back() {
    CASE.walk().await;
}

// SPEC C-6: the account is its DID, whichever way its owner comes
#[tokio::test]
async fn an_account_may_come_back_either_way() {
    let (handle, password) = cast::BLUESKY[0];
    let app = TestApp::known_to_bluesky().await;
    let mut browser = app.owner().await;
    let form = [("platform", "bluesky"), ("handle", handle), ("password", password)];
    browser.post("/oauth/password", &form).await;
    let card = app.cards(&mut browser).await.pop().expect("a card");

    // The handle is asked for first: the page offers both ways.
    let start = format!("/oauth/start?platform=bluesky&account={}", card.id);
    let page = browser.get(&start).await;
    assert_eq!(page.redirect(), format!("/connect/bluesky?account={}", card.id));
    let page = browser.get(&format!("/connect/bluesky?account={}", card.id)).await;
    for form in ["action=\"/oauth/start\"", "action=\"/oauth/password\""] {
        assert!(page.text().contains(form), "no {form}");
    }
    let page = app.connect(&mut browser, &format!("{start}&handle={handle}"), Choice::person(handle)).await;
    assert!(page.redirect().contains("done=reconnected"), "{}", page.redirect());
    app.keep_all().await;
    assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy);
    // Now it is known whose server to ask.
    let page = browser.get(&start).await;
    assert!(page.redirect().contains("/entry.bsky.example/oauth/authorize?"), "{}", page.redirect());

    let form = [form[0], form[1], form[2], ("account", card.id.as_str())];
    let page = browser.post("/oauth/password", &form).await;
    assert!(page.redirect().contains("done=reconnected"), "{}", page.redirect());
    app.keep_all().await;
    assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy);
    assert_eq!(app.cards(&mut browser).await.len(), 1);
}

// SPEC C-9
#[tokio::test]
async fn what_goes_wrong_before_the_consent_page_is_told() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let page = browser.get("/oauth/start?platform=bluesky&handle=nobody.bsky.example").await;
    assert!(page.redirect().contains("code=unknown-handle"), "{}", page.redirect());
    app.twin.fault(Fault::on("bluesky", FaultKind::Status(404), None).at("/.well-known/oauth-protected-resource"));
    let page = browser.get(&format!("/oauth/start?platform=bluesky&handle={}", cast::BLUESKY[0].0)).await;
    app.twin.clear_faults();
    assert!(page.redirect().contains("code=platform-down"), "{}", page.redirect());
    // On this machine alone nobody reads a document; a scope that was left out is missed.
    let narrow = Choice { untick_scopes: vec!["transition:generic".into()], ..Choice::person(cast::BLUESKY[0].0) };
    let start = format!("/oauth/start?platform=bluesky&handle={}", cast::BLUESKY[0].0);
    let page = app.connect(&mut browser, &start, narrow).await;
    assert!(page.redirect().contains("account="), "{}", page.redirect());
    let card = app.cards(&mut browser).await.pop().expect("a card");
    assert_eq!((card.health, card.cause), (Health::NeedsReconnect, Some(Cause::PermissionsMissing)));
    let page = app.connect(&mut browser, &start, Choice::person(cast::BLUESKY[0].0)).await;
    assert!(page.redirect().contains("account="), "{}", page.redirect());
    assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy);
}

const BREAKS: &[(Break, Cause)] = &[
    (|vendor, person| Control::DeleteAppPassword { vendor, person }, Cause::Revoked),
    (|vendor, person| Control::DeactivateAccount { vendor, person }, Cause::ActionNeeded),
    (|vendor, person| Control::Suspend { vendor, person }, Cause::ActionNeeded),
];

// SPEC C-3, D-2, T-4
#[tokio::test]
async fn from_green_to_amber_and_back() {
    let (handle, password) = cast::BLUESKY[0];
    for (how, cause) in BREAKS {
        let app = TestApp::new().await;
        let mut browser = app.owner().await;
        let form = [("platform", "bluesky"), ("handle", handle), ("password", password)];
        browser.post("/oauth/password", &form).await;
        let card = app.cards(&mut browser).await.pop().expect("a card");
        app.keep_all().await;
        assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy);
        let control = how("bluesky".into(), handle.into());
        app.twin.control(control.clone()).expect("the sandbox can do that");
        app.keep_all().await;
        let amber = app.card(&mut browser, &card.id).await;
        assert_eq!((amber.health, amber.cause), (Health::NeedsReconnect, Some(*cause)), "{control:?}");
        let page = browser.get(&format!("/connections?account={}", card.id)).await;
        let words = explain::cause(*cause, Platform::Bluesky).sentence;
        assert!(page.text().contains(&*words), "the page does not say {words:?}");
        // An answer that does not say whose session it is heals nothing (the weather caught it).
        app.twin.fault(Fault::on("bluesky", FaultKind::WrongJson, None).at("/xrpc/com.atproto.server.getSession"));
        app.keep_all().await;
        app.twin.clear_faults();
        assert_eq!(app.card(&mut browser, &card.id).await.health, Health::NeedsReconnect, "healed by a wrong answer");
        let mended = Control::Restore { vendor: "bluesky".into(), person: handle.into() };
        app.twin.control(mended).expect("the sandbox can mend it");
        let form = [form[0], form[1], form[2], ("account", card.id.as_str())];
        let page = browser.post("/oauth/password", &form).await;
        assert!(page.redirect().contains("done=reconnected"), "{}", page.redirect());
        app.keep_all().await;
        assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy, "after {control:?}");
    }
}
