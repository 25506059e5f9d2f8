//! SPEC S-1: Google (platforms.md sections 5 to 7).

use serde_json::json;

use super::super::{GOOGLE_CLIENT_ID as ID, GOOGLE_CLIENT_SECRET as SECRET, cast};
use super::*;

const PAGE: &str = "accounts.google.com/o/oauth2/v2/auth";
const TOKEN: &str = "oauth2.googleapis.com/token";
const YOUTUBE: &str = "https://www.googleapis.com/auth/youtube.readonly";
const BUSINESS: &str = "https://www.googleapis.com/auth/business.manage";
const SCOPES: &str =
    "openid email https://www.googleapis.com/auth/youtube.readonly https://www.googleapis.com/auth/business.manage";
const ASK: Fields<'static> = &[
    ("client_id", ID),
    ("redirect_uri", CALLBACK),
    ("response_type", "code"),
    ("scope", SCOPES),
    ("state", "s1"),
    ("access_type", "offline"),
    ("prompt", "consent"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

fn exchange(code: &str) -> Vec<(&str, &str)> {
    let app = [("client_id", ID), ("client_secret", SECRET)];
    let code = [("code", code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];
    [&[("grant_type", "authorization_code")][..], &app, &code].concat()
}

impl Play {
    async fn google(&self, ask: Fields<'_>, choice: Choice) -> Got {
        let code = self.code(PAGE, ask, choice);
        self.post(TOKEN, &exchange(&code)).await
    }
}

#[tokio::test]
async fn a_refresh_token_comes_once_unless_one_insists() {
    let play = Play::new();
    let quiet: Vec<_> = ASK.iter().copied().filter(|(name, _)| *name != "prompt").collect();
    let online: Vec<_> = ASK.iter().copied().filter(|(name, _)| *name != "access_type").collect();
    let person = || Choice::person(cast::GOOGLE[0]);
    assert!(play.google(&online, person()).await.json().get("refresh_token").is_none(), "nobody is away");
    let other = || Choice::person(cast::GOOGLE[1]);
    assert!(play.google(&quiet, other()).await.json().get("refresh_token").is_some(), "the first time");
    assert!(play.google(&quiet, other()).await.json().get("refresh_token").is_none(), "the second time");
    let again = play.google(ASK, other()).await;
    assert_eq!(again.json()["expires_in"], 3_599);
    assert!(again.text_at("/scope").contains("https://www.googleapis.com/auth/userinfo.email"));
    let refresh = again.text_at("/refresh_token");
    let app = [("client_id", ID), ("client_secret", SECRET)];
    let form = [&[("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())][..], &app].concat();
    for _ in 0..3 {
        let fresh = play.post(TOKEN, &form).await;
        assert_eq!((fresh.status, fresh.json().get("refresh_token")), (200, None));
    }
}

#[tokio::test]
async fn the_token_endpoint_is_strict() {
    let play = Play::new();
    let code = play.code(PAGE, ASK, Choice::default());
    let good = exchange(&code);
    let with = |name: &'static str, value: &'static str| {
        let rest = good.iter().copied().filter(move |(key, _)| *key != name);
        rest.chain([(name, value)]).collect::<Vec<_>>()
    };
    for (form, status, error) in [
        (with("client_secret", "wrong"), 401, "invalid_client"),
        (with("client_id", "wrong"), 401, "invalid_client"),
        (with("redirect_uri", "https://else.example/"), 400, "redirect_uri_mismatch"),
        (with("code_verifier", "wrong"), 400, "invalid_grant"),
        (with("code", "4/0Aother"), 400, "invalid_grant"),
        (with("grant_type", "password"), 400, "unsupported_grant_type"),
        (with("novelty", "1"), 400, "invalid_request"),
    ] {
        let got = play.post(TOKEN, &form).await;
        assert_eq!((got.status, got.text_at("/error").as_str()), (status, error), "{form:?}");
    }
    assert_eq!(play.post(TOKEN, &good).await.status, 200);
    assert_eq!(play.post(TOKEN, &good).await.text_at("/error"), "invalid_grant", "a code is good once");
}

#[tokio::test]
async fn the_consent_page_is_strict() {
    let play = Play::new();
    for (name, value) in [
        ("client_id", "wrong"),
        ("redirect_uri", "https://else.example/"),
        ("response_type", "token"),
        ("scope", "https://www.googleapis.com/auth/youtube.nonsense"),
        ("access_type", "sometimes"),
        ("prompt", "please"),
        ("code_challenge_method", "plain"),
        ("novelty", "1"),
    ] {
        let ask: Vec<_> = ASK.iter().copied().filter(|(key, _)| *key != name).chain([(name, value)]).collect();
        let got = play.get(PAGE, &ask).await;
        assert_eq!(got.status, 400, "{name}");
    }
}

#[tokio::test]
async fn one_revocation_ends_every_consent_of_the_person() {
    let play = Play::new();
    let one = play.google(ASK, Choice::default()).await;
    let two = play.google(ASK, Choice::default()).await;
    let other = play.google(ASK, Choice::person(cast::GOOGLE[1])).await;
    let info = async |got: &Got| {
        play.get("oauth2.googleapis.com/tokeninfo", &[("access_token", &got.text_at("/access_token"))]).await
    };
    let told = info(&one).await.json();
    assert_eq!(
        (&told["aud"], &told["access_type"], &told["sub"]),
        (&json!(ID), &json!("offline"), &json!("103400000000000000171"))
    );
    let revoke = [("token", two.text_at("/refresh_token"))];
    let revoke: Vec<_> = revoke.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(play.post("oauth2.googleapis.com/revoke", &revoke).await.status, 200);
    assert_eq!(info(&one).await.oauth(), (400, "invalid_token".into(), "Invalid Value".into()));
    assert_eq!(info(&other).await.status, 200);
    assert_eq!(play.post("oauth2.googleapis.com/revoke", &revoke).await.status, 400);
}

#[tokio::test]
async fn the_apis_want_their_scopes_and_their_parameters() {
    let play = Play::new();
    let all = play.google(ASK, Choice::default()).await.text_at("/access_token");
    let few = |scope: &str| Choice { untick_scopes: vec![scope.into()], ..Choice::default() };
    let channels = "www.googleapis.com/youtube/v3/channels";
    let mine: Fields<'_> = &[("part", "id,snippet"), ("mine", "true")];
    assert_eq!(play.get_as(&all, channels, mine).await.status, 200);
    assert_eq!(play.get_as(&all, channels, &[("mine", "true")]).await.status, 400);
    assert_eq!(play.get_as(&all, channels, &[("part", "soul"), ("mine", "true")]).await.status, 400);
    let less = play.google(ASK, few(YOUTUBE)).await.text_at("/access_token");
    let refused = play.get_as(&less, channels, mine).await;
    assert_eq!((refused.status, refused.text_at("/error/errors/0/reason").as_str()), (403, "insufficientPermissions"));
    let none = play.google(ASK, Choice::person(cast::GOOGLE[2])).await.text_at("/access_token");
    let refused = play.get_as(&none, channels, mine).await;
    assert_eq!((refused.status, refused.text_at("/error/errors/0/reason").as_str()), (401, "youtubeSignupRequired"));

    let accounts = "mybusinessaccountmanagement.googleapis.com/v1/accounts";
    let page = play.get_as(&all, accounts, &[]).await;
    assert_eq!(page.text_at("/accounts/0/name"), "accounts/10420");
    let next = page.text_at("/nextPageToken");
    let page = play.get_as(&all, accounts, &[("pageToken", &next)]).await.json();
    assert_eq!((&page["accounts"][0]["name"], page.get("nextPageToken")), (&json!("accounts/20999"), None));
    let locations = "mybusinessbusinessinformation.googleapis.com/v1/accounts/10420/locations";
    assert_eq!(play.get_as(&all, locations, &[]).await.text_at("/error/status"), "INVALID_ARGUMENT", "no mask");
    let masked = play.get_as(&all, locations, &[("readMask", "name,metadata")]).await.json();
    assert_eq!(masked["locations"][0]["metadata"]["canOperateLocalPost"], true);
    assert!(
        masked["locations"][2]["metadata"].get("canOperateLocalPost").is_none()
            && masked["locations"][0].get("title").is_none()
    );
    let less = play.google(ASK, few(BUSINESS)).await.text_at("/access_token");
    assert_eq!(play.get_as(&less, accounts, &[]).await.status, 403);
    assert_eq!(play.get_as(&none, accounts, &[]).await.json(), json!({}), "nothing is left out");
}
