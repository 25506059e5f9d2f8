//! The support page: what is wrong with an account, in plain words.

use pilotlight::api::accounts::Outcome;
use pilotlight::domain::role::Role;
use pilotlight::sandbox::Control;

use crate::support::{TestApp, people};

// SPEC D-6, W-7
#[tokio::test]
async fn the_support_page_names_the_cause_and_the_steps() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    let page = format!("/support?account={}", card.id);
    let panel = browser.get(&format!("/connections?account={}", card.id)).await.text();
    assert!(panel.contains("Fix with AI Support") && panel.contains(&page), "the panel leads there");
    let fine = browser.get(&page).await.text();
    assert!(fine.contains("Nothing is wrong with this connection") && !fine.contains("Needs reconnect"));
    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    let _: Outcome = browser.ask("check", &[("id", card.id.as_str())]).await;
    let broken = browser.get(&page).await.text();
    assert!(broken.contains("Needs reconnect") && broken.contains(&card.name) && broken.contains("<li>"));
    assert!(broken.contains(&format!("/oauth/start?platform=mastodon&amp;account={}", card.id)));
}

// SPEC W-2: an account of another workspace answers like one that does not exist.
#[tokio::test]
async fn a_foreign_account_leaks_nothing() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    app.add_user("eve@other.example", "Eve", "Other", Role::Owner).await;
    let mut eve = app.signed_in_as("eve@other.example").await;
    let foreign = eve.get(&format!("/support?account={}", card.id)).await.text();
    let unknown = eve.get("/support?account=nobody").await.text();
    let told = "This does not exist, or not in this workspace.";
    assert!(foreign.contains(told) && unknown.contains(told) && !foreign.contains(&card.name));
    assert!(eve.get("/support").await.text().contains("Open an account on the Connections page"));
    assert_eq!(app.browser().get("/support?account=1").await.redirect(), "/sign-in?next=%2Fsupport%3Faccount%3D1");
}
