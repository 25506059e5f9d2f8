//! SPEC S-1: TikTok (platforms.md section 9).

use sha2::{Digest, Sha256};

use super::super::{TIKTOK_CLIENT_KEY as KEY, TIKTOK_CLIENT_SECRET as SECRET, cast};
use super::*;

const PAGE: &str = "www.tiktok.com/v2/auth/authorize/";
const TOKEN: &str = "open.tiktokapis.com/v2/oauth/token/";
const USER: &str = "open.tiktokapis.com/v2/user/info/";

fn ask(challenge: &str) -> Vec<(&str, &str)> {
    vec![
        ("client_key", KEY),
        ("scope", "user.info.basic,video.publish"),
        ("redirect_uri", CALLBACK),
        ("state", "s1"),
        ("response_type", "code"),
        ("disable_auto_auth", "1"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ]
}

fn hex() -> String {
    Sha256::digest(VERIFIER).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn exchange(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("client_key", KEY),
        ("client_secret", SECRET),
        ("code", code),
        ("grant_type", "authorization_code"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

#[tokio::test]
async fn the_consent_page_wants_its_own_spelling() {
    let play = Play::new();
    let hex = hex();
    let good = ask(&hex);
    assert_eq!(play.get(PAGE, &good).await.status, 200);
    for (name, value) in [
        ("client_key", "wrong"),
        ("client_id", KEY),
        ("scope", "user.info.basic video.publish"),
        ("redirect_uri", "https://else.example/"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "plain"),
        ("response_type", "token"),
    ] {
        let bent: Vec<_> = good.iter().copied().filter(|(key, _)| *key != name).chain([(name, value)]).collect();
        assert_eq!(play.get(PAGE, &bent).await.status, 400, "{name}");
    }
}

#[tokio::test]
async fn refused_codes_come_under_status_200_and_refresh_tokens_are_good_once() {
    let play = Play::new();
    let hex = hex();
    let code = play.code(PAGE, &ask(&hex), Choice::person(cast::TIKTOK[0]));
    let first = play.post(TOKEN, &exchange(&code)).await;
    assert_eq!((first.status, first.json()["expires_in"].as_i64()), (200, Some(7_200)));
    assert_eq!(first.text_at("/scope"), "user.info.basic,video.publish");
    let again = play.post(TOKEN, &exchange(&code)).await;
    assert_eq!((again.status, again.text_at("/error").as_str()), (200, "invalid_grant"));
    let refresh = async |token: &str| {
        let form =
            [("client_key", KEY), ("client_secret", SECRET), ("grant_type", "refresh_token"), ("refresh_token", token)];
        play.post(TOKEN, &form).await
    };
    let old = first.text_at("/refresh_token");
    let next = refresh(&old).await;
    assert_eq!(next.status, 200);
    assert_eq!((refresh(&old).await.status, refresh(&next.text_at("/refresh_token")).await.status), (400, 200));
    let late = play.code(PAGE, &ask(&hex), Choice::default());
    play.pass_seconds(60);
    assert_eq!(play.post(TOKEN, &exchange(&late)).await.text_at("/error"), "invalid_grant");
    let wrong: Vec<_> = exchange("x")
        .into_iter()
        .map(|(name, value)| (if name == "client_key" { "client_id" } else { name }, value))
        .collect();
    assert_eq!(play.post(TOKEN, &wrong).await.text_at("/error"), "invalid_request");
}

#[tokio::test]
async fn one_field_too_many_refuses_the_whole_call() {
    let play = Play::new();
    let hex = hex();
    let code = play.code(PAGE, &ask(&hex), Choice::default());
    let access = play.post(TOKEN, &exchange(&code)).await.text_at("/access_token");
    let asked = async |fields: &str| {
        let got = play.get_as(&access, USER, &[("fields", fields)]).await;
        (got.status, got.text_at("/error/code"))
    };
    assert_eq!(asked("open_id,display_name").await, (200, "ok".into()));
    assert_eq!(asked("open_id,username").await, (401, "scope_not_authorized".into()));
    assert_eq!(asked("open_id,shoe_size").await, (400, "invalid_params".into()));
    assert_eq!(
        play.get_as("act.nobody", USER, &[("fields", "open_id")]).await.text_at("/error/code"),
        "access_token_invalid"
    );
}
