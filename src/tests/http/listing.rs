//! The list narrowed down, counted and paged by the server, so that it works without script (SPEC H-4, H-5, H-6, H-9).

use std::time::Duration;

use pilotlight::api::accounts::Connections;
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Choice, Control};
use pilotlight::server::service::listing::PAGE;

use crate::support::crowd::{self, Owner, Seed};
use crate::support::{TestApp, people};

/// Three accounts: one that is amber, one that has an end, one that has none.
async fn three(app: &TestApp, browser: &mut crate::support::browser::Browser) {
    app.mastodon(browser).await;
    app.facebook_page(browser).await;
    app.connect(browser, "/oauth/start?platform=x", Choice::default()).await;
    app.drain().await;
    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    app.advance(Duration::from_secs(2 * 86_400));
    app.keep().await;
}

// SPEC H-4
#[tokio::test]
async fn status_platform_and_text_combine_and_are_counted() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    three(&app, &mut browser).await;

    let all: Connections = browser.ask("connections", &[]).await;
    assert_eq!((all.cards.len(), all.matching, all.page, all.pages), (3, 3, 1, 1));
    assert_eq!((all.totals.all, all.totals.connected, all.totals.amber), (3, 3, 1));
    assert_eq!(all.choices.statuses[..2], [3, 1]);
    assert_eq!(
        all.choices.platforms,
        [(Platform::Facebook, 1), (Platform::X, 1), (Platform::Mastodon, 1)],
        "platforms nobody is connected to are not offered"
    );

    let amber: Connections = browser.ask("connections", &[("status", "attention")]).await;
    assert_eq!(amber.cards.iter().map(|card| card.platform).collect::<Vec<_>>(), [Platform::Mastodon]);
    assert_eq!(amber.totals, all.totals, "the totals are the workspace's");
    assert_eq!(amber.choices.platforms[0], (Platform::Facebook, 0), "no amber page");

    let name = amber.cards[0].handle.clone().expect("a handle").to_uppercase();
    let found: Connections = browser.ask("connections", &[("text", &name)]).await;
    assert_eq!(found.matching, 1, "in whatever case");
    let both: Connections = browser.ask("connections", &[("text", &name), ("platform", "facebook")]).await;
    assert_eq!((both.matching, both.choices.any_platform), (0, 1));
}

// SPEC H-4, H-6: the address alone decides, without script
#[tokio::test]
async fn a_page_of_the_list_is_complete_without_script() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    three(&app, &mut browser).await;
    let cards = app.cards(&mut browser).await;
    let name = |platform| &cards.iter().find(|card| card.platform == platform).expect("a card").name;
    // Titles of cards: names stand elsewhere in the page as well.
    let titled = |platform| format!("<h2 title=\"{}\"", name(platform));

    let page = browser.get("/connections?status=attention").await.text();
    assert!(page.contains(&titled(Platform::Mastodon)), "the amber one is there");
    assert!(!page.contains(&titled(Platform::X)), "a green one is not");
    assert!(page.contains("aria-current=\"true\" data-status=\"attention\""), "the choice is marked");

    let x = cards.iter().find(|card| card.platform == Platform::X).expect("a card");
    let page = browser.get(&format!("/connections?status=attention&q=zzz&account={}", x.id)).await.text();
    assert!(page.contains("No account fits these filters."));
    assert!(page.contains("id=\"panel-title\""), "the panel opens with filters on");
    assert!(page.contains("/connections?status=attention&amp;q=zzz\""), "and its close link keeps them");
    assert!(page.contains("name=\"q\"") && page.contains("value=\"zzz\""), "the field says what was searched");
}

// SPEC H-5, H-9
#[tokio::test]
async fn a_long_list_has_pages_and_a_deep_link_finds_its_own() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let member = app.member(&browser).await;
    let owner = Owner { workspace: member.workspace, user: member.user };
    let count = PAGE + 7;
    let mut tx = app.state.db.begin().await.expect("a transaction");
    let mut ids = Vec::new();
    for number in 0..count {
        let seed = Seed::mint(&app.twin, Platform::X, &format!("crowd-{number}"), app.state.clock.now());
        ids.push(crowd::plant(&mut tx, &app.state, &owner, &seed).await.1);
    }
    tx.commit().await.expect("a commit");

    let first: Connections = browser.ask("connections", &[]).await;
    assert_eq!((first.cards.len(), first.page, first.pages, first.matching as usize), (PAGE, 1, 2, count));
    let second: Connections = browser.ask("connections", &[("page", "2")]).await;
    assert_eq!((second.cards.len(), second.page), (7, 2));
    let mut seen: Vec<_> = first.cards.iter().chain(&second.cards).map(|card| card.id.clone()).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count, "every account stands on exactly one page");

    let last = &second.cards[6].id;
    let found: Connections = browser.ask("connections", &[("account", last.as_str())]).await;
    assert_eq!(found.page, 2, "the page with the account on it");
    let page = browser.get(&format!("/connections?account={last}")).await.text();
    assert!(page.contains(&format!("id=\"account-{last}\"")), "its card is in the page");
    assert!(page.contains("href=\"/connections?page=2\""), "and its close link leads back to that page");
    let page = browser.get(&format!("/connections?account={last}&confirm=remove")).await.text();
    assert!(page.contains("data-then=\"/connections?page=2\""), "so does what removes it");
    let beyond: Connections = browser.ask("connections", &[("page", "99")]).await;
    assert_eq!(beyond.page, 2, "there is no page 99");
}
