//! What stands around every route: other sites, sizes, panics, headers, states.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use pilotlight::domain::role::Role;
use pilotlight::server::http::guard;
use pilotlight::server::http::session::Member;
use pilotlight::server::state::AppState;
use tower::ServiceExt as _;

use crate::support::{EMAIL, PASSWORD, TestApp, dump};

async fn send(router: &Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let mut request = request;
    request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 5))));
    let answer: Response<Body> = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
}

fn form(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::post(path).header("host", "localhost:3000");
    request = request.header("content-type", "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(format!("email={EMAIL}&password={}", PASSWORD.replace(' ', "+")))).unwrap()
}

// DESIGN rule 14: Sec-Fetch-Site, then Origin
#[tokio::test]
async fn other_sites_cannot_post_in_a_members_name() {
    let app = TestApp::new().await;
    let cases: [(&[(&str, &str)], bool); 10] = [
        (&[("sec-fetch-site", "cross-site")], false),
        (&[("sec-fetch-site", "same-site")], false),
        (&[("sec-fetch-site", "nonsense")], false),
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("sec-fetch-site", "none")], true),
        (&[("sec-fetch-site", "cross-site"), ("origin", "http://localhost:3000")], false),
        (&[("origin", "https://evil.example")], false),
        (&[("origin", "null")], false),
        (&[("origin", "http://localhost:3000")], true),
        (&[], true),
    ];
    for path in ["/auth/sign-in", "/auth/sign-out", "/api/me", "/oauth/choose"] {
        for (headers, passes) in cases {
            let (status, _, body) = send(&app.router, form(path, headers)).await;
            assert_eq!(status != StatusCode::FORBIDDEN, passes, "{path} {headers:?}: {body}");
        }
    }
}

// DESIGN rule 14: the answer of a server function must not lead to the sender's Referer
#[tokio::test]
async fn a_server_function_never_redirects_to_another_site() {
    let app = TestApp::new().await;
    for (referer, stays) in [
        ("https://evil.example/x", false),
        ("//evil.example/x", false),
        ("http://localhost:3000.evil.example/", false),
        ("http://localhost:3000/connections", true),
    ] {
        let request = form("/api/me", &[("accept", "text/html"), ("referer", referer)]);
        let (_, headers, _) = send(&app.router, request).await;
        let location =
            headers.get("location").map(|value| value.to_str().unwrap()).expect("a form is answered with a redirect");
        assert!(!location.contains("evil"), "{location}");
        assert_eq!(location.starts_with("http://localhost:3000/connections"), stays, "{location}");
    }
}

fn wrapped(state: &AppState, inner: Router) -> Router {
    inner.layer(from_fn_with_state(state.clone(), guard::guard))
}

#[tokio::test]
async fn a_panic_is_an_answer_without_its_text() {
    async fn boom() -> &'static str {
        panic!("a token in a panic message")
    }
    let app = TestApp::new().await;
    let router = wrapped(&app.state, Router::new().route("/", get(boom)));
    let (status, headers, body) = send(&router, Request::get("/").body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!body.contains("token") && headers.contains_key("x-content-type-options"), "{body}");
}

#[tokio::test]
async fn a_body_may_have_a_mebibyte() {
    let app = TestApp::new().await;
    let router =
        wrapped(&app.state, Router::new().route("/", post(|body: Bytes| async move { body.len().to_string() })));
    let streamed = |size: usize| {
        let chunks = (0..size / 1_024).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(&[0; 1_024])));
        Request::post("/").body(Body::from_stream(futures::stream::iter(chunks))).unwrap()
    };
    let announced =
        |size: usize| Request::post("/").header("content-length", size).body(Body::from(vec![0; size])).unwrap();
    const LIMIT: usize = 1_024 * 1_024;
    for request in [streamed(LIMIT), announced(LIMIT)] {
        let (status, _, body) = send(&router, request).await;
        assert_eq!((status, body.as_str()), (StatusCode::OK, "1048576"));
    }
    for request in [streamed(LIMIT + 1_024), announced(LIMIT + 1)] {
        let (status, _, _) = send(&router, request).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    }
    // Also where nobody asks an extractor: server functions read the body by themselves.
    let huge = format!("id={}", "x".repeat(2 * LIMIT));
    let request = Request::post("/api/account").header("content-type", "application/x-www-form-urlencoded");
    let chunks = huge
        .into_bytes()
        .chunks(65_536)
        .map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk)))
        .collect::<Vec<_>>();
    let request = request.body(Body::from_stream(futures::stream::iter(chunks))).unwrap();
    let (status, _, _) = send(&app.router, request).await;
    assert!(status.is_client_error() || status.is_server_error(), "{status}");
}

// DESIGN rule 16
#[tokio::test]
async fn every_answer_carries_the_headers() {
    for (url, hsts) in [("http://localhost:3000", false), ("https://social.example.org", true)] {
        let app = TestApp::with(None, Box::new(()), &[("PILOTLIGHT_PUBLIC_URL", url)]).await;
        for path in ["/healthz", "/readyz", "/connections", "/no-such-page", "/pkg/nothing.js"] {
            let (_, headers, _) = send(&app.router, Request::get(path).body(Body::empty()).unwrap()).await;
            let value = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
            assert_eq!(value("x-content-type-options"), Some("nosniff"), "{path}");
            assert_eq!(value("x-frame-options"), Some("DENY"), "{path}");
            assert_eq!(value("referrer-policy"), Some("same-origin"), "{path}");
            assert!(value("content-security-policy").unwrap().contains("frame-ancestors 'none'"), "{path}");
            assert_eq!(value("strict-transport-security").is_some(), hsts, "{path}");
        }
    }
}

// DESIGN rule 16: also while many pages are drawn at once
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_scripts_of_a_page_carry_the_nonce_of_its_policy() {
    let app = TestApp::new().await;
    let pages = (0..200).map(|number| {
        let router = app.router.clone();
        let path = if number % 2 == 0 { "/sign-in" } else { "/no-such-page" };
        tokio::spawn(async move { send(&router, Request::get(path).body(Body::empty()).unwrap()).await })
    });
    let mut seen = std::collections::BTreeSet::new();
    for page in pages.collect::<Vec<_>>() {
        let (_, headers, body) = page.await.unwrap();
        let policy = headers["content-security-policy"].to_str().unwrap();
        let nonce = policy.split_once("'nonce-").and_then(|(_, rest)| rest.split_once('\'')).expect("a nonce").0;
        assert!(nonce.len() >= 22, "128 bits: {nonce}");
        let scripts = body.matches("<script").count();
        assert!(scripts > 1 && body.matches(&format!("nonce=\"{nonce}\"")).count() == scripts + 1, "{policy}\n{body}");
        assert_eq!(headers["cache-control"], "no-store");
        seen.insert(nonce.to_owned());
    }
    assert_eq!(seen.len(), 200, "each has its own");
}

// DESIGN rule 14
#[tokio::test]
async fn without_a_session_pages_lead_to_the_sign_in_and_all_else_says_so() {
    let app = TestApp::new().await;
    let ask = |method: &str, path: &str, accept: &str| {
        Request::builder().method(method).uri(path).header("accept", accept).body(Body::empty()).unwrap()
    };
    let (status, headers, _) = send(&app.router, ask("GET", "/compose?social_account_id=1", "text/html")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(headers["location"], "/sign-in?next=%2Fcompose%3Fsocial_account_id%3D1");
    for (method, path, accept) in [
        ("GET", "/live", "text/event-stream"),
        ("GET", "/pictures/1", "image/*"),
        ("POST", "/oauth/choose", "text/html"),
    ] {
        let (status, _, body) = send(&app.router, ask(method, path, accept)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}: {body}");
    }
    for path in ["/sign-in", "/set-up", "/healthz"] {
        let (status, ..) = send(&app.router, ask("GET", path, "text/html")).await;
        assert_eq!(status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn readiness_tells_of_the_database_and_of_the_vault() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let page = browser.get("/readyz").await;
    assert_eq!((page.status, page.text().as_str()), (StatusCode::OK, r#"{"database":"ok","vault":"ok"}"#));

    std::fs::write(app.dir.path().join("key"), "lost").unwrap();
    let place = pilotlight::server::vault::Place { table: "t", column: "c", row: "r", workspace: "w" };
    assert!(app.state.vault.seal_bytes(place, b"x").is_err());
    assert!(browser.get("/readyz").await.text().contains(r#""vault":"read-only""#));

    app.state.db.close().await;
    assert_eq!(browser.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(browser.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    let page = browser.get("/connections").await;
    assert!(page.status.is_redirection(), "without a cookie nobody asks the database");
    browser.set_cookie("pilotlight", "x");
    assert_eq!(browser.get("/connections").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

// SPEC W-1
#[tokio::test]
async fn only_admins_read_why_the_vault_is_read_only() {
    let app = TestApp::new().await;
    app.add_user("bob@agency.example", "Bob", "Agency", Role::Editor).await;
    let (owner, bob) = (app.owner().await, app.signed_in_as("bob@agency.example").await);
    std::fs::remove_file(app.dir.path().join("key")).unwrap();
    let place = pilotlight::server::vault::Place { table: "t", column: "c", row: "r", workspace: "w" };
    assert!(app.state.vault.seal_bytes(place, b"x").is_err());
    let why = async |member: Member| {
        pilotlight::server::service::members::me(&app.state, &member).await.unwrap().read_only.unwrap()
    };
    assert!(why(app.member(&owner).await).await.contains("key"));
    assert!(!why(app.member(&bob).await).await.contains(app.dir.path().to_str().unwrap()));
}

// A wrong key: everything can be looked at, nothing can be connected, and no row is touched.
#[tokio::test]
async fn a_wrong_key_is_told_on_the_page_and_changes_nothing() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    let tables = ["accounts", "grants", "vault_keys", "flows"];
    let before = dump(&app.state.db, &tables).await;
    let key = app.dir.path().join("key");
    let right = std::fs::read(&key).expect("a key");
    let mut wrong = right.clone();
    wrong[0] = if wrong[0] == b'A' { b'B' } else { b'A' };
    std::fs::write(&key, &wrong).expect("written");

    let clock = app.clock.clone();
    let random = pilotlight::server::clock::Randomness::seeded(5);
    let state = pilotlight::server::build((*app.state.config).clone(), clock, random).await.expect("it starts");
    let mut again = browser.on(pilotlight::server::http::router::router(state));
    let page = again.get("/connections").await.text();
    assert!(page.contains("class=\"read-only\"") || page.contains("ead-only"), "{page}");
    assert!(page.contains(&card.name));
    for path in ["/oauth/start?platform=x".to_owned(), format!("/oauth/start?platform=mastodon&account={}", card.id)] {
        let stopped = again.get(&path).await;
        assert!(stopped.redirect().contains("code=read-only"), "{}", stopped.redirect());
    }
    assert_ne!(again.call("check", &[("id", card.id.as_str())]).await.status, 200);
    assert_eq!(dump(&app.state.db, &tables).await, before);
    assert_eq!(std::fs::read(&key).expect("a key"), wrong, "the key file is not overwritten either");
}
