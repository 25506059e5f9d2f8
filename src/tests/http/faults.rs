//! Platforms that break in the middle of a connection: each ends on a page that explains it, and nothing is lost.

use pilotlight::api::accounts::Outcome;
use pilotlight::domain::health::Health;
use pilotlight::sandbox::{Choice, Fault, FaultKind};

use crate::support::{TestApp, dump};

const TABLES: [&str; 3] = ["accounts", "grants", "incidents"];

async fn ends_well(kind: FaultKind) {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    for (start, host) in [
        ("/oauth/start?platform=x".to_owned(), "x"),
        (format!("/oauth/start?platform=mastodon&account={}", card.id), "mastodon.example"),
        ("/oauth/start?platform=facebook".to_owned(), "facebook"),
    ] {
        let before = dump(&app.state.db, &TABLES).await;
        let callback = app.consent(&mut browser, &start, Choice::default()).await;
        app.twin.fault(Fault::on(host, kind.clone(), None));
        let page = browser.get(&callback).await;
        assert!(
            page.redirect().starts_with("/connect/problem?code=platform-down"),
            "{host} {kind:?}: {}",
            page.redirect()
        );
        let shown = browser.get(page.redirect()).await;
        assert_eq!(shown.status, 200);
        app.twin.clear_faults();
        assert_eq!(dump(&app.state.db, &TABLES).await, before, "{host} {kind:?}");
    }
}

#[tokio::test]
async fn a_500_ends_well() {
    ends_well(FaultKind::Status(500)).await;
}

#[tokio::test]
async fn html_ends_well() {
    ends_well(FaultKind::Html).await;
}

#[tokio::test]
async fn an_empty_body_ends_well() {
    ends_well(FaultKind::Empty).await;
}

#[tokio::test]
async fn fifty_megabytes_end_well() {
    ends_well(FaultKind::Huge(50 * 1024 * 1024)).await;
}

#[tokio::test]
async fn silence_ends_well() {
    ends_well(FaultKind::Hang).await;
}

#[tokio::test]
async fn a_dropped_connection_ends_well() {
    ends_well(FaultKind::DropConnection).await;
}

// A server that can't be used is the person's to correct, not ours to break on.
#[tokio::test]
async fn a_mastodon_server_that_does_not_register_us_is_named_a_bad_server() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    app.twin.fault(Fault::on("broken.example", FaultKind::Html, None));
    let page = browser.get("/oauth/start?platform=mastodon&host=broken.example").await;
    assert!(page.redirect().starts_with("/connect/problem?code=bad-server"), "{}", page.redirect());
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let app = TestApp::new().await;
    let taken = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let mut config = (*app.state.config).clone();
    config.server.listen = taken.local_addr().expect("an address");
    let error = pilotlight::server::listen(&config).await.expect_err("the port is taken").to_string();
    assert!(error.contains(&config.server.listen.to_string()) && error.contains("server.listen"), "{error}");
}

// The code is spent when the questions after it fail: they are asked again, and the reconnect goes through.
#[tokio::test]
async fn a_hiccup_after_the_exchange_costs_nothing() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    app.connect(&mut browser, "/oauth/start?platform=x", Choice::default()).await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    let start = format!("/oauth/start?platform=x&account={}", card.id);
    let callback = app.consent(&mut browser, &start, Choice::default()).await;
    app.twin.fault(Fault::on("x", FaultKind::Status(500), Some(2)).at("/2/users/me"));
    let page = browser.get(&callback).await;
    assert!(page.redirect().contains("done=reconnected"), "{}", page.redirect());
    let outcome: Outcome = browser.ask("check", &[("id", card.id.as_str())]).await;
    assert_eq!(outcome.health, Some(Health::Healthy), "{}", outcome.words);
}
