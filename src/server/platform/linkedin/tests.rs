use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::super::answer::tests::NOW;
use super::super::stub::{Seen, Stub, json as reply, tokens};
use super::*;

const MEMBER: LinkedIn = LinkedIn { organisations: false };
const BOTH: LinkedIn = LinkedIn { organisations: true };

fn scoped(token: &str, scopes: &[&str]) -> Tokens {
    Tokens { scopes: Some(scopes.iter().map(|one| (*one).to_owned()).collect()), ..tokens(token, None) }
}

// SPEC C-3
#[tokio::test]
async fn organisations_are_asked_for_only_where_the_operator_says_so() {
    let stub = Stub::start(|_| reply(404, json!({}))).await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let ask = Ask { state: "st", verifier: &SecretString::from("v".repeat(43)), again: false, hint: None };
    let scope = |adapter: &LinkedIn| {
        let url = url::Url::parse(&adapter.authorize_url(&cx, &ask).unwrap()).unwrap();
        assert_eq!((url.host_str(), url.path()), (Some("www.linkedin.com"), "/oauth/v2/authorization"));
        assert!(!url.query_pairs().any(|(name, _)| name.starts_with("code_challenge")), "PKCE is for native apps");
        url.query_pairs().find(|(name, _)| name == "scope").unwrap().1.into_owned()
    };
    assert_eq!(scope(&MEMBER), "openid profile w_member_social");
    assert_eq!(
        scope(&BOTH),
        "openid profile w_member_social rw_organization_admin w_organization_social r_organization_social"
    );
}

// SPEC C-6
#[tokio::test]
async fn tokens_are_read_whatever_is_missing() {
    let stub = Stub::start(|seen| match seen.form.get("code").or(seen.form.get("refresh_token")).map(String::as_str) {
        Some("full") => reply(
            200,
            json!({"access_token": "a", "expires_in": "5184000", "refresh_token": "r",
            "refresh_token_expires_in": 31536000, "scope": "openid,profile,w_member_social", "new": {"x": []}}),
        ),
        Some("bare") => reply(200, json!({"access_token": "a"})),
        _ => reply(400, json!({"error": "invalid_request", "error_description": "authorization code expired"})),
    })
    .await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let verifier = SecretString::from("v".repeat(43));
    let full = MEMBER.exchange(&cx, &Returned::new("full", &verifier)).await.unwrap();
    assert_eq!(full.access_ends_at, Some(NOW + 60 * DAY_MS));
    assert_eq!(full.refresh_ends_at, Some(NOW + 365 * DAY_MS));
    assert_eq!(super::super::missing_scopes(&FACTS, full.scopes.as_deref()), Vec::<String>::new());
    let seen = &stub.seen()[0];
    assert_eq!(seen.line, "POST www.linkedin.com/oauth/v2/accessToken");
    assert_eq!((seen.form["client_id"].as_str(), seen.form["client_secret"].as_str()), ("app-1", "app-secret"));
    assert!(!seen.form.contains_key("code_verifier"));
    let bare = MEMBER.exchange(&cx, &Returned::new("bare", &verifier)).await.unwrap();
    assert_eq!((bare.access_ends_at, bare.refresh.is_none()), (Some(NOW + 60 * DAY_MS), true));
    let asked = stub.seen().len();
    assert_eq!(MEMBER.refresh(&cx, &bare).await.unwrap_err().class, Class::Revoked);
    assert_eq!(stub.seen().len(), asked, "without a refresh token nothing is sent");
    let kept = MEMBER.refresh(&cx, &tokens("a", Some("bare"))).await.unwrap();
    assert_eq!(kept.access.expose_secret(), "a");
    assert!(!FACTS.refreshes_itself, "a grant without a refresh token only ages");
}

fn vendor(seen: &Seen) -> axum::response::Response {
    let role = |urn: &str, role: &str| json!({"organization": urn, "role": role, "state": "APPROVED"});
    match seen.line.as_str() {
        "GET api.linkedin.com/v2/userinfo" if seen.auth() == "Bearer nameless" => reply(200, json!({"name": "Ada"})),
        "GET api.linkedin.com/v2/userinfo" => {
            reply(200, json!({"sub": "p1", "name": "Ada", "picture": "https://p.example/a.png"}))
        }
        "GET api.linkedin.com/v2/me" => {
            reply(200, json!({"id": "p1", "localizedFirstName": "Ada", "localizedLastName": "B"}))
        }
        "GET api.linkedin.com/rest/organizationAcls" if seen.auth() == "Bearer new" => {
            reply(401, json!({"serviceErrorCode": 65601, "code": "REVOKED_ACCESS_TOKEN"}))
        }
        "GET api.linkedin.com/rest/organizationAcls" if seen.auth() == "Bearer odd" => reply(200, json!({"data": 1})),
        "GET api.linkedin.com/rest/organizationAcls" => {
            assert_eq!(seen.headers["linkedin-version"], VERSION);
            assert_eq!(seen.headers["x-restli-protocol-version"], "2.0.0");
            let mut elements = vec![
                role("urn:li:organization:1", "DIRECT_SPONSORED_CONTENT_POSTER"),
                role("urn:li:organization:1", "ADMINISTRATOR"),
                json!({"organizationTarget": "urn:li:organization:2", "role": "ANALYST", "state": "APPROVED"}),
            ];
            if seen.auth() == "Bearer half" {
                elements.push(json!({"role": "ADMINISTRATOR"}));
            }
            reply(200, json!({"elements": elements}))
        }
        "GET api.linkedin.com/rest/organizations/1" => {
            reply(200, json!({"localizedName": "Bakery", "vanityName": "bakery"}))
        }
        "POST www.linkedin.com/oauth/v2/introspectToken" => match seen.form["token"].as_str() {
            "expired" => reply(200, json!({"active": false, "status": "expired"})),
            "revoked" => reply(200, json!({"active": false, "status": "revoked", "created_at": NOW / 1_000 - 86_400})),
            "young" => reply(200, json!({"active": false, "status": "revoked", "created_at": NOW / 1_000 - 5})),
            "dead" => reply(200, json!({"active": false})),
            "shape" => reply(200, json!(["x"])),
            "member" => {
                reply(200, json!({"active": true, "status": "active", "scope": "openid,profile,w_member_social"}))
            }
            _ => reply(
                200,
                json!({"active": true, "status": "active", "expires_at": NOW / 1_000 + 60,
                "scope": "openid,profile,w_member_social,rw_organization_admin,w_organization_social"}),
            ),
        },
        other => panic!("{other}"),
    }
}

// SPEC C-4, D-3
#[tokio::test]
async fn the_member_and_their_organisations_are_destinations() {
    let stub = Stub::start(vendor).await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let alone = MEMBER.destinations(&cx, &scoped("a", &["openid", "w_member_social"])).await.unwrap();
    assert_eq!(alone.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["urn:li:person:p1"]);
    let scopes = ["openid", "w_member_social", "rw_organization_admin", "w_organization_social"];
    let all = BOTH.destinations(&cx, &scoped("a", &scopes)).await.unwrap();
    let shown: Vec<_> = all.iter().map(|one| (one.id.as_str(), one.name.as_str(), one.unusable.is_none())).collect();
    assert_eq!(
        shown,
        [
            ("urn:li:person:p1", "Ada", true),
            ("urn:li:organization:1", "Bakery", true),
            ("urn:li:organization:2", "urn:li:organization:2", false)
        ],
        "one that can't be described is still listed"
    );
    let older = MEMBER.identity(&cx, &scoped("a", &["r_basicprofile", "w_member_social"])).await.unwrap();
    assert_eq!((older.id.as_str(), older.name.as_str()), ("p1", "Ada B"));
    assert_eq!(MEMBER.identity(&cx, &tokens("nameless", None)).await.unwrap_err().class, Class::Transient);
}

// SPEC T-4
#[tokio::test]
async fn a_probe_tells_the_token_from_the_role() {
    let stub = Stub::start(vendor).await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let probe = async |token: &str, id: &str| {
        let tokens = tokens(token, None);
        let subject = Subject { tokens: &tokens, identity_id: "p1", destination_id: id, destination_token: None };
        BOTH.probe(&cx, &subject).await
    };
    let (person, one) = ("urn:li:person:p1", "urn:li:organization:1");
    let good = probe("good", person).await.unwrap();
    assert_eq!(good.access_ends_at, Some((NOW / 1_000 + 60) * 1_000));
    assert_eq!(super::super::missing_scopes(&FACTS, good.scopes.as_deref()), Vec::<String>::new());
    probe("good", one).await.unwrap();
    probe("half", one).await.unwrap();
    let rows = [
        ("expired", person, Class::Expired),
        ("revoked", person, Class::Revoked),
        ("dead", person, Class::Revoked),
        ("young", person, Class::Transient),
        ("shape", person, Class::Transient),
        ("good", "urn:li:organization:2", Class::Role),
        ("good", "urn:li:organization:3", Class::Role),
        ("half", "urn:li:organization:3", Class::Transient),
        ("member", one, Class::Scope),
        ("new", one, Class::Transient),
        ("odd", one, Class::Transient),
    ];
    for (token, id, class) in rows {
        assert_eq!(probe(token, id).await.unwrap_err().class, class, "{token} {id}");
    }
    probe("new", person).await.unwrap();
}
