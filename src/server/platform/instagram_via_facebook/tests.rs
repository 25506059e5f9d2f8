use secrecy::SecretString;
use serde_json::{Value, json};

use super::super::stub::{Seen, Stub, json as reply, tokens};
use super::*;

fn account(id: &str) -> Value {
    json!({"id": id, "username": format!("u{id}"), "name": format!("Account {id}"), "profile_picture_url": "https://cdn.example/p.png"})
}

// SPEC C-3
#[tokio::test]
async fn only_linked_accounts_are_offered_with_their_pages_token() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "GET graph.facebook.com/v25.0/me/accounts" => reply(
            200,
            json!({"data": [
                {"id": "1", "name": "One", "access_token": "tok-1", "tasks": ["MANAGE"], "instagram_business_account": account("17841400000000001")},
                {"id": "2", "name": "Two", "access_token": "tok-2", "tasks": ["MANAGE"]},
                {"id": "3", "name": "Three", "access_token": "tok-3", "tasks": ["ANALYZE"], "instagram_business_account": {"id": 17_841_400_000_000_003_u64}},
            ]}),
        ),
        "GET graph.facebook.com/v25.0/me/businesses" => reply(200, json!({"data": [{"id": "b1"}]})),
        "GET graph.facebook.com/v25.0/b1/owned_pages" => {
            reply(200, json!({"data": [{"id": "4", "name": "Four", "instagram_business_account": account("17841400000000004")}]}))
        }
        _ => reply(403, json!({"error": {"code": 200, "message": "no"}})),
    })
    .await;
    let http = stub.client();
    let found = InstagramViaFacebook.destinations(&stub.cx(&http, None), &tokens("user", None)).await.unwrap();
    let usable: Vec<_> = found.iter().map(|one| (one.id.as_str(), one.unusable.is_none())).collect();
    assert_eq!(usable, [("17841400000000001", true), ("17841400000000003", false), ("17841400000000004", false)]);
    assert_eq!(found[0].token.as_ref().unwrap().expose_secret(), "tok-1");
    assert_eq!(found[0].handle.as_deref(), Some("u17841400000000001"));
    assert_eq!(found[1].name, "17841400000000003", "a name that is missing is its id");
    assert!(stub.seen()[0].query["fields"].contains("instagram_business_account{id,username"));
}

fn report(targets: Option<Value>) -> Value {
    let mut scope = json!({"scope": "instagram_content_publish"});
    if let Some(targets) = targets {
        scope["target_ids"] = targets;
    }
    json!({"data": {"is_valid": true, "expires_at": 0, "profile_id": "55", "scopes": ["instagram_basic"], "granular_scopes": [scope]}})
}

async fn probe(report: Value, page: Value) -> Result<Probe, Failure> {
    let stub = Stub::start(move |seen: &Seen| match seen.line.as_str() {
        "GET graph.facebook.com/v25.0/debug_token" => reply(200, report.clone()),
        "GET graph.facebook.com/v25.0/me" if seen.auth() == "Bearer page" => reply(200, page.clone()),
        _ => reply(404, json!({"error": {"code": 100, "message": "unexpected"}})),
    })
    .await;
    let http = stub.client();
    let (tokens, page) = (tokens("user", None), SecretString::from("page"));
    let subject = Subject { tokens: &tokens, identity_id: "", destination_id: "178", destination_token: Some(&page) };
    InstagramViaFacebook.probe(&stub.cx(&http, None), &subject).await
}

// SPEC T-4, C-5
#[tokio::test]
async fn an_account_that_was_unlinked_is_found_although_its_token_works() {
    let page = |account: Value| json!({"id": "55", "instagram_business_account": account});
    let linked = || page(account("178"));
    assert_eq!(probe(report(None), linked()).await.unwrap().profile.unwrap().name, "Account 178");
    assert!(probe(report(Some(json!(["178"]))), linked()).await.is_ok(), "given for the account");
    assert!(probe(report(Some(json!(["55"]))), linked()).await.is_ok(), "given for its page");
    let class = async |report: Value, page: Value| probe(report, page).await.unwrap_err().class;
    assert_eq!(class(report(Some(json!(["9"]))), linked()).await, Class::Scope);
    assert_eq!(class(report(None), json!({"id": "55"})).await, Class::Role);
    assert_eq!(class(report(None), page(account("179"))).await, Class::Role);
    assert_eq!(class(report(None), json!({"ok": true})).await, Class::Transient);
}

#[tokio::test]
async fn an_account_without_a_token_of_its_own_is_asked_with_the_persons() {
    let stub = Stub::start(|seen: &Seen| match seen.line.as_str() {
        "GET graph.facebook.com/v25.0/debug_token" => reply(200, report(None)),
        "GET graph.facebook.com/v25.0/178" if seen.auth() == "Bearer user" => reply(200, account("178")),
        _ => reply(400, json!({"error": {"code": 100, "error_subcode": 33, "message": "unsupported"}})),
    })
    .await;
    let http = stub.client();
    let tokens = tokens("user", None);
    let subject = |id| Subject { tokens: &tokens, identity_id: "", destination_id: id, destination_token: None };
    assert!(InstagramViaFacebook.probe(&stub.cx(&http, None), &subject("178")).await.is_ok());
    let gone = InstagramViaFacebook.probe(&stub.cx(&http, None), &subject("179")).await.unwrap_err();
    assert_eq!(gone.class, Class::Role);
}
