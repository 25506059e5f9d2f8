use secrecy::ExposeSecret;
use serde_json::json;

use super::super::answer::tests::NOW;
use super::super::stub::{Stub, json as reply, tokens};
use super::*;
use crate::domain::explain::Problem;

// SPEC C-3
#[tokio::test]
async fn a_code_becomes_a_token_of_sixty_days() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "POST graph.threads.net/oauth/access_token" => {
            reply(200, json!({"access_token": "short", "user_id": 25_600_000_000_000_001_i64}))
        }
        "GET graph.threads.net/access_token" => reply(200, json!({"access_token": "long", "token_type": "bearer"})),
        _ => reply(200, json!({"data": {"is_valid": true, "scopes": ["threads_basic"], "expires_at": "1799999999"}})),
    })
    .await;
    let http = stub.client();
    let verifier = SecretString::from("v".repeat(43));
    let got = Threads.exchange(&stub.cx(&http, None), &Returned::new("code#_", &verifier)).await.unwrap();
    assert_eq!((got.access.expose_secret(), got.refresh.is_none()), ("long", true));
    assert_eq!((got.access_ends_at, got.scopes), (Some(1_799_999_999_000), Some(vec!["threads_basic".into()])));
    let seen = stub.seen();
    assert_eq!((seen[0].form["code"].as_str(), seen[0].form.contains_key("code_verifier")), ("code", false));
    assert_eq!(
        (seen[1].query["grant_type"].as_str(), seen[1].query["access_token"].as_str()),
        ("th_exchange_token", "short")
    );
}

// SPEC T-2
#[tokio::test]
async fn a_token_renews_itself_without_our_secret() {
    let stub = Stub::start(|_| reply(200, json!({"access_token": "new"}))).await;
    let http = stub.client();
    let got = Threads.refresh(&stub.cx(&http, None), &tokens("old", None)).await.unwrap();
    assert_eq!((got.access.expose_secret(), got.access_ends_at), ("new", Some(NOW + USUAL_LIFE_MS)));
    let seen = &stub.seen()[0];
    assert_eq!(seen.line, "GET graph.threads.net/refresh_access_token");
    assert!(!seen.query.contains_key("client_secret") && seen.query["access_token"] == "old");
}

// SPEC C-9, T-4
#[tokio::test]
async fn refusals_are_read_and_silence_is_no_verdict() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "POST graph.threads.net/oauth/access_token" => reply(
            400,
            json!({"error": {"message": "This authorization code has been used.", "type": "OAuthException", "code": 100}}),
        ),
        "GET graph.threads.net/v1.0/debug_token" => reply(200, json!({"data": {"scopes": []}})),
        _ => reply(200, json!({"username": "nobody"})),
    })
    .await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let verifier = SecretString::from("v".repeat(43));
    let failure = Threads.exchange(&cx, &Returned::new("code", &verifier)).await.unwrap_err();
    assert_eq!(failure.problem, Some(Problem::CodeRefused));
    let held = tokens("t", None);
    let subject = Subject { tokens: &held, identity_id: "1", destination_id: "1", destination_token: None };
    assert_eq!(Threads.probe(&cx, &subject).await.unwrap_err().class, Class::Transient);
    assert_eq!(Threads.identity(&cx, &held).await.unwrap_err().class, Class::Transient);
}
