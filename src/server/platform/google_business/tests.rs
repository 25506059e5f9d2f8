use serde_json::json;

use super::super::failure::Class;
use super::super::stub::{Seen, Stub, json as reply, tokens};
use super::*;

const INFO: &str = "GET mybusinessbusinessinformation.googleapis.com/v1";

fn google(seen: &Seen) -> axum::response::Response {
    let page = seen.query.get("pageToken").map(String::as_str);
    let line = seen.line.as_str();
    if line == "GET oauth2.googleapis.com/tokeninfo" {
        return reply(200, json!({"aud": "app-1", "sub": "7", "scope": FACTS.required_scopes[0], "expires_in": 900}));
    }
    if line == "GET mybusinessaccountmanagement.googleapis.com/v1/accounts" {
        return match page {
            None => reply(200, json!({"accounts": [{"name": "accounts/22"}], "nextPageToken": "p2"})),
            Some(_) => reply(200, json!({"accounts": [{"name": "accounts/9"}, {"name": "accounts/33"}]})),
        };
    }
    if line == "GET mybusiness.googleapis.com/v4/accounts/9/locations/1/localPosts" {
        return reply(
            200,
            json!({"localPosts": [{"summary": "Hi", "searchUrl": "https://g.example/1", "createTime": "t"}]}),
        );
    }
    let Some(path) = line.strip_prefix(INFO) else { return reply(404, json!({})) };
    if seen.query.get("readMask").is_none_or(String::is_empty) {
        return reply(400, json!({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "read_mask"}}));
    }
    let good = json!({"name": "locations/1", "title": "Bakery", "metadata": {"canOperateLocalPost": true, "mapsUri": "https://m.example/1"},
        "storefrontAddress": {"addressLines": ["1 Quay"], "locality": "Port"}});
    match (path, page) {
        ("/accounts/9/locations", None) => reply(200, json!({"locations": [good], "nextPageToken": "n"})),
        ("/accounts/9/locations", Some("n")) => {
            reply(200, json!({"locations": [{"name": "locations/2", "title": "Chain", "metadata": {"placeId": "x"}}]}))
        }
        ("/accounts/22/locations", _) => {
            reply(200, json!({"locations": [good, {"name": "locations/3", "title": "Terse"}]}))
        }
        ("/accounts/33/locations", _) => reply(403, json!({"error": {"code": 403, "status": "PERMISSION_DENIED"}})),
        ("/locations/1", _) => reply(200, good),
        ("/locations/4", _) => reply(403, json!({"error": {"code": 403, "status": "PERMISSION_DENIED"}})),
        ("/locations/5", _) => reply(
            429,
            json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [{"metadata": {"quota_limit_value": "0"}}]}}),
        ),
        ("/locations/6", _) => reply(200, json!({"title": "nameless"})),
        _ => reply(404, json!({"error": {"code": 404, "status": "NOT_FOUND"}})),
    }
}

// SPEC C-3, D-3
#[tokio::test]
async fn every_location_is_found_once_under_its_long_name() {
    let stub = Stub::start(google).await;
    let http = stub.client();
    let found = GoogleBusiness.destinations(&stub.cx(&http, None), &tokens("a", None)).await.unwrap();
    let ids: Vec<_> = found.iter().map(|one| (one.id.as_str(), one.unusable.is_none())).collect();
    assert_eq!(
        ids,
        [("accounts/9/locations/1", true), ("accounts/9/locations/2", false), ("accounts/22/locations/3", true)]
    );
    assert_eq!(found[0].handle.as_deref(), Some("1 Quay, Port"));
    let tokens = tokens("a", None);
    let subject = Subject {
        tokens: &tokens,
        identity_id: "7",
        destination_id: "accounts/9/locations/1",
        destination_token: None,
    };
    let posts = GoogleBusiness.recent_posts(&stub.cx(&http, None), &subject).await.unwrap();
    assert_eq!(posts[0].link.as_deref(), Some("https://g.example/1"));
}

// SPEC T-4
#[tokio::test]
async fn a_probe_tells_a_lost_role_from_an_app_without_quota() {
    let stub = Stub::start(google).await;
    let http = stub.client();
    let probe = async |location: u8| {
        let (tokens, id) = (tokens("a", None), format!("accounts/9/locations/{location}"));
        let subject = Subject { tokens: &tokens, identity_id: "7", destination_id: &id, destination_token: None };
        GoogleBusiness.probe(&stub.cx(&http, None), &subject).await
    };
    assert_eq!(probe(1).await.unwrap().profile.unwrap().name, "Bakery");
    for (location, class) in [(4, Class::Role), (5, Class::App), (6, Class::Transient), (7, Class::Role)] {
        assert_eq!(probe(location).await.unwrap_err().class, class, "{location}");
    }
}
