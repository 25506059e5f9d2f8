//! Signing in and out, sessions, the first start.

use std::time::Duration;

use axum::http::StatusCode;
use pilotlight::api::session::Me;
use pilotlight::domain::role::Role;
use pilotlight::server::digest::sha256;
use pilotlight::server::service::{ServiceError, members};
use pilotlight::server::store::{people, sessions};

use crate::support::browser::{Browser, Page};
use crate::support::db::{self, execute};
use crate::support::{EMAIL, PASSWORD, TestApp};

const DAY: Duration = Duration::from_secs(86_400);

const DAYS: [(&str, &str); 2] =
    [("PILOTLIGHT_SESSIONS__IDLE_DAYS", "14"), ("PILOTLIGHT_SESSIONS__ABSOLUTE_DAYS", "90")];

async fn sign_in(browser: &mut Browser, email: &str, password: &str) -> Page {
    browser.post("/auth/sign-in", &[("email", email), ("password", password)]).await
}

fn set_cookie(page: &Page) -> &str {
    page.headers["set-cookie"].to_str().unwrap()
}

// DESIGN rule 16
#[tokio::test]
async fn the_cookie_holds_a_secret_that_the_database_does_not() {
    let app = TestApp::with(None, Box::new(()), &DAYS).await;
    let mut browser = app.browser();
    let page = sign_in(&mut browser, &format!(" {} ", EMAIL.to_uppercase()), PASSWORD).await;
    assert_eq!((page.status, page.redirect()), (StatusCode::SEE_OTHER, "/connections"));
    let cookie = set_cookie(&page);
    for rule in ["Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=7776000"] {
        assert!(cookie.contains(rule), "{rule} in {cookie}");
    }
    let id = browser.cookie("pilotlight").unwrap().clone();
    assert_eq!(id.len(), 43, "256 bits");
    let member = app.member(&browser).await;
    assert_eq!(member.session_hash, sha256(id.as_bytes()));
    assert_eq!((member.email.as_str(), member.role), (EMAIL, Role::Owner));
    let now = app.state.clock.now();
    let rows = sessions::list(&app.state.db, &member.user, now, 0).await.unwrap();
    assert!(rows.iter().all(|row| row.id_hash != id));
}

// DESIGN rule 16
#[tokio::test]
async fn by_https_the_cookie_is_bound_to_the_host() {
    let settings = [("PILOTLIGHT_PUBLIC_URL", "https://social.example.org")];
    let app = TestApp::with(None, Box::new(()), &settings).await;
    let mut browser = app.browser();
    let page = sign_in(&mut browser, EMAIL, PASSWORD).await;
    assert!(set_cookie(&page).starts_with("__Host-pilotlight="), "{}", set_cookie(&page));
    assert!(set_cookie(&page).contains("; Secure"));
    assert!(browser.ask::<Me>("me", &[]).await.email == EMAIL);
    browser.set_cookie("pilotlight", browser.cookie("__Host-pilotlight").unwrap().clone().as_str());
    browser.set_cookie("__Host-pilotlight", "");
    assert_eq!(browser.call("me", &[]).await.status, StatusCode::UNAUTHORIZED, "the plain name is not looked at");
}

// DESIGN rule 16: rotated at sign-in
#[tokio::test]
async fn each_sign_in_makes_a_new_session_and_ends_the_one_before() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let first = browser.cookie("pilotlight").unwrap().clone();
    sign_in(&mut browser, EMAIL, PASSWORD).await;
    assert_ne!(browser.cookie("pilotlight").unwrap(), &first);
    let mut thief = app.browser();
    thief.set_cookie("pilotlight", &first);
    assert_eq!(thief.call("me", &[]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.call("me", &[]).await.status, StatusCode::OK);
    // An id that somebody planted in the browser is never taken over.
    let mut planted = app.browser();
    planted.set_cookie("pilotlight", &"x".repeat(43));
    sign_in(&mut planted, EMAIL, PASSWORD).await;
    assert_ne!(planted.cookie("pilotlight").unwrap(), &"x".repeat(43));
}

// SPEC W-1
#[tokio::test]
async fn a_wrong_sign_in_says_no_more_than_that() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let refused = "/sign-in?problem=wrong-credentials&next=%2Fconnections";
    assert_eq!(sign_in(&mut browser, EMAIL, "wrong password").await.redirect(), refused);
    assert_eq!(sign_in(&mut browser, "nobody@example.org", PASSWORD).await.redirect(), refused);
    assert_eq!(sign_in(&mut browser, EMAIL, &"x".repeat(5_000)).await.redirect(), refused);
    let missing = "/sign-in?problem=missing-field&next=%2Fconnections";
    assert_eq!(sign_in(&mut browser, EMAIL, "").await.redirect(), missing);
    assert_eq!(browser.post("/auth/sign-in", &[]).await.redirect(), missing);
    assert!(browser.cookie("pilotlight").is_none());
}

// SPEC W-1: nobody learns from the clock which addresses exist
#[tokio::test]
async fn an_unknown_e_mail_takes_as_long_as_a_wrong_password() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    sign_in(&mut browser, "warm-up@example.org", "wrong password").await;
    let mut shortest = [Duration::MAX; 2];
    for _ in 0..3 {
        for (email, shortest) in [EMAIL, "nobody@example.org"].into_iter().zip(&mut shortest) {
            #[expect(clippy::disallowed_methods, reason = "this test is about real time")]
            let start = std::time::Instant::now();
            sign_in(&mut browser, email, "wrong password").await;
            *shortest = (*shortest).min(start.elapsed());
        }
    }
    let [known, unknown] = shortest;
    assert!(unknown * 3 > known && known * 3 > unknown, "{known:?} {unknown:?}");
}

// DESIGN rule 16: rate limited
#[tokio::test]
async fn tries_run_out_and_come_back() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for _ in 0..10 {
        assert!(sign_in(&mut browser, EMAIL, "wrong password").await.redirect().contains("wrong-credentials"));
    }
    assert!(
        sign_in(&mut browser, EMAIL, PASSWORD).await.redirect().contains("too-many-tries"),
        "even the right one waits"
    );
    app.advance(Duration::from_secs(31));
    assert_eq!(sign_in(&mut browser, EMAIL, PASSWORD).await.redirect(), "/connections");

    let mut other = app.browser();
    for i in 0..30 {
        sign_in(&mut other, &format!("{i}@example.org"), "wrong password").await;
    }
    assert!(sign_in(&mut other, "31@example.org", "wrong password").await.redirect().contains("too-many-tries"));
    other.address = ([10, 0, 0, 1], 1).into();
    assert!(sign_in(&mut other, "32@example.org", "wrong password").await.redirect().contains("wrong-credentials"));
}

// SPEC C-4
#[tokio::test]
async fn after_the_sign_in_one_is_where_one_wanted_to_go_and_never_elsewhere() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let asked = browser.get("/connections?account=1&x=%26").await;
    assert_eq!(asked.redirect(), "/sign-in?next=%2Fconnections%3Faccount%3D1%26x%3D%2526");
    for (next, leads_to) in [
        ("/connections?account=1&x=%26", "/connections?account=1&x=%26"),
        ("/", "/connections"),
        ("", "/connections"),
        ("//evil.example", "/connections"),
        ("https://evil.example/", "/connections"),
        ("/\\evil.example", "/connections"),
        ("/\t/evil.example", "/connections"),
    ] {
        let page = browser.post("/auth/sign-in", &[("email", EMAIL), ("password", PASSWORD), ("next", next)]).await;
        assert_eq!(page.redirect(), leads_to, "{next}");
    }
    let page =
        app.browser().post("/auth/sign-in", &[("email", EMAIL), ("password", "x"), ("next", "//evil.example")]).await;
    assert!(!page.redirect().contains("evil"));
}

// DESIGN rule 16: idle and absolute expiry
#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_in_the_end_anyway() {
    let app = TestApp::with(None, Box::new(()), &DAYS).await;
    let mut browser = app.owner().await;
    let mut idle = app.owner().await;
    // Used every ten days it lives on, though not beyond ninety.
    for day in [10, 20, 30, 40, 50, 60, 70, 80] {
        app.advance(DAY * 10);
        assert_eq!(browser.call("me", &[]).await.status, StatusCode::OK, "day {day}");
    }
    assert_eq!(idle.call("me", &[]).await.status, StatusCode::UNAUTHORIZED);
    app.advance(DAY * 10);
    assert_eq!(browser.call("me", &[]).await.status, StatusCode::UNAUTHORIZED);
    assert!(browser.get("/connections").await.redirect().starts_with("/sign-in"));
}

// SPEC W-1
#[tokio::test]
async fn signing_out_ends_the_session_on_the_server_too() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let kept = browser.cookie("pilotlight").unwrap().clone();
    let page = browser.post("/auth/sign-out", &[]).await;
    assert_eq!(page.redirect(), "/sign-in");
    assert!(browser.cookie("pilotlight").is_none());
    browser.set_cookie("pilotlight", &kept);
    assert_eq!(browser.call("me", &[]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.browser().post("/auth/sign-out", &[]).await.redirect(), "/sign-in", "twice does no harm");
    assert_eq!(browser.get("/auth/sign-out").await.status, StatusCode::METHOD_NOT_ALLOWED, "a link must not sign out");
}

// DESIGN rule 16: listed and revocable
#[tokio::test]
async fn members_see_and_end_their_own_sessions_only() {
    let app = TestApp::new().await;
    app.add_user("bob@agency.example", "Bob", "Agency", Role::Viewer).await;
    let (here, mut there) = (app.owner().await, app.owner().await);
    let bob = app.signed_in_as("bob@agency.example").await;
    let (ada, bob) = (app.member(&here).await, app.member(&bob).await);
    assert_eq!(members::list_sessions(&app.state, &ada).await.unwrap().len(), 2);
    let other = app.member(&there).await.session_hash;
    let refused = members::revoke_session(&app.state, &bob, &other).await;
    assert!(matches!(refused, Err(ServiceError::NotFound)));
    assert_eq!(there.call("me", &[]).await.status, StatusCode::OK);
    members::revoke_session(&app.state, &ada, &other).await.unwrap();
    assert_eq!(there.call("me", &[]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(members::list_sessions(&app.state, &ada).await.unwrap().len(), 1);
}

// DESIGN rule 14
#[tokio::test]
async fn a_role_counts_from_the_moment_it_changes() {
    let app = TestApp::new().await;
    app.add_user("bob@agency.example", "Bob", "Agency", Role::Viewer).await;
    let mut bob = app.signed_in_as("bob@agency.example").await;
    assert_eq!(bob.ask::<Me>("me", &[]).await.role, Role::Viewer);
    execute(&app.state.db, "update memberships set role = 'editor' where role = 'viewer'").await;
    assert_eq!(bob.ask::<Me>("me", &[]).await.role, Role::Editor);
    execute(&app.state.db, "delete from memberships where role = 'editor'").await;
    assert_eq!(bob.call("me", &[]).await.status, StatusCode::UNAUTHORIZED);
    assert!(sign_in(&mut app.browser(), "bob@agency.example", PASSWORD).await.redirect().contains("wrong-credentials"));
}

const NEW_OWNER: [(&str, &str); 4] =
    [("name", "Grace"), ("email", "Grace@Navy.example"), ("password", "a ship in port is safe"), ("workspace", "Navy")];

/// An app as it is before anybody has set it up, with the token of its first start.
async fn unused(database: Option<(String, Box<dyn std::any::Any + Send>)>) -> (TestApp, String) {
    let (url, guard) = database.map_or((None, Box::new(()) as _), |(url, guard)| (Some(url), guard));
    let app = TestApp::with(url, guard, &[]).await;
    assert_eq!(members::setup_address(&app.state).await.unwrap(), None, "there is an owner");
    execute(&app.state.db, "delete from workspaces; delete from users").await;
    let address = members::setup_address(&app.state).await.unwrap().expect("nobody is there");
    let token = address.strip_prefix("http://localhost:3000/set-up?token=").expect("a page of ours").to_owned();
    (app, token)
}

async fn set_up(browser: &mut Browser, token: &str, change: (&str, &str)) -> Page {
    let mut fields = NEW_OWNER.to_vec();
    fields.push(("token", token));
    fields.iter_mut().filter(|(name, _)| *name == change.0).for_each(|field| field.1 = change.1);
    browser.post("/auth/set-up", &fields).await
}

// SPEC W-1, W-3: first start creates the owner, on Enterprise
async fn the_first_start(database: Option<(String, Box<dyn std::any::Any + Send>)>) {
    let (app, token) = unused(database).await;
    let mut browser = app.browser();
    for (change, problem) in [
        (("token", "wrong"), "bad-token"),
        (("token", ""), "bad-token"),
        (("password", "short"), "weak-password"),
        (("password", ""), "missing-field"),
        (("email", "nowhere"), "bad-email"),
        (("name", " "), "missing-field"),
        (("workspace", ""), "missing-field"),
    ] {
        let page = set_up(&mut browser, &token, change).await;
        assert!(page.redirect().starts_with("/set-up?token="), "{}", page.redirect());
        assert!(page.redirect().ends_with(&format!("problem={problem}")), "{change:?}: {}", page.redirect());
    }
    assert!(!people::any_user(&app.state.db).await.unwrap(), "nothing is left of a failed try");

    let tries = (0..4).map(|i| {
        let (mut browser, token) = (app.browser(), token.clone());
        browser.address = ([10, 0, 0, i], 1).into();
        tokio::spawn(async move {
            let page = set_up(&mut browser, &token, ("", "")).await;
            (page.redirect().to_owned(), browser)
        })
    });
    let mut owners = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        match one.await.unwrap() {
            (path, browser) if path == "/connections" => owners.push(browser),
            (path, _) => assert!(path.ends_with("problem=bad-token"), "{path}"),
        }
    }
    assert_eq!(owners.len(), 1, "the token is good for one owner");
    let mut owner = owners.remove(0);
    let me: Me = owner.ask("me", &[]).await;
    assert_eq!((me.email.as_str(), me.role, me.workspace.as_str()), ("grace@navy.example", Role::Owner, "Navy"));
    let member = app.member(&owner).await;
    assert_eq!(people::plan_of(&app.state.db, &member.workspace).await.unwrap().key(), "enterprise");
    assert_eq!(members::setup_address(&app.state).await.unwrap(), None);
    assert!(set_up(&mut app.browser(), &token, ("email", "b@b.example")).await.redirect().ends_with("bad-token"));
    assert_eq!(
        sign_in(&mut app.browser(), "grace@navy.example", "a ship in port is safe").await.redirect(),
        "/connections"
    );
}

#[tokio::test]
async fn the_first_start_on_sqlite() {
    the_first_start(None).await;
}

#[tokio::test]
async fn the_first_start_on_postgres() {
    match db::schema().await {
        Some(schema) => the_first_start(Some(schema)).await,
        None => eprintln!("skipped: {} is not set", db::POSTGRES),
    }
}

#[tokio::test]
async fn a_new_start_voids_the_token_of_the_one_before() {
    let (app, first) = unused(None).await;
    let second = members::setup_address(&app.state).await.unwrap().unwrap();
    assert!(!second.contains(&first));
    assert!(set_up(&mut app.browser(), &first, ("", "")).await.redirect().ends_with("bad-token"));
}
