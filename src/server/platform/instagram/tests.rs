use secrecy::ExposeSecret;
use serde_json::json;

use super::super::answer::tests::NOW;
use super::super::missing_scopes;
use super::super::stub::{Stub, json as reply, tokens};
use super::*;

fn ask(verifier: &SecretString, again: bool) -> Ask<'_> {
    Ask { state: "st", verifier, again, hint: None }
}

#[tokio::test]
async fn the_consent_page_gets_commas_and_no_pkce() {
    let stub = Stub::start(|_| reply(404, json!({}))).await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let verifier = SecretString::from("v".repeat(43));
    let url = Instagram.authorize_url(&cx, &ask(&verifier, false)).unwrap();
    assert!(url.starts_with("https://www.instagram.com/oauth/authorize?response_type=code&client_id=app-1&"), "{url}");
    assert!(url.contains("scope=instagram_business_basic%2Cinstagram_business_content_publish&"), "{url}");
    assert!(!url.contains("code_challenge") && !url.contains("force_authentication"), "{url}");
    let again = Instagram.authorize_url(&cx, &ask(&verifier, true)).unwrap();
    assert!(again.contains("force_authentication=1"), "{again}");
}

// SPEC C-3, C-5
#[tokio::test]
async fn a_code_becomes_a_token_of_sixty_days_with_the_scopes_of_the_consent() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "POST api.instagram.com/oauth/access_token" => reply(
            200,
            json!({"access_token": "short", "user_id": 17_841_400_000_000_001_u64, "permissions": ["instagram_business_basic"]}),
        ),
        // Without expires_in, and with a field that nobody knows.
        "GET graph.instagram.com/access_token" => reply(200, json!({"access_token": "long", "odd": {}})),
        _ => reply(404, json!({})),
    })
    .await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let verifier = SecretString::from("v".repeat(43));
    let got = Instagram.exchange(&cx, &Returned::new("the-code#_", &verifier)).await.unwrap();
    assert_eq!((got.access.expose_secret(), got.refresh.is_none()), ("long", true));
    assert_eq!(got.access_ends_at, Some(NOW + 60 * DAY_MS));
    assert_eq!(missing_scopes(&FACTS, got.scopes.as_deref()), ["instagram_business_content_publish"]);
    let seen = stub.seen();
    let form = |name: &str| seen[0].form[name].as_str();
    assert_eq!((form("code"), form("grant_type")), ("the-code", "authorization_code"));
    assert_eq!((form("client_id"), form("client_secret")), ("app-1", "app-secret"));
    assert!(!seen[0].form.contains_key("code_verifier"));
    assert_eq!(seen[1].query["grant_type"], "ig_exchange_token");
    assert_eq!(
        (seen[1].query["access_token"].as_str(), seen[1].query["client_secret"].as_str()),
        ("short", "app-secret")
    );
}

// SPEC T-2, C-6
#[tokio::test]
async fn the_token_itself_is_traded_and_the_scopes_stay() {
    let stub =
        Stub::start(|_| reply(200, json!({"access_token": "new", "token_type": "bearer", "expires_in": "5183944"})))
            .await;
    let http = stub.client();
    let got = Instagram.refresh(&stub.cx(&http, None), &tokens("old", None)).await.unwrap();
    assert_eq!(got.access_ends_at, Some(NOW + 5_183_944_000));
    assert!(got.refresh.is_none() && got.scopes.is_none());
    let seen = stub.seen();
    assert_eq!(seen[0].line, "GET graph.instagram.com/refresh_access_token");
    assert_eq!(
        (seen[0].query["grant_type"].as_str(), seen[0].query["access_token"].as_str()),
        ("ig_refresh_token", "old")
    );
    assert!(!seen[0].query.contains_key("client_secret"), "no secret is needed");
}

// SPEC D-3, T-4
#[tokio::test]
async fn ids_keep_all_their_digits_and_a_personal_account_says_why_it_is_no_use() {
    let stub = Stub::start(|_| {
        reply(200, json!({"user_id": 17_841_400_000_000_001_u64, "id": "901", "username": "bakery", "account_type": "PERSONAL"}))
    })
    .await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let tokens = tokens("a", None);
    let one = &Instagram.destinations(&cx, &tokens).await.unwrap()[0];
    assert_eq!((one.id.as_str(), one.name.as_str()), ("17841400000000001", "bakery"));
    assert_eq!(one.link.as_deref(), Some("https://www.instagram.com/bakery/"));
    assert!(one.unusable.as_ref().is_some_and(|why| why.contains("personal")));
    assert_eq!(Instagram.identity(&cx, &tokens).await.unwrap().id, one.id);
    let subject = |id| Subject { tokens: &tokens, identity_id: "", destination_id: id, destination_token: None };
    assert_eq!(Instagram.probe(&cx, &subject(&one.id)).await.unwrap_err().class, Class::Action);
    assert_eq!(Instagram.probe(&cx, &subject("5")).await.unwrap_err().class, Class::Revoked);
    let nameless = Stub::start(|_| reply(200, json!({"id": "901", "username": "bakery"}))).await;
    let http = nameless.client();
    assert_eq!(Instagram.identity(&nameless.cx(&http, None), &tokens).await.unwrap_err().class, Class::Transient);
}
