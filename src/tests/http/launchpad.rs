//! The launchpad and where `/` leads (SPEC 9): ticks follow what is really so.

use pilotlight::api::launchpad::{Launchpad, Step};
use pilotlight::domain::role::Role;
use pilotlight::sandbox::Control;

use crate::support::browser::Browser;
use crate::support::{TestApp, people};

const TITLES: [&str; 6] = [
    "Create the workspace",
    "Set a public https address",
    "Get a platform ready",
    "Connect the first account",
    "Let alerts leave by mail",
    "See every account healthy",
];

async fn steps(browser: &mut Browser) -> Vec<Step> {
    let launchpad: Launchpad = browser.ask("launchpad", &[]).await;
    assert_eq!(launchpad.steps.iter().map(|step| step.title.as_str()).collect::<Vec<_>>(), TITLES);
    launchpad.steps
}

fn done(steps: &[Step]) -> [bool; 6] {
    std::array::from_fn(|at| steps[at].done)
}

// SPEC 9: each open step has its way; connecting an account ticks what it settles.
#[tokio::test]
async fn steps_tick_themselves_off() {
    let app = TestApp::without_apps().await;
    let mut browser = app.owner().await;
    let before = steps(&mut browser).await;
    assert_eq!(done(&before), [true, false, false, false, false, false]);
    for step in &before {
        let Some((href, label)) = &step.way else {
            assert!(step.done, "{} is open and leads nowhere", step.title);
            continue;
        };
        assert!(!step.done && !label.is_empty());
        assert_eq!(browser.get(href).await.status, 200, "{href}");
    }
    let page = browser.get("/launchpad").await.text();
    assert!(page.contains("Connect the first account") && page.contains("href=\"/connect\""), "{page}");

    let card = app.mastodon(&mut browser).await;
    let after = steps(&mut browser).await;
    assert_eq!(done(&after), [true, false, true, true, false, true], "a platform without an app was used");
    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    for _ in 0..3 {
        app.keep_all().await;
    }
    let amber = steps(&mut browser).await;
    assert_eq!(done(&amber), [true, false, true, true, false, false]);
    assert_eq!(amber[5].way.as_ref().map(|way| way.0.as_str()), Some("/connections?status=attention"));
    browser.call("disconnect", &[("id", card.id.as_str())]).await;
    assert_eq!(
        done(&steps(&mut browser).await),
        [true, false, false, false, false, false],
        "nothing is connected any more"
    );
}

// SPEC 9
#[tokio::test]
async fn once_all_is_done_it_says_so() {
    let settings = [
        ("PILOTLIGHT_PUBLIC_URL", "https://pilot.example"),
        ("PILOTLIGHT_MAIL__HOST", "mail.example"),
        ("PILOTLIGHT_MAIL__FROM", "alerts@pilot.example"),
    ];
    let app = TestApp::with(None, Box::new(()), &settings).await;
    let mut browser = app.owner().await;
    assert_eq!(done(&steps(&mut browser).await), [true, true, true, false, true, false], "apps are set here");
    app.mastodon(&mut browser).await;
    let all = steps(&mut browser).await;
    assert!(all.iter().all(|step| step.done && step.way.is_none()), "{all:?}");
    let page = browser.get("/launchpad").await.text();
    assert!(page.contains("Everything is set up"), "{page}");
}

// SPEC W-1, W-2
#[tokio::test]
async fn members_see_no_button_that_is_not_theirs_and_nothing_of_other_workspaces() {
    let app = TestApp::without_apps().await;
    let mut owner = app.owner().await;
    app.add_user("vi@agency.example", "Vi", "Agency", Role::Viewer).await;
    app.add_user("rival@other.example", "Rival", "Other", Role::Owner).await;
    let mut viewer = app.signed_in_as("vi@agency.example").await;
    let seen: Launchpad = viewer.ask("launchpad", &[]).await;
    let ways: Vec<_> = seen.steps.iter().filter_map(|step| step.way.as_ref()).map(|way| way.0.as_str()).collect();
    assert_eq!(ways, ["/connections"]);
    assert!(seen.tips.is_empty(), "the key is no viewer's business");
    let told: Launchpad = owner.ask("launchpad", &[]).await;
    assert!(told.tips[0].contains("key"), "{:?}", told.tips);
    app.mastodon(&mut owner).await;
    let mut rival = app.signed_in_as("rival@other.example").await;
    assert!(!steps(&mut rival).await[3].done, "another workspace's account ticks nothing");
    assert_eq!(app.browser().call("launchpad", &[]).await.status, 401);
}

// SPEC 9
#[tokio::test]
async fn the_root_leads_to_what_is_next() {
    let app = TestApp::new().await;
    assert_eq!(app.browser().get("/").await.redirect(), "/sign-in");
    let mut browser = app.owner().await;
    assert_eq!(browser.get("/").await.redirect(), "/launchpad");
    app.mastodon(&mut browser).await;
    assert_eq!(browser.get("/").await.redirect(), "/overview");
}

// SPEC 9, W-2: the figure beside "Connections" counts the amber accounts of this workspace.
#[tokio::test]
async fn the_navigation_counts_what_needs_a_reconnect() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    app.add_user("rival@other.example", "Rival", "Other", Role::Owner).await;
    let mut rival = app.signed_in_as("rival@other.example").await;
    app.mastodon(&mut browser).await;
    assert!(!browser.get("/launchpad").await.text().contains("nav-count"));
    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    for _ in 0..3 {
        app.keep_all().await;
    }
    let page = browser.get("/launchpad").await.text();
    assert!(page.contains("nav-count") && page.contains("1 needs a reconnect"), "{page}");
    assert!(!rival.get("/launchpad").await.text().contains("nav-count"));
}
