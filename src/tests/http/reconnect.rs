//! Reconnecting: the same identity heals, another one changes nothing (SPEC C-6, C-7).

use pilotlight::api::accounts::{Detail, Removal};
use pilotlight::api::connect::Picker;
use pilotlight::domain::health::{Cause, Health};
use pilotlight::sandbox::{Choice, Control};

use crate::support::db::execute;
use crate::support::{TestApp, dump, people};

// SPEC C-6
#[tokio::test]
async fn another_identity_leaves_every_row_as_it_was() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    let before = dump(&app.state.db, &["accounts", "grants", "incidents", "pictures"]).await;

    let start = format!("/oauth/start?platform=mastodon&account={}", card.id);
    let other = Choice::person(people::MASTODON_SECOND);
    let page = app.connect(&mut browser, &start, other).await;
    assert!(page.redirect().contains("code=wrong-account"), "{}", page.redirect());
    assert!(page.redirect().contains(card.id.as_str()), "the page leads back to the account");
    app.drain().await;

    assert_eq!(dump(&app.state.db, &["accounts", "grants", "incidents", "pictures"]).await, before);
    let revoked = app.twin.requests().iter().filter(|request| request.path.contains("oauth/revoke")).count();
    assert_eq!(revoked, 1, "the consent of the wrong person was given back");
    assert_eq!(browser.get(page.redirect()).await.status, 200);
    assert_eq!(browser.call("check", &[("id", card.id.as_str())]).await.status, 200);
    assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy, "the right one still works");
}

// SPEC C-6: X keeps one consent per person and app. Giving the wrong one back would end the account that lives on it.
#[tokio::test]
async fn a_wrong_identity_that_lives_elsewhere_is_not_revoked() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let first = app.mastodon(&mut browser).await;
    let second = Choice::person(people::MASTODON_SECOND);
    app.connect(&mut browser, "/oauth/start?platform=mastodon&host=mastodon.example", second.clone()).await;
    let start = format!("/oauth/start?platform=mastodon&account={}", first.id);
    let page = app.connect(&mut browser, &start, second).await;
    assert!(page.redirect().contains("code=wrong-account"), "{}", page.redirect());
    assert!(app.twin.requests().iter().all(|request| !request.path.contains("oauth/revoke")));
}

// SPEC C-7
#[tokio::test]
async fn one_reconnect_heals_every_account_of_the_grant_and_names_who_was_left_out() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let page = app.connect(&mut browser, "/oauth/start?platform=facebook", Choice::person(people::FACEBOOK_MANY)).await;
    let grant = page.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned();
    let picker: Picker = browser.ask("picker", &[("grant", &grant)]).await;
    let ids: Vec<_> = picker.destinations.iter().filter(|d| d.unusable.is_none()).map(|d| d.id.clone()).collect();
    let mut ticks = vec![("grant", grant.as_str())];
    ticks.extend(ids.iter().map(|id| ("destination", id.as_str())));
    browser.post("/oauth/choose", &ticks).await;
    assert_eq!(app.cards(&mut browser).await.len(), 3);

    app.twin
        .control(Control::ChangePassword { vendor: "facebook".into(), person: people::FACEBOOK_MANY.into() })
        .expect("known");
    app.keep_all().await;
    let broken = app.cards(&mut browser).await;
    assert!(broken.iter().all(|card| card.cause == Some(Cause::PasswordChanged)), "{broken:#?}");

    let keep = vec![ids[0].clone(), ids[1].clone()];
    let choice = Choice { only_destinations: Some(keep), ..Choice::person(people::FACEBOOK_MANY) };
    let start = format!("/oauth/start?platform=facebook&account={}", account_of(&app, &broken, &ids[0]).await);
    let page = app.connect(&mut browser, &start, choice).await;
    assert!(page.redirect().contains("done=reconnected&healed=2"), "{}", page.redirect());
    let cards = app.cards(&mut browser).await;
    assert_eq!(cards.iter().filter(|card| card.health == Health::Healthy).count(), 2);
    let left = cards.iter().find(|card| card.health == Health::NeedsReconnect).expect("one is left out");
    assert_eq!(left.cause, Some(Cause::PermissionsMissing));
}

async fn account_of(app: &TestApp, cards: &[pilotlight::api::accounts::Card], external: &str) -> String {
    for card in cards {
        let member = app.member(&app.owner().await).await;
        let row = pilotlight::server::store::accounts::get(&app.state.db, &member.workspace, &card.id)
            .await
            .expect("the store")
            .expect("a row");
        if row.external_id == external {
            return card.id.to_string();
        }
    }
    panic!("no account for {external}")
}

// SPEC 1: disconnect keeps history and posts; reconnecting restores access.
#[tokio::test]
async fn a_disconnected_account_comes_back_with_its_history() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    let id = card.id.as_str();
    assert_eq!(browser.call("disconnect", &[("id", id)]).await.status, 200);
    app.drain().await;
    let gone = app.card(&mut browser, &card.id).await;
    assert!(gone.disconnected && gone.token.is_none());
    assert!(
        app.twin.requests().iter().any(|request| request.path.contains("oauth/revoke")),
        "the consent was given back"
    );
    assert_eq!(browser.call("disconnect", &[("id", id)]).await.status, 409);
    assert_eq!(browser.call("check", &[("id", id)]).await.status, 409);
    let tokens = dump(&app.state.db, &["grants"]).await;
    assert!(tokens.contains("given-up"), "{tokens}");

    let page =
        app.connect(&mut browser, &format!("/oauth/start?platform=mastodon&account={id}"), Choice::default()).await;
    assert!(page.redirect().contains("done=reconnected"), "{}", page.redirect());
    let back = app.card(&mut browser, &card.id).await;
    assert_eq!((back.disconnected, back.health), (false, Health::Healthy));
    let detail: Detail = browser.ask("account", &[("id", id)]).await;
    let words: Vec<_> = detail.history.iter().map(|line| line.words.as_str()).collect();
    for expected in ["Connected.", "Disconnected.", "Reconnected."] {
        assert!(words.contains(&expected), "{words:?}");
    }
}

// SPEC D-6
#[tokio::test]
async fn removing_needs_the_typed_name_and_leaves_nothing() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    let id = card.id.as_str();
    assert_eq!(browser.call("remove", &[("id", id), ("typed", "something else")]).await.status, 422);
    assert_eq!(app.cards(&mut browser).await.len(), 1);
    assert_eq!(browser.call("remove", &[("id", id), ("typed", &card.name)]).await.status, 200);
    app.drain().await;
    assert!(app.cards(&mut browser).await.is_empty());
    let rows = dump(&app.state.db, &["accounts", "grants", "incidents"]).await;
    assert!(!rows.contains(id), "{rows}");
}

// SPEC D-6: a post that another account has as well stays
#[tokio::test]
async fn the_question_before_a_removal_counts_what_goes_with_it() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let other = app.facebook_page(&mut browser).await;
    let one = app.mastodon(&mut browser).await;
    for (post, account, target) in
        [("own", &one, "t1"), ("own", &one, "t2"), ("shared", &one, "t3"), ("shared", &other, "t4")]
    {
        let statement = format!(
            "insert into posts (id, workspace_id, body, created_at) \
             select '{post}', workspace_id, 'x', 0 from accounts where id = '{id}' on conflict do nothing; \
             insert into targets (id, post_id, account_id, state, due_at) \
             values ('{target}', '{post}', '{id}', 'published', 0)",
            id = account.id
        );
        execute(&app.state.db, statement).await;
    }
    for (card, posts) in [(&one, 1), (&other, 0)] {
        let removal: Removal = browser.ask("removal", &[("id", card.id.as_str())]).await;
        assert_eq!((&removal.name, removal.posts), (&card.name, posts));
    }
    assert_eq!(browser.call("remove", &[("id", one.id.as_str()), ("typed", &one.name)]).await.status, 200);
    app.drain().await;
    let left = dump(&app.state.db, &["posts"]).await;
    assert!(left.contains("id=shared") && !left.contains("id=own"), "{left}");
}
