//! The main job once more, on PostgreSQL: the same code, another database.

use pilotlight::api::accounts::Outcome;
use pilotlight::domain::health::{Cause, Health};
use pilotlight::sandbox::{Choice, Control};

use crate::support::{TestApp, db, people};

/// An app on a schema of its own; `None` if no server is named.
async fn app() -> Option<TestApp> {
    let Some((url, schema)) = db::schema().await else {
        eprintln!("skipped: {} is not set", db::POSTGRES);
        return None;
    };
    Some(TestApp::with(Some(url), schema, &[]).await)
}

// SPEC C-3, C-6, T-6, D-6
#[tokio::test]
async fn connect_amber_reconnect_disconnect_remove() {
    let Some(app) = app().await else { return };
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    let page = app.facebook_page(&mut browser).await;
    assert_ne!(card.id, page.id);
    let id = card.id.as_str();

    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    let outcome: Outcome = browser.ask("check", &[("id", id)]).await;
    assert_eq!(outcome.health, Some(Health::NeedsReconnect), "{}", outcome.words);
    assert_eq!(app.card(&mut browser, &card.id).await.cause, Some(Cause::Revoked));
    app.keep_all().await;
    assert_eq!(app.card(&mut browser, &page.id).await.health, Health::Healthy);

    let start = format!("/oauth/start?platform=mastodon&account={id}");
    let again = app.connect(&mut browser, &start, Choice::default()).await;
    assert!(again.redirect().contains("done=reconnected"), "{}", again.redirect());
    assert_eq!(browser.call("disconnect", &[("id", id)]).await.status, 200);
    assert!(app.card(&mut browser, &card.id).await.disconnected);
    assert_eq!(browser.call("remove", &[("id", id), ("typed", &card.name)]).await.status, 200);
    app.drain().await;
    assert_eq!(app.cards(&mut browser).await.len(), 1);
}

#[tokio::test]
async fn of_twenty_parallel_callbacks_one_exchanges_the_code() {
    let Some(app) = app().await else { return };
    let mut browser = app.owner().await;
    let callback = app.consent(&mut browser, "/oauth/start?platform=x", Choice::default()).await;
    let all = (0..20).map(|_| {
        let (mut browser, callback) = (browser.clone(), callback.clone());
        tokio::spawn(async move { browser.get(&callback).await.redirect().to_owned() })
    });
    for one in all.collect::<Vec<_>>() {
        let path = one.await.expect("an answer");
        assert!(path.contains("done=connected"), "{path}");
    }
    let exchanges = app.twin.requests().iter().filter(|request| request.path.contains("oauth2/token")).count();
    assert_eq!((exchanges, app.cards(&mut browser).await.len()), (1, 1));
}
