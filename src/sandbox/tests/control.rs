//! SPEC S-1: breaking things on purpose, remembering, and the page for it.

use super::super::{FACEBOOK_APP_ID, FACEBOOK_APP_SECRET, SandboxError, X_CLIENT_ID, X_CLIENT_SECRET, cast};
use super::*;
use serde_json::json;

const GRAPH: &str = "graph.facebook.com/v25.0";
const BAKERY: &str = "100200300400501";

/// A page token of Mara's bakery, and her own.
async fn facebook(play: &Play) -> (String, String) {
    let ask = [
        ("client_id", FACEBOOK_APP_ID),
        ("redirect_uri", CALLBACK),
        ("scope", "pages_show_list,pages_manage_posts,pages_read_engagement"),
    ];
    let code = play.code("www.facebook.com/v25.0/dialog/oauth", &ask, Choice::person(cast::FACEBOOK_MANY));
    let app = [("client_id", FACEBOOK_APP_ID), ("client_secret", FACEBOOK_APP_SECRET)];
    let at = format!("{GRAPH}/oauth/access_token");
    let short = play
        .post(&at, &[&app[..], &[("redirect_uri", CALLBACK), ("code", &code)]].concat())
        .await
        .text_at("/access_token");
    let form = [&app[..], &[("grant_type", "fb_exchange_token"), ("fb_exchange_token", &short)]].concat();
    let long = play.post(&at, &form).await.text_at("/access_token");
    let page =
        play.get_as(&long, &format!("{GRAPH}/{BAKERY}"), &[("fields", "access_token")]).await.text_at("/access_token");
    (page, long)
}

async fn debug(play: &Play, token: &str) -> Value {
    let app = format!("{FACEBOOK_APP_ID}|{FACEBOOK_APP_SECRET}");
    play.get_as(&app, &format!("{GRAPH}/debug_token"), &[("input_token", token)]).await.json()["data"].clone()
}

// SPEC S-1: each way to break a page has the code that Facebook has for it.
#[tokio::test]
async fn every_break_of_a_facebook_page_has_its_code() {
    let (vendor, person) = (|| "facebook".to_owned(), || cast::FACEBOOK_MANY.to_owned());
    for (control, subcode) in [
        (Control::RevokeGrant { vendor: vendor(), person: person() }, 458),
        (Control::ChangePassword { vendor: vendor(), person: person() }, 460),
        (Control::Suspend { vendor: vendor(), person: person() }, 459),
        (Control::DeactivateAccount { vendor: vendor(), person: person() }, 464),
        (Control::LoseRole { vendor: vendor(), person: person(), page: BAKERY.into() }, 492),
    ] {
        let play = Play::new();
        let (page, _) = facebook(&play).await;
        assert_eq!(debug(&play, &page).await["is_valid"], true);
        play.control(control.clone());
        let report = debug(&play, &page).await;
        assert_eq!(
            (&report["is_valid"], &report["error"]["code"], &report["error"]["subcode"]),
            (&json!(false), &json!(190), &json!(subcode)),
            "{control:?}"
        );
        let call = play.get_as(&page, &format!("{GRAPH}/me"), &[]).await;
        assert_eq!((call.status, &call.json()["error"]["error_subcode"]), (400, &json!(subcode)), "{control:?}");
    }
}

#[tokio::test]
async fn unticking_narrows_a_living_consent() {
    let play = Play::new();
    let (page, long) = facebook(&play).await;
    let (vendor, person) = (|| "facebook".to_owned(), || cast::FACEBOOK_MANY.to_owned());
    play.control(Control::UntickPage { vendor: vendor(), person: person(), page: BAKERY.into() });
    let report = debug(&play, &page).await;
    assert_eq!(report["is_valid"], true);
    assert!(
        !report["granular_scopes"].to_string().contains(BAKERY)
            && report["granular_scopes"].to_string().contains("100200300400502")
    );
    play.control(Control::Untick { vendor: vendor(), person: person(), scope: "pages_manage_posts".into() });
    assert!(!debug(&play, &long).await["scopes"].to_string().contains("pages_manage_posts"));
    let again = play.sandbox.control(Control::Untick {
        vendor: vendor(),
        person: person(),
        scope: "pages_manage_posts".into(),
    });
    assert!(matches!(again, Err(SandboxError::Unknown(_))));
}

#[tokio::test]
async fn expiring_ends_what_has_an_end() {
    let play = Play::new();
    let (page, long) = facebook(&play).await;
    play.control(Control::ExpireAccess { vendor: "facebook".into(), person: cast::FACEBOOK_MANY.into() });
    assert_eq!(debug(&play, &long).await["error"]["subcode"], 463);
    assert_eq!(debug(&play, &page).await["is_valid"], true);
}

#[tokio::test]
async fn what_does_not_exist_can_not_be_broken() {
    let play = Play::new();
    for (vendor, person) in
        [("myspace", "tom"), ("x", "nobody"), ("x", cast::X[0]), ("mastodon", "baker@mastodon.example")]
    {
        let result = play.sandbox.control(Control::RevokeGrant { vendor: vendor.into(), person: person.into() });
        assert!(matches!(result, Err(SandboxError::Unknown(_))), "{vendor} {person}");
    }
    let elsewhere = play.sandbox.consent("https://api.x.com/2/users/me?a=b", Choice::default());
    assert!(matches!(elsewhere, Err(SandboxError::NoConsentPage(_))));
}

#[tokio::test]
async fn the_state_outlives_the_process_and_no_secret_is_made_twice() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("sandbox.json");
    let play = Play::at(Some(file.clone()));
    let (page, _) = facebook(&play).await;
    play.control(Control::LoseRole {
        vendor: "facebook".into(),
        person: cast::FACEBOOK_MANY.into(),
        page: "100200300400502".into(),
    });
    let before = play.sandbox.minted();
    drop(play);

    let play = Play::at(Some(file.clone()));
    assert_eq!(debug(&play, &page).await["is_valid"], true);
    facebook(&play).await;
    let after = play.sandbox.minted();
    assert!(before.iter().all(|secret| after.contains(secret)));
    let distinct: std::collections::BTreeSet<_> = after.iter().collect();
    assert_eq!(distinct.len(), after.len());
    assert!(after.len() >= before.len() + 3);
    assert_eq!(std::fs::read_dir(dir.path()).expect("readable").count(), 1, "nothing is left beside it");

    std::fs::write(&file, "{\"version\":1,").expect("writable");
    let options = Options { redirect_uris: Vec::new(), clock: Arc::new(|| START), state_file: Some(file), seed: 1 };
    let error = Sandbox::new(options).err().expect("refused").to_string();
    assert!(error.contains("sandbox.json") && error.contains("delete it"), "{error}");
}

#[tokio::test]
async fn the_log_knows_who_but_no_secrets() {
    let play = Play::new();
    let (page, _) = facebook(&play).await;
    debug(&play, &page).await;
    let requests = play.sandbox.requests();
    assert!(requests.iter().all(|request| request.at_ms == START && request.status == 200));
    assert_eq!(requests.last().and_then(|request| request.grant.clone()).as_deref(), Some("facebook:mara"));
    let text = serde_json::to_string(&requests).expect("JSON");
    assert!(play.sandbox.minted().iter().all(|secret| !text.contains(secret.as_str())));
}

#[tokio::test]
async fn the_page_has_buttons_that_work() {
    let play = Play::new();
    let (page, _) = facebook(&play).await;
    let shown = play.get("", &[]).await;
    assert_eq!(shown.status, 200);
    for part in [
        "Harbour Street Bakery",
        cast::BLUESKY[0].1,
        "Change password",
        "Untick page",
        "Lose role",
        "Deactivate",
        "50 MB",
        "GET",
        "/_control.css",
    ] {
        assert!(shown.text().contains(part), "{part} is missing");
    }
    assert!(!shown.text().contains(&page) && !shown.text().contains(FACEBOOK_APP_SECRET));
    assert_eq!(play.get("_control.css", &[]).await.headers["content-type"], "text/css; charset=utf-8");
    let press = async |fields| play.post("_control/order", fields).await;
    let got = press(&[("order", "change_password"), ("vendor", "facebook"), ("person", "mara")]).await;
    assert_eq!((got.status, got.location()), (303, "/#facebook"));
    assert_eq!(debug(&play, &page).await["error"]["subcode"], 460);
    assert_eq!(press(&[("order", "fault"), ("vendor", "x"), ("kind", "hang")]).await.status, 303);
    assert_eq!(play.sandbox.faults_left(), 1);
    assert!(play.get("", &[]).await.text().contains("Back to normal"));
    assert_eq!(press(&[("order", "normal")]).await.location(), "/");
    assert_eq!(play.sandbox.faults_left(), 0);
    assert_eq!(press(&[("order", "explode"), ("vendor", "x"), ("person", "nobody")]).await.status, 400);
}

#[tokio::test]
async fn the_page_speaks_json() {
    let play = Play::new();
    facebook(&play).await;
    let order = async |body| play.post_json("_control.json", &body).await.status;
    assert_eq!(
        order(json!({"untick": {"vendor": "facebook", "person": "mara", "scope": "pages_manage_posts"}})).await,
        200
    );
    assert_eq!(order(json!({"on": "api.x.com", "kind": {"status": 500}, "times": 2})).await, 200);
    assert_eq!(order(json!({"on": "x", "path": "/2/oauth2", "kind": "drop_connection"})).await, 200);
    let seen = play.get("_control.json", &[]).await.json();
    assert_eq!(seen["faults"].as_array().map(Vec::len), Some(2));
    let mara = &seen["vendors"][0]["people"][0];
    assert_eq!((&mara["key"], &mara["grants"][0]["declined"][0]), (&json!("mara"), &json!("pages_manage_posts")));
    let of =
        |key: &str| seen["vendors"].as_array().and_then(|all| all.iter().find(|vendor| vendor["key"] == key).cloned());
    let bluesky = of("bluesky").expect("it is shown");
    assert_eq!(bluesky["people"][0]["app_password"], cast::BLUESKY[0].1);
    assert_eq!(order(json!({"clear_faults": true})).await, 200);
    assert_eq!(play.sandbox.faults_left(), 0);
    for nonsense in [
        json!({"explode": {}}),
        json!([]),
        json!({"revoke_grant": {"vendor": "x", "person": "nobody"}}),
        json!({"on": "x", "kind": "boredom"}),
    ] {
        assert_eq!(order(nonsense.clone()).await, 400, "{nonsense}");
    }
    let request = Request::builder().method("POST").uri("/_control.json").header("sec-fetch-site", "cross-site");
    let foreign = play.send(request.body(Body::from("{\"clear_faults\":true}")).expect("a request")).await;
    assert_eq!(foreign.status, 403);
    assert!(
        play.sandbox.minted().contains(&X_CLIENT_SECRET.to_owned())
            && !play.sandbox.minted().contains(&X_CLIENT_ID.to_owned())
    );
}
