//! Finding an account by what one remembers of it.

use pilotlight::api::accounts::Card;
use pilotlight::domain::health::Health;
use pilotlight::domain::role::Role;
use pilotlight::sandbox::{Choice, Control};

use crate::support::browser::Browser;
use crate::support::db::execute;
use crate::support::{TestApp, people};

async fn find(browser: &mut Browser, text: &str) -> Vec<Card> {
    browser.ask("find", &[("text", text)]).await
}

// SPEC 9, W-1, W-2
#[tokio::test]
async fn accounts_are_found_in_every_alphabet_by_members_of_their_workspace() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let card = app.mastodon(&mut owner).await;
    execute(&app.state.db, format!("update accounts set name = 'Łódź École ΣΟΦΟΣ 🚲' where id = '{}'", card.id)).await;
    app.add_user("vi@agency.example", "Vi", "Agency", Role::Viewer).await;
    app.add_user("rival@other.example", "Rival", "Other", Role::Owner).await;
    let mut viewer = app.signed_in_as("vi@agency.example").await;
    let mut rival = app.signed_in_as("rival@other.example").await;
    for text in ["łódź", "ÉCOLE", "σοφος", "🚲", "  ", "MASTO", "mastodon.EXAMPLE", "école łód mastodon"]
    {
        assert_eq!(find(&mut viewer, text).await.len(), 1, "{text}");
        assert!(find(&mut rival, text).await.is_empty(), "{text}");
    }
    let handle = card.handle.expect("a handle").to_uppercase();
    assert_eq!(find(&mut viewer, &handle).await.len(), 1, "{handle}");
    for text in ["école nowhere", "%", "_"] {
        assert!(find(&mut viewer, text).await.is_empty(), "{text}");
    }
    assert_eq!(app.browser().call("find", &[("text", "")]).await.status, 401);
}

#[tokio::test]
async fn what_needs_attention_comes_first_and_no_more_than_twenty() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let start = "/oauth/start?platform=mastodon&host=mastodon.example";
    app.connect(&mut owner, start, Choice::person(people::MASTODON_SECOND)).await;
    let first = app.mastodon(&mut owner).await;
    execute(&app.state.db, format!("update accounts set name = 'zzz' where id = '{}'", first.id)).await;
    assert_eq!(find(&mut owner, "mastodon").await.last().expect("two").id, first.id);
    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    for _ in 0..3 {
        app.keep_all().await;
    }
    let found = find(&mut owner, "mastodon").await;
    assert_eq!((found.len(), &found[0].id, found[0].health), (2, &first.id, Health::NeedsReconnect));
    for number in 0..25 {
        let copy = format!(
            "insert into accounts (id, workspace_id, grant_id, platform, external_id, name, state, health, connected_at) \
             select 'copy-{number}', workspace_id, grant_id, platform, 'copy-{number}', 'copy {number}', state, 'healthy', 1 \
             from accounts where id = '{}'",
            first.id
        );
        execute(&app.state.db, copy).await;
    }
    let found = find(&mut owner, "mastodon").await;
    assert_eq!((found.len(), &found[0].id), (20, &first.id));
}

// SPEC W-1
#[tokio::test]
async fn pages_are_found_by_those_who_may_open_them() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    app.add_user("vi@agency.example", "Vi", "Agency", Role::Viewer).await;
    let mut viewer = app.signed_in_as("vi@agency.example").await;
    for (typed, path, for_all) in [
        ("activity", "/activity", true),
        ("Notif", "/settings/notifications", true),
        ("webhooks", "/settings/webhooks", false),
        ("calendar", "/settings/calendar", false),
        ("platforms", "/settings/platforms", false),
    ] {
        for (browser, found) in [(&mut owner, true), (&mut viewer, for_all)] {
            let page = browser.get(&format!("/jump?q={typed}")).await.text();
            let list = page.split("id=\"jump-found\"").nth(1).expect("the list");
            assert_eq!(list.contains(&format!("href=\"{path}\"")), found, "{typed}: {list}");
        }
    }
}
