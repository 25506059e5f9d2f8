//! The stream of one tab: what it hears, and what it hears of the time in which it was away.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request};
use futures::StreamExt as _;
use pilotlight::domain::id::{AccountId, WorkspaceId};
use pilotlight::server::http::router::router;
use pilotlight::server::service::live::Tone;
use pilotlight::server::state::AppState;
use pilotlight::server::worker::relay;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{TestApp, browser::Browser, db};

/// One event of a stream.
#[derive(Debug)]
struct Told {
    id: String,
    name: String,
    data: Value,
}

/// One tab's stream.
struct Tab {
    body: BodyDataStream,
    unread: String,
}

impl Tab {
    /// A page that was just loaded.
    async fn new(state: &AppState, browser: &Browser) -> Self {
        Self::open(state, browser, "/live", None).await
    }

    /// A stream that the browser restores by itself.
    async fn restored(state: &AppState, browser: &Browser, last: &str) -> Self {
        Self::open(state, browser, "/live", Some(last)).await
    }

    async fn open(state: &AppState, browser: &Browser, path: &str, last: Option<&str>) -> Self {
        let cookie = format!("pilotlight={}", browser.cookie("pilotlight").expect("signed in"));
        let mut request = Request::get(path).header("host", "localhost:3000").header("cookie", cookie);
        request = request.header("accept", "text/event-stream").header("sec-fetch-site", "same-origin");
        if let Some(last) = last {
            request = request.header("last-event-id", HeaderValue::from_str(last).expect("a header"));
        }
        let mut request = request.body(Body::empty()).expect("a request");
        request.extensions_mut().insert(ConnectInfo(browser.address));
        let answer = router(state.clone()).oneshot(request).await.expect("an answer");
        assert_eq!(answer.status(), 200);
        Self { body: answer.into_body().into_data_stream(), unread: String::new() }
    }

    async fn next(&mut self) -> Told {
        let next = async {
            while !self.unread.contains("\n\n") {
                let piece = self.body.next().await.expect("the stream goes on").expect("it can be read");
                self.unread.push_str(std::str::from_utf8(&piece).expect("text"));
            }
        };
        tokio::time::timeout(Duration::from_secs(30), next).await.expect("something is told");
        let (told, rest) = self.unread.split_once("\n\n").expect("a whole event");
        let field =
            |name: &str| told.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or_default();
        let data = serde_json::from_str(field("data")).expect("JSON");
        let told = Told { id: field("id").to_owned(), name: field("event").to_owned(), data };
        self.unread = rest.to_owned();
        assert!(!told.id.is_empty(), "{told:?}");
        told
    }

    /// The next event that is no heartbeat.
    async fn change(&mut self) -> Told {
        loop {
            let told = self.next().await;
            match told.name.as_str() {
                "beat" => {}
                "change" => return told,
                other => panic!("an event named {other}"),
            }
        }
    }

    /// The toasts of the next changes; a call to look is told as such.
    async fn hears(&mut self, count: usize) -> Vec<String> {
        let mut words = Vec::new();
        for _ in 0..count {
            let data = self.change().await.data;
            words.push(
                if data == json!({ "again": true }) { "look again" } else { data["toast"].as_str().unwrap_or("") }
                    .to_owned(),
            );
        }
        words
    }
}

fn say(state: &AppState, workspace: &WorkspaceId, words: &str) {
    state.live.tell(workspace, Some(&AccountId::new("a")), Some((Tone::Warn, words.into())));
}

// SPEC T-1, W-2: what a tab is told, of its own workspace; a call to look is for every tab.
#[tokio::test]
async fn a_tab_hears_its_own_workspace_and_every_call_to_look() {
    let app = TestApp::new().await;
    let browser = app.owner().await;
    let workspace = app.member(&browser).await.workspace;
    let mut tab = Tab::new(&app.state, &browser).await;
    say(&app.state, &WorkspaceId::new("foreign"), "not for you");
    say(&app.state, &workspace, "for you");
    app.state.live.look_again();
    let told = tab.change().await.data;
    assert_eq!((&told["toast"], &told["tone"]), (&"for you".into(), &"warn".into()));
    assert_eq!(tab.hears(1).await, ["look again"]);
}

// SPEC T-1: a tab that is too slow fetches what it missed, as long as that is kept.
#[tokio::test]
async fn a_slow_tab_misses_nothing_or_looks_again() {
    let app = TestApp::new().await;
    let browser = app.owner().await;
    let workspace = app.member(&browser).await.workspace;
    let mut tab = Tab::new(&app.state, &browser).await;
    assert_eq!(tab.next().await.name, "beat");
    let many: Vec<String> = (0..400).map(|number| number.to_string()).collect();
    many.iter().for_each(|words| say(&app.state, &workspace, words));
    assert_eq!(tab.hears(400).await, many);
    for _ in 0..1_000 {
        app.state.live.tell(&workspace, None, None);
    }
    assert_eq!(tab.hears(1).await, ["look again"]);
    say(&app.state, &workspace, "then on as before");
    assert_eq!(tab.hears(1).await, ["then on as before"]);
}

// SPEC T-1, T-6, A-2: nothing is missed and nothing is heard twice, toasts included.
#[tokio::test]
async fn a_tab_that_was_away_hears_what_it_missed_once_and_in_order() {
    let app = TestApp::new().await;
    let browser = app.owner().await;
    let workspace = app.member(&browser).await.workspace;
    let mut tab = Tab::new(&app.state, &browser).await;
    let first = tab.next().await;
    assert_eq!(first.name, "beat", "a tab has a place to come back to before anything was told");
    say(&app.state, &workspace, "one");
    let one = tab.change().await;
    drop(tab);
    say(&app.state, &workspace, "two");
    say(&app.state, &WorkspaceId::new("foreign"), "not for you");
    say(&app.state, &workspace, "three");

    let mut back = Tab::restored(&app.state, &browser, &one.id).await;
    assert_eq!(back.hears(2).await, ["two", "three"]);
    say(&app.state, &workspace, "four");
    assert_eq!(back.hears(1).await, ["four"]);

    // As the page opens it anew after the browser gave up; the header of a stream restored after that is the newer place.
    let anew = format!("/live?since={}", first.id);
    let mut opened = Tab::open(&app.state, &browser, &anew, None).await;
    assert_eq!(opened.hears(4).await, ["one", "two", "three", "four"]);
    let mut restored = Tab::open(&app.state, &browser, &anew, Some(&one.id)).await;
    assert_eq!(restored.hears(3).await, ["two", "three", "four"]);

    // Who has missed nothing is told nothing; the heartbeat names the place, also behind news of others.
    say(&app.state, &WorkspaceId::new("foreign"), "not for you");
    let beat = Tab::new(&app.state, &browser).await.next().await;
    let mut quiet = Tab::restored(&app.state, &browser, &beat.id).await;
    let told = quiet.next().await;
    assert_eq!((told.name.as_str(), told.id), ("beat", beat.id));
}

// SPEC T-1, W-2: an id that is not known leads to a look at everything, and to nobody else's news.
#[tokio::test]
async fn a_tab_whose_place_is_not_known_looks_again() {
    let app = TestApp::new().await;
    let browser = app.owner().await;
    let workspace = app.member(&browser).await.workspace;
    let start = Tab::new(&app.state, &browser).await.next().await.id;
    for _ in 0..600 {
        say(&app.state, &workspace, "old");
    }
    let (epoch, _) = start.split_once('.').expect("a place");
    let ahead = format!("{epoch}.100000");
    for place in [start.as_str(), &ahead, "another-process.1", "7", "%"] {
        let mut tab = Tab::restored(&app.state, &browser, place).await;
        assert_eq!(tab.hears(1).await, ["look again"], "{place}");
        say(&app.state, &workspace, "new");
        assert_eq!(tab.hears(1).await, ["new"], "{place}");
    }
    // A call to look that was told meanwhile is not lost either.
    let mut tab = Tab::new(&app.state, &browser).await;
    let place = tab.next().await.id;
    drop(tab);
    app.state.live.look_again();
    assert_eq!(Tab::restored(&app.state, &browser, &place).await.hears(1).await, ["look again"]);
}

// SPEC T-1: with several servers, what another one told counts in the place as well; a place of another server does not.
#[tokio::test]
async fn what_another_server_told_is_kept_for_those_who_come_back() {
    let Some((url, guard)) = db::schema().await else {
        eprintln!("skipped: {} is not set", db::POSTGRES);
        return;
    };
    let app = TestApp::with(Some(url), guard, &[]).await;
    let other = app.beside(None).await;
    let browser = app.owner().await;
    let workspace = app.member(&browser).await.workspace;
    let mut tab = Tab::new(&app.state, &browser).await;
    let mut there = Tab::new(&other, &browser).await;
    let hears = tokio::spawn(relay::run(app.state.clone(), relay::PULSE));
    let tells = tokio::spawn(relay::run(other.clone(), relay::PULSE));
    assert_eq!(tab.hears(1).await, ["look again"], "the relay listens");
    assert_eq!(there.hears(1).await, ["look again"], "the relay listens");
    say(&other, &workspace, "one");
    let one = tab.change().await;
    assert_eq!(one.data["toast"], "one");
    drop(tab);
    say(&other, &workspace, "two");
    // Heard by a tab of this server, so it has arrived here.
    let mut witness = Tab::restored(&app.state, &browser, &one.id).await;
    assert_eq!(witness.hears(1).await, ["two"]);
    let mut back = Tab::restored(&app.state, &browser, &one.id).await;
    assert_eq!(back.hears(1).await, ["two"]);
    assert_eq!(Tab::restored(&other, &browser, &one.id).await.hears(1).await, ["look again"]);
    other.stop.cancel();
    app.state.stop.cancel();
    hears.await.expect("ends");
    tells.await.expect("ends");
}
