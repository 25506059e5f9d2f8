//! The operator's figures: who may read them, and what they tell.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Choice, Control};
use pilotlight::server::clock::Clock as _;
use tower::ServiceExt as _;

use crate::support::{TestApp, db, people};

const HERE: [u8; 4] = [127, 0, 0, 1];
const ELSEWHERE: [u8; 4] = [203, 0, 113, 9];
const TOKEN: &str = "a-token-of-the-operator";

async fn app(settings: &[(&str, &str)]) -> TestApp {
    TestApp::with(None, Box::new(()), settings).await
}

async fn ask(app: &TestApp, peer: [u8; 4], headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::get("/metrics").body(Body::empty()).unwrap();
    for (name, value) in headers {
        request.headers_mut().append(axum::http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
    }
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 40_000))));
    let (parts, body) = app.router.clone().oneshot(request).await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

/// What a reader on this machine sees.
async fn read(app: &TestApp) -> String {
    let (status, _, text) = ask(app, HERE, &[]).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    text
}

#[track_caller]
fn has(text: &str, line: &str) {
    assert!(text.lines().any(|one| one == line), "{line} is missing in\n{text}");
}

#[tokio::test]
async fn without_a_token_they_are_for_this_machine_alone() {
    let open = app(&[]).await;
    let (status, headers, text) = ask(&open, HERE, &[]).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    assert_eq!(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(headers["cache-control"], "no-store");
    has(&text, &format!("pilotlight_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")));

    let proxied = app(&[("PILOTLIGHT_SERVER__BEHIND_PROXY", "true")]).await;
    let refused = [
        ask(&open, ELSEWHERE, &[]).await,
        // A proxy on this machine that nobody has told us about.
        ask(&open, HERE, &[("x-forwarded-for", "203.0.113.9")]).await,
        ask(&open, HERE, &[("forwarded", "for=203.0.113.9")]).await,
        ask(&proxied, HERE, &[]).await,
        ask(&proxied, ELSEWHERE, &[("x-forwarded-for", "127.0.0.1")]).await,
        ask(&open, ELSEWHERE, &[("authorization", "Bearer ")]).await,
    ];
    for (status, _, text) in refused {
        assert_eq!(status, StatusCode::NOT_FOUND, "{text}");
        assert!(text.contains("metrics.token") && !text.contains("pilotlight_"), "{text}");
    }
}

#[tokio::test]
async fn with_a_token_they_are_for_whoever_shows_it() {
    let app = app(&[("PILOTLIGHT_METRICS__TOKEN", TOKEN), ("PILOTLIGHT_SERVER__BEHIND_PROXY", "true")]).await;
    for scheme in ["Bearer", "bearer"] {
        let shown = format!("{scheme} {TOKEN}");
        let (status, _, text) = ask(&app, ELSEWHERE, &[("authorization", &shown)]).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        assert!(text.contains("pilotlight_uptime_seconds") && !text.contains(TOKEN));
    }
    for wrong in ["", "Bearer", "Bearer ", "Bearer a-token-of-the-operato", "Basic a-token-of-the-operator", TOKEN] {
        let (status, headers, text) = ask(&app, HERE, &[("authorization", wrong)]).await;
        assert_eq!((status, &headers["www-authenticate"]), (StatusCode::UNAUTHORIZED, &"Bearer".parse().unwrap()));
        assert!(!text.contains("pilotlight_") && !text.contains(TOKEN), "{text}");
    }
    assert_eq!(ask(&app, HERE, &[]).await.0, StatusCode::UNAUTHORIZED, "this machine needs it as well");
}

async fn they_tell_what_the_database_holds(app: TestApp) {
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    app.connect(&mut browser, "/oauth/start?platform=x", Choice::default()).await;
    app.drain().await;
    app.keep().await;
    let text = read(&app).await;
    has(&text, "pilotlight_database_up 1");
    has(&text, "pilotlight_accounts{platform=\"mastodon\",health=\"healthy\"} 1");
    has(&text, "pilotlight_accounts{platform=\"x\",health=\"healthy\"} 1");
    has(&text, "pilotlight_accounts{platform=\"facebook\",health=\"healthy\"} 0");
    has(&text, "pilotlight_grants_due{platform=\"mastodon\"} 0");
    has(&text, "pilotlight_oldest_due_seconds{platform=\"mastodon\"} 0");
    has(&text, "pilotlight_incidents_open 0");
    has(&text, "pilotlight_messages_waiting{channel=\"mail\"} 0");
    has(&text, "pilotlight_oldest_message_seconds{channel=\"mail\"} 0");

    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    browser.call("check", &[("id", card.id.as_str())]).await;
    db::execute(&app.state.db, format!("update grants set due_at = {} where platform = 'mastodon'", app.clock.now()))
        .await;
    app.advance(Duration::from_secs(600));
    let text = read(&app).await;
    has(&text, "pilotlight_accounts{platform=\"mastodon\",health=\"needs-reconnect\"} 1");
    has(&text, "pilotlight_accounts{platform=\"mastodon\",health=\"healthy\"} 0");
    has(&text, "pilotlight_incidents_open 1");
    has(&text, "pilotlight_messages_waiting{channel=\"mail\"} 1");
    has(&text, "pilotlight_oldest_message_seconds{channel=\"mail\"} 600");
    has(&text, "pilotlight_messages_waiting{channel=\"webhook\"} 0");
    has(&text, "pilotlight_messages_dead{channel=\"mail\"} 0");
    has(&text, "pilotlight_grants_due{platform=\"mastodon\"} 1");
    has(&text, "pilotlight_oldest_due_seconds{platform=\"mastodon\"} 600");
    has(&text, "pilotlight_uptime_seconds 600");

    // DESIGN rule 2; and nobody's name or id either
    let ids: [String; 2] = [card.id.to_string(), app.member(&browser).await.workspace.to_string()];
    let names = [card.name.clone(), "Agency".into(), "mastodon.example".into()];
    for private in app.twin.minted().iter().chain(&ids).chain(&names) {
        assert!(!text.contains(private.as_str()), "{private} is in\n{text}");
    }
}

#[tokio::test]
async fn they_tell_what_the_database_holds_on_sqlite() {
    they_tell_what_the_database_holds(TestApp::new().await).await;
}

#[tokio::test]
async fn they_tell_what_the_database_holds_on_postgres() {
    match db::schema().await {
        Some((url, schema)) => they_tell_what_the_database_holds(TestApp::with(Some(url), schema, &[]).await).await,
        None => eprintln!("skipped: {} is not set", db::POSTGRES),
    }
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_told_and_the_rest_stays_readable() {
    let app = app(&[]).await;
    app.state.figures.refreshed(Platform::X);
    has(&read(&app).await, "pilotlight_database_up 1");
    app.state.db.close().await;
    let text = read(&app).await;
    has(&text, "pilotlight_database_up 0");
    has(&text, "pilotlight_incidents_open NaN");
    has(&text, "pilotlight_refreshes_total{platform=\"x\"} 1");
}
