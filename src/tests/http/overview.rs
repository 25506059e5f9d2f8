//! The Overview page (SPEC 9): true for every member, about no other workspace.

use std::time::Duration;

use pilotlight::api::overview::{Counts, Overview};
use pilotlight::domain::role::Role;
use pilotlight::sandbox::{Choice, Control};

use crate::support::browser::Browser;
use crate::support::db::execute;
use crate::support::{TestApp, people};

async fn overview(browser: &mut Browser) -> Overview {
    browser.ask("overview", &[]).await
}

async fn revoke(app: &TestApp) {
    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    for _ in 0..3 {
        app.keep_all().await;
    }
}

// SPEC 9, W-1, W-2
#[tokio::test]
async fn a_viewer_sees_it_and_another_workspace_does_not() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let card = app.mastodon(&mut owner).await;
    revoke(&app).await;
    app.add_user("vi@agency.example", "Vi", "Agency", Role::Viewer).await;
    app.add_user("rival@other.example", "Rival", "Other", Role::Owner).await;

    let mut viewer = app.signed_in_as("vi@agency.example").await;
    let seen = overview(&mut viewer).await;
    assert_eq!(seen.counts, Counts { accounts: 1, attention: 1, ..Counts::default() });
    assert_eq!((seen.accounts.len(), seen.incidents.len()), (1, 1));
    let page = viewer.get("/overview").await.text();
    assert!(page.contains(&card.name) && page.contains("no longer lets Pilotlight in"), "{page}");
    assert!(page.contains(&format!("/connections?account={}", card.id)), "the account is a click away");

    let mut rival = app.signed_in_as("rival@other.example").await;
    let seen = overview(&mut rival).await;
    assert_eq!(seen.counts, Counts::default());
    assert!(seen.accounts.is_empty() && seen.incidents.is_empty() && seen.forecast.next.is_empty());
    let page = rival.get("/overview").await.text();
    assert!(!page.contains(&card.name) && page.contains("Nothing is connected yet"), "{page}");
    assert_eq!(app.browser().call("overview", &[]).await.status, 401);
}

// SPEC 1, 9: an incident stands open until the reconnect, and is told for 30 days more.
#[tokio::test]
async fn incidents_are_told_while_they_are_open_and_for_a_month() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    assert!(overview(&mut browser).await.incidents.is_empty());
    execute(
        &app.state.db,
        format!(
            "insert into posts (id, workspace_id, body, created_at) select 'p', workspace_id, 'x', 0 from accounts where id = '{id}';
             insert into targets (id, post_id, account_id, state, due_at) values ('t', 'p', '{id}', 'scheduled', 9), ('u', 'p', '{id}', 'published', 0)",
            id = card.id
        ),
    )
    .await;
    revoke(&app).await;
    let open = overview(&mut browser).await.incidents.pop().expect("an incident");
    assert_eq!((&open.account, open.name.as_str(), open.until), (&card.id, card.name.as_str(), None));
    assert_eq!((open.words.as_str(), open.posts), ("Mastodon no longer lets Pilotlight in", 1));
    assert!(browser.get("/overview").await.text().contains(" · 1 post was waiting"), "what it put at risk");

    let start = format!("/oauth/start?platform=mastodon&account={}", card.id);
    app.connect(&mut browser, &start, Choice::default()).await;
    let mended = overview(&mut browser).await;
    assert_eq!(mended.counts, Counts { accounts: 1, healthy: 1, scheduled: 1, ..Counts::default() });
    assert_eq!(mended.incidents.len(), 1);
    assert_eq!((mended.incidents[0].since, mended.incidents[0].until), (open.since, Some(mended.now)));
    app.advance(Duration::from_secs(31 * 86_400));
    assert!(overview(&mut browser).await.incidents.is_empty(), "after a month it is history");
}

// SPEC T-2, 9: what Pilotlight renews by itself needs nobody.
#[tokio::test]
async fn the_forecast_leaves_out_what_is_renewed() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let page = app.facebook_page(&mut browser).await;
    assert!(page.token_ends_at.is_some(), "Facebook's tokens have an end");
    let forecast = overview(&mut browser).await.forecast;
    assert_eq!((forecast.total, forecast.renewed, forecast.next.len()), (0, 1, 0));
    let text = browser.get("/overview").await.text();
    assert!(text.contains("Pilotlight renews 1 other token before it ends."), "{text}");

    app.connect(&mut browser, "/oauth/start?platform=tiktok", Choice::default()).await;
    app.drain().await;
    let tiktok = app.cards(&mut browser).await.into_iter().find(|card| card.id != page.id).expect("a second card");
    let end = tiktok.token_ends_at.expect("TikTok's refresh token has an end");
    app.advance(Duration::from_millis(u64::try_from(end - app.state.clock.now()).expect("ahead") - 5 * 86_400_000));
    let told = overview(&mut browser).await;
    let names: Vec<&str> = told.forecast.next.iter().map(|card| card.name.as_str()).collect();
    assert_eq!((names, told.forecast.total), (vec![tiktok.name.as_str()], 1));
    assert_eq!(told.forecast.bars[1], 1, "in five days: the second bar");
}
