//! Settings > Platforms: the operator's side.

use std::sync::Arc;

use pilotlight::api::platforms::{AppCheck, Setup, SetupState, Verdict};
use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use pilotlight::sandbox::{self, Fault, FaultKind};
use pilotlight::server::http::router::router;

use crate::support::TestApp;

const PAGE: &str = "/settings/platforms";

// SPEC C-1: the operator is told what to enter where, and what is missing.
#[tokio::test]
async fn admins_see_addresses_and_what_is_missing() {
    let app = TestApp::without_apps().await;
    let mut browser = app.owner().await;
    let setups: Vec<Setup> = browser.ask("platforms", &[]).await;
    assert_eq!(setups.len(), Platform::ALL.len());
    let of = |platform| setups.iter().find(|one| one.platform == platform).expect("every platform");
    let wanted = ["platforms.facebook.client_id", "platforms.facebook.client_secret"].map(str::to_owned).to_vec();
    assert_eq!(of(Platform::Facebook).state, SetupState::Missing { settings: wanted });
    assert_eq!(of(Platform::Mastodon).state, SetupState::NothingToDo);
    assert_eq!(of(Platform::Whatsapp).state, SetupState::ComingSoon);
    let page = browser.get(PAGE).await.text();
    assert!(page.contains("http://localhost:3000/oauth/callback/facebook"), "byte for byte what the vendor must know");
    assert!(page.contains("platforms.facebook.client_secret") && page.contains("App is missing"));
}

// SPEC W-1: below admins nobody sees it, nor makes us ask anybody.
#[tokio::test]
async fn others_see_nothing_of_it() {
    let app = TestApp::new().await;
    app.add_user("ed@agency.example", "Ed", "Agency", Role::Editor).await;
    let mut editor = app.signed_in_as("ed@agency.example").await;
    let page = editor.get(&format!("{PAGE}?check=x")).await.text();
    assert!(page.contains("Your role does not allow this"), "{page}");
    assert!(!page.contains("/oauth/callback/") && !editor.get("/connections").await.text().contains(PAGE));
    assert_eq!(app.twin.requests().len(), 0, "nobody was asked");
    let led = app.owner().await.get("/settings/notifications").await.text();
    assert!(
        led.contains(PAGE) && !editor.get("/settings/notifications").await.text().contains(PAGE),
        "an owner is led there"
    );
}

// SPEC T-4: what the platform says of our app, in its own words and without secrets.
#[tokio::test]
async fn a_live_check_says_what_the_vendor_answered() {
    for app_of in sandbox::apps() {
        let platform = Platform::from_key(app_of.platform).expect("a platform");
        let mut app = TestApp::new().await;
        let mut browser = app.owner().await;
        let key = [("platform", app_of.platform)];
        let good: AppCheck = browser.ask("check_app", &key).await;
        assert_eq!(good.verdict, Verdict::Knows, "{platform}: {}", good.words);
        assert!(browser.get(&format!("{PAGE}?check={}", app_of.platform)).await.text().contains(&good.words));

        let host = app.twin.requests().last().expect("it was asked").host.clone();
        app.twin.fault(Fault::on(&host, FaultKind::Status(503), None));
        let silent: AppCheck = browser.ask("check_app", &key).await;
        assert_eq!(silent.verdict, Verdict::Unknown, "{platform}: {}", silent.words);
        app.twin.clear_faults();

        let mut config = (*app.state.config).clone();
        config.platforms.get_mut(&platform).expect("set").client_secret = "not-the-secret".into();
        app.state.config = Arc::new(config);
        app.router = router(app.state.clone());
        let mut browser = app.owner().await;
        let bad: AppCheck = browser.ask("check_app", &key).await;
        assert_eq!(bad.verdict, Verdict::Refuses, "{platform}: {}", bad.words);
        assert!(!bad.words.contains("not-the-secret"), "{}", bad.words);
    }
}
