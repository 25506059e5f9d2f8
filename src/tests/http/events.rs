//! What Google and TikTok tell by themselves.

use std::time::Duration;

use axum::http::StatusCode;
use pilotlight::api::accounts::Card;
use pilotlight::domain::health::{Cause, Health};
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Choice, Control, Fault, FaultKind, cast};

use crate::support::browser::{Browser, Page};
use crate::support::{TestApp, dump};

const TABLES: &[&str] = &["accounts", "grants", "incidents", "events"];
const ALL: &str = "oauth/event-type/tokens-revoked";
const ONE: &str = "oauth/event-type/token-revoked";
const SESSIONS: &str = "risc/event-type/sessions-revoked";

async fn google_says(app: &TestApp, jwt: &str) -> Page {
    app.browser().post_raw("/signals/youtube/events", &[("content-type", "application/secevent+jwt")], jwt).await
}

async fn tiktok_says(app: &TestApp, signature: &str, body: &str) -> Page {
    app.browser().post_raw("/signals/tiktok/events", &[("TikTok-Signature", signature)], body).await
}

async fn connected(app: &TestApp, browser: &mut Browser, platform: Platform, person: &str) -> Card {
    let page = app.connect(browser, &format!("/oauth/start?platform={}", platform.key()), Choice::person(person)).await;
    if let Some(grant) = page.redirect().strip_prefix("/connect/choose?grant=") {
        browser.post("/oauth/choose", &[("grant", grant), ("destination", "accounts/10420/locations/77001")]).await;
    }
    app.drain().await;
    app.cards(browser).await.into_iter().find(|card| card.platform == platform).expect("a card")
}

async fn stands(app: &TestApp, browser: &mut Browser, card: &Card) -> (Health, Option<Cause>) {
    let now = app.card(browser, &card.id).await;
    (now.health, now.cause)
}

const REVOKED: (Health, Option<Cause>) = (Health::NeedsReconnect, Some(Cause::Revoked));
const GREEN: (Health, Option<Cause>) = (Health::Healthy, None);

// SPEC T-8; platforms.md 9
#[tokio::test]
async fn tiktok_tells_of_a_removed_authorization() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = connected(&app, &mut browser, Platform::Tiktok, cast::TIKTOK[0]).await;
    app.advance(Duration::from_secs(600));
    let (signature, body) = app.twin.tiktok_event(cast::TIKTOK[0], "authorization.removed").expect("a message");
    let (of_other, other) = app.twin.tiktok_event(cast::TIKTOK[1], "authorization.removed").expect("a message");
    let (of_post, post) = app.twin.tiktok_event(cast::TIKTOK[0], "post.publish.complete").expect("a message");

    let before = dump(&app.state.db, TABLES).await;
    assert_eq!(tiktok_says(&app, &of_post, &post).await.status, StatusCode::OK);
    assert_eq!(tiktok_says(&app, &of_other, &other).await.status, StatusCode::OK, "about somebody whom we don't know");
    for (signature, body) in [(&of_other, &body), (&signature, &other), (&String::new(), &body)] {
        assert_eq!(tiktok_says(&app, signature, body).await.status, StatusCode::BAD_REQUEST);
    }
    let bare = app.browser().post_raw("/signals/tiktok/events", &[], &body).await;
    assert_eq!(bare.status, StatusCode::BAD_REQUEST);
    assert_eq!(dump(&app.state.db, TABLES).await, before, "not a row was changed");

    assert_eq!(tiktok_says(&app, &signature, &body).await.status, StatusCode::OK);
    assert_eq!(stands(&app, &mut browser, &card).await, REVOKED);
    // The sandbox still takes the tokens: the keeper must not believe that.
    app.keep_all().await;
    assert_eq!(stands(&app, &mut browser, &card).await, REVOKED);
    app.advance(Duration::from_secs(80 * 3_600));
    let before = dump(&app.state.db, TABLES).await;
    assert_eq!(tiktok_says(&app, &signature, &body).await.status, StatusCode::BAD_REQUEST, "played back days later");
    assert_eq!(dump(&app.state.db, TABLES).await, before);
}

// SPEC T-8; platforms.md 5: one consent carries both products.
#[tokio::test]
async fn google_tells_of_a_person_who_took_everything_back() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let channel = connected(&app, &mut browser, Platform::Youtube, cast::GOOGLE[0]).await;
    let location = connected(&app, &mut browser, Platform::GoogleBusiness, cast::GOOGLE[0]).await;
    app.advance(Duration::from_secs(600));
    let message = app.twin.security_event("youtube", cast::GOOGLE[0], ALL).expect("a message");
    assert_eq!(google_says(&app, &message).await.status, StatusCode::ACCEPTED);
    assert_eq!(stands(&app, &mut browser, &channel).await, REVOKED);
    assert_eq!(stands(&app, &mut browser, &location).await, REVOKED);

    let start = format!("/oauth/start?platform=youtube&account={}", channel.id);
    let page = app.connect(&mut browser, &start, Choice::person(cast::GOOGLE[0])).await;
    assert!(page.redirect().contains("done=reconnected"), "{}", page.redirect());
    // Google sends old news again; the new consent is not meant, however young it is.
    assert_eq!(google_says(&app, &message).await.status, StatusCode::ACCEPTED);
    app.drain().await;
    assert_eq!(stands(&app, &mut browser, &channel).await, GREEN);
}

// SPEC T-8: a token is named by its hash only.
#[tokio::test]
async fn google_tells_of_one_token() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let one = connected(&app, &mut browser, Platform::Youtube, cast::GOOGLE[0]).await;
    let start = "/oauth/start?platform=youtube";
    let page = app.connect(&mut browser, start, Choice::person(cast::GOOGLE[1])).await;
    assert!(page.redirect().contains("done=connected"), "{}", page.redirect());
    app.drain().await;
    let other = app.cards(&mut browser).await.into_iter().find(|card| card.id != one.id).expect("two channels");
    app.advance(Duration::from_secs(600));
    let message = app.twin.security_event("youtube", cast::GOOGLE[1], ONE).expect("a message");
    assert_eq!(google_says(&app, &message).await.status, StatusCode::ACCEPTED);
    assert_eq!(stands(&app, &mut browser, &other).await, REVOKED);
    assert_eq!(stands(&app, &mut browser, &one).await, GREEN);
}

// DESIGN rule 4: what may be no death is looked at first.
#[tokio::test]
async fn a_person_who_was_signed_out_is_looked_at_and_no_alarm_is_false() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = connected(&app, &mut browser, Platform::Youtube, cast::GOOGLE[0]).await;
    app.advance(Duration::from_secs(600));
    let message = app.twin.security_event("youtube", cast::GOOGLE[0], SESSIONS).expect("a message");
    assert_eq!(google_says(&app, &message).await.status, StatusCode::ACCEPTED);
    app.drain().await;
    assert_eq!(stands(&app, &mut browser, &card).await, GREEN);
    let person = cast::GOOGLE[0].to_owned();
    app.twin.control(Control::RevokeGrant { vendor: "google".into(), person }).expect("a control");
    let message = app.twin.security_event("youtube", cast::GOOGLE[0], SESSIONS).expect("a message");
    assert_eq!(google_says(&app, &message).await.status, StatusCode::ACCEPTED);
    app.drain().await;
    assert_eq!(stands(&app, &mut browser, &card).await, REVOKED, "nobody had to wait until it was due");
}

// SPEC T-8: what Google did not sign changes nothing, and does not make us trouble Google.
#[tokio::test]
async fn forged_events_are_refused_and_change_nothing() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    connected(&app, &mut browser, Platform::Youtube, cast::GOOGLE[0]).await;
    let before = dump(&app.state.db, TABLES).await;
    let good = app.twin.security_event("youtube", cast::GOOGLE[0], ALL).expect("a message");
    let other = app.twin.security_event("youtube", cast::GOOGLE[1], ALL).expect("a message");
    let parts: Vec<&str> = good.split('.').collect();
    let foreign = other.split('.').nth(1).expect("three parts");
    let (head, body, signature) = (parts[0], parts[1], parts[2]);
    let none = "eyJhbGciOiJub25lIiwia2lkIjoiN2MxYTllMGJmMiJ9";
    let asked = |app: &TestApp| app.twin.requests().iter().filter(|one| one.path == "/oauth2/v3/certs").count();
    let asked_before = asked(&app);
    for _ in 0..5 {
        for bad in [
            format!("{head}.{foreign}.{signature}"),
            format!("{none}.{body}.{signature}"),
            format!("{none}.{body}."),
            format!("{head}.{body}.{}", signature.replace(char::is_alphabetic, "A")),
            "a.b.c".into(),
            String::new(),
        ] {
            assert_eq!(google_says(&app, &bad).await.status, StatusCode::BAD_REQUEST, "{bad}");
        }
    }
    assert_eq!(asked(&app) - asked_before, 1, "keys are asked for once");
    let verification = app.twin.security_event("youtube", cast::GOOGLE[0], "risc/event-type/verification");
    assert_eq!(google_says(&app, &verification.expect("a message")).await.status, StatusCode::ACCEPTED);
    assert_eq!(dump(&app.state.db, TABLES).await, before, "not a row was changed");
}

// SPEC T-8: what can't be verified now is sent again later.
#[tokio::test]
async fn while_google_is_away_nothing_is_believed_and_nothing_lost() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = connected(&app, &mut browser, Platform::Youtube, cast::GOOGLE[0]).await;
    app.advance(Duration::from_secs(600));
    let message = app.twin.security_event("youtube", cast::GOOGLE[0], ALL).expect("a message");
    app.twin.fault(Fault::on("accounts.google.com", FaultKind::Status(503), None));
    assert_eq!(google_says(&app, &message).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(stands(&app, &mut browser, &card).await, GREEN);
    app.twin.clear_faults();
    // Whoever sends us messages does not make us ask Google each time.
    assert_eq!(google_says(&app, &message).await.status, StatusCode::SERVICE_UNAVAILABLE);
    app.advance(Duration::from_secs(60));
    assert_eq!(google_says(&app, &message).await.status, StatusCode::ACCEPTED);
    assert_eq!(stands(&app, &mut browser, &card).await, REVOKED);
}
