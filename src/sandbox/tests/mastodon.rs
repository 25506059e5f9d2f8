//! SPEC S-1: Mastodon (platforms.md section 12).

use super::super::cast;
use super::*;

const HOST: &str = "mastodon.example";
const SCOPE: &str = "read:accounts write:statuses";

struct App {
    id: String,
    secret: String,
}

impl Play {
    async fn app(&self, host: &str) -> App {
        let form = [("client_name", "Pilotlight"), ("redirect_uris", CALLBACK), ("scopes", "read write:statuses")];
        let got = self.post(&format!("{host}/api/v1/apps"), &form).await;
        assert_eq!(got.status, 200, "{}", got.text());
        App { id: got.text_at("/client_id"), secret: got.text_at("/client_secret") }
    }

    async fn connect(&self, host: &str, app: &App, person: &str) -> String {
        let code = self.code(&format!("{host}/oauth/authorize"), &ask(app), Choice::person(person));
        let got = self.post(&format!("{host}/oauth/token"), &exchange(app, &code)).await;
        assert_eq!(got.status, 200, "{}", got.text());
        got.text_at("/access_token")
    }

    async fn me(&self, host: &str, token: &str) -> Got {
        self.get_as(token, &format!("{host}/api/v1/accounts/verify_credentials"), &[]).await
    }
}

fn ask(app: &App) -> Vec<(&str, &str)> {
    vec![
        ("response_type", "code"),
        ("client_id", &app.id),
        ("redirect_uri", CALLBACK),
        ("scope", SCOPE),
        ("state", "s1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

fn exchange<'a>(app: &'a App, code: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", &app.id),
        ("client_secret", &app.secret),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

#[tokio::test]
async fn any_host_registers_an_app_and_gives_a_token_without_an_end() {
    let play = Play::new();
    for host in [HOST, "somewhere.else.example"] {
        let app = play.app(host).await;
        let token = play.connect(host, &app, "baker").await;
        play.pass_seconds(400 * 86_400);
        let me = play.me(host, &token).await;
        assert_eq!(me.status, 200);
        let id = me.text_at("/id");
        let posts = play
            .get_as(
                &token,
                &format!("{host}/api/v1/accounts/{id}/statuses"),
                &[("limit", "3"), ("exclude_reblogs", "true")],
            )
            .await;
        assert_eq!(posts.json().as_array().map(Vec::len), Some(3));
        let avatar = me.text_at("/avatar");
        assert!(avatar.starts_with(&format!("https://files.{host}/")));
        assert_eq!(
            play.get(avatar.strip_prefix("https://").expect("https"), &[]).await.headers["content-type"],
            "image/png"
        );
    }
    let (one, other) = (
        cast::people(super::super::vendor::Vendor::Mastodon, HOST),
        cast::people(super::super::vendor::Vendor::Mastodon, "b.example"),
    );
    assert!(one.iter().all(|person| other.iter().all(|there| there.id != person.id)));
}

#[tokio::test]
async fn registration_takes_strings_and_lists() {
    let play = Play::new();
    let at = format!("{HOST}/api/v1/apps");
    let json = serde_json::json!({"client_name": "P", "redirect_uris": [CALLBACK, "http://localhost:3000/b"], "scopes": "read"});
    let got = play.post_json(&at, &json).await;
    assert_eq!((got.status, got.json()["redirect_uris"].as_array().map(Vec::len)), (200, Some(2)));
    assert_eq!(got.json()["client_secret_expires_at"], 0);
    let listed = play
        .post(
            &at,
            &[("client_name", "P"), ("redirect_uris[]", CALLBACK), ("redirect_uris[]", "http://localhost:3000/b")],
        )
        .await;
    assert_eq!(listed.json()["redirect_uris"].as_array().map(Vec::len), Some(2));
    let form = [("client_name", "P"), ("redirect_uris", CALLBACK), ("scopes", "read")];
    for (name, value) in [
        ("client_name", ""),
        ("redirect_uris", ""),
        ("redirect_uris", "not an address"),
        ("scopes", "read everything"),
        ("surprise", "1"),
    ] {
        let got = play.post(&at, &with(&form, name, value)).await;
        assert_eq!(got.status, 422, "{name} {value}");
        assert!(got.text_at("/error").starts_with("Validation failed: "), "{}", got.text());
    }
    assert_eq!(play.post_json("old.example/api/v1/apps", &json).await.status, 422, "lists came with 4.3");
    assert_eq!(play.get("old.example/.well-known/oauth-authorization-server", &[]).await.status, 404);
    assert_eq!(
        play.get(&format!("{HOST}/.well-known/oauth-authorization-server"), &[]).await.json()["code_challenge_methods_supported"]
            [0],
        "S256"
    );
    assert_eq!(
        play.get(&format!("{HOST}/api/v2/instance"), &[]).await.json()["configuration"]["statuses"]["max_characters"],
        500
    );
    assert!(play.sandbox.unexpected().is_empty());
}

#[tokio::test]
async fn the_token_endpoint_is_strict() {
    let play = Play::new();
    let (app, other) = (play.app(HOST).await, play.app(HOST).await);
    let page = format!("{HOST}/oauth/authorize");
    let at = format!("{HOST}/oauth/token");
    let code = play.code(&page, &ask(&app), Choice::default());
    let form = exchange(&app, &code);
    for (name, value, status, error) in [
        ("redirect_uri", "http://localhost:3000/oauth/callback/", 400, "invalid_grant"),
        ("code_verifier", "wrong", 400, "invalid_grant"),
        ("code_verifier", "", 400, "invalid_request"),
        ("code", "made-up", 400, "invalid_grant"),
        ("client_secret", "wrong", 401, "invalid_client"),
        ("client_id", "wrong", 401, "invalid_client"),
        ("client_secret", "", 401, "invalid_client"),
        ("grant_type", "refresh_token", 400, "unsupported_grant_type"),
        ("surprise", "1", 400, "invalid_request"),
    ] {
        let got = play.post(&at, &with(&form, name, value)).await.oauth();
        assert_eq!((got.0, got.1.as_str()), (status, error), "{name} {value}");
    }
    assert_eq!(play.post(&at, &exchange(&other, &code)).await.oauth().1, "invalid_grant", "another app's code");
    let elsewhere = play.post("social.example/oauth/token", &form).await;
    assert_eq!(elsewhere.oauth().1, "invalid_client", "an app is known to its own server only");
    let by_basic: Vec<_> = form.iter().copied().filter(|(name, _)| !name.starts_with("client")).collect();
    assert_eq!(play.call("POST", &at, &[], Some(&by_basic), &basic(&app.id, &app.secret)).await.status, 200);
    assert_eq!(play.post(&at, &form).await.oauth().1, "invalid_grant", "a code is good once");
    let late = play.code(&page, &ask(&app), Choice::default());
    play.pass_seconds(600);
    assert_eq!(play.post(&at, &exchange(&app, &late)).await.oauth().1, "invalid_grant");
}

#[tokio::test]
async fn the_consent_page_tells_the_person_or_the_app() {
    let play = Play::new();
    let app = play.app(HOST).await;
    let page = format!("{HOST}/oauth/authorize");
    let form = ask(&app);
    assert!(play.get(&page, &form).await.text().contains("Sandbox - stand-in for Mastodon (mastodon.example)"));
    assert_eq!(play.get(&page, &with(&form, "client_id", "nobody")).await.status, 401);
    assert_eq!(play.get(&page, &with(&form, "redirect_uri", "http://localhost:3000/b")).await.status, 400);
    for (name, value, error) in [
        ("scope", "read follow", "invalid_scope"),
        ("response_type", "token", "unsupported_response_type"),
        ("code_challenge_method", "plain", "invalid_code_challenge_method"),
        ("surprise", "1", "invalid_request"),
    ] {
        let got = play.get(&page, &with(&form, name, value)).await;
        assert_eq!((got.status, parameter(got.location(), "error").as_deref()), (303, Some(error)), "{name}");
        assert_eq!(parameter(got.location(), "state").as_deref(), Some("s1"));
    }
    let back = play
        .sandbox
        .consent(&format!("https://{page}?{}", encoded(&form)), Choice { deny: true, ..Choice::default() })
        .expect("an answer");
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn the_same_consent_again_gives_the_same_token() {
    let play = Play::new();
    let app = play.app(HOST).await;
    let first = play.connect(HOST, &app, "baker").await;
    assert_eq!(play.connect(HOST, &app, "baker").await, first);
    assert_ne!(play.connect(HOST, &app, "rider").await, first);
    play.control(Control::RevokeGrant { vendor: "mastodon".into(), person: "baker".into() });
    let again = play.connect(HOST, &app, "baker").await;
    assert_ne!(again, first);
    assert_eq!(play.me(HOST, &first).await.text_at("/error"), "The access token was revoked");
    assert_eq!(play.me(HOST, &again).await.status, 200);
}

#[tokio::test]
async fn tokens_end_when_they_are_given_back() {
    let play = Play::new();
    let (app, other) = (play.app(HOST).await, play.app(HOST).await);
    let token = play.connect(HOST, &app, "baker").await;
    let at = format!("{HOST}/oauth/revoke");
    let form =
        |app: &App| [("client_id", app.id.clone()), ("client_secret", app.secret.clone()), ("token", token.clone())];
    let revoke = async |app: &App| {
        let fields = form(app);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        play.post(&at, &fields).await
    };
    assert_eq!(revoke(&other).await.status, 403);
    assert_eq!(play.me(HOST, &token).await.status, 200);
    assert_eq!((revoke(&app).await.status, revoke(&app).await.text()), (200, "{}".into()));
    assert_eq!(
        (play.me(HOST, &token).await.status, play.me(HOST, &token).await.text_at("/error")),
        (401, "The access token was revoked".into())
    );
    assert_eq!(play.me(HOST, "made-up").await.text_at("/error"), "The access token is invalid");
    assert_eq!(play.me("social.example", &token).await.text_at("/error"), "The access token is invalid");
}

#[tokio::test]
async fn scopes_and_app_tokens_have_their_limits() {
    let play = Play::new();
    let app = play.app(HOST).await;
    let code =
        play.code(&format!("{HOST}/oauth/authorize"), &with(&ask(&app), "scope", "write:statuses"), Choice::default());
    let narrow = play.post(&format!("{HOST}/oauth/token"), &exchange(&app, &code)).await.text_at("/access_token");
    let got = play.me(HOST, &narrow).await;
    assert_eq!((got.status, got.text_at("/error")), (403, "This action is outside the authorized scopes".into()));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", app.id.as_str()),
        ("client_secret", &app.secret),
        ("redirect_uri", CALLBACK),
    ];
    let own = play.post(&format!("{HOST}/oauth/token"), &form).await.text_at("/access_token");
    assert_eq!(play.me(HOST, &own).await.status, 422);
    assert_eq!(play.get(&format!("{HOST}/api/v1/nothing"), &[]).await.text_at("/error"), "Record not found");
    assert_eq!(play.sandbox.unexpected(), ["GET mastodon.example/api/v1/nothing"]);
}
