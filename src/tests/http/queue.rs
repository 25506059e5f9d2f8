//! Several accounts reconnected one after another, each consent once (SPEC H-10).

use pilotlight::api::connect::Picker;
use pilotlight::domain::health::Health;
use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use pilotlight::sandbox::{Choice, Control};

use crate::support::browser::Browser;
use crate::support::{TestApp, people};

/// Three pages of one Facebook consent and a Mastodon account, all of them amber.
async fn four_broken(app: &TestApp, browser: &mut Browser) {
    let person = Choice::person(people::FACEBOOK_MANY);
    let page = app.connect(browser, "/oauth/start?platform=facebook", person).await;
    let grant = page.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned();
    let picker: Picker = browser.ask("picker", &[("grant", &grant)]).await;
    let mut ticks = vec![("grant", grant.as_str())];
    let usable = picker.destinations.iter().filter(|one| one.unusable.is_none());
    ticks.extend(usable.map(|one| ("destination", one.id.as_str())));
    browser.post("/oauth/choose", &ticks).await;
    app.mastodon(browser).await;
    for (vendor, person) in [("facebook", people::FACEBOOK_MANY), ("mastodon", people::MASTODON_FIRST)] {
        app.twin.control(Control::RevokeGrant { vendor: vendor.into(), person: person.into() }).expect("known");
    }
    app.keep_all().await;
    assert_eq!(amber(app, browser).await, 4);
}

/// Begins a row as a person's browser does, through the page in between; answers where it leads.
pub async fn begin(browser: &mut Browser, what: &str) -> String {
    let page = browser.get(&format!("/oauth/reconnect?{what}")).await;
    // A redirect would be stopped by the policy of the page whose form was sent.
    assert_eq!(page.status, 200, "no redirect");
    let refresh = page.headers["refresh"].to_str().expect("text").to_owned();
    let onward = refresh.strip_prefix("0; url=").expect("where to go");
    assert!(page.text().contains(&format!("href=\"{}\"", onward.replace('&', "&amp;"))), "by hand as well");
    browser.get(onward).await.redirect().to_owned()
}

async fn amber(app: &TestApp, browser: &mut Browser) -> usize {
    let cards = app.cards(browser).await;
    cards.iter().filter(|card| card.health == Health::NeedsReconnect).count()
}

/// Says yes (or what `choice` says) at the platform that `start` leads to; answers where that leads.
pub async fn consent(app: &TestApp, browser: &mut Browser, at: &str, choice: Choice) -> String {
    let back = app.twin.consent(at, choice).expect("the consent page works");
    let home = app.state.config.server.public_url.clone();
    let back = back.strip_prefix(&home).or_else(|| back.strip_prefix("http://127.0.0.1:3000")).expect("back to us");
    browser.site = "cross-site";
    let page = browser.get(back).await;
    browser.site = "same-origin";
    page.redirect().to_owned()
}

fn choice_at(address: &str) -> Choice {
    if address.contains("facebook") { Choice::person(people::FACEBOOK_MANY) } else { Choice::default() }
}

// SPEC H-10
#[tokio::test]
async fn all_that_need_it_are_reconnected_each_consent_once() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    four_broken(&app, &mut browser).await;

    let mut at = begin(&mut browser, "all=1").await;
    let mut consents = 0;
    while !at.starts_with("/connections") {
        consents += 1;
        at = consent(&app, &mut browser, &at.clone(), choice_at(&at)).await;
    }
    assert_eq!(consents, 2, "four accounts, two consents");
    assert_eq!(at, "/connections?done=queue&count=2&total=2");
    assert_eq!(amber(&app, &mut browser).await, 0);
    assert!(browser.get(&at).await.text().contains("All 2 sign-ins you chose are renewed."));
}

// SPEC H-10, A-1: at the end of a row that did not begin with all of them
#[tokio::test]
async fn the_end_of_a_row_tells_how_many_are_left() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    four_broken(&app, &mut browser).await;
    let cards = app.cards(&mut browser).await;
    let one = cards.iter().find(|card| card.platform == Platform::Mastodon).expect("a card");
    let at = begin(&mut browser, &format!("account={}", one.id)).await;
    let end = consent(&app, &mut browser, &at, Choice::default()).await;
    assert_eq!(end, "/connections?done=queue&count=1&total=1");
    let said = "The sign-in you chose is renewed. 3 accounts still need a reconnect.";
    for path in [end.as_str(), "/overview?done=queue&count=1&total=1"] {
        let page = browser.get(path).await.text();
        assert!(page.contains(said), "{path}: {page}");
    }
}

// SPEC H-10
#[tokio::test]
async fn a_refusal_in_the_middle_does_not_end_the_rest() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    four_broken(&app, &mut browser).await;
    let ticked: Vec<String> = app.cards(&mut browser).await.iter().map(|card| format!("account={}", card.id)).collect();

    let at = begin(&mut browser, &ticked.join("&")).await;
    let denied = consent(&app, &mut browser, &at, Choice { deny: true, ..choice_at(&at) }).await;
    assert!(denied.starts_with("/connect/problem?code=declined"), "{denied}");
    let page = browser.get(&denied).await.text();
    let link = page.split("href=\"/oauth/reconnect?").nth(1).expect("a way on").split('"').next().expect("its end");
    let onward = format!("/oauth/reconnect?{}", link.replace("&amp;", "&"));
    let again = page.split("href=\"/oauth/start?").nth(1).expect("another try").split('"').next().expect("its end");
    assert!(again.contains("back=%2Foauth%2Freconnect"), "trying again goes on with the rest, too: {again}");

    let at = browser.get(&onward).await.redirect().to_owned();
    let end = consent(&app, &mut browser, &at, choice_at(&at)).await;
    assert_eq!(end, "/connections?done=queue&count=1&total=2");
    assert!(browser.get(&end).await.text().contains("1 of 2 sign-ins are renewed."));
}

// SPEC H-10: by the form of a platform whose secret is typed here
#[tokio::test]
async fn a_form_in_the_middle_goes_on_with_the_rest() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let form = [("platform", "bluesky"), ("handle", people::BLUESKY.0), ("password", people::BLUESKY.1)];
    browser.post("/oauth/password", &form).await;
    let bluesky = app.cards(&mut browser).await[0].id.to_string();
    let mastodon = app.mastodon(&mut browser).await.id.to_string();

    let at = begin(&mut browser, &format!("account={bluesky}&account={mastodon}")).await;
    let form_page = "/connect/bluesky?account=";
    // Healthy ones that were ticked are not asked for again.
    assert_eq!(at, "/connections?done=queue&count=2&total=2");
    for (vendor, person) in [("bluesky", people::BLUESKY.0), ("mastodon", people::MASTODON_FIRST)] {
        app.twin.control(Control::RevokeGrant { vendor: vendor.into(), person: person.into() }).expect("known");
    }
    app.keep_all().await;
    let mut at = begin(&mut browser, &format!("account={bluesky}&account={mastodon}")).await;
    if !at.starts_with(form_page) {
        at = consent(&app, &mut browser, &at, Choice::default()).await;
    }
    assert!(at.starts_with(form_page), "{at}");
    let page = browser.get(&at).await.text();
    let back = page.split("name=\"back\" value=\"").nth(1).expect("a hidden field").split('"').next().expect("its end");
    let form = [
        ("platform", "bluesky"),
        ("handle", people::BLUESKY.0),
        ("password", people::BLUESKY.1),
        ("account", &bluesky),
        ("back", &back.replace("&amp;", "&")),
    ];
    let mut at = browser.post("/oauth/password", &form).await.redirect().to_owned();
    while !at.starts_with("/connections") {
        at = match at.starts_with("/oauth/") {
            true => browser.get(&at).await.redirect().to_owned(),
            false => consent(&app, &mut browser, &at, Choice::default()).await,
        };
    }
    assert_eq!(at, "/connections?done=queue&count=2&total=2");
    assert_eq!(amber(&app, &mut browser).await, 0);
}

// DESIGN rule 9: another site's link begins nothing; roles are checked
#[tokio::test]
async fn only_our_own_pages_begin_a_row_and_only_for_those_who_may() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    four_broken(&app, &mut browser).await;
    browser.site = "cross-site";
    assert_eq!(browser.get("/oauth/reconnect?all=1").await.redirect(), "/connections");
    browser.site = "same-origin";
    app.add_user("eve@agency.example", "Eve", "Elsewhere", Role::Owner).await;
    let mut stranger = app.signed_in_as("eve@agency.example").await;
    assert_eq!(begin(&mut stranger, "all=1").await, "/connections?done=queue&count=0&total=0");
}
