use axum::response::IntoResponse as _;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::super::answer::tests::NOW;
use super::super::stub::{Stub, json as reply, tokens};
use super::*;

fn described(key: &str) -> Description {
    Description {
        platform: Custom::register(key, "Bakers' Forum").unwrap(),
        authorize_url: "https://forum.example/oauth/authorize?theme=dark".into(),
        token_url: "https://api.forum.example/oauth/token".into(),
        revoke_url: Some("https://api.forum.example/oauth/revoke".into()),
        scopes: ["read", "write", "pictures"].map(Into::into).to_vec(),
        optional_scopes: vec!["pictures".into()],
        scope_separator: ",".into(),
        pkce: true,
        client_auth: ClientAuth::Basic,
        profile_url: "https://api.forum.example/me".into(),
        id: "/user/id".into(),
        name: Some("/user/title".into()),
        handle: Some("/user/login".into()),
        picture: Some("/user/images/0".into()),
    }
}

// SPEC C-2
#[tokio::test]
async fn everything_follows_from_the_description() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "POST api.forum.example/oauth/token" if seen.form.get("code").is_some_and(|code| code == "late") => {
            reply(400, json!({"error": "invalid_grant"}))
        }
        "POST api.forum.example/oauth/token" => {
            reply(200, json!({"access_token": "a", "refresh_token": "r", "expires_in": 60, "scope": "read write"}))
        }
        "POST api.forum.example/oauth/revoke" => axum::http::StatusCode::OK.into_response(),
        "GET api.forum.example/me" => match seen.auth() {
            "Bearer a" => reply(
                200,
                json!({"user": {"id": 7, "title": "Ada", "login": "ada", "images": ["https://p.example/a.png"]}}),
            ),
            "Bearer other" => reply(200, json!({"user": {"id": 8}})),
            "Bearer odd" => reply(200, json!({"user": {}})),
            _ => reply(401, json!({"error": "invalid_token"})),
        },
        other => panic!("{other}"),
    })
    .await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let one = OAuth2::new(described("custom-unit"));
    let verifier = SecretString::from("v".repeat(43));
    let url = one.authorize_url(&cx, &Ask { state: "st", verifier: &verifier, again: false, hint: None }).unwrap();
    assert!(
        url.starts_with("https://forum.example/oauth/authorize?theme=dark&response_type=code&client_id=app-1&"),
        "{url}"
    );
    assert!(url.contains("scope=read%2Cwrite%2Cpictures&") && url.contains("code_challenge_method=S256"), "{url}");
    let got = one.exchange(&cx, &Returned::new("c", &verifier)).await.unwrap();
    assert_eq!(got.access_ends_at, Some(NOW + 60_000));
    assert_eq!(super::super::missing_scopes(one.facts(), got.scopes.as_deref()), Vec::<String>::new());
    let seen = &stub.seen()[0];
    assert!(seen.auth().starts_with("Basic ") && seen.form.contains_key("code_verifier"));
    let late = one.exchange(&cx, &Returned::new("late", &verifier)).await.unwrap_err();
    assert_eq!(late.problem, Some(crate::domain::explain::Problem::CodeRefused));
    one.check_app(&cx).await.unwrap();

    let me = one.destinations(&cx, &got).await.unwrap().pop().unwrap();
    assert_eq!((me.id.as_str(), me.name.as_str(), me.handle.as_deref()), ("7", "Ada", Some("ada")));
    assert_eq!(me.picture_url.as_deref(), Some("https://p.example/a.png"));
    let probe = async |token: &str| {
        let tokens = tokens(token, None);
        let subject = Subject { tokens: &tokens, identity_id: "7", destination_id: "7", destination_token: None };
        one.probe(&cx, &subject).await
    };
    probe("a").await.unwrap();
    for (token, class) in [("other", Class::Revoked), ("odd", Class::Transient), ("old", Class::Expired)] {
        assert_eq!(probe(token).await.unwrap_err().class, class, "{token}");
    }
    let pair = one.refresh(&cx, &got).await.unwrap();
    assert_eq!(pair.refresh.unwrap().expose_secret(), "r");
    let before = stub.seen().len();
    one.revoke(&cx, &got).await.unwrap();
    let given: Vec<_> = stub.seen()[before..].iter().map(|one| one.form["token"].clone()).collect();
    assert_eq!(given, ["r", "a"]);
}

#[tokio::test]
async fn what_a_platform_lacks_is_left_out() {
    let stub = Stub::start(|_| reply(200, json!({"access_token": "a", "user": {"id": "7"}}))).await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let plain = Description {
        revoke_url: None,
        pkce: false,
        client_auth: ClientAuth::Body,
        name: None,
        handle: None,
        picture: None,
        ..described("custom-plain")
    };
    let one = OAuth2::new(plain);
    let verifier = SecretString::from("v".repeat(43));
    let url = one.authorize_url(&cx, &Ask { state: "st", verifier: &verifier, again: false, hint: None }).unwrap();
    assert!(!url.contains("code_challenge"));
    let got = one.exchange(&cx, &Returned::new("c", &verifier)).await.unwrap();
    let form = &stub.seen()[0].form;
    assert!(form.contains_key("client_secret") && !form.contains_key("code_verifier"));
    assert!(one.facts().window(NOW, got.access_ends_at, got.refresh.is_some()).is_none(), "it only ages");
    let me = one.identity(&cx, &got).await.unwrap();
    assert_eq!((me.id.as_str(), me.name.as_str(), me.handle), ("7", "7", None));
    let asked = stub.seen().len();
    one.revoke(&cx, &got).await.unwrap();
    assert_eq!(stub.seen().len(), asked);
}

#[test]
fn a_description_that_changed_takes_the_place_of_the_old() {
    let one = described("custom-changed");
    register(&one);
    let first = std::ptr::from_ref(adapter(one.platform).unwrap().facts());
    register(&one);
    assert!(std::ptr::eq(first, adapter(one.platform).unwrap().facts()), "the same is made once");
    register(&Description { scopes: vec!["all".into()], ..one.clone() });
    assert_eq!(adapter(one.platform).unwrap().facts().required_scopes, ["all"]);
}
