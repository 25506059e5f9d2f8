//! A platform that nobody foresaw: described in Leptos.toml, and treated like the others from then on.

use std::time::Duration;

use pilotlight::api::connect::{Choice as Line, Offer};
use pilotlight::domain::explain;
use pilotlight::domain::health::{Cause, Health};
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{self, Choice, Control, Fault, FaultKind, cast};

use crate::support::browser::Browser;
use crate::support::{TestApp, dump};

/// What an operator writes. The second takes everything else that can differ.
fn settings() -> String {
    let (basic, plain) = (sandbox::STANDARD_BASIC, sandbox::STANDARD_PLAIN);
    format!(
        r#"
        [custom.bakers]
        name = "Bakers' Forum"
        authorize_url = "https://www.bakers.example/oauth/authorize"
        token_url = "https://api.bakers.example/oauth/token"
        revoke_url = "https://api.bakers.example/oauth/revoke"
        client_id = "{}"
        client_secret = "{}"
        scopes = ["profile.read", "posts.write", "pictures.write"]
        optional_scopes = ["pictures.write"]
        profile_url = "https://api.bakers.example/v1/me"
        profile_id = "/account/id"
        profile_name = "/account/title"
        profile_handle = "/account/login"
        profile_picture = "/account/images/0"

        [custom.plain-bakers]
        name = "Plain Bakers"
        authorize_url = "https://www.bakers.example/oauth/authorize"
        token_url = "https://api.bakers.example/oauth/token"
        client_id = "{}"
        client_secret = "{}"
        client_auth = "body"
        pkce = false
        scopes = ["profile.read"]
        profile_url = "https://api.bakers.example/v1/me"
        profile_id = "/account/id"
        "#,
        basic.0, basic.1, plain.0, plain.1
    )
}

async fn app() -> (TestApp, Browser) {
    let app = TestApp::with_file(&settings(), None, Box::new(()), &[]).await;
    let browser = app.owner().await;
    (app, browser)
}

fn rosa() -> Choice {
    Choice::person(cast::STANDARD[0])
}

const START: &str = "/oauth/start?platform=custom-bakers";

// SPEC C-1, C-3, C-6, C-9, D-2, T-4
#[tokio::test]
async fn from_the_settings_alone_to_green_amber_and_green() {
    let (app, mut browser) = app().await;
    let lines: Vec<Line> = browser.ask("choices", &[]).await;
    let line = lines.iter().find(|line| line.platform.key() == "custom-bakers").expect("it is on offer");
    assert_eq!((line.platform.name(), &line.offer), ("Bakers' Forum", &Offer::Ready));
    assert!(
        browser.get("/connect").await.text().contains("Bakers&#x27; Forum")
            || browser.get("/connect").await.text().contains("Bakers' Forum")
    );

    let denied = Choice { deny: true, ..rosa() };
    let page = app.connect(&mut browser, START, denied).await;
    assert!(page.redirect().contains("code=declined"), "{}", page.redirect());
    let told = browser.get(page.redirect()).await;
    assert!(told.text().contains("Forum"), "the problem's page names the platform");

    let page = app.connect(&mut browser, START, rosa()).await;
    assert!(page.redirect().contains("done=connected"), "{}", page.redirect());
    app.drain().await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    assert_eq!(
        (card.name.as_str(), card.handle.as_deref(), card.platform.name()),
        ("Rosa Quill", Some("rosa"), "Bakers' Forum")
    );
    assert_eq!(card.health, Health::Healthy);

    let before = dump(&app.state.db, &["accounts", "grants", "incidents"]).await;
    let again = format!("{START}&account={}", card.id);
    let page = app.connect(&mut browser, &again, Choice::person(cast::STANDARD[1])).await;
    assert!(page.redirect().contains("code=wrong-account"), "{}", page.redirect());
    assert_eq!(dump(&app.state.db, &["accounts", "grants", "incidents"]).await, before, "not a row was changed");

    // Its tokens live an hour: a day of the keeper is many refreshes, each with a new pair.
    for _ in 0..24 {
        app.advance(Duration::from_secs(3_600));
        app.keep().await;
    }
    let renewed = app.twin.requests().iter().filter(|one| one.path == "/oauth/token").count();
    assert!(renewed > 20, "only {renewed} calls to the token endpoint");
    assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy);

    for kind in [
        FaultKind::RateLimited { seconds: None },
        FaultKind::AppRefused,
        FaultKind::Status(500),
        FaultKind::Html,
        FaultKind::Empty,
        FaultKind::WrongJson,
    ] {
        app.twin.fault(Fault::on("standard", kind.clone(), None));
        for _ in 0..4 {
            app.advance(Duration::from_secs(86_400));
            app.keep().await;
        }
        app.twin.clear_faults();
        assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy, "{kind:?} is no alarm");
        app.keep_all().await;
    }

    let person = || cast::STANDARD[0].to_owned();
    app.twin.control(Control::RevokeGrant { vendor: "standard".into(), person: person() }).expect("known");
    app.keep_all().await;
    let amber = app.card(&mut browser, &card.id).await;
    assert_eq!((amber.health, amber.cause), (Health::NeedsReconnect, Some(Cause::Revoked)));
    let page = browser.get(&format!("/connections?account={}", card.id)).await;
    let words = explain::cause(Cause::Revoked, card.platform).title;
    assert!(page.text().contains(&*words), "the page does not say {words:?}");
    let page = app.connect(&mut browser, &again, rosa()).await;
    assert!(page.redirect().contains("done=reconnected"), "{}", page.redirect());
    app.keep_all().await;
    assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy);

    browser.call("disconnect", &[("id", card.id.as_str())]).await;
    app.drain().await;
    let given_back = app.twin.requests().iter().filter(|one| one.path == "/oauth/revoke" && one.status == 200).count();
    assert!(given_back > 0, "the consent was given back");
}

// SPEC C-5
#[tokio::test]
async fn a_declined_permission_is_amber_unless_it_is_optional() {
    for (scope, health) in [("pictures.write", Health::Healthy), ("posts.write", Health::NeedsReconnect)] {
        let (app, mut browser) = app().await;
        let unticked = Choice { untick_scopes: vec![scope.into()], ..rosa() };
        let page = app.connect(&mut browser, START, unticked).await;
        assert!(page.redirect().contains("done=connected"), "{}", page.redirect());
        let card = app.cards(&mut browser).await.pop().expect("a card");
        assert_eq!(card.health, health, "without {scope}");
    }
}

// SPEC C-3
#[tokio::test]
async fn one_with_less_connects_as_well() {
    let (app, mut browser) = app().await;
    let page = app.connect(&mut browser, "/oauth/start?platform=custom-plain-bakers", rosa()).await;
    assert!(page.redirect().contains("done=connected"), "{}", page.redirect());
    app.keep_all().await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    assert_eq!((card.name.as_str(), card.health), ("80017", Health::Healthy));
    let gone = browser.get("/oauth/start?platform=custom-unheard-of").await;
    assert!(gone.redirect().contains("code=unknown-attempt"), "{}", gone.redirect());
}

// SPEC T-4
#[tokio::test]
async fn an_account_outlives_its_settings() {
    let (mut app, mut browser) = app().await;
    app.connect(&mut browser, START, rosa()).await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    // As after a restart without the table.
    let mut config = (*app.state.config).clone();
    config.custom.clear();
    config.platforms.retain(|platform, _| !matches!(platform, Platform::Custom(_)));
    app.state.config = std::sync::Arc::new(config);
    app.router = pilotlight::server::http::router::router(app.state.clone());
    let mut browser = app.owner().await;
    app.keep_all().await;
    let still = app.card(&mut browser, &card.id).await;
    assert_eq!((still.health, still.name.as_str()), (Health::Healthy, "Rosa Quill"));
}
