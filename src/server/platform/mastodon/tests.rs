use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::super::answer::tests::NOW;
use super::super::stub::{Stub, client, json as reply, options, tokens};
use super::*;
use crate::domain::explain::Problem;

const HOST: Option<&str> = Some("social.example");

fn account() -> Value {
    json!({"id": "7", "username": "ada", "acct": "ada", "display_name": "", "avatar": "https://cdn.example/a.png", "url": "https://social.example/@ada"})
}

// SPEC C-2
#[tokio::test]
async fn an_app_is_registered_and_on_old_servers_kept_alive() {
    for (discovery, expected) in [(200, 2), (404, 3)] {
        let stub = Stub::start(move |seen| match seen.line.as_str() {
            "POST social.example/api/v1/apps" => reply(200, json!({"id": "1", "client_id": 42, "client_secret": "cs"})),
            "GET social.example/.well-known/oauth-authorization-server" => reply(discovery, json!({"issuer": "x"})),
            "POST social.example/oauth/token" => reply(200, json!({"access_token": "app-token"})),
            _ => reply(500, json!({})),
        })
        .await;
        let http = stub.client();
        let app = Mastodon.register_app(&stub.cx(&http, HOST)).await.unwrap();
        assert_eq!((app.client_id.as_str(), app.client_secret.expose_secret()), ("42", "cs"));
        let seen = stub.seen();
        assert_eq!(seen.len(), expected);
        assert_eq!(seen[0].form["redirect_uris"], "https://our.example/oauth/callback/p");
        assert_eq!(seen[0].form["scopes"], "read:accounts write:statuses write:media read:statuses");
        assert!(seen.iter().skip(2).all(|one| one.form["grant_type"] == "client_credentials"));
    }
}

// SPEC C-9
#[tokio::test]
async fn a_server_that_is_none_is_named_so() {
    for (status, body) in [(404, json!({"error": "Not Found"})), (403, json!({"error": "no"}))] {
        let stub = Stub::start(move |_| reply(status, body.clone())).await;
        let http = stub.client();
        assert_eq!(Mastodon.register_app(&stub.cx(&http, HOST)).await.unwrap_err().problem, Some(Problem::BadServer));
    }
    let http = client(options());
    let cx = Context { http: &http, app: None, host: Some("127.0.0.1"), redirect_uri: "", now: NOW, until: None };
    assert_eq!(Mastodon.register_app(&cx).await.unwrap_err().problem, Some(Problem::BadServer));
    assert_eq!(Mastodon.register_app(&Context { host: None, ..cx }).await.unwrap_err().class, Class::App);
}

// SPEC C-3
#[tokio::test]
async fn a_code_becomes_a_token_without_end() {
    let stub = Stub::start(|_| {
        reply(200, json!({"access_token": "a", "token_type": "Bearer", "scope": "read:accounts write:statuses write:media", "created_at": 1_790_000_000}))
    })
    .await;
    let http = stub.client();
    let cx = stub.cx(&http, HOST);
    let got = Mastodon.exchange(&cx, &Returned::new("c", &SecretString::from("v".repeat(43)))).await.unwrap();
    assert_eq!((got.access_ends_at, got.refresh.is_none()), (None, true));
    assert_eq!(super::super::missing_scopes(&FACTS, got.scopes.as_deref()), Vec::<String>::new());
    let seen = &stub.seen()[0];
    assert_eq!(
        (seen.line.as_str(), seen.form["client_secret"].as_str()),
        ("POST social.example/oauth/token", "app-secret")
    );
    let url = Mastodon
        .authorize_url(&cx, &Ask { state: "s", verifier: &SecretString::from("v".repeat(43)), again: true, hint: None })
        .unwrap();
    assert!(url.starts_with("https://social.example/oauth/authorize?response_type=code&client_id=app-1&"));
    assert!(url.contains("force_login=true") && url.contains("code_challenge="));
}

// SPEC C-6
#[tokio::test]
async fn an_account_is_known_with_its_server() {
    let stub = Stub::start(|seen| match seen.auth() {
        "Bearer good" => reply(200, account()),
        "Bearer bad" => reply(401, json!({"error": "The access token was revoked"})),
        _ => reply(200, json!([])),
    })
    .await;
    let http = stub.client();
    let cx = stub.cx(&http, HOST);
    let who = Mastodon.identity(&cx, &tokens("good", None)).await.unwrap();
    assert_eq!(
        (who.id.as_str(), who.name.as_str(), who.handle.as_deref()),
        ("7@social.example", "ada", Some("@ada@social.example"))
    );
    let places = Mastodon.destinations(&cx, &tokens("good", None)).await.unwrap();
    assert_eq!(
        (places[0].id.as_str(), places[0].picture_url.as_deref()),
        ("7@social.example", Some("https://cdn.example/a.png"))
    );
    let probe = async |token: &str, id: &str| {
        let tokens = tokens(token, None);
        Mastodon
            .probe(&cx, &Subject { tokens: &tokens, identity_id: id, destination_id: id, destination_token: None })
            .await
    };
    assert!(probe("good", "7@social.example").await.unwrap().profile.is_some());
    assert_eq!(probe("good", "8@social.example").await.unwrap_err().class, Class::Revoked);
    assert_eq!(probe("bad", "7@social.example").await.unwrap_err().class, Class::Revoked);
    assert_eq!(probe("odd", "7@social.example").await.unwrap_err().class, Class::Transient);
}

#[tokio::test]
async fn posts_lose_their_html_and_the_token_is_given_back() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "GET social.example/api/v1/accounts/7/statuses" => reply(
            200,
            json!([{"id": "1", "content": "<p>Tea &amp; <b>cake</b><br />now</p><p>1 &lt; 2 &amp;lt;</p>", "url": "https://social.example/@ada/1", "created_at": "2026-11-01"}]),
        ),
        "POST social.example/oauth/revoke" => reply(200, json!({})),
        _ => reply(404, json!({"error": "x"})),
    })
    .await;
    let http = stub.client();
    let (cx, tokens) = (stub.cx(&http, HOST), tokens("a", None));
    let subject = Subject {
        tokens: &tokens,
        identity_id: "7@social.example",
        destination_id: "7@social.example",
        destination_token: None,
    };
    assert_eq!(Mastodon.recent_posts(&cx, &subject).await.unwrap()[0].text, "Tea & cake\nnow\n1 < 2 &lt;");
    Mastodon.revoke(&cx, &tokens).await.unwrap();
    assert_eq!(stub.seen()[1].form["token"], "a");
}
