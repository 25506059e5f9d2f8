use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::super::super::answer::tests::NOW;
use super::super::super::es256::tests::verified;
use super::super::super::stub::{Seen, Stub, json as reply};
use super::super::super::{Adapter, AppCredentials, Subject};
use super::super::{Bluesky, client};
use super::*;

const DID: &str = "did:plc:aliceaaaaaaaaaaaaaaaaaaa";
const ISSUER: &str = "https://entry.example";
const REDIRECT: &str = "https://our.example/oauth/callback/bluesky";

/// The documents of a network with one account; tests put something else in their place.
#[derive(Clone)]
struct Net {
    resource: Value,
    server: Value,
    tokens: Value,
}

impl Net {
    fn new() -> Self {
        Self {
            resource: json!({"resource": "https://pds.example", "authorization_servers": [ISSUER]}),
            server: json!({
                "issuer": ISSUER,
                "authorization_endpoint": "https://entry.example/oauth/authorize",
                "token_endpoint": "https://entry.example/oauth/token",
                "pushed_authorization_request_endpoint": "https://entry.example/oauth/par",
                "revocation_endpoint": "https://entry.example/oauth/revoke",
                "dpop_signing_alg_values_supported": ["ES256"],
                "scopes_supported": ["atproto", "transition:generic"],
            }),
            tokens: json!({
                "access_token": "at-1", "token_type": "DPoP", "expires_in": 3600, "refresh_token": "rt-1",
                "scope": "atproto transition:generic", "sub": DID, "odd": {"k": [1]},
            }),
        }
    }

    fn answer(&self, seen: &Seen) -> Response {
        match seen.line.as_str() {
            "GET alice.example/.well-known/atproto-did" => DID.into_response(),
            "GET plc.directory/did:plc:aliceaaaaaaaaaaaaaaaaaaa" => reply(
                200,
                json!({"id": DID, "alsoKnownAs": ["at://alice.example"],
                    "service": [{"id": "#atproto_pds", "serviceEndpoint": "https://pds.example"}]}),
            ),
            "GET pds.example/.well-known/oauth-protected-resource" => reply(200, self.resource.clone()),
            "GET entry.example/.well-known/oauth-authorization-server" => reply(200, self.server.clone()),
            "POST entry.example/oauth/par" => reply(201, json!({"request_uri": "urn:x:req-1", "expires_in": 299})),
            "POST entry.example/oauth/token" if seen.form.get("refresh_token").is_some_and(|old| old != "rt-1") => {
                reply(400, json!({"error": "invalid_grant", "error_description": "Refresh token replayed"}))
            }
            "POST entry.example/oauth/token" => reply(200, self.tokens.clone()),
            "POST entry.example/oauth/revoke" => reply(200, json!({})),
            "GET pds.example/xrpc/com.atproto.server.getSession" if seen.auth() == "DPoP at-1" => {
                reply(200, json!({"did": DID, "handle": "alice.example", "active": true}))
            }
            "GET pds.example/xrpc/com.atproto.server.getSession" => {
                reply(401, json!({"error": "invalid_token", "message": "?"}))
            }
            _ => reply(404, json!({"error": "MethodNotImplemented", "message": "?"})),
        }
    }
}

struct Play {
    stub: Stub,
    app: AppCredentials,
    http: super::super::super::client::Client,
    verifier: SecretString,
}

impl Play {
    async fn new(net: Net) -> Self {
        let stub = Stub::start(move |seen| net.answer(seen)).await;
        let http = stub.client();
        Self { stub, http, app: client::register(REDIRECT).unwrap(), verifier: SecretString::from("v".repeat(43)) }
    }

    fn cx(&self) -> Context<'_> {
        Context { app: Some(&self.app), redirect_uri: REDIRECT, ..self.stub.cx(&self.http, None) }
    }

    async fn begin(&self) -> Result<Begun, Failure> {
        let hint = Some("@Alice.example");
        Bluesky.begin(&self.cx(), &Ask { state: "st", verifier: &self.verifier, again: false, hint }).await
    }

    async fn exchange(&self, issuer: Option<&str>) -> Result<Tokens, Failure> {
        let binding = self.begin().await?.binding;
        let back = Returned { binding: binding.as_ref(), issuer, ..Returned::new("the-code", &self.verifier) };
        Bluesky.exchange(&self.cx(), &back).await
    }

    fn asked(&self, line: &str) -> Vec<Seen> {
        self.stub.seen().into_iter().filter(|one| one.line == line).collect()
    }
}

/// What a client assertion says, checked against the key that we publish.
fn assertion(play: &Play, seen: &Seen) -> Value {
    let key = Key::read(&play.app.client_secret).unwrap();
    let (header, claims) = verified(&seen.form["client_assertion"], &key.jwk());
    assert_eq!(header["kid"], client::jwks(&[key])["keys"][0]["kid"]);
    claims
}

// SPEC C-2
#[tokio::test]
async fn a_handle_leads_to_the_consent_page_of_its_own_server() {
    let play = Play::new(Net::new()).await;
    let begun = play.begin().await.unwrap();
    assert_eq!(
        begun.url,
        "https://entry.example/oauth/authorize?client_id=https%3A%2F%2Four.example%2Foauth%2Fbluesky%2Fclient-metadata.json&request_uri=urn%3Ax%3Areq-1"
    );
    let pushed = &play.asked("POST entry.example/oauth/par")[0];
    for (name, value) in [
        ("client_id", "https://our.example/oauth/bluesky/client-metadata.json"),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "atproto transition:generic"),
        ("state", "st"),
        ("code_challenge_method", "S256"),
        ("login_hint", "alice.example"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
    ] {
        assert_eq!(pushed.form[name], value, "{name}");
    }
    assert_eq!((pushed.form["code_challenge"].len(), pushed.form.len()), (43, 10));
    assert!(pushed.headers.contains_key("dpop") && pushed.auth().is_empty());
    let claims = assertion(&play, pushed);
    let id = "https://our.example/oauth/bluesky/client-metadata.json";
    assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some(id), Some(id)));
    assert_eq!((claims["aud"].as_str(), claims["iat"].as_i64()), (Some(ISSUER), Some(NOW / 1_000)));

    let tokens = play.exchange(Some(ISSUER)).await.unwrap();
    let sent = &play.asked("POST entry.example/oauth/token")[0];
    assert_eq!((sent.form["code"].as_str(), sent.form["grant_type"].as_str()), ("the-code", "authorization_code"));
    assert_eq!((sent.form["redirect_uri"].as_str(), sent.form["code_verifier"].len()), (REDIRECT, 43));
    assert_ne!(assertion(&play, sent)["jti"], claims["jti"], "an assertion is used once");
    assert_eq!((tokens.access_ends_at, tokens.refresh_ends_at), (Some(NOW + 3_600_000), Some(NOW + 90 * DAY_MS)));

    let who = Bluesky.identity(&play.cx(), &tokens).await.unwrap();
    assert_eq!((who.id.as_str(), who.host.as_deref()), (DID, Some("pds.example")));
    let subject = Subject { tokens: &tokens, identity_id: DID, destination_id: DID, destination_token: None };
    Bluesky.probe(&play.cx(), &subject).await.unwrap();
}

// SPEC S-3: the address in the redirect is not believed, nor are the documents of strangers
#[tokio::test]
async fn a_code_of_another_server_is_not_sent_anywhere() {
    for issuer in [None, Some("https://evil.example"), Some("https://entry.example/")] {
        let play = Play::new(Net::new()).await;
        let failure = play.exchange(issuer).await.unwrap_err();
        assert_eq!(failure.problem, Some(Problem::CodeRefused), "{issuer:?}");
        assert!(play.asked("POST entry.example/oauth/token").is_empty(), "{issuer:?}");
    }
}

#[tokio::test]
async fn servers_that_do_not_fit_are_not_used() {
    let with = |change: fn(&mut Net)| {
        let mut net = Net::new();
        change(&mut net);
        net
    };
    for (what, net) in [
        ("another resource", with(|net| net.resource["resource"] = "https://else.example".into())),
        ("two servers", with(|net| net.resource["authorization_servers"] = json!([ISSUER, "https://b.example"]))),
        ("no server", with(|net| net.resource["authorization_servers"] = json!([]))),
        ("a private server", with(|net| net.resource["authorization_servers"] = json!(["https://10.0.0.1"]))),
        ("a server without https", with(|net| net.resource["authorization_servers"] = json!(["http://entry.example"]))),
        ("a path", with(|net| net.resource["authorization_servers"] = json!(["https://entry.example/x"]))),
        ("another issuer", with(|net| net.server["issuer"] = "https://else.example".into())),
        ("a private endpoint", with(|net| net.server["token_endpoint"] = "https://127.0.0.1/token".into())),
        ("no pushing", with(|net| net.server["pushed_authorization_request_endpoint"] = Value::Null)),
        ("a script for a page", with(|net| net.server["authorization_endpoint"] = "javascript:alert(1)".into())),
        ("other signatures", with(|net| net.server["dpop_signing_alg_values_supported"] = json!(["RS256"]))),
        ("not of the network", with(|net| net.server["scopes_supported"] = json!(["openid"]))),
    ] {
        let play = Play::new(net).await;
        let failure = play.begin().await.err().unwrap_or_else(|| panic!("{what} was accepted"));
        assert_eq!(failure.problem, Some(Problem::BadServer), "{what}");
        assert!(play.asked("POST entry.example/oauth/par").is_empty(), "{what}");
    }
}

// SPEC C-6, C-7
#[tokio::test]
async fn tokens_that_were_not_asked_for_are_given_back() {
    for (name, value, problem) in [
        ("sub", json!("did:plc:mallory"), Problem::WrongAccount),
        ("scope", json!("transition:generic"), Problem::PermissionsMissing),
        ("scope", Value::Null, Problem::PermissionsMissing),
        ("token_type", json!("Bearer"), Problem::BadServer),
    ] {
        let mut net = Net::new();
        net.tokens[name] = value;
        let play = Play::new(net).await;
        assert_eq!(play.exchange(Some(ISSUER)).await.unwrap_err().problem, Some(problem), "{name}");
        let given_back = play.asked("POST entry.example/oauth/revoke");
        assert_eq!((given_back.len(), given_back[0].form["token"].as_str()), (1, "rt-1"), "{name}");
    }
    let mut net = Net::new();
    net.tokens["sub"] = Value::Null;
    assert_eq!(Play::new(net).await.exchange(Some(ISSUER)).await.unwrap_err().class, Class::Transient);

    // Everything else may be missing or written otherwise.
    let mut net = Net::new();
    net.tokens["refresh_token"] = Value::Null;
    net.tokens["expires_in"] = json!("1800");
    net.tokens["token_type"] = json!("dpop");
    let tokens = Play::new(net).await.exchange(Some(ISSUER)).await.unwrap();
    assert_eq!((tokens.access_ends_at, tokens.refresh_ends_at), (Some(NOW + 1_800_000), None));
    assert!(tokens.refresh.is_none());
    let mut net = Net::new();
    net.tokens["expires_in"] = Value::Null;
    assert_eq!(Play::new(net).await.exchange(Some(ISSUER)).await.unwrap().access_ends_at, Some(NOW + ACCESS_LIFE_MS));
}

// SPEC T-3
#[tokio::test]
async fn a_refresh_stays_bound_and_a_replay_is_an_end() {
    let play = Play::new(Net::new()).await;
    let tokens = play.exchange(Some(ISSUER)).await.unwrap();
    assert!(!Bluesky.refresh_repeatable(true) && Bluesky.refresh_repeatable(false));
    let fresh = Bluesky.refresh(&play.cx(), &tokens).await.unwrap();
    let binding = |tokens: &Tokens| tokens.binding.as_ref().map(|binding| binding.expose_secret().to_owned());
    assert_eq!(binding(&fresh), binding(&tokens));
    let old = Tokens { refresh: Some("rt-0".into()), ..tokens.clone() };
    assert_eq!(Bluesky.refresh(&play.cx(), &old).await.unwrap_err().class, Class::Revoked);
    let none = Tokens { refresh: None, ..tokens.clone() };
    assert_eq!(Bluesky.refresh(&play.cx(), &none).await.unwrap_err().class, Class::Revoked);
    let stale = Tokens { access: "at-0".into(), ..tokens.clone() };
    let subject = Subject { tokens: &stale, identity_id: DID, destination_id: DID, destination_token: None };
    assert_eq!(Bluesky.probe(&play.cx(), &subject).await.unwrap_err().class, Class::Expired);

    // Under another address we are somebody else; the session is not sent to anybody in their name.
    let before = play.stub.lines().len();
    let moved = client::register("https://new.example/oauth/callback/bluesky").unwrap();
    let cx = Context { app: Some(&moved), ..play.cx() };
    assert_eq!(Bluesky.refresh(&cx, &tokens).await.unwrap_err().class, Class::App);
    assert_eq!(play.stub.lines().len(), before);
}

#[tokio::test]
async fn the_nameless_client_proves_nothing_and_its_sessions_end_after_two_weeks() {
    let mut play = Play::new(Net::new()).await;
    play.app = client::register("http://127.0.0.1:3000/oauth/callback/bluesky").unwrap();
    let tokens = play.exchange(Some(ISSUER)).await.unwrap();
    assert_eq!(tokens.refresh_ends_at, Some(NOW + 14 * DAY_MS));
    let later = Context { now: NOW + DAY_MS, ..play.cx() };
    assert_eq!(Bluesky.refresh(&later, &tokens).await.unwrap().refresh_ends_at, Some(NOW + 14 * DAY_MS));
    for seen in play.asked("POST entry.example/oauth/token") {
        assert!(seen.form["client_id"].starts_with("http://localhost?redirect_uri="));
        assert!(!seen.form.contains_key("client_assertion"));
    }
}
