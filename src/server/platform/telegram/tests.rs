use secrecy::ExposeSecret;
use serde_json::json;

use super::super::stub::{Seen, Stub, json as reply, tokens as plain};
use super::*;

const TOKEN: &str = "7301:AAH9x-0bTq2LmNvPz5RkYw8Jd_cEfGhIjKl";
const OLD: &str = "-4100200";
const NEW: &str = "-1002003004";

fn vendor(seen: &Seen) -> axum::response::Response {
    let refused =
        |status: u16, words: &str| reply(status, json!({"ok": false, "error_code": status, "description": words}));
    let Some(method) = seen.line.strip_prefix(&format!("GET api.telegram.org/bot{TOKEN}/")) else {
        return refused(401, "Unauthorized");
    };
    let chat = seen.query.get("chat_id").map(String::as_str).unwrap_or_default();
    let ok = |result| reply(200, json!({"ok": true, "result": result}));
    match (method, chat) {
        ("getMe", _) => ok(json!({"id": 7301, "is_bot": true, "username": "bakery_bot"})),
        ("getChat", "@harbour" | "-1001") => {
            ok(json!({"id": -1001, "type": "channel", "title": "Harbour", "username": "harbour"}))
        }
        ("getChat", "@muted" | "-1002") => {
            ok(json!({"id": -1002, "type": "channel", "title": "Muted", "username": "muted"}))
        }
        ("getChat", OLD) => reply(
            400,
            json!({"ok": false, "error_code": 400, "description": "Bad Request: group chat was upgraded to a supergroup chat",
            "parameters": {"migrate_to_chat_id": -1002003004}}),
        ),
        ("getChat", NEW) => ok(json!({"id": -1002003004, "type": "supergroup", "title": "Group"})),
        ("getChat", "-77") => reply(200, json!({"data": []})),
        ("getChat", "-78") => refused(403, "Forbidden: bot was kicked from the channel chat"),
        ("getChat", _) => refused(400, "Bad Request: chat not found"),
        ("getChatMember", "-1001") => ok(json!({"status": "administrator", "can_post_messages": true})),
        ("getChatMember", "-1002") => ok(json!({"status": "administrator", "can_post_messages": false})),
        ("getChatMember", NEW) => ok(json!({"status": "member"})),
        other => panic!("{other:?}"),
    }
}

#[test]
fn chats_are_named_in_many_ways() {
    let all = [
        ("@harbour", "@harbour"),
        (" harbour ", "@harbour"),
        ("https://t.me/harbour/", "@harbour"),
        ("-1001", "-1001"),
    ];
    for (typed, named) in all {
        assert_eq!(chat::named(typed).as_deref(), Some(named), "{typed}");
    }
    for typed in ["", "0", "@a", "two words", "https://t.me/+secret", "@name&chat_id=1"] {
        assert_eq!(chat::named(typed), None, "{typed}");
    }
}

// SPEC C-2, C-9
#[tokio::test]
async fn what_was_typed_is_tried_and_explained() {
    let stub = Stub::start(vendor).await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let sign_in = async |chat: &str, token: &str| Telegram.sign_in(&cx, chat, &token.into()).await;
    let (tokens, identity) = sign_in("https://t.me/harbour", &format!(" {TOKEN}\n")).await.unwrap();
    assert_eq!(
        (identity.id.as_str(), identity.name.as_str(), identity.handle.as_deref()),
        ("-1001", "Harbour", Some("@harbour"))
    );
    assert_eq!(tokens.binding.as_ref().unwrap().expose_secret(), "-1001");
    assert_eq!(Telegram.identity(&cx, &tokens).await.unwrap(), identity);
    let one = Telegram.destinations(&cx, &tokens).await.unwrap().pop().unwrap();
    assert_eq!((one.id.as_str(), one.link.as_deref(), one.unusable), ("-1001", Some("https://t.me/harbour"), None));
    assert_eq!(sign_in(OLD, TOKEN).await.unwrap().1.id, NEW);

    let problem = async |chat: &str, token: &str| sign_in(chat, token).await.unwrap_err().problem;
    let asked = stub.seen().len();
    assert_eq!(problem("@harbour", "hunter2").await, Some(Problem::WrongPassword));
    assert_eq!(problem("no chat", TOKEN).await, Some(Problem::NoDestination));
    assert_eq!(stub.seen().len(), asked, "what can't be right is not sent");
    assert_eq!(problem("@harbour", &TOKEN.replace("7301", "7302")).await, Some(Problem::WrongPassword));
    assert_eq!(problem("@nowhere", TOKEN).await, Some(Problem::NoDestination));
    assert_eq!(problem("-78", TOKEN).await, Some(Problem::NoDestination));
    assert_eq!(problem("@muted", TOKEN).await, Some(Problem::PermissionsMissing));
    Telegram.revoke(&cx, &tokens).await.unwrap();
}

// SPEC T-4
#[tokio::test]
async fn a_probe_tells_the_token_from_the_chat() {
    let stub = Stub::start(vendor).await;
    let http = stub.client();
    let cx = stub.cx(&http, None);
    let probe = async |token: &str, id: &str| {
        let tokens = plain(token, None);
        let subject = Subject { tokens: &tokens, identity_id: id, destination_id: id, destination_token: None };
        Telegram.probe(&cx, &subject).await
    };
    let good = probe(TOKEN, "-1001").await.unwrap();
    assert_eq!((good.profile.unwrap().name.as_str(), good.moved), ("Harbour", None));
    assert_eq!(probe(TOKEN, OLD).await.unwrap().moved.as_deref(), Some(NEW));
    let old = TOKEN.replace("AAH", "AAG");
    for (token, id, class) in [
        (old.as_str(), "-1001", Class::Revoked),
        (TOKEN, "-1002", Class::Role),
        (TOKEN, "-78", Class::Role),
        (TOKEN, "-79", Class::Role),
        (TOKEN, "-77", Class::Transient),
    ] {
        assert_eq!(probe(token, id).await.unwrap_err().class, class, "{token} {id}");
    }
}

// DESIGN 2
#[tokio::test]
async fn the_token_in_the_path_is_never_told() {
    let stub = Stub::start(|seen| {
        let words = format!("no such path: /{}", seen.line.trim_start_matches("GET api.telegram.org/"));
        reply(404, json!({"ok": false, "error_code": 404, "description": words}))
    })
    .await;
    let http = stub.client();
    let token = SecretString::from(TOKEN);
    let failure = call(&stub.cx(&http, None), &token, "getMe", &[]).await.unwrap_err();
    assert!(!format!("{failure} {failure:?}").contains("AAH9x"), "{failure}");
    let request = Request::get(format!("{API}/bot{TOKEN}/getMe")).hide(&token);
    assert_eq!(format!("{request:?}"), "GET https://api.telegram.org/bot[hidden]/getMe");
    // Nobody is there: the words of the connection don't name the address.
    let gone = super::super::stub::client(super::super::client::ClientOptions {
        upstream: Some("http://127.0.0.1:9".into()),
        ..super::super::stub::options()
    });
    let failure = call(&stub.cx(&gone, None), &token, "getMe", &[]).await.unwrap_err();
    assert!(!format!("{failure:?}").contains("AAH9x"), "{failure}");
}
