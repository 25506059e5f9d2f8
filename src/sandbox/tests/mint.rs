//! SPEC S-1: consents that are made without clicks are like all others.

use super::super::{FACEBOOK_APP_ID, FACEBOOK_APP_SECRET, Minted, SandboxError, X_CLIENT_ID, X_CLIENT_SECRET, cast};
use super::*;

const MASTODON: &str = "big.example";
const PDS: &str = "pds.bsky.example/xrpc";

fn mint(play: &Play, vendor: &str, person: &str) -> Minted {
    play.sandbox.mint(vendor, person, (vendor == "mastodon").then_some(MASTODON)).expect("a consent")
}

#[tokio::test]
async fn on_x_the_tokens_speak_for_the_person() {
    let play = Play::new();
    let minted = mint(&play, "x", "crowd-9999");
    let me = play.get_as(&minted.access, "api.x.com/2/users/me", &[]).await;
    assert_eq!(
        (me.text_at("/data/id"), me.text_at("/data/name"), Some(me.text_at("/data/username"))),
        (minted.identity_id.clone(), minted.name.clone(), minted.handle.clone())
    );
    assert_eq!((minted.destination.id, minted.host.as_str()), (minted.identity_id, ""));
    let form = [("grant_type", "refresh_token"), ("refresh_token", minted.refresh.as_deref().expect("one"))];
    let app = basic(X_CLIENT_ID, X_CLIENT_SECRET);
    let got = play.call("POST", "api.x.com/2/oauth2/token", &[], Some(&form), &app).await;
    assert_eq!((got.status, got.text_at("/scope")), (200, minted.scopes.join(" ")));
    let again = mint(&play, "x", "crowd-9999");
    assert_eq!(play.get_as(&got.text_at("/access_token"), "api.x.com/2/users/me", &[]).await.status, 401);
    assert!(play.sandbox.secret_is_live(&again.access), "a second consent takes the place of the first");
}

#[tokio::test]
async fn on_facebook_the_page_has_a_token_of_its_own() {
    let play = Play::new();
    let minted = mint(&play, "facebook", "crowd-12");
    let graph = "graph.facebook.com/v25.0";
    let me = play.get_as(&minted.access, &format!("{graph}/me"), &[]).await;
    assert_eq!((me.text_at("/id"), me.text_at("/name")), (minted.identity_id.clone(), minted.name.clone()));
    let pages = play.get_as(&minted.access, &format!("{graph}/me/accounts"), &[]).await.json();
    assert_eq!(pages["data"].as_array().map(Vec::len), Some(1));
    let token = minted.destination.token.as_deref().expect("a page token");
    assert_eq!(pages["data"][0]["access_token"], token);
    let page = play.get_as(token, &format!("{graph}/me"), &[("fields", "id,name,username")]).await;
    assert_eq!(
        (page.text_at("/id"), page.text_at("/name"), Some(page.text_at("/username"))),
        (minted.destination.id.clone(), minted.destination.name.clone(), minted.destination.handle.clone())
    );
    let app = format!("{FACEBOOK_APP_ID}|{FACEBOOK_APP_SECRET}");
    let debug =
        play.get_as(&app, &format!("{graph}/debug_token"), &[("input_token", &minted.access)]).await.json()["data"]
            .clone();
    assert_eq!(debug["expires_at"].as_i64().map(|seconds| seconds * 1_000), minted.access_ends_at);
    assert_eq!(debug["scopes"], serde_json::json!(minted.scopes));
    assert!(matches!(play.sandbox.mint("facebook", cast::FACEBOOK_NONE, None), Err(SandboxError::Unknown(_))));
    assert_eq!(mint(&play, "facebook", cast::FACEBOOK_MANY).destination.id, "100200300400501");
}

#[tokio::test]
async fn on_mastodon_the_server_is_part_of_the_name() {
    let play = Play::new();
    let minted = mint(&play, "mastodon", "crowd-5");
    let at = format!("{MASTODON}/api/v1/accounts");
    let me = play.get_as(&minted.access, &format!("{at}/verify_credentials"), &[]).await;
    assert_eq!(
        (format!("{}@{MASTODON}", me.text_at("/id")), format!("@{}@{MASTODON}", me.text_at("/acct"))),
        (minted.identity_id.clone(), minted.handle.clone().expect("a handle"))
    );
    assert_eq!((me.text_at("/display_name"), MASTODON), (minted.name.clone(), minted.host.as_str()));
    let posts = play.get_as(&minted.access, &format!("{at}/{}/statuses", me.text_at("/id")), &[]).await;
    assert_eq!((posts.status, posts.json().as_array().map(Vec::len)), (200, Some(5)));
    assert_eq!(mint(&play, "mastodon", "crowd-5").access, minted.access, "the server keeps to the token it gave");
    assert_eq!(play.sandbox.mint("mastodon", "crowd-5", None).expect("one").host, cast::MASTODON_HOSTS[0]);
    let held = play.sandbox.holds("mastodon", &format!("crowd-5@{MASTODON}")).expect("a consent");
    assert!(held.lives && held.refresh_sha256.is_none());
    play.control(Control::RevokeGrant { vendor: "mastodon".into(), person: format!("crowd-5@{MASTODON}") });
    assert_eq!(play.get_as(&minted.access, &format!("{at}/verify_credentials"), &[]).await.status, 401);
}

#[tokio::test]
async fn at_bluesky_the_session_can_be_prolonged() {
    let play = Play::new();
    let minted = mint(&play, "bluesky", "crowd-77");
    let me = play.get_as(&minted.access, &format!("{PDS}/com.atproto.server.getSession"), &[]).await;
    assert_eq!(
        (me.text_at("/did"), Some(me.text_at("/handle"))),
        (minted.identity_id.clone(), Some("crowd-77.bsky.example".to_owned()))
    );
    assert_eq!((minted.handle.as_deref(), minted.host.as_str()), (Some("crowd-77.bsky.example"), cast::BLUESKY_PDS));
    let actor = [("actor", minted.identity_id.as_str())];
    let profile = play.get_as(&minted.access, &format!("{PDS}/app.bsky.actor.getProfile"), &actor).await;
    assert_eq!(profile.text_at("/displayName"), minted.destination.name);
    let bearer = format!("Bearer {}", minted.refresh.as_deref().expect("one"));
    let got = play.call("POST", &format!("{PDS}/com.atproto.server.refreshSession"), &[], None, &bearer).await;
    assert_eq!(got.status, 200, "{}", got.text());
    let document = play.get(&format!("plc.directory/{}", minted.identity_id), &[]).await;
    assert_eq!(document.text_at("/alsoKnownAs/0"), "at://crowd-77.bsky.example");
}

#[tokio::test]
async fn the_crowd_signs_in_like_anybody_and_nobody_lists_it() {
    let play = Play::new();
    let at = format!("{PDS}/com.atproto.server.createSession");
    let password = cast::app_password("crowd-8").expect("one");
    let sign_in = async |password: &str| {
        play.post_json(&at, &serde_json::json!({"identifier": "crowd-8.bsky.example", "password": password}))
            .await
            .status
    };
    assert_eq!((sign_in(&password).await, sign_in("aaaa-aaaa-aaaa-aaaa").await), (200, 401));
    assert!(play.sandbox.minted().contains(&password));
    let label = play.sandbox.holds("bluesky", "crowd-8.bsky.example").expect("a consent").grant;
    assert_eq!(label, "bluesky:crowd-8");
    play.control(Control::DeleteAppPassword { vendor: "bluesky".into(), person: "crowd-8.bsky.example".into() });
    assert_eq!(sign_in(&password).await, 401);
    assert!(!play.sandbox.holds("bluesky", "crowd-8").expect("a consent").lives);
    assert!(!play.get("_control.json", &[]).await.json()["vendors"].to_string().contains("crowd"));
}

#[tokio::test]
async fn what_is_unknown_can_not_be_minted() {
    let play = Play::new();
    for (vendor, person) in [("myspace", "crowd-1"), ("x", "nobody"), ("bluesky", "crowd-01"), ("facebook", "nopages")]
    {
        assert!(matches!(play.sandbox.mint(vendor, person, None), Err(SandboxError::Unknown(_))), "{vendor} {person}");
    }
}

#[tokio::test]
async fn ten_thousand_people_are_no_burden() {
    let play = Play::new();
    for n in 0..10_000 {
        for vendor in ["x", "facebook", "mastodon", "bluesky"] {
            mint(&play, vendor, &format!("crowd-{n}"));
        }
    }
    let minted = play.sandbox.minted();
    let distinct: std::collections::HashSet<_> = minted.iter().collect();
    assert_eq!(distinct.len(), minted.len());
    assert!(minted.len() > 60_000);
    let last = mint(&play, "x", "crowd-9999");
    assert!(play.sandbox.secret_is_live(&last.access) && play.sandbox.refreshes().is_empty());
}
