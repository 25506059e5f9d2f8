//! SPEC S-1: Facebook (platforms.md section 1).

use super::super::{FACEBOOK_APP_ID, FACEBOOK_APP_SECRET, cast};
use super::*;

const PAGE: &str = "www.facebook.com/v25.0/dialog/oauth";
const GRAPH: &str = "graph.facebook.com/v25.0";
const BAKERY: &str = "100200300400501";
const SCOPES: &str = "pages_show_list,pages_manage_posts,pages_read_engagement,business_management";
const ASK: Fields<'static> = &[
    ("client_id", FACEBOOK_APP_ID),
    ("redirect_uri", CALLBACK),
    ("state", "s1"),
    ("response_type", "code"),
    ("scope", SCOPES),
];

impl Play {
    async fn fb_short(&self, choice: Choice) -> String {
        let got = self.post(&format!("{GRAPH}/oauth/access_token"), &exchange(&self.code(PAGE, ASK, choice))).await;
        assert_eq!(got.status, 200, "{}", got.text());
        got.text_at("/access_token")
    }

    async fn fb_long(&self, choice: Choice) -> String {
        let short = self.fb_short(choice).await;
        self.fb_lengthen(&short).await.text_at("/access_token")
    }

    async fn fb_lengthen(&self, token: &str) -> Got {
        let form = [
            ("grant_type", "fb_exchange_token"),
            ("client_id", FACEBOOK_APP_ID),
            ("client_secret", FACEBOOK_APP_SECRET),
            ("fb_exchange_token", token),
        ];
        self.get(&format!("{GRAPH}/oauth/access_token"), &form).await
    }

    async fn fb_pages(&self, token: &str, query: Fields<'_>) -> Got {
        self.get_as(token, &format!("{GRAPH}/me/accounts"), query).await
    }

    async fn fb_page_token(&self, token: &str) -> String {
        let got = self.get_as(token, &format!("{GRAPH}/{BAKERY}"), &[("fields", "access_token")]).await;
        got.text_at("/access_token")
    }

    async fn fb_debug(&self, token: &str) -> Value {
        let app = format!("{FACEBOOK_APP_ID}|{FACEBOOK_APP_SECRET}");
        let got = self.get(&format!("{GRAPH}/debug_token"), &[("input_token", token), ("access_token", &app)]).await;
        assert_eq!(got.status, 200, "{}", got.text());
        got.json()["data"].clone()
    }
}

fn exchange(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("client_id", FACEBOOK_APP_ID),
        ("client_secret", FACEBOOK_APP_SECRET),
        ("redirect_uri", CALLBACK),
        ("code", code),
    ]
}

fn mara() -> Choice {
    Choice::person(cast::FACEBOOK_MANY)
}

/// Status, code and subcode of an error in its envelope.
fn error(got: &Got) -> (u16, i64, Option<i64>) {
    let body = got.json();
    assert!(body["error"]["fbtrace_id"].is_string() && body["error"]["type"].is_string(), "{body}");
    (got.status, body["error"]["code"].as_i64().expect("a code"), body["error"]["error_subcode"].as_i64())
}

#[tokio::test]
async fn a_code_becomes_a_short_token_and_that_a_long_one() {
    let play = Play::new();
    let short = play.fb_short(mara()).await;
    assert!(short.starts_with("EAAG"));
    let data = play.fb_debug(&short).await;
    let life = data["expires_at"].as_i64().expect("an end") - START / 1_000;
    assert!((3_600..=7_200).contains(&life), "{life}");
    let got = play.fb_lengthen(&short).await;
    let long = got.text_at("/access_token");
    assert_ne!(short, long);
    assert!((5_183_000..=5_184_000).contains(&got.json()["expires_in"].as_i64().expect("a life")));
    play.pass_seconds(7_200);
    assert_eq!(error(&play.get_as(&short, &format!("{GRAPH}/me"), &[]).await), (400, 190, Some(463)));
    assert_eq!(error(&play.fb_lengthen(&short).await), (400, 190, Some(463)));
    // In the query, of another version, with the proof.
    let me =
        play.get("graph.facebook.com/v24.0/me", &[("access_token", &long), ("fields", "id,name,picture{url}")]).await;
    assert_eq!((me.status, me.text_at("/name")), (200, "Mara Lindqvist".into()));
    assert!(me.text_at("/picture/data/url").starts_with("https://scontent.fbcdn.example/"));
    assert_eq!(play.fb_lengthen(&long).await.status, 200);
    play.pass_seconds(60 * 86_400);
    assert_eq!(play.fb_debug(&long).await["error"]["subcode"], 463);
}

#[tokio::test]
async fn the_token_endpoint_is_strict() {
    let play = Play::new();
    let code = play.code(PAGE, ASK, mara());
    let form = exchange(&code);
    let at = format!("{GRAPH}/oauth/access_token");
    for (name, value, expected, words) in [
        (
            "redirect_uri",
            "http://localhost:3000/oauth/callback/",
            (400, 100, Some(36_008)),
            "redirect_uri is identical",
        ),
        ("redirect_uri", "", (400, 191, None), "redirect_uri"),
        ("client_secret", "wrong", (400, 1, None), "Error validating client secret."),
        ("client_secret", "", (400, 1, None), "client_secret"),
        ("client_id", "1", (400, 101, None), "Error validating application."),
        ("code", "made-up", (400, 100, None), "Invalid verification code format."),
        ("surprise", "1", (400, 100, None), "Invalid parameter"),
        ("grant_type", "password", (400, 1, None), "grant type"),
    ] {
        let got = play.post(&at, &with(&form, name, value)).await;
        assert_eq!(error(&got), expected, "{name} {value}");
        assert!(got.text_at("/error/message").contains(words), "{name}: {}", got.text());
    }
    let by_basic = with(&form, "client_secret", "");
    let got = play.call("POST", &at, &[], Some(&by_basic), &basic(FACEBOOK_APP_ID, FACEBOOK_APP_SECRET)).await;
    assert_eq!(error(&got), (400, 1, None), "Basic means nothing here");
    assert_eq!(play.post(&at, &form).await.status, 200);
    assert_eq!(error(&play.post(&at, &form).await), (400, 100, Some(36_009)));
    let late = play.code(PAGE, ASK, mara());
    play.pass_seconds(600);
    assert_eq!(error(&play.post(&at, &exchange(&late)).await), (400, 100, Some(36_007)));
}

#[tokio::test]
async fn a_challenge_is_kept() {
    let play = Play::new();
    let asked = [ASK, &[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]].concat();
    let code = play.code(PAGE, &asked, mara());
    let at = format!("{GRAPH}/oauth/access_token");
    for verifier in ["", "wrong"] {
        let got = play.post(&at, &with(&exchange(&code), "code_verifier", verifier)).await;
        assert_eq!(error(&got), (400, 100, None));
        assert!(got.text().contains("code_verifier"));
    }
    assert_eq!(play.post(&at, &with(&exchange(&code), "code_verifier", VERIFIER)).await.status, 200);
}

#[tokio::test]
async fn the_dialog_refuses_what_is_not_in_good_form() {
    let play = Play::new();
    for (name, value, words) in [
        ("redirect_uri", "http://localhost:3000/elsewhere", "URL Blocked"),
        ("client_id", "1", "Invalid App ID"),
        ("scope", "pages_show_list,world_domination", "Invalid Scopes: world_domination"),
        ("response_type", "token", "Invalid Response Type"),
        ("surprise", "1", "Invalid parameter: surprise"),
    ] {
        let got = play.get(PAGE, &with(ASK, name, value)).await;
        assert!(got.status == 400 && got.text().contains(words), "{name}: {}", got.text());
    }
    let refused = play.sandbox.consent(&format!("https://{PAGE}?{}", encoded(&with(ASK, "client_id", "1"))), mara());
    assert!(refused.expect_err("refused").to_string().contains("Invalid App ID"));
}

#[tokio::test]
async fn the_dialog_works_as_a_form() {
    let play = Play::new();
    let page = play.get(PAGE, ASK).await.text();
    for part in [
        "Sandbox - stand-in for Facebook",
        "value=\"100200300400504\" checked",
        "Mara Lindqvist",
        ">Allow</button>",
        ">Cancel</button>",
    ] {
        assert!(page.contains(part), "{part} is missing");
    }
    let mut ticks: Vec<_> = SCOPES.split(',').map(|scope| ("scope", scope)).collect();
    ticks.extend([
        ("person", cast::FACEBOOK_MANY),
        ("page", BAKERY),
        ("page", "100200300400601"),
        ("decision", "allow"),
    ]);
    let got = play.call("POST", PAGE, ASK, Some(&ticks), "").await;
    assert_eq!(got.status, 303);
    assert!(got.location().ends_with("&state=s1#_=_"), "{}", got.location());
    let code = parameter(got.location(), "code").expect("a code");
    let token = play.post(&format!("{GRAPH}/oauth/access_token"), &exchange(&code)).await.text_at("/access_token");
    let pages = play.fb_pages(&token, &[]).await.json();
    assert_eq!(pages["data"].as_array().map(Vec::len), Some(1), "another person's page was not hers to tick");
    let no = play.call("POST", PAGE, ASK, Some(&[("person", cast::FACEBOOK_MANY), ("decision", "cancel")]), "").await;
    for part in ["error=access_denied", "error_reason=user_denied", "error_code=200", "state=s1"] {
        assert!(no.location().contains(part), "{}", no.location());
    }
    let told = play
        .sandbox
        .consent(&format!("http://127.0.0.1:4400/{PAGE}?{}&return_scopes=true", encoded(ASK)), mara())
        .expect("the rewritten form");
    assert!(told.contains("granted_scopes=public_profile%2Cpages_show_list") && !told.contains('#'), "{told}");
}

// SPEC S-2: links in answers keep the vendor's own form.
#[tokio::test]
async fn pages_are_listed_in_pieces() {
    let play = Play::new();
    let token = play.fb_long(mara()).await;
    let fields = "id,name,username,access_token,category,tasks,link,picture.type(large)";
    let mut got = play.fb_pages(&token, &[("fields", fields), ("limit", "3")]).await;
    let mut names = Vec::new();
    let mut rounds = 0;
    loop {
        let body = got.json();
        names.extend(
            body["data"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|page| page["name"].as_str().expect("a name").to_owned()),
        );
        rounds += 1;
        let Some(next) = body.pointer("/paging/next").and_then(Value::as_str) else { break };
        assert!(
            next.starts_with("https://graph.facebook.com/v25.0/122093400000000017/accounts?access_token="),
            "{next}"
        );
        got = play.get(next.strip_prefix("https://").expect("https"), &[]).await;
    }
    assert_eq!((names.len(), rounds), (4, 2), "{names:?}");
    let all = play.fb_pages(&token, &[("fields", fields), ("limit", "100")]).await.json();
    let may = |index: usize| {
        all["data"][index]["tasks"].as_array().expect("tasks").iter().any(|task| task == "CREATE_CONTENT")
    };
    assert_eq!((0..4).map(may).collect::<Vec<_>>(), [true, true, true, false]);
    assert_eq!(error(&play.fb_pages(&token, &[("fields", "id,shoe_size")]).await), (400, 100, None));
    assert_eq!(error(&play.fb_pages(&token, &[("surprise", "1")]).await), (400, 100, None));
    assert_eq!(
        play.fb_pages(&play.fb_long(Choice::person(cast::FACEBOOK_NONE)).await, &[]).await.json()["data"],
        serde_json::json!([])
    );
    let owned = play.get_as(&token, &format!("{GRAPH}/me/businesses"), &[]).await.text_at("/data/0/id");
    let owned = play.get_as(&token, &format!("{GRAPH}/{owned}/owned_pages"), &[]).await;
    assert_eq!(owned.text_at("/data/0/id"), BAKERY);
}

#[tokio::test]
async fn page_tokens_live_as_long_as_their_user_token_lets_them() {
    let play = Play::new();
    let short = play.fb_short(mara()).await;
    let of_short = play.fb_page_token(&short).await;
    let long = play.fb_lengthen(&short).await.text_at("/access_token");
    let of_long = play.fb_page_token(&long).await;
    let (first, second) = (play.fb_debug(&of_short).await, play.fb_debug(&of_long).await);
    assert_eq!(first["expires_at"], play.fb_debug(&short).await["expires_at"]);
    assert_eq!(
        (second["expires_at"].as_i64(), second["type"].as_str(), second["profile_id"].as_str()),
        (Some(0), Some("PAGE"), Some(BAKERY))
    );
    assert_eq!(second["is_valid"], true);
    let targets = second["granular_scopes"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["scope"] == "pages_manage_posts")
        .expect("the scope");
    assert_eq!(targets["target_ids"].as_array().map(Vec::len), Some(4));
    play.pass_seconds(61 * 86_400);
    assert_eq!(play.fb_debug(&of_long).await["is_valid"], true, "it has no end of its own");
    let posts = play
        .get_as(
            &of_long,
            &format!("{GRAPH}/{BAKERY}/published_posts"),
            &[("fields", "id,message,created_time,permalink_url"), ("limit", "2")],
        )
        .await;
    assert_eq!(posts.json()["data"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn debug_token_is_for_the_app_only() {
    let play = Play::new();
    let long = play.fb_long(mara()).await;
    let ask = async |token: &str| {
        play.get(&format!("{GRAPH}/debug_token"), &[("input_token", &long), ("access_token", token)]).await
    };
    assert_eq!(error(&ask(&format!("{FACEBOOK_APP_ID}|wrong")).await), (400, 190, None));
    assert_eq!(error(&ask(&format!("1|{FACEBOOK_APP_SECRET}")).await), (400, 190, None));
    assert_eq!(error(&ask("").await).0, 400);
    let unknown = play.fb_debug("EAAGmadeup").await;
    assert_eq!((unknown["is_valid"].as_bool(), unknown["error"]["code"].as_i64()), (Some(false), Some(190)));
}

#[tokio::test]
async fn the_proof_must_be_right_if_there_is_one() {
    let play = Play::new();
    let long = play.fb_long(mara()).await;
    let got = play.get_as(&long, &format!("{GRAPH}/me"), &[("appsecret_proof", "00")]).await;
    assert_eq!(error(&got), (400, 104, None));
}

#[tokio::test]
async fn permissions_are_told_and_given_back() {
    let play = Play::new();
    let choice = Choice { untick_scopes: vec!["pages_manage_posts".into()], ..mara() };
    let long = play.fb_long(choice).await;
    let list = play.get_as(&long, &format!("{GRAPH}/me/permissions"), &[]).await.json();
    let status = |name: &str| {
        list["data"].as_array().expect("a list").iter().find(|one| one["permission"] == name).expect("it")["status"]
            .clone()
    };
    assert_eq!((status("pages_show_list"), status("pages_manage_posts")), ("granted".into(), "declined".into()));
    // Declined stays declined until it is asked for anew.
    play.fb_long(mara()).await;
    assert!(!play.fb_debug(&long).await["scopes"].to_string().contains("pages_manage_posts"));
    play.code(PAGE, &with(ASK, "auth_type", "rerequest"), mara());
    assert!(
        play.fb_debug(&long).await["scopes"].to_string().contains("pages_manage_posts"),
        "older tokens of the consent gain as well"
    );

    let page = play.fb_page_token(&long).await;
    let delete = async |token: &str, id: &str| {
        play.call("DELETE", &format!("{GRAPH}/{id}/permissions"), &[], None, &format!("Bearer {token}")).await
    };
    assert_eq!(error(&delete(&long, "1").await), (400, 100, Some(33)));
    assert_eq!(error(&delete(&page, "me").await), (400, 100, Some(33)));
    assert_eq!(delete(&long, "122093400000000017").await.json()["success"], true);
    assert_eq!(
        error(&play.get_as(&page, &format!("{GRAPH}/me"), &[]).await),
        (400, 190, Some(458)),
        "page tokens die as well"
    );
}

#[tokio::test]
async fn a_later_consent_can_shrink_the_first() {
    let play = Play::new();
    let long = play.fb_long(mara()).await;
    let page = play.fb_page_token(&long).await;
    play.fb_long(Choice { only_destinations: Some(vec!["100200300400502".into()]), ..mara() }).await;
    let posts = play.get_as(&page, &format!("{GRAPH}/{BAKERY}/published_posts"), &[]).await;
    assert_eq!(error(&posts), (403, 10, None));
    assert_eq!(play.fb_pages(&long, &[]).await.json()["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_nobody_knows_is_noted() {
    let play = Play::new();
    let long = play.fb_long(mara()).await;
    assert_eq!(error(&play.get_as(&long, &format!("{GRAPH}/me/nothing"), &[]).await), (404, 2500, None));
    assert_eq!(error(&play.get("www.facebook.com/somewhere", &[]).await), (404, 2500, None));
    assert_eq!(
        play.sandbox.unexpected(),
        ["GET graph.facebook.com/v25.0/me/nothing", "GET www.facebook.com/somewhere"]
    );
    assert_eq!(error(&play.get_as(&long, &format!("{GRAPH}/123456"), &[]).await), (400, 100, Some(33)));
    assert_eq!(error(&play.get(&format!("{GRAPH}/me"), &[]).await), (400, 2500, None));
    assert_eq!(play.sandbox.unexpected().len(), 2, "an unknown object is no unknown path");
}
