//! Callbacks that nobody asked for, that come twice, late, elsewhere, or all at once (SPEC C-3, C-4, C-9).

use std::time::Duration;

use pilotlight::domain::role::Role;
use pilotlight::sandbox::Choice;

use crate::support::TestApp;

const START: &str = "/oauth/start?platform=x";

fn code(path: &str) -> &str {
    let (page, query) = path.split_once('?').expect("a query");
    assert_eq!(page, "/connect/problem", "{path}");
    query.split('&').find_map(|pair| pair.strip_prefix("code=")).expect("a code")
}

fn exchanges(app: &TestApp) -> usize {
    app.twin.requests().iter().filter(|request| request.path.contains("oauth2/token")).count()
}

// SPEC C-9
#[tokio::test]
async fn a_state_we_never_made_is_unknown_and_nobody_is_asked() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    app.consent(&mut browser, START, Choice::default()).await;
    for query in ["?state=made-up&code=abc", "?code=abc", "?state=&code=abc", ""] {
        let page = browser.get(&format!("/oauth/callback/x{query}")).await;
        assert_eq!(code(page.redirect()), "unknown-attempt", "{query}");
    }
    for path in [
        "/oauth/callback/x?code=a&code=b&state=c",
        "/oauth/start",
        "/oauth/start?platform=myspace",
        "/oauth/start?host=a&host=b",
    ] {
        assert_eq!(code(browser.get(path).await.redirect()), "unknown-attempt", "{path}");
    }
    assert_eq!(code(browser.post("/oauth/password", &[("platform", "bluesky")]).await.redirect()), "unknown-attempt");
    let page = browser.get("/oauth/callback/myspace?state=a&code=b").await;
    assert_eq!(code(page.redirect()), "unknown-attempt");
    assert_eq!(exchanges(&app), 0);
}

// SPEC C-9: the state of one platform is worth nothing at another's address.
#[tokio::test]
async fn a_state_of_another_platform_is_unknown() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let callback = app.consent(&mut browser, START, Choice::default()).await;
    let elsewhere = callback.replace("/callback/x", "/callback/facebook");
    assert_eq!(code(browser.get(&elsewhere).await.redirect()), "unknown-attempt");
    assert!(browser.get(&callback).await.redirect().contains("done=connected"), "the attempt itself is untouched");
}

#[tokio::test]
async fn a_used_state_leads_where_it_led_and_changes_nothing() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let callback = app.consent(&mut browser, START, Choice::default()).await;
    let first = browser.get(&callback).await;
    let again = browser.get(&callback).await;
    assert!(first.redirect().contains("done=connected"), "{}", first.redirect());
    assert_eq!(first.redirect(), again.redirect());
    assert_eq!(exchanges(&app), 1);
    assert_eq!(app.cards(&mut browser).await.len(), 1);
}

#[tokio::test]
async fn an_attempt_ends_after_ten_minutes() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let callback = app.consent(&mut browser, START, Choice::default()).await;
    app.advance(Duration::from_secs(601));
    assert_eq!(code(browser.get(&callback).await.redirect()), "attempt-expired");
    assert_eq!(exchanges(&app), 0);
}

// SPEC C-4: the person is told to go back to the browser they began in.
#[tokio::test]
async fn another_browser_of_the_same_person_is_refused_before_the_code_is_sent() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let callback = app.consent(&mut browser, START, Choice::default()).await;
    let mut other = app.owner().await;
    assert_eq!(code(other.get(&callback).await.redirect()), "other-browser");
    let mut stranger = app.browser();
    assert_eq!(code(stranger.get(&callback).await.redirect()), "other-browser");
    assert_eq!(exchanges(&app), 0);
    assert!(browser.get(&callback).await.redirect().contains("done=connected"), "the attempt itself is untouched");
}

#[tokio::test]
async fn another_member_in_the_same_browser_is_refused() {
    let app = TestApp::new().await;
    app.add_user("eve@agency.example", "Eve", "Agency", Role::Admin).await;
    let mut browser = app.owner().await;
    let callback = app.consent(&mut browser, START, Choice::default()).await;
    let flow = browser.cookie("pilotlight-flow").expect("bound").clone();
    let mut eve = app.signed_in_as("eve@agency.example").await;
    eve.set_cookie("pilotlight-flow", &flow);
    assert_eq!(code(eve.get(&callback).await.redirect()), "other-member");
    browser.post("/auth/sign-out", &[]).await;
    assert_eq!(code(browser.get(&callback).await.redirect()), "other-member");
    assert_eq!(exchanges(&app), 0);
}

#[tokio::test]
async fn of_twenty_parallel_callbacks_one_exchanges_the_code() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let callback = app.consent(&mut browser, START, Choice::default()).await;
    let all = (0..20).map(|_| {
        let (mut browser, callback) = (browser.clone(), callback.clone());
        tokio::spawn(async move { browser.get(&callback).await.redirect().to_owned() })
    });
    let mut paths = Vec::new();
    for one in all.collect::<Vec<_>>() {
        paths.push(one.await.expect("an answer"));
    }
    paths.dedup();
    assert_eq!(paths.len(), 1, "{paths:?}");
    assert!(paths[0].contains("done=connected"));
    assert_eq!(exchanges(&app), 1);
    assert_eq!(app.cards(&mut browser).await.len(), 1);
}

// SPEC C-9
#[tokio::test]
async fn declining_is_explained_and_noted() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let page = app.connect(&mut browser, START, Choice { deny: true, ..Choice::default() }).await;
    assert_eq!(code(page.redirect()), "declined");
    let shown = browser.get(page.redirect()).await;
    assert_eq!(shown.status, 200);
    assert!(app.cards(&mut browser).await.is_empty());
    let member = app.member(&browser).await;
    let events =
        pilotlight::server::store::events::of_workspace(&app.state.db, &member.workspace, 10).await.expect("events");
    assert!(
        events.iter().any(|event| event.kind == "connect-failed" && event.detail.contains("declined")),
        "{events:?}"
    );
}

#[tokio::test]
async fn two_tabs_may_connect_side_by_side() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let first =
        app.consent(&mut browser, "/oauth/start?platform=mastodon&host=mastodon.example", Choice::default()).await;
    let second = app.consent(&mut browser, START, Choice::default()).await;
    assert!(browser.get(&first).await.redirect().contains("done=connected"));
    assert!(browser.get(&second).await.redirect().contains("done=connected"));
}

// A link on another site must not begin an attempt in a member's name.
#[tokio::test]
async fn other_sites_can_not_start_a_connection() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    browser.site = "cross-site";
    assert_eq!(browser.get(START).await.redirect(), "/connections");
    assert!(browser.cookie("pilotlight-flow").is_none());
}
