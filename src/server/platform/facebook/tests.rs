use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::super::answer::tests::NOW;
use super::super::missing_scopes;
use super::super::stub::{Seen, Stub, json as reply, tokens};
use super::*;
use crate::domain::explain::Problem;

const SCOPES: [&str; 3] = ["pages_show_list", "pages_manage_posts", "pages_read_engagement"];

fn debug_data(targets: Option<Value>, expires_at: i64) -> Value {
    let mut granular = json!({"scope": "pages_manage_posts"});
    if let Some(targets) = targets {
        granular["target_ids"] = targets;
    }
    json!({"data": {"app_id": "app-1", "type": "USER", "is_valid": true, "issued_at": NOW / 1_000, "expires_at": expires_at,
        "data_access_expires_at": 1_797_776_000, "scopes": SCOPES, "granular_scopes": [granular, {"scope": "pages_show_list"}]}})
}

fn invalid(code: i64, subcode: i64) -> Value {
    json!({"data": {"is_valid": false, "error": {"code": code, "subcode": subcode, "message": "words"}}})
}

// SPEC C-3
#[tokio::test]
async fn a_code_becomes_a_long_lived_token_with_its_scopes_and_end() {
    let stub = Stub::start(|seen| match (seen.line.as_str(), seen.form.get("grant_type").map(String::as_str)) {
        ("POST graph.facebook.com/v25.0/oauth/access_token", Some("authorization_code")) => {
            reply(200, json!({"access_token": "short", "token_type": "bearer", "expires_in": 5_000}))
        }
        ("POST graph.facebook.com/v25.0/oauth/access_token", Some("fb_exchange_token")) => {
            reply(200, json!({"access_token": "long", "expires_in": "5183944"}))
        }
        ("GET graph.facebook.com/v25.0/debug_token", _) => reply(200, debug_data(None, NOW / 1_000 + 60 * 86_400)),
        _ => reply(404, json!({})),
    })
    .await;
    let http = stub.client();
    let verifier = SecretString::from("v".repeat(43));
    let got = Facebook.exchange(&stub.cx(&http, None), &Returned::new("the-code", &verifier)).await.unwrap();
    assert_eq!(got.access.expose_secret(), "long");
    assert!(got.refresh.is_none());
    assert_eq!(got.access_ends_at, Some(NOW + 60 * 86_400_000));
    assert_eq!(missing_scopes(&FACTS, got.scopes.as_deref()), Vec::<String>::new());

    let seen = stub.seen();
    assert_eq!(seen.len(), 3);
    let form = |at: usize, name: &str| seen[at].form.get(name).cloned().unwrap_or_default();
    assert_eq!(
        (form(0, "code"), form(0, "redirect_uri")),
        ("the-code".into(), "https://our.example/oauth/callback/p".into())
    );
    assert_eq!((form(0, "client_id"), form(0, "client_secret")), ("app-1".into(), "app-secret".into()));
    assert_eq!((form(1, "fb_exchange_token"), form(1, "client_secret")), ("short".into(), "app-secret".into()));
    assert_eq!((seen[2].query["input_token"].as_str(), seen[2].auth()), ("long", "Bearer app-1|app-secret"));
    assert!(seen[..2].iter().all(|one| one.query.is_empty()), "secrets belong into the body");
}

#[tokio::test]
async fn a_report_that_fails_does_not_lose_the_token() {
    let stub = Stub::start(|seen| match seen.line.ends_with("debug_token") {
        true => reply(500, json!({})),
        false => reply(200, json!({"access_token": "new", "expires_in": 100})),
    })
    .await;
    let http = stub.client();
    let got = Facebook.refresh(&stub.cx(&http, None), &tokens("old", None)).await.unwrap();
    assert_eq!((got.access.expose_secret(), got.access_ends_at, got.scopes), ("new", Some(NOW + 100_000), None));
}

// SPEC T-2
#[tokio::test]
async fn a_refresh_reads_the_real_end_back() {
    let stub = Stub::start(|seen| match seen.line.ends_with("debug_token") {
        true => reply(200, debug_data(None, 0)),
        false => reply(200, json!({"access_token": "new", "expires_in": 100})),
    })
    .await;
    let http = stub.client();
    let got = Facebook.refresh(&stub.cx(&http, None), &tokens("old", None)).await.unwrap();
    assert_eq!((got.access.expose_secret(), got.access_ends_at), ("new", None));

    let dead = Stub::start(|_| {
        reply(400, json!({"error": {"code": 190, "error_subcode": 463, "message": "Session has expired"}}))
    })
    .await;
    let http = dead.client();
    assert_eq!(Facebook.refresh(&dead.cx(&http, None), &tokens("old", None)).await.unwrap_err().class, Class::Expired);
}

#[test]
fn the_consent_page_is_asked_for_scopes_with_commas_and_again_when_reconnecting() {
    let http = super::super::stub::client(super::super::stub::options());
    let app = super::super::AppCredentials { client_id: "1".into(), client_secret: "s".into() };
    let cx = Context {
        http: &http,
        app: Some(&app),
        host: None,
        redirect_uri: "https://our.example/cb",
        now: NOW,
        until: None,
    };
    let verifier = SecretString::from("v".repeat(43));
    let url =
        |again| Facebook.authorize_url(&cx, &Ask { state: "st", verifier: &verifier, again, hint: None }).unwrap();
    let first = url(false);
    assert!(first.starts_with("https://www.facebook.com/v25.0/dialog/oauth?response_type=code&client_id=1&"));
    assert!(first.contains("scope=pages_show_list%2Cpages_manage_posts%2Cpages_read_engagement%2Cbusiness_management"));
    assert!(first.contains("code_challenge_method=S256") && !first.contains("auth_type"));
    assert!(url(true).contains("auth_type=rerequest"));
    let without = Context { app: None, ..cx };
    assert_eq!(
        Facebook
            .authorize_url(&without, &Ask { state: "", verifier: &verifier, again: false, hint: None })
            .unwrap_err()
            .class,
        Class::App
    );
}

fn page(id: &str, token: bool, tasks: Value) -> Value {
    let mut page = json!({"id": id, "name": format!("Page {id}"), "username": "u", "link": "https://fb.example/u", "tasks": tasks,
        "picture": {"data": {"url": "https://cdn.example/p.png"}}});
    if token {
        page["access_token"] = json!(format!("tok-{id}"));
    }
    page
}

// SPEC C-3
#[tokio::test]
async fn pages_are_listed_to_the_end_and_the_useless_ones_say_why() {
    let stub = Stub::start(|seen| match (seen.line.as_str(), seen.query.get("after").map(String::as_str)) {
        ("GET graph.facebook.com/v25.0/me/accounts", None) => reply(
            200,
            json!({"data": [page("1", true, json!(["MANAGE"])), page("2", true, json!(["ANALYZE"])), {"name": "no id"}],
                "paging": {"next": "https://graph.facebook.com/v25.0/me/accounts?fields=id&after=c1&access_token=leak&appsecret_proof=leak"}}),
        ),
        ("GET graph.facebook.com/v25.0/me/accounts", Some("c1")) => {
            reply(200, json!({"data": [page("3", true, Value::Null)], "paging": {"next": "https://evil.example/steal?access_token=x"}}))
        }
        ("GET graph.facebook.com/v25.0/me/businesses", _) => reply(200, json!({"data": [{"id": "b1"}]})),
        ("GET graph.facebook.com/v25.0/b1/owned_pages", _) => {
            reply(200, json!({"data": [page("1", false, json!(["MANAGE"])), page("4", false, json!(["CREATE_CONTENT"]))]}))
        }
        ("GET graph.facebook.com/v25.0/b1/client_pages", _) => reply(403, json!({"error": {"code": 200, "message": "no"}})),
        _ => reply(404, json!({"error": {"code": 100, "message": "unexpected"}})),
    })
    .await;
    let http = stub.client();
    let found = Facebook.destinations(&stub.cx(&http, None), &tokens("user-token", None)).await.unwrap();
    let usable: Vec<_> = found.iter().map(|one| (one.id.as_str(), one.unusable.is_none())).collect();
    assert_eq!(usable, [("1", true), ("2", false), ("3", true), ("4", false)]);
    assert_eq!(found[0].token.as_ref().unwrap().expose_secret(), "tok-1");
    assert_eq!(found[0].picture_url.as_deref(), Some("https://cdn.example/p.png"));
    assert!(found[3].unusable.as_ref().unwrap().contains("business"));

    let seen = stub.seen();
    assert!(!stub.lines().iter().any(|line| line.contains("evil")), "a foreign link was followed");
    for one in &seen {
        assert_eq!(one.auth(), "Bearer user-token");
        assert!(!one.query.contains_key("access_token"), "{one:?}");
        // echo -n user-token | openssl dgst -sha256 -hmac app-secret
        assert_eq!(one.query["appsecret_proof"], "b5a94d985eb7b68467d28ca5375162d12b9ca8fe238615acc927c8a9c08d2e95");
    }
}

#[tokio::test]
async fn a_list_without_end_is_left_after_a_while() {
    let stub = Stub::start(|seen| match seen.line.ends_with("me/accounts") {
        true => reply(200, json!({"data": [page("1", true, json!(["MANAGE"]))], "paging": {"next": "https://graph.facebook.com/v25.0/me/accounts?after=again"}})),
        false => reply(400, json!({"error": {"code": 10, "message": "no businesses"}})),
    })
    .await;
    let http = stub.client();
    assert_eq!(Facebook.destinations(&stub.cx(&http, None), &tokens("t", None)).await.unwrap().len(), 1);
    assert_eq!(stub.lines().iter().filter(|line| line.ends_with("me/accounts")).count(), 20);
}

async fn probe(reply_to: impl Fn(&Seen) -> axum::response::Response + Send + Sync + 'static) -> Result<Probe, Failure> {
    let stub = Stub::start(reply_to).await;
    let http = stub.client();
    let (tokens, page_token) = (tokens("user", None), SecretString::from("page"));
    let subject =
        Subject { tokens: &tokens, identity_id: "77", destination_id: "55", destination_token: Some(&page_token) };
    Facebook.probe(&stub.cx(&http, None), &subject).await
}

/// Answers about the page's token and about the person's.
fn both(page: Value, person: Value) -> impl Fn(&Seen) -> axum::response::Response + Send + Sync + 'static {
    move |seen| reply(200, if seen.query["input_token"] == "page" { page.clone() } else { person.clone() })
}

// SPEC C-5, D-4
#[tokio::test]
async fn a_probe_looks_at_both_tokens_and_at_the_ticks() {
    let good = || debug_data(Some(json!(["54", "55"])), NOW / 1_000 + 1_000);
    let works = probe(both(debug_data(None, 0), good())).await.unwrap();
    assert_eq!(works.access_ends_at, Some(NOW + 1_000_000));
    assert_eq!(works.data_access_ends_at, Some(1_797_776_000_000));
    assert_eq!(works.scopes.unwrap().len(), 3);

    let class = async |page: Value, person: Value| probe(both(page, person)).await.unwrap_err().class;
    assert_eq!(class(good(), debug_data(Some(json!(["54"])), 0)).await, Class::Scope);
    assert_eq!(class(debug_data(Some(json!([])), 0), good()).await, Class::Scope);
    assert_eq!(class(invalid(190, 492), good()).await, Class::Role);
    assert_eq!(class(good(), invalid(190, 463)).await, Class::Expired);
    assert_eq!(class(good(), invalid(190, 458)).await, Class::Revoked);
    assert_eq!(class(invalid(190, 460), invalid(190, 460)).await, Class::Password);
    assert_eq!(class(json!({"data": {"is_valid": false}}), good()).await, Class::Revoked);
    assert_eq!(class(json!({"data": {"is_valid": false, "expires_at": 5}}), good()).await, Class::Expired);
    assert_eq!(class(json!({}), good()).await, Class::Transient);
}

// SPEC T-4
#[tokio::test]
async fn a_fault_of_our_app_is_never_taken_for_the_accounts_death() {
    for code in [190, 102, 10, 200] {
        let failure =
            probe(move |_| reply(400, json!({"error": {"code": code, "message": "about the app's own token"}})))
                .await
                .unwrap_err();
        assert_eq!(failure.class, Class::App, "{code}");
    }
    assert_eq!(
        probe(|_| reply(400, json!({"error": {"code": 4, "message": "slow down"}}))).await.unwrap_err().class,
        Class::Rate
    );
    assert_eq!(probe(|_| reply(502, json!({}))).await.unwrap_err().class, Class::Transient);
}

#[tokio::test]
async fn recent_posts_are_read_with_the_pages_own_token_and_the_consent_can_be_given_back() {
    static REVOKED: AtomicBool = AtomicBool::new(false);
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "GET graph.facebook.com/v25.0/55/published_posts" => {
            reply(200, json!({"data": [{"id": "55_1", "message": "hello", "created_time": "2026-11-01T10:00:00+0000", "permalink_url": "https://f.example/1"}, {"id": "2"}]}))
        }
        "GET graph.facebook.com/v25.0/me" => reply(200, json!({"id": 77, "name": "Ada"})),
        "DELETE graph.facebook.com/v25.0/77/permissions" => {
            REVOKED.store(true, Ordering::SeqCst);
            reply(200, json!({"success": true}))
        }
        _ => reply(404, json!({})),
    })
    .await;
    let http = stub.client();
    let (cx, tokens, token) = (stub.cx(&http, None), tokens("user", None), SecretString::from("page"));
    let subject = Subject { tokens: &tokens, identity_id: "77", destination_id: "55", destination_token: Some(&token) };
    let posts = Facebook.recent_posts(&cx, &subject).await.unwrap();
    assert_eq!(
        (posts.len(), posts[0].text.as_str(), posts[0].link.as_deref()),
        (2, "hello", Some("https://f.example/1"))
    );
    assert_eq!(stub.seen()[0].auth(), "Bearer page");
    assert_eq!(Facebook.identity(&cx, &tokens).await.unwrap().name, "Ada");
    Facebook.revoke(&cx, &tokens).await.unwrap();
    assert!(REVOKED.load(Ordering::SeqCst));
}

// SPEC C-9
#[tokio::test]
async fn a_used_code_is_refused_without_leaking_it() {
    let stub = Stub::start(|seen| reply(400, json!({"error": {"code": 100, "message": format!("This authorization code has been used: {}", seen.form["code"])}}))).await;
    let http = stub.client();
    let failure = Facebook
        .exchange(&stub.cx(&http, None), &Returned::new("secret-code", &SecretString::from("v".repeat(43))))
        .await
        .unwrap_err();
    assert_eq!(failure.problem, Some(Problem::CodeRefused));
    assert!(!failure.to_string().contains("secret-code"), "{failure}");
}
