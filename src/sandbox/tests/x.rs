//! SPEC S-1: X (platforms.md section 11).

use super::super::{X_CLIENT_ID, X_CLIENT_SECRET, cast};
use super::*;

const PAGE: &str = "x.com/i/oauth2/authorize";
const TOKEN: &str = "api.x.com/2/oauth2/token";
const ASK: Fields<'static> = &[
    ("response_type", "code"),
    ("client_id", X_CLIENT_ID),
    ("redirect_uri", CALLBACK),
    ("scope", "tweet.read users.read tweet.write offline.access"),
    ("state", "s1"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

impl Play {
    async fn x_token(&self, form: Fields<'_>) -> Got {
        self.call("POST", TOKEN, &[], Some(form), &basic(X_CLIENT_ID, X_CLIENT_SECRET)).await
    }

    async fn x_exchange(&self, code: &str) -> Got {
        self.x_token(&exchange(code)).await
    }

    async fn x_connect(&self, person: &str) -> (String, String) {
        let got = self.x_exchange(&self.code(PAGE, ASK, Choice::person(person))).await;
        assert_eq!(got.status, 200, "{}", got.text());
        (got.text_at("/access_token"), got.text_at("/refresh_token"))
    }

    async fn x_refresh(&self, token: &str) -> Got {
        self.x_token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    async fn x_me(&self, token: &str) -> Got {
        self.get_as(token, "api.x.com/2/users/me", &[("user.fields", "profile_image_url,verified")]).await
    }
}

fn exchange(code: &str) -> Vec<(&str, &str)> {
    vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)]
}

fn wrong(what: &str) -> (u16, String, String) {
    (400, "invalid_request".into(), format!("Value passed for the {what}"))
}

#[tokio::test]
async fn a_consent_gives_tokens_for_two_hours() {
    let play = Play::new();
    let got = play.x_exchange(&play.code(PAGE, ASK, Choice::default())).await;
    let body = got.json();
    assert_eq!(
        (got.status, body["token_type"].as_str(), body["expires_in"].as_i64()),
        (200, Some("bearer"), Some(7_200))
    );
    assert_eq!(body["scope"], "tweet.read users.read tweet.write offline.access");
    let access = got.text_at("/access_token");
    let me = play.x_me(&access).await;
    assert_eq!((me.status, me.text_at("/data/username")), (200, cast::X[0].to_owned()));
    let picture = me.text_at("/data/profile_image_url");
    let picture = play.get(picture.strip_prefix("https://").expect("the vendor's own form"), &[]).await;
    assert_eq!((picture.status, &picture.body[1..4]), (200, &b"PNG"[..]));
    play.pass_seconds(7_199);
    assert_eq!(play.x_me(&access).await.status, 200);
    play.pass_seconds(1);
    assert_eq!(play.x_me(&access).await.status, 401);
}

#[tokio::test]
async fn the_app_proves_itself_by_basic_only() {
    let play = Play::new();
    let code = play.code(PAGE, ASK, Choice::default());
    let refused = (401, "unauthorized_client".to_owned(), "Missing valid authorization header".to_owned());
    let form = exchange(&code);
    let in_body = [&form[..], &[("client_id", X_CLIENT_ID), ("client_secret", X_CLIENT_SECRET)]].concat();
    assert_eq!(play.post(TOKEN, &in_body).await.oauth(), refused);
    for authorization in [
        basic(X_CLIENT_ID, "wrong"),
        basic("wrong", X_CLIENT_SECRET),
        "Basic !".into(),
        format!("Bearer {X_CLIENT_SECRET}"),
    ] {
        assert_eq!(
            play.call("POST", TOKEN, &[], Some(&form), &authorization).await.oauth(),
            refused,
            "{authorization}"
        );
    }
    // Basic is right, but the secret stands in the body as well.
    assert_eq!(play.x_token(&in_body).await.status, 400);
    assert_eq!(play.x_exchange(&code).await.status, 200, "the code is still good");
}

#[tokio::test]
async fn a_code_is_good_for_thirty_seconds_and_once() {
    let play = Play::new();
    let code = play.code(PAGE, ASK, Choice::default());
    play.pass_seconds(29);
    assert_eq!(play.x_exchange(&code).await.status, 200);
    assert_eq!(play.x_exchange(&code).await.oauth(), wrong("authorization code was invalid."));
    let late = play.code(PAGE, ASK, Choice::default());
    play.pass_seconds(30);
    assert_eq!(play.x_exchange(&late).await.oauth(), wrong("authorization code was invalid."));
    assert_eq!(play.x_exchange("made-up").await.oauth(), wrong("authorization code was invalid."));
}

#[tokio::test]
async fn address_and_verifier_must_fit_the_code() {
    let play = Play::new();
    let code = play.code(PAGE, ASK, Choice::default());
    let form = exchange(&code);
    let oauth = async |name, value| play.x_token(&with(&form, name, value)).await.oauth();
    assert_eq!(
        oauth("redirect_uri", "http://localhost:3000/oauth/callback/").await,
        wrong("redirect uri did not match the uri of the authorization code.")
    );
    assert_eq!(oauth("code_verifier", CHALLENGE).await, wrong("code verifier did not match the code challenge."));
    for name in ["code", "redirect_uri", "code_verifier", "grant_type"] {
        let missing = (400, "invalid_request".to_owned(), format!("Missing required parameter [{name}]."));
        assert_eq!(oauth(name, "").await, missing);
    }
    assert_eq!(oauth("grant_type", "password").await.1, "unsupported_grant_type");
    assert_eq!(
        oauth("surprise", "1").await,
        (400, "invalid_request".into(), "Parameter [surprise] is not allowed.".into())
    );
    assert_eq!(play.x_exchange(&code).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_is_used_up_and_its_return_ends_the_family() {
    let play = Play::new();
    let (_, first) = play.x_connect(cast::X[0]).await;
    let got = play.x_refresh(&first).await;
    let (access, second) = (got.text_at("/access_token"), got.text_at("/refresh_token"));
    assert_ne!(first, second);
    assert_eq!(play.x_me(&access).await.status, 200);
    assert_eq!(play.x_refresh(&first).await.oauth(), wrong("token was invalid."));
    assert_eq!(play.x_me(&access).await.status, 401, "the family is dead");
    assert_eq!(play.x_refresh(&second).await.oauth(), wrong("token was invalid."));
    assert_eq!(play.x_refresh(&access).await.oauth(), wrong("token was invalid."), "an access token refreshes nothing");
}

#[tokio::test]
async fn a_second_consent_takes_the_place_of_the_first() {
    let play = Play::new();
    let (first, refresh) = play.x_connect(cast::X[0]).await;
    let (other, _) = play.x_connect(cast::X[1]).await;
    let (second, _) = play.x_connect(cast::X[0]).await;
    assert_eq!(play.x_me(&first).await.status, 401);
    assert_eq!(play.x_refresh(&refresh).await.status, 400);
    assert_eq!(play.x_me(&second).await.status, 200);
    assert_eq!(play.x_me(&other).await.status, 200, "another person is another consent");
}

#[tokio::test]
async fn giving_back_ends_access_and_refresh() {
    let play = Play::new();
    let (access, refresh) = play.x_connect(cast::X[0]).await;
    let revoke = async |auth: &str, token: &str| {
        play.call("POST", "api.x.com/2/oauth2/revoke", &[], Some(&[("token", token)]), auth).await
    };
    let app = basic(X_CLIENT_ID, X_CLIENT_SECRET);
    assert_eq!(revoke("", &refresh).await.status, 401);
    assert_eq!(revoke(&app, &refresh).await.json()["revoked"], true);
    assert_eq!(play.x_me(&access).await.status, 401);
    assert_eq!(revoke(&app, &access).await.status, 200, "twice is no error");
}

#[tokio::test]
async fn the_consent_page_refuses_what_is_not_in_good_form() {
    let play = Play::new();
    assert_eq!(play.get(PAGE, ASK).await.status, 200);
    for (name, value) in [
        ("redirect_uri", "http://localhost:3000/elsewhere"),
        ("client_id", "nobody"),
        ("code_challenge", ""),
        ("code_challenge_method", "plain"),
        ("response_type", "token"),
        ("scope", "tweet.read everything"),
        ("state", ""),
        ("surprise", "1"),
    ] {
        let got = play.get(PAGE, &with(ASK, name, value)).await;
        assert_eq!(got.status, 400, "{name}");
        assert!(got.text().contains("weren&#39;t able to give access"), "{name}: {}", got.text());
    }
}

#[tokio::test]
async fn the_page_works_as_a_form() {
    let play = Play::new();
    let page = play.get(PAGE, ASK).await.text();
    for part in [
        "Sandbox - stand-in for X",
        ">Allow</button>",
        ">Cancel</button>",
        "action=\"\"",
        "value=\"tweet.write\" checked",
    ] {
        assert!(page.contains(part), "{part} is missing");
    }
    let ticks = [("person", cast::X[1]), ("scope", "tweet.read"), ("scope", "users.read"), ("decision", "allow")];
    let got = play.call("POST", PAGE, ASK, Some(&ticks), "").await;
    assert_eq!((got.status, parameter(got.location(), "state").as_deref()), (303, Some("s1")));
    let tokens = play.x_exchange(&parameter(got.location(), "code").expect("a code")).await;
    assert_eq!(tokens.json()["scope"], "tweet.read users.read");
    assert!(tokens.json().get("refresh_token").is_none(), "without offline.access there is none");
    let no = play.call("POST", PAGE, ASK, Some(&[("person", cast::X[1]), ("decision", "cancel")]), "").await;
    assert_eq!(no.location(), format!("{CALLBACK}?error=access_denied&state=s1"));
}

#[tokio::test]
async fn the_api_speaks_in_problems() {
    let play = Play::new();
    let choice = Choice { untick_scopes: vec!["users.read".into()], ..Choice::default() };
    let narrow = play.x_exchange(&play.code(PAGE, ASK, choice)).await.text_at("/access_token");
    let got = play.x_me(&narrow).await;
    assert_eq!(
        (got.status, got.text_at("/type")),
        (403, "https://api.twitter.com/2/problems/not-authorized-for-resource".into())
    );
    let (access, _) = play.x_connect(cast::X[0]).await;
    let got = play.get_as(&access, "api.x.com/2/users/me", &[("surprise", "1")]).await;
    assert_eq!((got.status, got.text_at("/title")), (400, "Invalid Request".into()));
    let me = play.x_me(&access).await.text_at("/data/id");
    let posts = play
        .get_as(
            &access,
            &format!("api.x.com/2/users/{me}/tweets"),
            &[("max_results", "5"), ("tweet.fields", "created_at")],
        )
        .await;
    assert_eq!(posts.json()["data"].as_array().map(Vec::len), Some(5));
    assert!(posts.text_at("/data/0/created_at").starts_with("2026-11-01T"));
    let unknown = play.get_as(&access, "api.x.com/2/nothing", &[]).await;
    assert_eq!((unknown.status, unknown.text_at("/title")), (404, "Not Found".into()));
    assert_eq!(play.sandbox.unexpected(), ["GET api.x.com/2/nothing"]);
}
