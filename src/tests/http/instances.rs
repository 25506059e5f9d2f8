//! Several servers on one PostgreSQL database: what one is told, the tabs of the others hear (SPEC A-2, T-6).

use std::sync::Arc;

use pilotlight::api::accounts::Progress;
use pilotlight::domain::health::Health;
use pilotlight::domain::id::WorkspaceId;
use pilotlight::sandbox::Control;
use pilotlight::server;
use pilotlight::server::clock::Randomness;
use pilotlight::server::http::router::router;
use pilotlight::server::service::live::{Change, Live, Tone, Whose};
use pilotlight::server::state::AppState;
use pilotlight::server::store::relay as wire;
use pilotlight::server::worker::relay;
use tokio::sync::broadcast::Receiver;

use crate::support::browser::Browser;
use crate::support::{TestApp, db, people};

/// A second server on the first one's database, with the same key and the same sandbox.
async fn second(app: &TestApp) -> AppState {
    let config = (*app.state.config).clone();
    server::build(config, app.clock.clone(), Randomness::seeded(12)).await.expect("a second server")
}

async fn two_servers() -> Option<(TestApp, AppState)> {
    let Some((url, schema)) = db::schema().await else {
        eprintln!("skipped: {} is not set", db::POSTGRES);
        return None;
    };
    let app = TestApp::with(Some(url), schema, &[]).await;
    let other = second(&app).await;
    for state in [&app.state, &other] {
        tokio::spawn(relay::run(state.clone()));
    }
    meet(&app.state.live, &other.live).await;
    meet(&other.live, &app.state.live).await;
    Some((app, other))
}

/// Says something here until it is heard there.
async fn meet(here: &Live, there: &Live) {
    let mut ear = there.listen();
    let hello = WorkspaceId::new("hello");
    while !std::iter::from_fn(|| ear.try_recv().ok()).any(|change| change.whose == Whose::Of(hello.clone())) {
        here.tell(&hello, None, None);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// What is heard up to a certain toast, without the greetings.
async fn until(ear: &mut Receiver<Change>, toast: &str) -> Vec<Change> {
    let mut heard = Vec::new();
    loop {
        let change = ear.recv().await.expect("the hub lives");
        let last = change.toast.as_deref() == Some(toast);
        if change.whose != Whose::Of(WorkspaceId::new("hello")) {
            heard.push(change);
        }
        if last {
            return heard;
        }
    }
}

// SPEC A-2, T-6: in every open tab, once.
#[tokio::test]
async fn what_one_server_is_told_all_hear_once() {
    let Some((app, other)) = two_servers().await else { return };
    let (mut here, mut there) = (app.state.live.listen(), other.live.listen());
    let ours = WorkspaceId::new("ours");
    app.state.live.progress(&ours, Progress { done: 1, total: 2 });
    app.state.live.tell(&ours, None, Some((Tone::Warn, "x".repeat(9_000))));
    app.state.live.tell(&ours, None, Some((Tone::Ok, "the end".into())));
    let at_home = until(&mut here, "the end").await;
    let abroad = until(&mut there, "the end").await;
    assert_eq!((at_home.len(), abroad.len()), (3, 3), "once here and once there");
    assert!(abroad.iter().all(|change| change.concerns(&ours) && !change.concerns(&WorkspaceId::new("foreign"))));
    assert_eq!(abroad[0].progress, Some(Progress { done: 1, total: 2 }));
    assert_eq!((abroad[1].toast.as_ref(), abroad[1].tone), (None, Tone::Warn), "too long a message loses its words");
    // Back again, and nothing of the first server's own comes back to it.
    other.live.tell(&ours, None, Some((Tone::Ok, "the answer".into())));
    assert_eq!(until(&mut here, "the answer").await.len(), 1);
}

// A connection that breaks costs nothing but one more look.
#[tokio::test]
async fn a_lost_connection_is_made_again_and_everybody_looks_again() {
    let Some((app, other)) = two_servers().await else { return };
    let mut there = other.live.listen();
    db::execute(&app.state.db, "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%' and pid <> pg_backend_pid()")
        .await;
    while there.recv().await.expect("the hub lives").whose != Whose::Everybodys {}
    meet(&app.state.live, &other.live).await;
    meet(&other.live, &app.state.live).await;
}

// SPEC T-6, A-2: the whole way: a death that one server's keeper finds is on the page of the other's tab.
#[tokio::test]
async fn a_death_found_by_one_server_is_heard_by_the_other() {
    let Some((app, other)) = two_servers().await else { return };
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    let mut there = other.live.listen();
    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    app.keep_all().await;
    let toast = format!("Please reconnect {}", card.name);
    let heard = until(&mut there, &toast).await;
    assert_eq!(heard.iter().filter(|change| change.toast.as_ref() == Some(&toast)).count(), 1);
    let mut elsewhere = Browser::new(router(other.clone()), Arc::default());
    elsewhere.take_cookies_of(&browser);
    let cards: pilotlight::api::accounts::Connections = elsewhere.ask("connections", &[]).await;
    assert_eq!(cards.cards[0].health, Health::NeedsReconnect);
}

#[tokio::test]
async fn sqlite_belongs_to_one_server() {
    let app = TestApp::new().await;
    relay::run(app.state.clone()).await;
    assert!(wire::Ear::open(&app.state.db).await.expect("nothing to open").is_none());
    wire::send(&app.state.db, &["nobody hears it".into()]).await.expect("nothing to send");
}
