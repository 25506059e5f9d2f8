//! The banners at the top of the pages (SPEC ).

use std::time::Duration;

use pilotlight::api::accounts::{Card, Outcome};
use pilotlight::domain::banner::Banner;
use pilotlight::domain::health::Health;
use pilotlight::domain::role::Role;
use pilotlight::sandbox::{Choice, Control};

use super::queue::{begin, consent};
use crate::support::browser::Browser;
use crate::support::{TestApp, people};

const PAGES: [&str; 3] = ["/overview", "/launchpad", "/connections"];
const DAY: Duration = Duration::from_secs(86_400);

/// What a person reads on a page.
async fn read(browser: &mut Browser, path: &str) -> String {
    let page = browser.get(path).await.text();
    let body = page.split("<body").nth(1).expect("a body");
    let mut text = String::new();
    for part in body.split('<') {
        text.push_str(part.split_once('>').map_or("", |(_, text)| text));
    }
    text
}

async fn banners(browser: &mut Browser) -> Vec<Banner> {
    browser.ask("banners", &[]).await
}

async fn revoke(app: &TestApp, vendor: &str, person: &str) {
    app.twin.control(Control::RevokeGrant { vendor: vendor.into(), person: person.into() }).expect("known");
    app.keep_all().await;
}

/// A TikTok account five days before somebody has to sign in again.
async fn ending(app: &TestApp, browser: &mut Browser) -> Card {
    app.connect(browser, "/oauth/start?platform=tiktok", Choice::default()).await;
    app.drain().await;
    let card = app.cards(browser).await.pop().expect("a card");
    let end = card.token_ends_at.expect("TikTok's refresh token has an end");
    app.advance(Duration::from_millis(u64::try_from(end - app.state.clock.now()).expect("ahead")) - 5 * DAY);
    card
}

/// Where the "Re-integrate" of a page leads, without its path.
async fn button(browser: &mut Browser, path: &str) -> String {
    let page = browser.get(path).await.text();
    let link = page.split("href=\"/oauth/reconnect?account").nth(1).expect("a button").split('"').next();
    format!("account{}", link.expect("its end").replace("&amp;", "&"))
}

// SPEC A-1, W-1, W-2
#[tokio::test]
async fn every_member_sees_it_on_every_page_and_nobody_else() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let card = app.mastodon(&mut owner).await;
    app.add_user("vi@agency.example", "Vi", "Agency", Role::Viewer).await;
    app.add_user("ed@agency.example", "Ed", "Agency", Role::Editor).await;
    app.add_user("rival@other.example", "Rival", "Other", Role::Owner).await;
    let words = format!("The connection for the following Mastodon account(s) has expired: {}.", card.name);
    assert!(!read(&mut owner, "/overview").await.contains("has expired:"));
    revoke(&app, "mastodon", people::MASTODON_FIRST).await;

    let mut rival = app.signed_in_as("rival@other.example").await;
    for path in PAGES {
        let seen = read(&mut owner, path).await;
        assert!(seen.contains(&words) && seen.contains("Re-integrate"), "{path}: {seen}");
        let page = owner.get(path).await.text();
        assert!(page.contains(&format!("/connections?account={}\"", card.id)), "{path}: the name leads to the account");
        for email in ["vi@agency.example", "ed@agency.example"] {
            let seen = read(&mut app.signed_in_as(email).await, path).await;
            assert!(seen.contains(&words) && !seen.contains("Re-integrate"), "{path}, {email}: {seen}");
        }
        assert!(!read(&mut rival, path).await.contains("has expired:"), "{path}");
    }
    assert_eq!(banners(&mut rival).await, []);
    assert_eq!(app.browser().call("banners", &[]).await.status, 401);
    owner.call("disconnect", &[("id", card.id.as_str())]).await;
    assert_eq!(banners(&mut owner).await, [], "what was given up is nobody's trouble");
}

// SPEC A-1: straight to the consent, and back to where the person was
#[tokio::test]
async fn the_button_leads_through_the_consent_back_to_the_page() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    for (path, end) in [
        ("/overview", "/overview?done=queue&count=1&total=1"),
        ("/launchpad", "/launchpad?done=queue&count=1&total=1"),
        ("/connections?status=attention", "/connections?status=attention&done=queue&count=1&total=1"),
    ] {
        revoke(&app, "mastodon", people::MASTODON_FIRST).await;
        let what = button(&mut browser, path).await;
        let at = begin(&mut browser, &what).await;
        assert!(at.contains("mastodon.example/oauth/authorize"), "{at}");
        let back = consent(&app, &mut browser, &at, Choice::default()).await;
        assert_eq!(back, end);
        let seen = read(&mut browser, &back).await;
        assert!(seen.contains("The sign-in you chose is renewed.") && !seen.contains("has expired:"), "{seen}");
        assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy);
    }
    // The news of last time does not come along.
    revoke(&app, "mastodon", people::MASTODON_FIRST).await;
    assert!(button(&mut browser, "/overview?done=queue&count=1&total=1").await.ends_with("&back=%2Foverview"));
}

// SPEC A-1, H-10: each grant once, then back
#[tokio::test]
async fn two_sign_ins_of_one_platform_are_renewed_one_after_another() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let first = app.mastodon(&mut browser).await;
    let second = Choice::person(people::MASTODON_SECOND);
    app.connect(&mut browser, "/oauth/start?platform=mastodon&host=mastodon.example", second).await;
    app.drain().await;
    revoke(&app, "mastodon", people::MASTODON_FIRST).await;
    revoke(&app, "mastodon", people::MASTODON_SECOND).await;
    let all = banners(&mut browser).await;
    assert_eq!((all.len(), all[0].accounts.len()), (1, 2));

    let what = button(&mut browser, "/launchpad").await;
    let mut at = begin(&mut browser, &what).await;
    let mut people = [people::MASTODON_FIRST, people::MASTODON_SECOND];
    if all[0].accounts[0].account != first.id {
        people.reverse();
    }
    for person in people {
        assert!(at.contains("/oauth/authorize"), "{at}");
        at = consent(&app, &mut browser, &at, Choice::person(person)).await;
    }
    assert_eq!(at, "/launchpad?done=queue&count=2&total=2");
    assert!(read(&mut browser, &at).await.contains("All 2 sign-ins you chose are renewed."));
    assert_eq!(banners(&mut browser).await, []);
}

// SPEC C-4: back to a page of ours, never elsewhere
#[tokio::test]
async fn nobody_is_led_elsewhere_at_the_end() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    for back in ["https://evil.example", "//evil.example", "/\\evil.example", "/oauth/start?platform=x", "nowhere"] {
        let back: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
        let at = begin(&mut browser, &format!("account={}&back={back}", card.id)).await;
        assert_eq!(at, "/connections?done=queue&count=1&total=1", "{back}");
        let at = browser.get(&format!("/oauth/reconnect?total=0&well=0&left=&back={back}")).await;
        assert_eq!(at.redirect(), "/connections?done=queue&count=0&total=0", "{back}");
    }
}

// SPEC A-1, T-2
#[tokio::test]
async fn what_ends_soon_can_be_put_away_for_a_day() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let card = ending(&app, &mut owner).await;
    app.add_user("vi@agency.example", "Vi", "Agency", Role::Viewer).await;
    let mut viewer = app.signed_in_as("vi@agency.example").await;
    let words = format!("The connection for the following TikTok account(s) will expire soon: {}.", card.name);
    for path in PAGES {
        assert!(read(&mut owner, path).await.contains(&words), "{path}");
    }
    let form = [("accounts", card.id.as_str())];
    let told: Outcome = viewer.ask("dismiss_banner", &form).await;
    assert_eq!(told.words, "Put away for a day.");
    assert_eq!(banners(&mut viewer).await, []);
    let log = read(&mut viewer, "/activity?kind=settings").await;
    assert!(log.contains("Put a banner away for a day: 1 account expires soon."), "{log}");
    assert!(!read(&mut viewer, "/overview").await.contains("will expire soon:"));
    assert_eq!(banners(&mut owner).await.len(), 1, "everybody for themselves");
    app.advance(DAY - Duration::from_millis(1));
    assert_eq!(banners(&mut viewer).await, []);
    app.advance(Duration::from_millis(1));
    assert_eq!(banners(&mut viewer).await.len(), 1, "a day is over");
    // Without script the form leads back to the page.
    assert!(owner.post("/api/dismiss_banner", &form).await.status.is_redirection());
    assert_eq!(banners(&mut owner).await, []);
}

// SPEC A-1: amber ones stay until fixed; ids of others are nobody's business
#[tokio::test]
async fn what_is_broken_can_not_be_put_away() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let card = app.mastodon(&mut owner).await;
    revoke(&app, "mastodon", people::MASTODON_FIRST).await;
    assert!(!owner.get("/overview").await.text().contains("/api/dismiss_banner"));
    let _: Outcome = owner.ask("dismiss_banner", &[("accounts", card.id.as_str())]).await;
    assert_eq!(banners(&mut owner).await.len(), 1);
    let log = owner.get("/activity?kind=settings").await.text();
    assert!(!log.contains("Put a banner away"), "nothing was put away");
}

// SPEC A-1, C-6: renewing before the end works, too
#[tokio::test]
async fn what_ends_soon_is_renewed_by_the_same_button() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = ending(&app, &mut browser).await;
    let what = button(&mut browser, "/overview").await;
    let at = begin(&mut browser, &what).await;
    assert!(at.contains("tiktok"), "a green account is not passed over: {at}");
    let back = consent(&app, &mut browser, &at, Choice::default()).await;
    assert_eq!(back, "/overview?done=queue&count=1&total=1");
    assert_eq!(banners(&mut browser).await, []);
    assert!(app.card(&mut browser, &card.id).await.token_ends_at > card.token_ends_at);
}

// SPEC T-2: what Pilotlight renews by itself needs nobody
#[tokio::test]
async fn what_is_renewed_by_itself_is_not_announced() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let page = app.facebook_page(&mut browser).await;
    let end = page.token_ends_at.expect("Facebook's tokens have an end");
    app.advance(Duration::from_millis(u64::try_from(end - app.state.clock.now()).expect("ahead")) - 5 * DAY);
    assert_eq!(banners(&mut browser).await, []);
}
