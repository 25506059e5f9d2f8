//! Connecting each of the platforms, from the first click to a green card (SPEC C-1 to C-8).

use pilotlight::api::accounts::{Connections, Detail};
use pilotlight::api::connect::{Choice as Line, Offer, Picker};
use pilotlight::domain::grant::TokenStatus;
use pilotlight::domain::health::{Cause, Health};
use pilotlight::domain::plan::Plan;
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Choice, Control};

use crate::support::{TestApp, people};

// SPEC C-1
#[tokio::test]
async fn every_platform_is_listed_with_what_is_in_its_way() {
    let app = TestApp::with(None, Box::new(()), &[]).await;
    let mut browser = app.owner().await;
    let lines: Vec<Line> = browser.ask("choices", &[]).await;
    assert_eq!(lines.iter().map(|line| line.platform).collect::<Vec<_>>(), Platform::ALL);
    let offer =
        |lines: &[Line], platform| lines.iter().find(|line| line.platform == platform).expect("listed").offer.clone();
    assert_eq!(offer(&lines, Platform::Facebook), Offer::Ready);
    assert_eq!(offer(&lines, Platform::Whatsapp), Offer::ComingSoon);
    app.plan(&mut browser, Plan::Starter).await;
    let lines: Vec<Line> = browser.ask("choices", &[]).await;
    assert_eq!(offer(&lines, Platform::X), Offer::Upgrade { plan: Plan::Professional });
}

// SPEC C-1: what the operator must set is named.
#[tokio::test]
async fn a_platform_without_credentials_names_the_settings() {
    let app = TestApp::without_apps().await;
    let mut browser = app.owner().await;
    let lines: Vec<Line> = browser.ask("choices", &[]).await;
    let facebook = lines.iter().find(|line| line.platform == Platform::Facebook).expect("listed");
    let settings = vec!["platforms.facebook.client_id".to_owned(), "platforms.facebook.client_secret".to_owned()];
    assert_eq!(facebook.offer, Offer::NotConfigured { settings });
    let start = browser.get("/oauth/start?platform=facebook").await;
    assert!(start.redirect().contains("code=not-configured"), "{}", start.redirect());
}

// SPEC C-2, C-3
#[tokio::test]
async fn x_and_mastodon_connect_in_one_go() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    for start in ["/oauth/start?platform=x", "/oauth/start?platform=mastodon&host=https://Mastodon.example/@somebody"] {
        let page = app.connect(&mut browser, start, Choice::default()).await;
        assert!(page.redirect().starts_with("/connections?account="), "{}", page.redirect());
        let shown = browser.get(page.redirect()).await;
        assert_eq!(shown.status, 200);
    }
    app.drain().await;
    let cards = app.cards(&mut browser).await;
    assert_eq!(cards.len(), 2);
    for card in cards {
        assert_eq!((card.health, card.token), (Health::Healthy, Some(TokenStatus::Valid)), "{}", card.name);
        assert!(card.picture.is_some(), "{} has no picture", card.name);
        let picture = browser.get(card.picture.as_deref().expect("a picture")).await;
        assert_eq!(
            (picture.status.as_u16(), picture.headers["content-type"].to_str().expect("text")),
            (200, "image/png")
        );
    }
}

// SPEC C-3
#[tokio::test]
async fn facebook_pages_are_chosen_now_or_later() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let page = app.connect(&mut browser, "/oauth/start?platform=facebook", Choice::person(people::FACEBOOK_MANY)).await;
    let grant = page.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned();

    // Left alone, it stays visible.
    let seen: Connections = browser.ask("connections", &[]).await;
    assert_eq!((seen.cards.len(), seen.setups.len()), (0, 1));
    assert_eq!(seen.setups[0].grant.as_str(), grant);
    assert_eq!(browser.get(page.redirect()).await.status, 200);

    let picker: Picker = browser.ask("picker", &[("grant", &grant)]).await;
    assert_eq!(picker.destinations.len(), 4);
    let unusable: Vec<_> = picker.destinations.iter().filter(|d| d.unusable.is_some()).collect();
    assert_eq!(unusable.len(), 1, "one page lacks the task to create content");

    let usable: Vec<_> = picker.destinations.iter().filter(|d| d.unusable.is_none()).collect();
    let ticks = [
        ("grant", grant.as_str()),
        ("destination", &usable[0].id),
        ("destination", &usable[1].id),
        ("destination", &unusable[0].id),
    ];
    let chosen = browser.post("/oauth/choose", &ticks).await;
    assert!(chosen.redirect().contains("done=connected&count=2"), "{}", chosen.redirect());

    let seen: Connections = browser.ask("connections", &[]).await;
    assert_eq!((seen.cards.len(), seen.setups.len()), (2, 0));
    assert!(seen.cards.iter().all(|card| card.health == Health::Healthy));
    let picker: Picker = browser.ask("picker", &[("grant", &grant)]).await;
    assert_eq!(picker.destinations.iter().filter(|d| d.connected).count(), 2, "already connected ones are marked");

    let id = seen.cards[0].id.as_str();
    let detail: Detail = browser.ask("account", &[("id", id)]).await;
    assert_eq!(detail.connected_by.as_deref(), Some("Ada Lovelace"));
    assert_eq!(
        detail.siblings.iter().map(|one| one.name.clone()).collect::<Vec<_>>(),
        vec![seen.cards[1].name.clone()]
    );
    assert!(detail.scopes.expect("admins see scopes").contains(&"pages_manage_posts".to_owned()));
    assert!(detail.history.iter().any(|line| line.words == "Connected."));
}

#[tokio::test]
async fn choosing_nothing_says_so() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let page = app.connect(&mut browser, "/oauth/start?platform=facebook", Choice::person(people::FACEBOOK_MANY)).await;
    let grant = page.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned();
    let chosen = browser.post("/oauth/choose", &[("grant", &grant), ("destination", "made-up")]).await;
    assert!(chosen.redirect().ends_with("problem=nothing-chosen"), "{}", chosen.redirect());
    assert!(app.cards(&mut browser).await.is_empty());
}

// SPEC C-9
#[tokio::test]
async fn a_person_without_pages_is_told_and_nothing_is_kept() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let page = app.connect(&mut browser, "/oauth/start?platform=facebook", Choice::person(people::FACEBOOK_NONE)).await;
    assert!(page.redirect().contains("code=no-destination"), "{}", page.redirect());
    let seen: Connections = browser.ask("connections", &[]).await;
    assert!(seen.cards.is_empty() && seen.setups.is_empty());
}

// SPEC C-5
#[tokio::test]
async fn an_unticked_permission_makes_the_account_amber_and_is_named() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let choice = Choice { untick_scopes: vec!["tweet.write".into()], ..Choice::default() };
    let page = app.connect(&mut browser, "/oauth/start?platform=x", choice).await;
    assert!(page.redirect().contains("account="), "{}", page.redirect());
    let card = app.cards(&mut browser).await.pop().expect("a card");
    assert_eq!((card.health, card.cause), (Health::NeedsReconnect, Some(Cause::PermissionsMissing)));
    assert_eq!(card.missing_scopes, ["tweet.write"]);
}

// SPEC C-2: the app password of a Bluesky account; the main password is refused before it is sent anywhere.
#[tokio::test]
async fn bluesky_connects_by_app_password_only() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let (handle, password) = (people::BLUESKY.0, people::BLUESKY.1);
    let form = |password: &'static str| [("platform", "bluesky"), ("handle", handle), ("password", password)];

    let page = browser.post("/oauth/password", &form("my main password")).await;
    assert!(page.redirect().contains("code=main-password"), "{}", page.redirect());
    assert!(app.twin.requests().iter().all(|request| !request.path.contains("createSession")));

    let page = browser.post("/oauth/password", &form("aaaa-bbbb-cccc-dddd")).await;
    assert!(page.redirect().contains("code=wrong-password"), "{}", page.redirect());

    let page = browser.post("/oauth/password", &form(password)).await;
    assert!(page.redirect().contains("done=connected"), "{}", page.redirect());
    let card = app.cards(&mut browser).await.pop().expect("a card");
    assert_eq!((card.health, card.handle), (Health::Healthy, Some(format!("@{handle}"))));
}

// SPEC C-8
#[tokio::test]
async fn a_full_plan_refuses_before_the_redirect_but_lets_reconnect() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let page = app.connect(&mut browser, "/oauth/start?platform=facebook", Choice::person(people::FACEBOOK_MANY)).await;
    let grant = page.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned();
    app.plan(&mut browser, Plan::Free).await;
    let picker: Picker = browser.ask("picker", &[("grant", &grant)]).await;
    assert_eq!(picker.slots_left, Some(1));
    let ids: Vec<_> = picker.destinations.iter().filter(|d| d.unusable.is_none()).map(|d| d.id.clone()).collect();

    let too_many =
        browser.post("/oauth/choose", &[("grant", &grant), ("destination", &ids[0]), ("destination", &ids[1])]).await;
    assert!(too_many.redirect().ends_with("problem=plan-limit"), "{}", too_many.redirect());
    assert!(app.cards(&mut browser).await.is_empty(), "all or nothing");
    let one = browser.post("/oauth/choose", &[("grant", &grant), ("destination", &ids[0])]).await;
    assert!(one.redirect().contains("done=connected"), "{}", one.redirect());

    app.drain().await;
    let before = app.twin.requests().len();
    let more = browser.get("/oauth/start?platform=facebook").await;
    assert!(more.redirect().contains("code=plan-limit"), "{}", more.redirect());
    let x = browser.get("/oauth/start?platform=x").await;
    assert!(x.redirect().contains("code=plan-platform"), "{}", x.redirect());
    assert_eq!(app.twin.requests().len(), before, "nobody was sent anywhere");

    let card = app.cards(&mut browser).await.pop().expect("a card");
    let start = format!("/oauth/start?platform=facebook&account={}", card.id);
    let again = app.connect(&mut browser, &start, Choice::person(people::FACEBOOK_MANY)).await;
    assert!(again.redirect().contains("done=reconnected"), "{}", again.redirect());
}

#[tokio::test]
async fn the_same_account_twice_is_one_account() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let first = app.mastodon(&mut browser).await;
    let page =
        app.connect(&mut browser, "/oauth/start?platform=mastodon&host=mastodon.example", Choice::default()).await;
    assert!(page.redirect().contains("done=already"), "{}", page.redirect());
    let cards = app.cards(&mut browser).await;
    assert_eq!((cards.len(), &cards[0].id), (1, &first.id));
}

// The guard against servers of the inside.
#[tokio::test]
async fn private_servers_are_refused() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    for host in ["localhost", "127.0.0.1", "169.254.169.254", "10.0.0.1", "[::1]", "intranet", "", "a b"] {
        let path = format!("/oauth/start?platform=mastodon&host={}", host.replace(' ', "%20"));
        let page = browser.get(&path).await;
        assert!(page.redirect().contains("code=bad-server"), "{host}: {}", page.redirect());
    }
    assert!(app.twin.requests().is_empty());
}

// SPEC C-5: also where destinations are chosen first.
#[tokio::test]
async fn a_page_chosen_under_a_consent_that_lacks_a_permission_is_amber() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let choice = Choice { untick_scopes: vec!["pages_manage_posts".into()], ..Choice::person(people::FACEBOOK_MANY) };
    let page = app.connect(&mut browser, "/oauth/start?platform=facebook", choice).await;
    let grant = page.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned();
    browser.post("/oauth/choose", &[("grant", &grant), ("destination", people::FACEBOOK_PAGE)]).await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    assert_eq!((card.health, card.cause), (Health::NeedsReconnect, Some(Cause::PermissionsMissing)));
    assert_eq!(card.missing_scopes, ["pages_manage_posts"]);
}

// A tick is no proof that a connection works.
#[tokio::test]
async fn choosing_a_broken_account_again_does_not_heal_it() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let page = app.connect(&mut browser, "/oauth/start?platform=facebook", Choice::person(people::FACEBOOK_MANY)).await;
    let grant = page.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned();
    let ticks = [("grant", grant.as_str()), ("destination", people::FACEBOOK_PAGE)];
    browser.post("/oauth/choose", &ticks).await;
    app.twin
        .control(Control::ChangePassword { vendor: "facebook".into(), person: people::FACEBOOK_MANY.into() })
        .expect("known");
    app.keep_all().await;
    browser.post("/oauth/choose", &ticks).await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    assert_eq!(card.cause, Some(Cause::PasswordChanged));
}

// SPEC C-8: disconnecting and reconnecting is no way around the plan.
#[tokio::test]
async fn a_slot_that_was_given_up_must_be_free_to_come_back_to() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let first = app.facebook_page(&mut browser).await;
    app.plan(&mut browser, Plan::Free).await;
    browser.call("disconnect", &[("id", first.id.as_str())]).await;
    app.drain().await;
    let other =
        app.connect(&mut browser, "/oauth/start?platform=facebook", Choice::person(people::FACEBOOK_MANY)).await;
    let grant = other.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned();
    browser.post("/oauth/choose", &[("grant", &grant), ("destination", "100200300400502")]).await;
    let back = browser.get(&format!("/oauth/start?platform=facebook&account={}", first.id)).await;
    assert!(back.redirect().contains("code=plan-limit"), "{}", back.redirect());
}
