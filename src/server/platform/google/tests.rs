use secrecy::ExposeSecret;
use serde_json::json;

use super::super::answer::tests::NOW;
use super::super::stub::{Stub, json as reply, tokens};
use super::super::{Adapter, missing_scopes, youtube::Youtube};
use super::*;

#[tokio::test]
async fn the_consent_page_is_asked_for_a_refresh_token_every_time() {
    let stub = Stub::start(|_| reply(404, json!({}))).await;
    let http = stub.client();
    let verifier = SecretString::from("v".repeat(43));
    let url = Youtube
        .authorize_url(&stub.cx(&http, None), &Ask { state: "st", verifier: &verifier, again: false, hint: None })
        .unwrap();
    let url = url::Url::parse(&url).unwrap();
    let field = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert!(url.path().ends_with("accounts.google.com/o/oauth2/v2/auth") || url.path() == "/o/oauth2/v2/auth");
    assert_eq!((field("access_type").as_str(), field("prompt").as_str()), ("offline", "select_account consent"));
    assert_eq!((field("code_challenge_method").as_str(), field("code_challenge").len()), ("S256", 43));
    assert!(field("scope").starts_with("https://www.googleapis.com/auth/youtube.upload https://"));
    assert!(!url.query().unwrap().contains("include_granted_scopes"), "products are not mixed");
}

// SPEC C-3, C-6: whatever the answer leaves out or adds, the tokens are read; the second consent has no refresh token.
#[tokio::test]
async fn token_answers_are_read_leniently() {
    let stub = Stub::start(|seen| match seen.form.get("code").map(String::as_str) {
        Some("first") => reply(
            200,
            json!({"access_token": "a", "expires_in": "3599", "refresh_token": "r", "token_type": "Bearer",
                "scope": "openid https://www.googleapis.com/auth/youtube.readonly https://www.googleapis.com/auth/youtube.upload",
                "id_token": "x.y.z", "novelty": {"a": 1}}),
        ),
        Some("second") => reply(200, json!({"access_token": "a2"})),
        _ => reply(200, json!({"access_token": "a3", "expires_in": 3599})),
    })
    .await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let verifier = SecretString::from("v".repeat(43));
    let first = exchange(&cx, &Returned::new("first", &verifier)).await.unwrap();
    assert_eq!(first.refresh.as_ref().unwrap().expose_secret(), "r");
    assert_eq!(first.access_ends_at, Some(NOW + 3_599_000));
    assert_eq!(missing_scopes(Youtube.facts(), first.scopes.as_deref()), Vec::<String>::new());
    let second = exchange(&cx, &Returned::new("second", &verifier)).await.unwrap();
    assert!(second.refresh.is_none() && second.access_ends_at.is_none());
    assert!(refresh(&cx, &first).await.unwrap().refresh.is_none());
    let seen = stub.seen();
    assert!(seen.iter().all(|one| one.line == "POST oauth2.googleapis.com/token" && one.auth().is_empty()));
    assert_eq!((seen[0].form["client_id"].as_str(), seen[0].form["client_secret"].as_str()), ("app-1", "app-secret"));
    assert_eq!((seen[0].form["code_verifier"].len(), seen[2].form["refresh_token"].as_str()), (43, "r"));
}

// SPEC C-5, T-4
#[tokio::test]
async fn tokeninfo_tells_scopes_end_and_whose_it_is() {
    let stub = Stub::start(|seen| match seen.query["access_token"].as_str() {
        "mine" => {
            reply(200, json!({"aud": "app-1", "sub": "7", "scope": "openid x", "expires_in": "1200", "exp": "1"}))
        }
        "theirs" => reply(200, json!({"aud": "app-1", "sub": "8", "scope": "x", "expires_in": 5})),
        "other app" => reply(200, json!({"aud": "app-2", "sub": "7"})),
        "odd" => reply(200, json!(["what"])),
        _ => reply(400, json!({"error": "invalid_token", "error_description": "Invalid Value"})),
    })
    .await;
    let http = stub.client();
    let look = async |token: &str| looked_at(&stub.cx(&http, None), &tokens(token, None), "7").await;
    let mine = look("mine").await.unwrap();
    assert_eq!((mine.scopes.unwrap().len(), mine.access_ends_at), (2, Some(NOW + 1_200_000)));
    for (token, class) in
        [("theirs", Class::Revoked), ("other app", Class::App), ("odd", Class::Transient), ("old", Class::Expired)]
    {
        let failure = look(token).await.unwrap_err();
        assert_eq!(failure.class, class, "{token}");
        assert!(!failure.detail.contains(token) || token == "odd" || token == "other app", "{failure}");
    }
}

#[tokio::test]
async fn an_identity_needs_an_id_and_revoking_twice_is_fine() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "GET www.googleapis.com/oauth2/v2/userinfo" if seen.auth() == "Bearer a" => {
            reply(200, json!({"id": 117, "email": "a@b.example"}))
        }
        "GET www.googleapis.com/oauth2/v2/userinfo" => reply(200, json!({"email": "a@b.example"})),
        _ if seen.form["token"] == "r" => reply(200, json!({})),
        _ => reply(400, json!({"error": "invalid_token", "error_description": "Token expired or revoked"})),
    })
    .await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let me = person(&cx, &tokens("a", None)).await.unwrap();
    assert_eq!((me.id.as_str(), me.name, me.email.as_deref()), ("117", None, Some("a@b.example")));
    assert_eq!(person(&cx, &tokens("nameless", None)).await.err().unwrap().class, Class::Transient);
    revoke(&cx, &tokens("a", Some("r"))).await.unwrap();
    revoke(&cx, &tokens("a", Some("gone"))).await.unwrap();
    assert_eq!(stub.lines().last().unwrap(), "POST oauth2.googleapis.com/revoke");
}
