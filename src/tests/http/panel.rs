//! What the panel tells of an account beyond its card.

use std::time::Duration;

use axum::http::StatusCode;
use pilotlight::api::accounts::Detail;
use pilotlight::api::panel::{Recent, TokenDebug};
use pilotlight::domain::health::Health;
use pilotlight::domain::role::Role;
use pilotlight::domain::uptime::Day;
use pilotlight::sandbox::{Choice, Control, Fault, FaultKind};
use pilotlight::server::service::live::News;
use pilotlight::server::store::posts::{self, Planned};

use crate::support::browser::Browser;
use crate::support::db::execute;
use crate::support::{START, TestApp, dump, people};

const DAY: Duration = Duration::from_secs(86_400);

async fn detail(browser: &mut Browser, id: &str) -> Detail {
    browser.ask("account", &[("id", id)]).await
}

// SPEC D-10
#[tokio::test]
async fn the_share_of_green_days_is_told_with_a_strip() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    let id = card.id.as_str();
    assert_eq!(detail(&mut browser, id).await.uptime, None, "no time has passed");
    app.advance(2 * DAY);
    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    app.keep().await;
    assert_eq!(app.card(&mut browser, &card.id).await.health, Health::NeedsReconnect);
    app.advance(DAY);
    let start = format!("/oauth/start?platform=mastodon&account={id}");
    app.connect(&mut browser, &start, Choice::default()).await;
    app.advance(DAY);
    let disconnected = browser.call("disconnect", &[("id", id)]).await;
    assert_eq!(disconnected.status, 200);
    app.advance(3 * DAY);
    app.connect(&mut browser, &start, Choice::default()).await;

    // From noon to noon: two days green, one amber, one green, three of no concern. Today is one of those so far.
    let uptime = detail(&mut browser, id).await.uptime.expect("it was connected");
    let runs = [(Day::Green, 2), (Day::Partly, 2), (Day::Green, 1), (Day::Off, 3)];
    assert_eq!(uptime.runs, runs);
    assert_eq!((uptime.green, uptime.words().as_str()), (750, "Green 75 % of the last 8 days"));
    let page = browser.get(&format!("/connections?account={id}")).await.text();
    assert!(page.contains("Green 75 % of the last 8 days"), "{page}");
    assert!(page.contains(r#"<rect data-day="partly" x="2" y="0" width="2""#), "{page}");
}

async fn recent(browser: &mut Browser, id: &str) -> Recent {
    browser.ask("recent", &[("id", id)]).await
}

fn revoke_mastodon(app: &TestApp) {
    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
}

fn asked_for_posts(app: &TestApp) -> usize {
    let about_posts = |path: &str| path.ends_with("/published_posts") || path.ends_with("/statuses");
    app.twin.requests().iter().filter(|request| about_posts(&request.path)).count()
}

// SPEC D-5
#[tokio::test]
async fn recent_posts_are_shown_and_the_platform_is_asked_once_in_a_while() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let page = app.facebook_page(&mut browser).await;
    let profile = app.mastodon(&mut browser).await;
    for card in [&page, &profile] {
        let before = asked_for_posts(&app);
        let id = card.id.as_str();
        let found = recent(&mut browser, id).await;
        assert_eq!((found.posts.len(), found.note), (5, None), "{}", card.platform);
        for post in &found.posts {
            assert!(!post.text.is_empty() && post.link.as_ref().is_some_and(|link| link.starts_with("https://")));
            assert!(post.at.is_some_and(|at| at < found.now), "{post:?}");
        }
        let html = browser.get(&format!("/connections?account={id}")).await.text();
        assert!(html.contains("Recent posts") && html.contains(&found.posts[0].text.replace('\'', "&#x27;")), "{html}");
        assert_eq!(asked_for_posts(&app) - before, 1, "the second answer was kept");
        app.advance(Duration::from_secs(301));
        recent(&mut browser, id).await;
        assert_eq!(asked_for_posts(&app) - before, 2, "not for ever");
    }
}

// SPEC D-5: a page does not wait for a platform, and nothing follows from a failure.
#[tokio::test]
async fn a_platform_that_is_slow_or_broken_holds_up_nothing_and_harms_nothing() {
    let app = TestApp::with(None, Box::new(()), &[("PILOTLIGHT_OUTBOUND__TIMEOUT_SECONDS", "20")]).await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    let id = card.id.as_str();
    app.twin.fault(Fault::on("mastodon", FaultKind::Delay(4_000), None));
    let mut live = app.state.live.listen();
    let slow = tokio::time::timeout(Duration::from_millis(2_000), recent(&mut browser, id)).await;
    let slow = slow.expect("it did not wait for the platform");
    assert_eq!((slow.note.as_deref(), slow.again), (Some("Mastodon is slow; look again."), true));
    let again = tokio::time::timeout(Duration::from_secs(1), recent(&mut browser, id)).await;
    assert_eq!(again.expect("nobody waits twice").note, slow.note);
    app.drain().await;
    assert_eq!(recent(&mut browser, id).await.posts.len(), 5, "what came later is there at the next look");
    assert!(
        std::iter::from_fn(|| live.try_recv().ok())
            .any(|news| matches!(news, News::Change(change) if change.account.as_ref() == Some(&card.id))),
        "and open tabs look again"
    );
    assert_eq!(asked_for_posts(&app), 1);

    app.advance(Duration::from_secs(301));
    app.twin.clear_faults();
    app.twin.fault(Fault::on("mastodon", FaultKind::Status(503), None));
    let before = dump(&app.state.db, &["accounts", "grants", "incidents", "events"]).await;
    let broken = recent(&mut browser, id).await;
    assert_eq!((broken.posts.len(), broken.note.as_deref()), (0, Some("Mastodon could not be reached.")));
    app.twin.clear_faults();
    revoke_mastodon(&app);
    app.advance(Duration::from_secs(31));
    let refused = recent(&mut browser, id).await;
    assert_eq!(refused.note.as_deref(), Some("Mastodon refused to show the posts of this account."));
    assert_eq!(
        dump(&app.state.db, &["accounts", "grants", "incidents", "events"]).await,
        before,
        "that is the keeper's"
    );
    assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy);
}

// SPEC D-5: no account that is broken or given up is asked about, nor where asking costs money or nobody answers.
#[tokio::test]
async fn posts_of_broken_accounts_are_not_asked_for() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    let id = card.id.as_str();
    assert_eq!(recent(&mut browser, id).await.posts.len(), 5);
    revoke_mastodon(&app);
    app.keep_all().await;
    let asked = asked_for_posts(&app);
    let after = Some("Recent posts appear again after the reconnect.");
    assert_eq!(recent(&mut browser, id).await.note.as_deref(), after);
    browser.call("disconnect", &[("id", id)]).await;
    assert_eq!(recent(&mut browser, id).await.note.as_deref(), after);
    assert_eq!(asked_for_posts(&app), asked);

    app.connect(&mut browser, "/oauth/start?platform=x", Choice::default()).await;
    app.drain().await;
    let on_x = app.cards(&mut browser).await.into_iter().find(|card| card.id.as_str() != id).expect("two accounts");
    let before = app.twin.requests().len();
    let note = recent(&mut browser, on_x.id.as_str()).await.note;
    assert_eq!(note.as_deref(), Some("X charges for each look at posts, so none are read here."));
    assert_eq!(app.twin.requests().len(), before);
}

// SPEC D-4: for admins only, and never the token itself
#[tokio::test]
async fn admins_see_what_meta_knows_of_a_token() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let card = app.facebook_page(&mut owner).await;
    let id = card.id.as_str();
    let address = format!("/connections?account={id}&debug=1");
    app.add_user("ed@agency.example", "Ed", "Agency", Role::Editor).await;
    app.add_user("ad@agency.example", "Ad", "Agency", Role::Admin).await;
    let mut editor = app.signed_in_as("ed@agency.example").await;
    assert_eq!(editor.call("token_debug", &[("id", id)]).await.status, StatusCode::FORBIDDEN);
    assert!(!detail(&mut editor, id).await.token_debug);
    assert!(!editor.get(&address).await.text().contains("Token debug"));

    let mut admin = app.signed_in_as("ad@agency.example").await;
    assert!(detail(&mut admin, id).await.token_debug);
    let answer = admin.call("token_debug", &[("id", id)]).await;
    let debug: TokenDebug = serde_json::from_slice(&answer.body).expect("an answer");
    let [page, person] = &debug.tokens[..] else { panic!("{debug:?}") };
    assert_eq!((page.kind.as_deref(), person.kind.as_deref()), (Some("PAGE"), Some("USER")));
    assert!(page.never_ends && page.ends_at.is_none() && !person.never_ends, "{debug:?}");
    assert_eq!(person.issued_at, Some(START));
    assert!(person.ends_at.is_some_and(|at| at > START) && person.data_access_ends_at.is_some_and(|at| at > START));
    let targets = person.targets.iter().find(|(scope, _)| scope == "pages_manage_posts").expect("given for some pages");
    assert!(targets.1.iter().any(|id| id == people::FACEBOOK_PAGE), "{targets:?}");
    let html = admin.get(&address).await.text();
    for words in ["Token debug", "PAGE", "Data access expires", "pages_manage_posts", people::FACEBOOK_PAGE] {
        assert!(html.contains(words), "{words}");
    }
    let narrowed = admin.get(&format!("/connections?status=valid&account={id}")).await.text();
    let ask = format!("/connections?status=valid&amp;account={id}&amp;debug=1\"");
    assert!(narrowed.contains(&ask), "SPEC H-4: asking keeps what the list is narrowed down to");
    let plain = admin.get(&format!("/connections?account={id}")).await.text();
    assert!(plain.contains("Token debug") && !plain.contains("Data access expires"), "only when asked");
    for secret in app.twin.minted() {
        assert!(
            !answer.text().contains(&secret) && !html.contains(&secret),
            "a secret that begins with {}",
            &secret[..6]
        );
    }

    // A dead token is told of in words, and changes nothing.
    app.twin
        .control(Control::RevokeGrant { vendor: "facebook".into(), person: people::FACEBOOK_MANY.into() })
        .expect("known");
    app.advance(Duration::from_secs(31));
    let dead: TokenDebug = admin.ask("token_debug", &[("id", id)]).await;
    let note = dead.note.expect("a sentence");
    assert!(
        dead.tokens.is_empty() && note.starts_with("Facebook says that the token does not work any more"),
        "{note}"
    );
    assert_eq!(app.card(&mut admin, &card.id).await.health, Health::Healthy);
    let elsewhere = app.mastodon(&mut admin).await;
    assert_eq!(admin.call("token_debug", &[("id", elsewhere.id.as_str())]).await.status, StatusCode::CONFLICT);
}

// SPEC T-9
#[tokio::test]
async fn posts_that_come_after_the_token_are_warned_of() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    let member = app.member(&browser).await;
    let day = 86_400_000;
    let mut tx = app.state.db.begin().await.expect("a transaction");
    for (target, state, due) in
        [("t1", "scheduled", 3), ("t2", "scheduled", 12), ("t3", "scheduled", 13), ("t4", "held", 14)]
    {
        let planned = Planned {
            post: &format!("post-{target}"),
            target,
            workspace: &member.workspace,
            author: &member.user,
            account: &card.id,
            body: "b",
            state,
            due_at: START + due * day,
            now: START,
        };
        posts::plan(&mut tx, &planned).await.expect("a post");
    }
    tx.commit().await.expect("a commit");
    assert_eq!(app.card(&mut browser, &card.id).await.dies_before_posts, 0, "its token has no end");

    execute(&app.state.db, format!("update grants set access_ends_at = {}", START + 10 * day)).await;
    assert_eq!(app.card(&mut browser, &card.id).await.dies_before_posts, 2);
    assert_eq!(detail(&mut browser, card.id.as_str()).await.card.dies_before_posts, 2);
    let warning = "2 scheduled posts come after the token ends on";
    let list = browser.get("/connections").await.text();
    assert_eq!(list.matches(warning).count(), 1, "on the card: {list}");
    let panel = browser.get(&format!("/connections?account={}", card.id)).await.text();
    assert_eq!(panel.matches(warning).count(), 2, "on the card and in the panel");
    let composer = browser.get(&format!("/compose?social_account_id={}", card.id)).await.text();
    assert_eq!(composer.matches(warning).count(), 1, "in the composer");

    // An amber account has graver news.
    revoke_mastodon(&app);
    app.keep_all().await;
    assert_eq!(app.card(&mut browser, &card.id).await.dies_before_posts, 0);
}
