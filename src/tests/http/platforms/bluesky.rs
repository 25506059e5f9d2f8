//! By app password, which has no consent page.

use pilotlight::domain::explain;
use pilotlight::domain::health::{Cause, Health};
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Control, Fault, FaultKind, cast};

use super::Break;
use crate::support::TestApp;

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
