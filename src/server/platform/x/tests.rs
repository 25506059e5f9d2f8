use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::super::answer::tests::NOW;
use super::super::stub::{Stub, json as reply, tokens};
use super::*;
use crate::domain::explain::Problem;

// SPEC C-3
#[tokio::test]
async fn a_code_is_traded_with_basic_and_the_verifier() {
    let stub = Stub::start(|_| {
        reply(
            200,
            json!({"token_type": "bearer", "expires_in": 7200, "access_token": "a", "refresh_token": "r",
            "scope": "tweet.write users.read tweet.read offline.access"}),
        )
    })
    .await;
    let http = stub.client();
    let verifier = SecretString::from("v".repeat(43));
    let got = X.exchange(&stub.cx(&http, None), &Returned::new("code-1", &verifier)).await.unwrap();
    assert_eq!((got.access.expose_secret(), got.refresh.unwrap().expose_secret()), ("a", "r"));
    assert_eq!(got.access_ends_at, Some(NOW + 7_200_000));
    assert_eq!(super::super::missing_scopes(&FACTS, got.scopes.as_deref()), Vec::<String>::new());
    let seen = &stub.seen()[0];
    assert_eq!((seen.line.as_str(), seen.auth()), ("POST api.x.com/2/oauth2/token", "Basic YXBwLTE6YXBwLXNlY3JldA=="));
    assert_eq!((seen.form["grant_type"].as_str(), seen.form["code_verifier"].len()), ("authorization_code", 43));
    assert!(!seen.form.contains_key("client_secret") && !seen.form.contains_key("client_id"));
}

#[test]
fn the_consent_page_gets_spaces_and_a_challenge() {
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
    let url = X
        .authorize_url(
            &cx,
            &Ask { state: "st", verifier: &SecretString::from("v".repeat(43)), again: true, hint: None },
        )
        .unwrap();
    assert!(url.starts_with("https://x.com/i/oauth2/authorize?response_type=code&client_id=1&"));
    assert!(
        url.contains("scope=tweet.read+users.read+tweet.write+offline.access+media.write")
            && url.contains("code_challenge=")
    );
}

// SPEC C-6, T-4
#[tokio::test]
async fn a_refresh_replaces_the_pair_and_a_dead_one_is_told() {
    let stub = Stub::start(|seen| match seen.form["refresh_token"].as_str() {
        "good" => reply(200, json!({"access_token": "a2", "refresh_token": "r2", "expires_in": 7200})),
        "half" => reply(200, json!({"access_token": "a2", "refresh_token": ""})),
        "empty" => reply(200, json!({"access_token": ""})),
        "hidden" => reply(
            200,
            json!({"error": "invalid_request", "error_description": "Value passed for the token was invalid."}),
        ),
        "down" => reply(
            503,
            json!({"error": "invalid_request", "error_description": "Value passed for the token was invalid."}),
        ),
        _ => reply(
            400,
            json!({"error": "invalid_request", "error_description": "Value passed for the token was invalid."}),
        ),
    })
    .await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let refresh = async |token: &str| X.refresh(&cx, &tokens("a", Some(token))).await;
    let pair = refresh("good").await.unwrap();
    assert_eq!((pair.access.expose_secret(), pair.refresh.unwrap().expose_secret()), ("a2", "r2"));
    assert!(refresh("half").await.unwrap().refresh.is_none());
    let told =
        async |token: &str| refresh(token).await.map_err(|failure| (failure.class, failure.in_doubt)).unwrap_err();
    assert_eq!(told("dead").await, (Class::Revoked, false));
    assert_eq!(told("hidden").await, (Class::Revoked, false));
    assert_eq!(told("empty").await, (Class::Transient, true));
    assert_eq!(told("down").await, (Class::Transient, false));
    let asked = stub.seen().len();
    assert_eq!(X.refresh(&cx, &tokens("a", None)).await.unwrap_err().class, Class::Revoked);
    assert_eq!(stub.seen().len(), asked, "without a refresh token nothing is sent");
}

#[tokio::test]
async fn a_probe_knows_whose_token_it_is() {
    let stub = Stub::start(|seen| match seen.auth() {
        "Bearer mine" => reply(200, json!({"data": {"id": "9", "name": "Ada", "username": "ada", "profile_image_url": "https://p.example/a.png"}})),
        "Bearer other" => reply(200, json!({"data": {"id": "10", "name": "Eve", "username": "eve"}})),
        "Bearer partial" => reply(200, json!({"errors": [{"title": "Forbidden", "detail": "This user has been suspended.", "type": "about:blank"}]})),
        "Bearer odd" => reply(200, json!({"data": {}})),
        _ => reply(401, json!({"title": "Unauthorized", "status": 401})),
    })
    .await;
    let http = stub.client();
    let probe = async |token: &str| {
        let tokens = tokens(token, None);
        let subject = Subject { tokens: &tokens, identity_id: "9", destination_id: "9", destination_token: None };
        X.probe(&stub.cx(&http, None), &subject).await
    };
    let profile = probe("mine").await.unwrap().profile.unwrap();
    assert_eq!((profile.name.as_str(), profile.handle.as_deref()), ("Ada", Some("ada")));
    assert_eq!(stub.seen()[0].line, "GET api.x.com/2/users/me");
    for (token, class) in
        [("other", Class::Revoked), ("partial", Class::Action), ("odd", Class::Transient), ("old", Class::Expired)]
    {
        assert_eq!(probe(token).await.unwrap_err().class, class, "{token}");
    }
    let pages = X.destinations(&stub.cx(&http, None), &tokens("mine", None)).await.unwrap();
    assert_eq!((pages.len(), pages[0].link.as_deref()), (1, Some("https://x.com/ada")));
}

#[tokio::test]
async fn posts_are_listed_and_both_tokens_given_back() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "GET api.x.com/2/users/9/tweets" => {
            reply(200, json!({"data": [{"id": "5", "text": "hi", "created_at": "2026-11-01T00:00:00.000Z"}]}))
        }
        "POST api.x.com/2/oauth2/revoke" => reply(200, json!({"revoked": true})),
        _ => reply(404, json!({})),
    })
    .await;
    let http = stub.client();
    let (cx, tokens) = (stub.cx(&http, None), tokens("a", Some("r")));
    let subject = Subject { tokens: &tokens, identity_id: "9", destination_id: "9", destination_token: None };
    assert_eq!(X.recent_posts(&cx, &subject).await.unwrap()[0].link.as_deref(), Some("https://x.com/i/web/status/5"));
    X.revoke(&cx, &tokens).await.unwrap();
    let given: Vec<_> = stub.seen()[1..].iter().map(|one| one.form["token"].clone()).collect();
    assert_eq!(given, ["r", "a"]);
}

// SPEC C-9
#[tokio::test]
async fn a_late_code_means_starting_again() {
    let stub = Stub::start(|_| reply(400, json!({"error": "invalid_request", "error_description": "Value passed for the authorization code was invalid."}))).await;
    let http = stub.client();
    let failure =
        X.exchange(&stub.cx(&http, None), &Returned::new("c", &SecretString::from("v".repeat(43)))).await.unwrap_err();
    assert_eq!((failure.class, failure.problem), (Class::Revoked, Some(Problem::CodeRefused)));
}
