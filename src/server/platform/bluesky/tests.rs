use serde_json::json;

use super::super::answer::tests::NOW;
use super::super::stub::{Seen, Stub, client, json as reply, options, tokens};
use super::*;
use crate::server::platform::client::ClientOptions;

const DID: &str = "did:plc:aliceaaaaaaaaaaaaaaaaaaa";
const PASSWORD: &str = "abcd-efgh-ijkl-mnop";

fn jwt(exp: i64) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.sig", part(json!({"alg": "HS256"})), part(json!({"sub": DID, "exp": exp})))
}

fn session() -> Value {
    json!({"did": DID, "handle": "alice.example", "active": true, "accessJwt": jwt(NOW / 1_000 + 7_200), "refreshJwt": jwt(NOW / 1_000 + 86_400)})
}

fn document(host: &str, handle: &str) -> Value {
    json!({"id": DID, "alsoKnownAs": [format!("at://{handle}")], "service": [
        {"id": "#other", "type": "x", "serviceEndpoint": "https://other.example"},
        {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": host}]})
}

/// A network with one account, whose DID document can be replaced.
fn network(seen: &Seen, document: &Value) -> axum::response::Response {
    match seen.line.as_str() {
        "GET alice.example/.well-known/atproto-did" => format!("{DID}\n").into_response(),
        "GET public.api.bsky.app/xrpc/com.atproto.identity.resolveHandle" if seen.query["handle"] == "dns.example" => {
            reply(200, json!({"did": DID}))
        }
        "GET public.api.bsky.app/xrpc/com.atproto.identity.resolveHandle" => {
            reply(400, json!({"error": "InvalidRequest", "message": "Unable to resolve handle"}))
        }
        line if line == format!("GET plc.directory/{DID}") => reply(200, document.clone()),
        "POST pds.example/xrpc/com.atproto.server.createSession"
        | "POST bsky.social/xrpc/com.atproto.server.createSession" => match seen.json["password"].as_str() {
            Some(PASSWORD) => reply(200, session()),
            _ => reply(401, json!({"error": "AuthenticationRequired", "message": "Invalid identifier or password"})),
        },
        "GET pds.example/xrpc/com.atproto.server.getSession" => reply(200, session()),
        _ => reply(404, json!({"error": "MethodNotImplemented", "message": "?"})),
    }
}

use axum::response::IntoResponse;

async fn sign_in(
    document: Value,
    host: Option<&str>,
    handle: &str,
    password: &str,
) -> (Result<(Tokens, Identity), Failure>, Vec<String>) {
    let stub = Stub::start(move |seen| network(seen, &document)).await;
    let http = stub.client();
    let result = Bluesky.sign_in(&stub.cx(&http, host), handle, &SecretString::from(password)).await;
    (result, stub.lines())
}

// SPEC C-2
#[tokio::test]
async fn a_handle_leads_to_its_server() {
    let known = || document("https://pds.example", "alice.example");
    let (result, lines) = sign_in(known(), None, " @Alice.example ", PASSWORD).await;
    let (tokens, who) = result.unwrap();
    assert_eq!(
        (who.id.as_str(), who.handle.as_deref(), who.host.as_deref()),
        (DID, Some("alice.example"), Some("pds.example"))
    );
    assert_eq!((tokens.access_ends_at, tokens.refresh_ends_at), (Some(NOW + 7_200_000), Some(NOW + 86_400_000)));
    assert_eq!(lines.len(), 3, "{lines:?}");

    let (result, _) = sign_in(document("https://pds.example", "dns.example"), None, "dns.example", PASSWORD).await;
    assert_eq!(result.unwrap().1.id, DID);
    let (result, _) = sign_in(known(), None, DID, PASSWORD).await;
    assert_eq!(result.unwrap().1.id, DID);
}

// SPEC C-9
#[tokio::test]
async fn what_can_go_wrong_at_sign_in_is_told_apart() {
    let known = || document("https://pds.example", "alice.example");
    let problem = async |document: Value, handle: &str, password: &str| {
        let (result, lines) = sign_in(document, None, handle, password).await;
        (result.unwrap_err().problem, lines)
    };
    let (told, lines) = problem(known(), "alice.example", "correct horse battery staple").await;
    assert_eq!((told, lines.len()), (Some(Problem::MainPassword), 0), "a main password leaves the house");
    assert_eq!(problem(known(), "alice.example", "aaaa-bbbb-cccc-dddd").await.0, Some(Problem::WrongPassword));
    assert_eq!(problem(known(), "nobody.example", PASSWORD).await.0, Some(Problem::WrongPassword));
    assert_eq!(problem(known(), "", PASSWORD).await.0, Some(Problem::WrongPassword));
    assert_eq!(problem(known(), "a/b?c", PASSWORD).await.0, Some(Problem::WrongPassword));
    // Somebody's handle that points at an account which does not claim it.
    assert_eq!(
        problem(document("https://pds.example", "else.example"), "alice.example", PASSWORD).await.0,
        Some(Problem::WrongPassword)
    );
    for endpoint in
        ["http://pds.example", "https://10.0.0.1", "https://localhost", "https://pds.example:8443", "ftp://x", ""]
    {
        let (told, lines) = problem(document(endpoint, "alice.example"), "alice.example", PASSWORD).await;
        assert_eq!(told, Some(Problem::BadServer), "{endpoint}");
        assert!(!lines.iter().any(|line| line.contains("createSession")), "{endpoint}");
    }
    let (result, _) = sign_in(json!({"id": "did:plc:other"}), None, "alice.example", PASSWORD).await;
    assert_eq!(result.unwrap_err().problem, Some(Problem::BadServer));
}

#[tokio::test]
async fn a_named_server_must_be_the_accounts_own_or_its_entrance() {
    let own = || document("https://pds.example", "alice.example");
    let (result, _) = sign_in(own(), Some("pds.example"), "alice.example", PASSWORD).await;
    assert_eq!(result.unwrap().1.host.as_deref(), Some("pds.example"));
    let (result, lines) = sign_in(own(), Some("bsky.social"), "alice.example", PASSWORD).await;
    assert_eq!(result.unwrap().1.host.as_deref(), Some("pds.example"), "{lines:?}");
    assert!(lines.contains(&"GET pds.example/xrpc/com.atproto.server.getSession".to_owned()));
    // A server that opens sessions for an account that lives elsewhere, where nobody knows of them.
    let (result, _) =
        sign_in(document("https://honest.example", "alice.example"), Some("pds.example"), "alice.example", PASSWORD)
            .await;
    assert_eq!(result.unwrap_err().problem, Some(Problem::BadServer));
    let (result, lines) = sign_in(own(), Some("127.0.0.1"), "alice.example", PASSWORD).await;
    assert_eq!((result.unwrap_err().problem, lines.len()), (Some(Problem::BadServer), 0));
}

#[tokio::test]
async fn a_private_server_that_is_named_in_the_settings_is_called_by_plain_http() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "POST xrpc/com.atproto.server.createSession" => reply(200, session()),
        _ => reply(404, json!({"error": "MethodNotImplemented"})),
    })
    .await;
    let host = stub.url.replace("http://127.0.0.1", "localhost");
    let http = client(ClientOptions { private_hosts: vec![host.clone()], ..options() });
    let (_, who) =
        Bluesky.sign_in(&stub.cx(&http, Some(&host)), "alice.test", &SecretString::from(PASSWORD)).await.unwrap();
    assert_eq!((who.host, stub.lines().len()), (Some(host), 1));
    assert_eq!(stub.seen()[0].json["identifier"], "alice.test");
}

// SPEC T-4
#[tokio::test]
async fn a_session_is_probed_renewed_and_closed() {
    let stub = Stub::start(|seen| match (seen.line.rsplit('.').next().unwrap(), seen.auth()) {
        ("getSession", "Bearer live") => reply(200, json!({"did": DID, "handle": "alice.example", "active": true})),
        ("getSession", "Bearer asleep") => reply(200, json!({"did": DID, "handle": "alice.example", "active": false, "status": "deactivated"})),
        ("getSession", "Bearer foreign") => reply(200, json!({"did": "did:plc:else", "handle": "x"})),
        ("getSession", _) => reply(400, json!({"error": "ExpiredToken", "message": "Token has expired"})),
        ("refreshSession", "Bearer good") => reply(200, session()),
        ("refreshSession", "Bearer plain") => reply(200, json!({"did": DID, "accessJwt": "opaque", "refreshJwt": "opaque2"})),
        ("refreshSession", "Bearer odd") => reply(200, json!({"did": DID})),
        ("refreshSession", _) => reply(400, json!({"error": "ExpiredToken", "message": "Token has been revoked"})),
        ("deleteSession", _) => axum::http::StatusCode::OK.into_response(),
        ("getProfile", _) => reply(200, json!({"did": DID, "displayName": "Alice", "avatar": "https://cdn.example/a.jpg"})),
        ("getAuthorFeed", _) => reply(200, json!({"feed": [{"post": {"uri": format!("at://{DID}/app.bsky.feed.post/3k"), "record": {"text": "hi", "createdAt": "2026-11-01T00:00:00Z"}}}, {}]})),
        _ => reply(404, json!({})),
    })
    .await;
    let http = stub.client();
    let cx = stub.cx(&http, Some("pds.example"));
    let probe = async |access: &str| {
        let tokens = tokens(access, None);
        Bluesky
            .probe(&cx, &Subject { tokens: &tokens, identity_id: DID, destination_id: DID, destination_token: None })
            .await
    };
    assert!(probe("live").await.is_ok());
    for (access, class) in [("asleep", Class::Action), ("foreign", Class::Revoked), ("old", Class::Expired)] {
        assert_eq!(probe(access).await.unwrap_err().class, class, "{access}");
    }
    let refresh = async |token: &str| Bluesky.refresh(&cx, &tokens("a", Some(token))).await;
    assert_eq!(refresh("good").await.unwrap().access_ends_at, Some(NOW + 7_200_000));
    let opaque = refresh("plain").await.unwrap();
    assert_eq!(
        (opaque.access_ends_at, opaque.refresh_ends_at),
        (Some(NOW + ACCESS_LIFE_MS), Some(NOW + REFRESH_LIFE_MS))
    );
    assert_eq!(refresh("dead").await.unwrap_err().class, Class::Revoked);
    assert!(refresh("odd").await.unwrap_err().in_doubt);
    Bluesky.revoke(&cx, &tokens("live", Some("good"))).await.unwrap();

    let live = tokens("live", None);
    let place = &Bluesky.destinations(&cx, &live).await.unwrap()[0];
    assert_eq!(
        (place.name.as_str(), place.handle.as_deref(), place.id.as_str()),
        ("Alice", Some("@alice.example"), DID)
    );
    let subject = Subject { tokens: &live, identity_id: DID, destination_id: DID, destination_token: None };
    let posts = Bluesky.recent_posts(&cx, &subject).await.unwrap();
    assert_eq!(posts[0].link, Some(format!("https://bsky.app/profile/{DID}/post/3k")));
    assert_eq!(posts.len(), 1);
}

#[tokio::test]
async fn a_session_finds_its_server_again_without_being_told() {
    let stub = Stub::start(|seen| network(seen, &document("https://pds.example", "alice.example"))).await;
    let http = stub.client();
    let who = Bluesky.identity(&stub.cx(&http, None), &tokens(&jwt(1), None)).await.unwrap();
    assert_eq!((who.id.as_str(), who.host.as_deref()), (DID, Some("pds.example")));
    assert_eq!(Bluesky.identity(&stub.cx(&http, None), &tokens("opaque", None)).await.unwrap_err().class, Class::App);
}

#[test]
fn app_passwords_have_their_form() {
    for text in [PASSWORD, " abcd-efgh-ijkl-mno2\n", "ABCD-2345-abcd-wxyz"] {
        assert!(looks_like_app_password(text), "{text:?}");
    }
    for text in [
        "",
        "hunter2",
        "abcd-efgh-ijkl",
        "abcd-efgh-ijkl-mnop-qrst",
        "abc-defgh-ijkl-mnop",
        "abcd efgh ijkl mnop",
        "äbcd-efgh-ijkl-mnop",
    ] {
        assert!(!looks_like_app_password(text), "{text:?}");
    }
}
