use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::super::answer::tests::NOW;
use super::super::missing_scopes;
use super::super::stub::{Seen, Stub, json as reply, tokens};
use super::*;

const SCOPES: [&str; 2] = ["threads_basic", "threads_content_publish"];

fn report(scopes: &[&str]) -> Value {
    json!({"data": {"application": "x", "is_valid": true, "issued_at": NOW / 1_000, "expires_at": NOW / 1_000 + 500, "scopes": scopes, "user_id": "7"}})
}

// SPEC C-3, C-5
#[tokio::test]
async fn a_code_becomes_a_token_of_sixty_days_and_the_report_brings_the_scopes() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "POST graph.threads.net/oauth/access_token" => reply(200, json!({"access_token": "short", "user_id": 256_001})),
        "GET graph.threads.net/access_token" => reply(200, json!({"access_token": "long"})),
        "GET graph.threads.net/v1.0/debug_token" => reply(200, report(&["threads_basic"])),
        _ => reply(404, json!({})),
    })
    .await;
    let http = stub.client();
    let verifier = SecretString::from("v".repeat(43));
    let got = Threads.exchange(&stub.cx(&http, None), &Returned::new("the-code#_", &verifier)).await.unwrap();
    assert_eq!((got.access.expose_secret(), got.access_ends_at), ("long", Some(NOW + 500_000)));
    assert_eq!(missing_scopes(&FACTS, got.scopes.as_deref()), ["threads_content_publish"]);
    let seen = stub.seen();
    assert_eq!(seen[0].form["code"], "the-code");
    assert_eq!(
        (seen[1].query["grant_type"].as_str(), seen[1].query["access_token"].as_str()),
        ("th_exchange_token", "short")
    );
    assert_eq!((seen[2].query["input_token"].as_str(), seen[2].auth()), ("long", "Bearer long"));
}

// SPEC T-2, T-4
#[tokio::test]
async fn a_report_that_fails_does_not_lose_the_token() {
    let stub = Stub::start(|seen| match seen.line.ends_with("debug_token") {
        true => reply(400, json!({"error": {"code": 100, "message": "unknown"}})),
        false => reply(200, json!({"access_token": "new", "token_type": "bearer"})),
    })
    .await;
    let http = stub.client();
    let got = Threads.refresh(&stub.cx(&http, None), &tokens("old", None)).await.unwrap();
    assert_eq!((got.access.expose_secret(), got.access_ends_at), ("new", Some(NOW + 60 * DAY_MS)));
    assert!(got.scopes.is_none());
    assert_eq!(stub.seen()[0].query["grant_type"], "th_refresh_token");
}

async fn probe(answers: impl Fn(&Seen) -> axum::response::Response + Send + Sync + 'static) -> Result<Probe, Failure> {
    let stub = Stub::start(answers).await;
    let http = stub.client();
    let tokens = tokens("a", None);
    let subject = Subject { tokens: &tokens, identity_id: "", destination_id: "7", destination_token: None };
    Threads.probe(&stub.cx(&http, None), &subject).await
}

// SPEC T-4, C-5
#[tokio::test]
async fn a_probe_asks_for_the_report_and_for_the_profile() {
    let me = || reply(200, json!({"id": "7", "username": "bakery"}));
    let fine =
        probe(move |seen| if seen.line.ends_with("/me") { me() } else { reply(200, report(&SCOPES)) }).await.unwrap();
    assert_eq!((fine.scopes.unwrap().len(), fine.access_ends_at), (2, Some(NOW + 500_000)));
    assert_eq!(fine.profile.unwrap().handle.as_deref(), Some("bakery"));
    // Without a report the profile is enough.
    let unknown = || reply(400, json!({"error": {"code": 100, "message": "unknown"}}));
    let fine = probe(move |seen| if seen.line.ends_with("/me") { me() } else { unknown() }).await.unwrap();
    assert!(fine.scopes.is_none());
    let dead = |code: i64, subcode: i64| async move {
        probe(move |_| reply(400, json!({"error": {"code": code, "error_subcode": subcode, "message": "m"}})))
            .await
            .unwrap_err()
            .class
    };
    assert_eq!((dead(190, 463).await, dead(190, 458).await), (Class::Expired, Class::Revoked));
    let invalid = json!({"data": {"is_valid": false, "error": {"code": 190, "subcode": 460, "message": "m"}}});
    assert_eq!(probe(move |_| reply(200, invalid.clone())).await.unwrap_err().class, Class::Password);
    assert_eq!(probe(|_| reply(200, json!({"ok": true}))).await.unwrap_err().class, Class::Transient);
    let other = |seen: &Seen| {
        if seen.line.ends_with("/me") { reply(200, json!({"id": "8"})) } else { reply(200, report(&SCOPES)) }
    };
    assert_eq!(probe(other).await.unwrap_err().class, Class::Revoked);
}
