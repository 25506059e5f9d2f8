//! SPEC S-1: Bluesky by app password (platforms.md section 13).

use super::super::cast;
use super::*;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

const SERVER: &str = "pds.bsky.example/xrpc/com.atproto.server";
const HANDLE: &str = cast::BLUESKY[0].0;
const PASSWORD: &str = cast::BLUESKY[0].1;

struct Session {
    access: String,
    refresh: String,
}

impl Play {
    async fn sign_in(&self, password: &str) -> Got {
        self.post_json(&format!("{SERVER}.createSession"), &json!({"identifier": HANDLE, "password": password})).await
    }

    async fn session(&self) -> Session {
        read(&self.sign_in(PASSWORD).await)
    }

    async fn with_token(&self, method: &str, call: &str, token: &str) -> Got {
        self.call(method, &format!("{SERVER}.{call}"), &[], None, &format!("Bearer {token}")).await
    }

    async fn refresh(&self, token: &str) -> Got {
        self.with_token("POST", "refreshSession", token).await
    }

    async fn bluesky_me(&self, token: &str) -> Got {
        self.with_token("GET", "getSession", token).await
    }
}

fn read(got: &Got) -> Session {
    assert_eq!(got.status, 200, "{}", got.text());
    Session { access: got.text_at("/accessJwt"), refresh: got.text_at("/refreshJwt") }
}

fn error(got: &Got) -> (u16, String, String) {
    (got.status, got.text_at("/error"), got.text_at("/message"))
}

fn revoked() -> (u16, String, String) {
    (400, "ExpiredToken".into(), "Token has been revoked".into())
}

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

#[tokio::test]
async fn a_handle_leads_to_its_server() {
    let play = Play::new();
    let did =
        play.get("any.example/xrpc/com.atproto.identity.resolveHandle", &[("handle", HANDLE)]).await.text_at("/did");
    assert_eq!(play.get(&format!("{HANDLE}/.well-known/atproto-did"), &[]).await.text(), did);
    let document = play.get(&format!("plc.directory/{did}"), &[]).await.json();
    assert_eq!(
        (&document["service"][0]["id"], &document["service"][0]["serviceEndpoint"]),
        (&json!("#atproto_pds"), &json!("https://pds.bsky.example"))
    );
    assert_eq!(document["alsoKnownAs"][0], format!("at://{HANDLE}"));
    assert_eq!(did.len(), "did:plc:".len() + 24);
    let unknown =
        play.get("any.example/xrpc/com.atproto.identity.resolveHandle", &[("handle", "nobody.example")]).await;
    assert_eq!(error(&unknown), (400, "InvalidRequest".into(), "Unable to resolve handle".into()));
    assert_eq!(play.get("plc.directory/did:plc:nobodynobodynobodynobody", &[]).await.status, 404);
    assert_eq!(play.get("nobody.example/.well-known/atproto-did", &[]).await.status, 404);
    assert_eq!(
        play.get("any.example/xrpc/com.atproto.server.describeServer", &[]).await.text_at("/did"),
        "did:web:any.example"
    );
    assert!(play.sandbox.unexpected().is_empty());
}

#[tokio::test]
async fn app_and_main_password_open_the_same_session() {
    let play = Play::new();
    let (app, main) = (play.sign_in(PASSWORD).await, play.sign_in(cast::BLUESKY_MAIN[0]).await);
    let keys = |got: &Got| got.json().as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!((app.status, main.status, keys(&app)), (200, 200, keys(&main)));
    for password in ["aaaa-bbbb-cccc-dddd", "", cast::BLUESKY[1].1] {
        assert_eq!(
            error(&play.sign_in(password).await),
            (401, "AuthenticationRequired".into(), "Invalid identifier or password".into())
        );
    }
    let create = format!("{SERVER}.createSession");
    assert_eq!(error(&play.post_json(&create, &json!({"identifier": HANDLE})).await).1, "InvalidRequest");
    let surprise = json!({"identifier": HANDLE, "password": PASSWORD, "surprise": 1});
    assert_eq!(error(&play.post_json(&create, &surprise).await).1, "InvalidRequest");
}

#[tokio::test]
async fn tokens_tell_their_ends() {
    let play = Play::new();
    let session = play.session().await;
    assert_eq!(claims(&session.access)["exp"], START / 1_000 + 7_200);
    assert_eq!(claims(&session.refresh)["exp"], START / 1_000 + 90 * 86_400);
    assert!(claims(&session.access)["sub"].as_str().is_some_and(|did| did.starts_with("did:plc:")));
    assert_eq!(play.bluesky_me(&session.access).await.json()["active"], true);
    play.pass_seconds(7_200);
    assert_eq!(
        error(&play.bluesky_me(&session.access).await),
        (400, "ExpiredToken".into(), "Token has expired".into())
    );
    play.pass_seconds(90 * 86_400);
    assert_eq!(error(&play.refresh(&session.refresh).await), (400, "ExpiredToken".into(), "Token has expired".into()));
    assert_eq!(error(&play.bluesky_me("made.up.token").await).1, "InvalidToken");
    let none = play.get(&format!("{SERVER}.getSession"), &[]).await;
    assert_eq!(error(&none), (401, "AuthMissing".into(), "Authentication Required".into()));
}

#[tokio::test]
async fn a_used_refresh_token_has_a_grace_and_always_the_same_successor() {
    let play = Play::new();
    let first = play.session().await;
    let second = read(&play.refresh(&first.refresh).await);
    assert_ne!(first.refresh, second.refresh);
    play.pass_seconds(7_199);
    assert_eq!(read(&play.refresh(&first.refresh).await).refresh, second.refresh);
    play.pass_seconds(1);
    assert_eq!(error(&play.refresh(&first.refresh).await), revoked());
    assert_eq!(play.refresh(&second.refresh).await.status, 200, "the successor is not harmed");
    assert_eq!(error(&play.refresh(&first.access).await).1, "InvalidToken");
    assert_eq!(error(&play.bluesky_me(&second.refresh).await).1, "InvalidToken");
}

#[tokio::test]
async fn a_session_ends_when_it_is_given_back() {
    let play = Play::new();
    let session = play.session().await;
    let got = play.with_token("POST", "deleteSession", &session.refresh).await;
    assert_eq!((got.status, got.body.len()), (200, 0));
    assert_eq!(error(&play.refresh(&session.refresh).await), revoked());
    assert_eq!(play.bluesky_me(&session.access).await.status, 200, "access tokens live to their end");
}

#[tokio::test]
async fn a_deleted_app_password_opens_and_prolongs_nothing() {
    let play = Play::new();
    let session = play.session().await;
    let person = || HANDLE.to_owned();
    play.control(Control::DeleteAppPassword { vendor: "bluesky".into(), person: person() });
    assert_eq!(error(&play.refresh(&session.refresh).await), revoked());
    assert_eq!(play.sign_in(PASSWORD).await.status, 401);
    assert_eq!(play.sign_in(cast::BLUESKY_MAIN[0]).await.status, 200);
    play.control(Control::Restore { vendor: "bluesky".into(), person: person() });
    assert_eq!(play.sign_in(PASSWORD).await.status, 200);
}

#[tokio::test]
async fn the_accounts_standing_shows_in_the_session() {
    let play = Play::new();
    let session = play.session().await;
    let (vendor, person) = (|| "bluesky".to_owned(), || HANDLE.to_owned());
    play.control(Control::DeactivateAccount { vendor: vendor(), person: person() });
    let got = play.bluesky_me(&session.access).await.json();
    assert_eq!((&got["active"], &got["status"]), (&json!(false), &json!("deactivated")));
    play.control(Control::Suspend { vendor: vendor(), person: person() });
    assert_eq!(play.bluesky_me(&session.access).await.json()["status"], "takendown");
    assert_eq!(error(&play.refresh(&session.refresh).await).1, "AccountTakedown");
    assert_eq!(play.sign_in(PASSWORD).await.status, 401);
    play.control(Control::Restore { vendor: vendor(), person: person() });
    assert_eq!(play.refresh(&session.refresh).await.status, 200);
}

#[tokio::test]
async fn profile_and_posts_need_a_session_except_on_public_hosts() {
    let play = Play::new();
    let session = play.session().await;
    let feed = "xrpc/app.bsky.feed.getAuthorFeed";
    let query = [("actor", HANDLE), ("limit", "2"), ("filter", "posts_no_replies")];
    assert_eq!(play.get(&format!("pds.bsky.example/{feed}"), &query).await.status, 401);
    let posts = play.get_as(&session.access, &format!("other.example/{feed}"), &query).await.json();
    assert_eq!(posts["feed"].as_array().map(Vec::len), Some(2));
    let profile = play.get("public.api.bsky.app/xrpc/app.bsky.actor.getProfile", &[("actor", HANDLE)]).await;
    assert_eq!((profile.status, profile.text_at("/displayName")), (200, "Harbour Tide Walks".into()));
    let avatar = profile.text_at("/avatar");
    assert_eq!(play.get(avatar.strip_prefix("https://").expect("https"), &[]).await.status, 200);
    let strange =
        play.get("public.api.bsky.app/xrpc/app.bsky.actor.getProfile", &[("actor", HANDLE), ("surprise", "1")]).await;
    assert_eq!(error(&strange).1, "InvalidRequest");
    assert_eq!(error(&play.get("other.example/xrpc/com.example.nothing", &[]).await).1, "MethodNotImplemented");
    assert_eq!(play.sandbox.unexpected(), ["GET other.example/xrpc/com.example.nothing"]);
}
