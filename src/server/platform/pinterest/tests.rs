use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::super::answer::tests::NOW;
use super::super::stub::{Stub, json as reply, tokens};
use super::*;

// SPEC C-3, C-6
#[tokio::test]
async fn pairs_are_read_and_a_missing_refresh_token_stays_missing() {
    let stub = Stub::start(|seen| match seen.form["grant_type"].as_str() {
        "authorization_code" => reply(
            200,
            json!({"access_token": "pina_1", "refresh_token": "pinr_1", "expires_in": "2592000", "odd": [1],
                "refresh_token_expires_in": 5_184_000, "scope": "boards:read,boards:write,pins:read,pins:write,user_accounts:read"}),
        ),
        _ => reply(200, json!({"access_token": "pina_2", "expires_in": 2_592_000})),
    })
    .await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let verifier = SecretString::from("v".repeat(43));
    let first = Pinterest.exchange(&cx, &Returned::new("code", &verifier)).await.unwrap();
    assert_eq!(first.access_ends_at, Some(NOW + 2_592_000_000));
    assert_eq!(first.refresh_ends_at, Some(NOW + 5_184_000_000));
    assert_eq!(super::super::missing_scopes(&FACTS, first.scopes.as_deref()), Vec::<String>::new());
    let second = Pinterest.refresh(&cx, &first).await.unwrap();
    assert_eq!((second.access.expose_secret(), second.refresh.is_none()), ("pina_2", true));
    let seen = stub.seen();
    assert_eq!(seen[0].line, "POST api.pinterest.com/v5/oauth/token");
    assert_eq!(
        (seen[0].auth(), seen[0].form["continuous_refresh"].as_str()),
        ("Basic YXBwLTE6YXBwLXNlY3JldA==", "true")
    );
    assert!(!seen[0].form.contains_key("client_secret") && !seen[0].form.contains_key("code_verifier"));
}

// SPEC D-3
#[tokio::test]
async fn an_account_without_a_board_says_why_it_is_no_use() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "GET api.pinterest.com/v5/boards" => reply(200, json!({"items": []})),
        _ => reply(
            200,
            json!({"id": "5", "username": "bakery", "business_name": "", "profile_image": "https://i/p.png"}),
        ),
    })
    .await;
    let http = stub.client();
    let one = &Pinterest.destinations(&stub.cx(&http, None), &tokens("a", None)).await.unwrap()[0];
    assert_eq!((one.name.as_str(), one.handle.as_deref()), ("bakery", Some("bakery")));
    assert!(one.unusable.as_ref().is_some_and(|why| why.contains("no board")));
}

// SPEC T-4
#[tokio::test]
async fn a_missing_id_is_no_verdict() {
    let stub = Stub::start(|_| reply(200, json!({"username": "bakery"}))).await;
    let http = stub.client();
    let failure = Pinterest.identity(&stub.cx(&http, None), &tokens("a", None)).await.unwrap_err();
    assert_eq!(failure.class, Class::Transient);
}
