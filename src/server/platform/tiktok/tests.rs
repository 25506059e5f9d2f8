use serde_json::json;

use super::super::answer::tests::NOW;
use super::super::stub::{Seen, Stub, json as reply, tokens};
use super::*;
use crate::domain::explain::Problem;

fn consent(redirect_uri: &str) -> Url {
    let http = super::super::stub::client(super::super::stub::options());
    let app = super::super::AppCredentials { client_id: "key-1".into(), client_secret: "s".into() };
    let cx = Context { http: &http, app: Some(&app), host: None, redirect_uri, now: NOW, until: None };
    // The verifier of RFC 7636, appendix B.
    let verifier = SecretString::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    let url = Tiktok.authorize_url(&cx, &Ask { state: "st", verifier: &verifier, again: false, hint: None }).unwrap();
    Url::parse(&url).unwrap()
}

#[test]
fn the_consent_page_gets_a_client_key_commas_and_hex_where_it_is_local() {
    let field =
        |url: &Url, name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let web = consent("https://our.example/oauth/callback/tiktok");
    assert_eq!((web.host_str(), web.path()), (Some("www.tiktok.com"), "/v2/auth/authorize/"));
    assert_eq!(field(&web, "client_key").as_deref(), Some("key-1"));
    assert_eq!(field(&web, "client_id"), None);
    assert_eq!(field(&web, "scope").as_deref(), Some("user.info.basic,video.publish,user.info.profile,video.list"));
    assert_eq!(field(&web, "code_challenge"), None);
    for local in ["http://localhost:3000/cb", "http://127.0.0.1:3000/cb", "http://[::1]:3000/cb"] {
        let challenge = field(&consent(local), "code_challenge").unwrap();
        assert_eq!(challenge, "13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3", "{local}");
    }
}

// SPEC C-3, C-5, C-9
#[tokio::test]
async fn a_code_is_traded_whatever_the_answer_looks_like() {
    let stub = Stub::start(|seen| match seen.form["code"].as_str() {
        "full" => reply(
            200,
            json!({"access_token": "a", "expires_in": "7200", "open_id": "o", "refresh_expires_in": 15_552_000,
                "refresh_token": "r", "scope": "user.info.basic,video.publish", "token_type": "Bearer", "log_id": "x"}),
        ),
        "bare" => reply(200, json!({"access_token": "a"})),
        "dead" => reply(
            200,
            json!({"error": "invalid_grant", "error_description": "Authorization code is expired.", "log_id": "1"}),
        ),
        _ => reply(200, json!({"error": "invalid_client", "error_description": "", "log_id": "1"})),
    })
    .await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let verifier = SecretString::from("v".repeat(43));
    let full = Tiktok.exchange(&cx, &Returned::new("full", &verifier)).await.unwrap();
    assert_eq!((full.access_ends_at, full.refresh_ends_at), (Some(NOW + 7_200_000), Some(NOW + 15_552_000_000)));
    let back = Returned { scopes: Some("user.info.basic,video.list"), ..Returned::new("bare", &verifier) };
    let bare = Tiktok.exchange(&cx, &back).await.unwrap();
    assert!(bare.refresh.is_none() && bare.access_ends_at.is_none());
    assert_eq!(super::super::missing_scopes(&FACTS, bare.scopes.as_deref()), ["video.publish"]);
    let dead = Tiktok.exchange(&cx, &Returned::new("dead", &verifier)).await.unwrap_err();
    assert_eq!(dead.problem, Some(Problem::CodeRefused));
    assert_eq!(Tiktok.exchange(&cx, &Returned::new("app", &verifier)).await.unwrap_err().class, Class::App);
    let seen = &stub.seen()[0];
    assert_eq!(seen.line, "POST open.tiktokapis.com/v2/oauth/token/");
    assert_eq!((seen.form["client_key"].as_str(), seen.form["client_secret"].as_str()), ("app-1", "app-secret"));
    assert!(!seen.form.contains_key("client_id") && !seen.form.contains_key("code_verifier") && seen.auth().is_empty());
}

fn api(seen: &Seen) -> axum::response::Response {
    let fine = json!({"code": "ok", "message": "", "log_id": "1"});
    let error = |code: &str| json!({"data": {}, "error": {"code": code, "message": "", "log_id": "1"}});
    match (seen.line.as_str(), seen.auth()) {
        (_, "Bearer expired") => reply(401, error("access_token_invalid")),
        (_, "Bearer hidden") => reply(200, error("access_token_invalid")),
        (_, "Bearer odd") => reply(200, json!({"data": {"user": {}}, "error": fine})),
        (_, "Bearer lost") => reply(200, json!(["something"])),
        ("GET open.tiktokapis.com/v2/user/info/", "Bearer basic") if seen.query["fields"].contains("username") => {
            reply(401, error("scope_not_authorized"))
        }
        ("GET open.tiktokapis.com/v2/user/info/", "Bearer other") => {
            reply(200, json!({"data": {"user": {"open_id": "o2"}}, "error": fine}))
        }
        ("GET open.tiktokapis.com/v2/user/info/", _) => reply(
            200,
            json!({"data": {"user": {"open_id": "o1", "display_name": "Choir", "username": "choir", "avatar_url": "https://p.example/a"}}, "error": fine}),
        ),
        ("POST open.tiktokapis.com/v2/video/list/", _) => reply(
            200,
            json!({"data": {"videos": [{"id": "1", "title": "Hi", "share_url": "https://t.example/1", "create_time": 1_795_262_400}]}, "error": fine}),
        ),
        ("POST open.tiktokapis.com/v2/oauth/revoke/", _) => match seen.form["token"].as_str() {
            "gone" => reply(200, json!({"error": "invalid_grant", "error_description": "x"})),
            _ => axum::http::StatusCode::OK.into_response(),
        },
        _ => reply(404, json!({})),
    }
}

use axum::response::IntoResponse as _;

// SPEC T-4
#[tokio::test]
async fn a_probe_reads_errors_under_any_status() {
    let stub = Stub::start(api).await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let probe = async |token: &str| {
        let tokens = Tokens { scopes: Some(vec!["user.info.basic".into(), PROFILE.into()]), ..tokens(token, None) };
        let subject = Subject { tokens: &tokens, identity_id: "o1", destination_id: "o1", destination_token: None };
        Tiktok.probe(&cx, &subject).await
    };
    assert_eq!(probe("full").await.unwrap().profile.unwrap().handle.as_deref(), Some("choir"));
    assert_eq!(probe("basic").await.unwrap().profile.unwrap().name, "Choir", "one scope less is no reason to fail");
    for (token, class) in [
        ("expired", Class::Expired),
        ("hidden", Class::Expired),
        ("other", Class::Revoked),
        ("odd", Class::Transient),
        ("lost", Class::Transient),
    ] {
        assert_eq!(probe(token).await.unwrap_err().class, class, "{token}");
    }
}

#[tokio::test]
async fn videos_are_listed_and_the_access_token_given_back() {
    let stub = Stub::start(api).await;
    let http = stub.client();
    let (cx, tokens) = (stub.cx(&http, None), tokens("a", Some("r")));
    let subject = Subject { tokens: &tokens, identity_id: "o1", destination_id: "o1", destination_token: None };
    let posts = Tiktok.recent_posts(&cx, &subject).await.unwrap();
    assert_eq!(
        (posts[0].created_at.as_str(), stub.seen()[0].json["max_count"].as_u64()),
        ("2026-11-21T12:00:00Z", Some(20))
    );
    Tiktok.revoke(&cx, &tokens).await.unwrap();
    assert_eq!(stub.seen()[1].form["token"], "a");
    assert!(Tiktok.revoke(&cx, &super::super::stub::tokens("gone", None)).await.is_err());
}
