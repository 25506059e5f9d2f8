//! What platforms tell us by themselves.

use std::time::Duration;

use axum::http::StatusCode;
use pilotlight::api::accounts::Card;
use pilotlight::domain::health::{Cause, Health};
use pilotlight::domain::role::Role;
use pilotlight::sandbox::{Choice, cast};
use pilotlight::server::store::incidents;

use crate::support::browser::{Browser, Page};
use crate::support::{TestApp, dump};

const TABLES: &[&str] = &["accounts", "grants", "incidents", "events", "deletions"];

/// As Meta posts it: from nowhere, without a cookie.
async fn tell(app: &TestApp, platform: &str, kind: &str, signed: &str) -> Page {
    let mut meta = app.browser();
    meta.site = "cross-site";
    meta.post(&format!("/signals/{platform}/{kind}"), &[("signed_request", signed)]).await
}

/// Connects an account of a platform with one destination a person.
async fn connected(app: &TestApp, browser: &mut Browser, platform: &str, person: &str) -> Card {
    let page = app.connect(browser, &format!("/oauth/start?platform={platform}"), Choice::person(person)).await;
    assert!(page.redirect().contains("done=connected"), "{}", page.redirect());
    app.drain().await;
    app.cards(browser).await.pop().expect("a card")
}

async fn revoked(app: &TestApp, browser: &mut Browser, card: &Card) {
    let now = app.card(browser, &card.id).await;
    assert_eq!((now.health, now.cause), (Health::NeedsReconnect, Some(Cause::Revoked)));
}

// SPEC T-8: at once, in every workspace, and nobody heals it but a reconnect.
#[tokio::test]
async fn a_removed_app_turns_every_account_of_the_person_amber() {
    for (platform, person) in [("instagram", cast::INSTAGRAM[0]), ("threads", cast::THREADS[0])] {
        let app = TestApp::new().await;
        app.add_user("bo@other.example", "Bo", "Other", Role::Owner).await;
        let (mut ada, mut bo) = (app.owner().await, app.signed_in_as("bo@other.example").await);
        let hers = connected(&app, &mut ada, platform, person).await;
        let his = connected(&app, &mut bo, platform, person).await;
        app.advance(Duration::from_secs(600));
        let signed = app.twin.signed_request(platform, person).expect("a signed request");
        let answer = tell(&app, platform, "deauthorize", &signed).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        revoked(&app, &mut ada, &hers).await;
        revoked(&app, &mut bo, &his).await;
        // The sandbox still takes the tokens: the keeper must not believe that.
        app.keep_all().await;
        revoked(&app, &mut ada, &hers).await;
        assert_eq!(tell(&app, platform, "deauthorize", &signed).await.status, StatusCode::OK, "said twice");
        assert_eq!(incidents::of_account(&app.state.db, &hers.id).await.expect("incidents").len(), 1);

        let start = format!("/oauth/start?platform={platform}&account={}", hers.id);
        let page = app.connect(&mut ada, &start, Choice::person(person)).await;
        assert!(page.redirect().contains("done=reconnected"), "{}", page.redirect());
        // An old message that comes again is not about the new consent.
        assert_eq!(tell(&app, platform, "deauthorize", &signed).await.status, StatusCode::OK);
        app.keep_all().await;
        assert_eq!(app.card(&mut ada, &hers.id).await.health, Health::Healthy);
        revoked(&app, &mut bo, &his).await;
    }
}

// SPEC T-8: one app serves both platforms, so one message is about both.
#[tokio::test]
async fn facebook_speaks_for_instagram_through_it_too() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let page = app.facebook_page(&mut browser).await;
    let start = "/oauth/start?platform=instagram-via-facebook";
    let chosen = app.connect(&mut browser, start, Choice::person(cast::FACEBOOK_MANY)).await;
    let grant = chosen.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned();
    browser.post("/oauth/choose", &[("grant", &grant), ("destination", "17841400000000501")]).await;
    app.drain().await;
    let instagram = app.cards(&mut browser).await.into_iter().find(|card| card.id != page.id).expect("two cards");
    app.advance(Duration::from_secs(600));
    let signed = app.twin.signed_request("facebook", cast::FACEBOOK_MANY).expect("a signed request");
    assert_eq!(tell(&app, "facebook", "deauthorize", &signed).await.status, StatusCode::OK);
    revoked(&app, &mut browser, &page).await;
    revoked(&app, &mut browser, &instagram).await;
    let again = app
        .connect(
            &mut browser,
            &format!("/oauth/start?platform=facebook&account={}", page.id),
            Choice::person(cast::FACEBOOK_MANY),
        )
        .await;
    assert!(again.redirect().contains("done=reconnected"), "{}", again.redirect());
    app.keep_all().await;
    assert_eq!(app.card(&mut browser, &page.id).await.health, Health::Healthy);
    revoked(&app, &mut browser, &instagram).await;
}

// SPEC T-8: what the platform did not sign changes nothing.
#[tokio::test]
async fn forged_messages_are_refused_and_change_nothing() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    connected(&app, &mut browser, "instagram", cast::INSTAGRAM[0]).await;
    let before = dump(&app.state.db, TABLES).await;
    let good = app.twin.signed_request("instagram", cast::INSTAGRAM[0]).expect("a signed request");
    let others = app.twin.signed_request("threads", cast::THREADS[0]).expect("a signed request");
    let (signature, payload) = good.split_once('.').expect("two parts");
    let of_threads = others.split_once('.').expect("two parts").1;
    let mut turned = signature.to_owned();
    turned.replace_range(..1, if signature.starts_with('A') { "B" } else { "A" });
    for bad in [
        others.clone(),
        format!("{signature}.{of_threads}"),
        format!("{turned}.{payload}"),
        format!(".{payload}"),
        signature.to_owned(),
        String::new(),
    ] {
        for kind in ["deauthorize", "data-deletion"] {
            let answer = tell(&app, "instagram", kind, &bad).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{kind} {bad}");
        }
    }
    for nowhere in
        ["instagram/events", "instagram/other", "x/deauthorize", "nowhere/deauthorize", "whatsapp/deauthorize"]
    {
        let (platform, kind) = nowhere.split_once('/').expect("two parts");
        assert_eq!(tell(&app, platform, kind, &good).await.status, StatusCode::NOT_FOUND, "{nowhere}");
    }
    assert_eq!(dump(&app.state.db, TABLES).await, before, "not a row was changed");
}

// SPEC T-8: the person sees what was deleted, without a login, and nobody is named there.
#[tokio::test]
async fn a_deletion_is_confirmed_and_can_be_looked_up() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = connected(&app, &mut browser, "instagram", cast::INSTAGRAM[0]).await;
    let signed = app.twin.signed_request("instagram", cast::INSTAGRAM[0]).expect("a signed request");
    let answer = tell(&app, "instagram", "data-deletion", &signed).await;
    assert_eq!(answer.status, StatusCode::OK);
    let told: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    let (url, code) = (told["url"].as_str().expect("a url"), told["confirmation_code"].as_str().expect("a code"));
    assert!(url.ends_with(code));
    revoked(&app, &mut browser, &card).await;
    let rows = dump(&app.state.db, &["grants", "accounts"]).await;
    assert!(rows.contains("access_token=null") && rows.contains("identity_name= "), "{rows}");

    let path = url.strip_prefix("http://localhost:3000").expect("an address of ours");
    let mut stranger = app.browser();
    let page = stranger.get(path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Connections of yours that ended: 1, with 1 account(s)"), "{}", page.text());
    assert!(!page.text().contains("Harbour") && !page.text().contains(&card.name));
    assert_eq!(stranger.get("/signals/deletions/unknown").await.status, StatusCode::NOT_FOUND);

    // What was disconnected before is forgotten as well.
    let threads = connected(&app, &mut browser, "threads", cast::THREADS[0]).await;
    browser.call("disconnect", &[("id", threads.id.as_str())]).await;
    app.drain().await;
    let signed = app.twin.signed_request("threads", cast::THREADS[0]).expect("a signed request");
    assert_eq!(tell(&app, "threads", "data-deletion", &signed).await.status, StatusCode::OK);
    let rows = dump(&app.state.db, &["grants"]).await;
    assert_eq!(rows.matches("identity_name= ").count(), 2, "{rows}");

    // Somebody whom we don't know is told the same way.
    let signed = app.twin.signed_request("instagram", cast::INSTAGRAM[1]).expect("a signed request");
    let answer = tell(&app, "instagram", "data-deletion", &signed).await;
    let told: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    let path =
        told["url"].as_str().and_then(|url| url.strip_prefix("http://localhost:3000")).expect("a url").to_owned();
    assert!(stranger.get(&path).await.text().contains("that ended: 0, with 0 account(s)"));
}
