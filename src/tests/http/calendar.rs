//! The calendar behind a secret address (SPEC 6).

use std::time::Duration;

use axum::http::HeaderValue;
use pilotlight::api::calendar::Feed;
use pilotlight::domain::role::Role;
use pilotlight::sandbox::{Choice, Control, cast};

use crate::support::TestApp;
use crate::support::browser::Browser;

/// Makes an address and answers its path.
async fn make(app: &TestApp, browser: &mut Browser) -> String {
    assert_eq!(browser.post("/settings/calendar/make", &[]).await.redirect(), "/settings/calendar");
    let feed: Feed = browser.ask("feed", &[]).await;
    let address = feed.address.expect("it is shown to whom made it");
    assert!(browser.get("/settings/calendar").await.text().contains(&address));
    address.strip_prefix(&app.state.config.server.public_url).expect("ours").to_owned()
}

// SPEC 6, W-1, W-2
#[tokio::test]
async fn an_admin_makes_an_address_that_is_shown_once() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let card = app.mastodon(&mut owner).await;
    app.add_user("ed@agency.example", "Ed", "Agency", Role::Editor).await;
    let mut editor = app.signed_in_as("ed@agency.example").await;
    for path in ["/settings/calendar/make", "/settings/calendar/revoke"] {
        assert_eq!(editor.post(path, &[]).await.status, 403, "{path}");
    }
    assert_eq!(editor.call("feed", &[]).await.status, 403);
    assert_eq!(owner.ask::<Feed>("feed", &[]).await, Feed::default());

    let path = make(&app, &mut owner).await;
    assert!(path.len() >= "/calendar/.ics".len() + 43, "256 bits: {path}");
    let mut elsewhere = app.owner().await;
    let feed: Feed = elsewhere.ask("feed", &[]).await;
    assert!(feed.address.is_none(), "not in another browser");
    assert_eq!(feed.made.expect("it is known that there is one").by, "Ada Lovelace");
    let stored = app.state.db.clone();
    let token = path.trim_start_matches("/calendar/").trim_end_matches(".ics");
    let kept = crate::support::db::bytes(&stored, "select cast(token_hash as blob) from feeds").await.expect("a row");
    assert!(!String::from_utf8_lossy(&kept).contains(token), "only a hash is stored");

    // Whoever has it reads it, without a session.
    let mut program = app.browser();
    let page = program.get(&path).await;
    assert_eq!(
        (page.status.as_u16(), &page.headers["content-type"]),
        (200, &HeaderValue::from_static("text/calendar; charset=utf-8"))
    );
    assert!(page.headers["cache-control"].to_str().expect("text").starts_with("private"));
    assert!(!page.text().contains(&card.name), "Mastodon's tokens have no end");
    for wrong in ["/calendar/nobody.ics", "/calendar/.ics", path.trim_end_matches(".ics")] {
        assert_eq!(program.get(wrong).await.status, 404, "{wrong}");
    }
    let again = make(&app, &mut owner).await;
    assert_eq!(program.get(&path).await.status, 404, "the one before has ended");
    assert_eq!(program.get(&again).await.status, 200);
    assert!(owner.post("/settings/calendar/revoke", &[]).await.status.is_redirection());
    assert_eq!(program.get(&again).await.status, 404);
    assert_eq!(owner.ask::<Feed>("feed", &[]).await, Feed::default());
    let log = owner.get("/activity?kind=settings").await.text();
    assert!(log.contains("A calendar address was made.") && log.contains("The calendar address was revoked."));
}

// SPEC 6, T-2, W-2: what a person has to renew, and nothing else
#[tokio::test]
async fn it_holds_what_somebody_has_to_renew() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    app.connect(&mut owner, "/oauth/start?platform=tiktok", Choice::default()).await;
    app.drain().await;
    let card = app.cards(&mut owner).await.pop().expect("a card");
    app.facebook_page(&mut owner).await;
    let page = app.cards(&mut owner).await.into_iter().find(|one| one.id != card.id).expect("a second card");
    app.add_user("rival@other.example", "Rival", "Other", Role::Owner).await;
    let mut rival = app.signed_in_as("rival@other.example").await;
    let (mine, theirs) = (make(&app, &mut owner).await, make(&app, &mut rival).await);
    let read = async |path: &str| app.browser().get(path).await.text().replace("\r\n ", "");

    let text = read(&mine).await;
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 1, "Facebook's tokens are renewed: {text}");
    assert!(text.contains(&format!("UID:{}@pilotlight\r\n", card.id)), "{text}");
    assert!(text.contains("SUMMARY:TikTok account ") && text.contains("TRIGGER:-P1D\r\n"), "{text}");
    assert!(text.contains(&format!("URL:http://localhost:3000/connections?account={}\r\n", card.id)), "{text}");
    assert!(!text.contains(&page.name));
    assert!(!read(&theirs).await.contains("VEVENT"), "others' accounts are others'");

    app.advance(Duration::from_secs(60));
    let later = read(&mine).await;
    assert_eq!(later.replace("DTSTAMP:20261101T120100Z", "DTSTAMP:20261101T120000Z"), text, "the same event");
    let order = Control::RevokeGrant { vendor: "tiktok".into(), person: cast::TIKTOK[0].into() };
    app.twin.control(order).expect("known");
    app.keep_all().await;
    assert!(!read(&mine).await.contains("VEVENT"), "what is broken has no end ahead");
}
