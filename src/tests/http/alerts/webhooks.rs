//! Webhooks (SPEC A-7): told at once, signed so that others can verify it, tried again, given up, guarded.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use pilotlight::api::accounts::Outcome;
use pilotlight::api::notifications::MailState;
use pilotlight::api::webhooks::{HookState, Webhooks};
use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use standardwebhooks::Webhook;

use super::snapshots::plain;
use crate::support::TestApp;
use crate::support::browser::Browser;
use crate::support::crowd::Owner;

/// Headers and body of a message.
type Heard = (HeaderMap, Vec<u8>);

/// What a receiver heard, and what it answers next.
#[derive(Clone, Default)]
pub struct Ear {
    heard: Arc<Mutex<Vec<Heard>>>,
    answer: Arc<Mutex<u16>>,
}

impl Ear {
    pub fn says(&self, status: u16) {
        *self.answer.lock().expect("not poisoned") = status;
    }

    pub fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock().expect("not poisoned"))
    }
}

async fn hear(State(ear): State<Ear>, headers: HeaderMap, body: Bytes) -> (StatusCode, &'static str) {
    ear.heard.lock().expect("not poisoned").push((headers, body.to_vec()));
    (StatusCode::from_u16(*ear.answer.lock().expect("not poisoned")).expect("a status"), "so it is")
}

pub struct Scene {
    pub app: TestApp,
    pub ear: Ear,
    address: String,
    pub browser: Browser,
    pub owner: Owner,
}

/// An app whose webhooks may lead to a receiver on this machine.
pub async fn scene() -> Scene {
    let ear = Ear::default();
    ear.says(200);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let place = listener.local_addr().expect("an address");
    let router = Router::new().fallback(hear).with_state(ear.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let hosts = place.to_string();
    let app = TestApp::with(None, Box::new(()), &[("PILOTLIGHT_OUTBOUND__PRIVATE_HOSTS", &hosts)]).await;
    let browser = app.owner().await;
    let owner = app.house().await;
    Scene { app, ear, address: format!("http://{place}/hook/secret-path"), browser, owner }
}

impl Scene {
    pub async fn add(&mut self, name: &str, format: &str) -> String {
        let fields = [("name", name), ("format", format), ("address", self.address.as_str())];
        self.browser.ask::<Outcome>("add_webhook", &fields).await;
        let all: Webhooks = self.browser.ask("webhooks", &[]).await;
        all.hooks.into_iter().find(|hook| hook.name == name).expect("it is there").id
    }

    pub async fn show(&mut self, id: &str) -> Webhooks {
        self.browser.ask("webhooks", &[("show", id), ("reveal", "true")]).await
    }
}

// SPEC A-7: any Standard Webhooks library verifies it, and a second attempt has the same id
#[tokio::test]
async fn messages_are_signed_and_tried_again() {
    let mut scene = scene().await;
    let id = scene.add("Desk", "standard").await;
    let secret = scene.show(&id).await.secret.expect("a secret");
    let account = scene.app.plant(&scene.owner, Platform::X, "crumbandkettle").await;
    scene.ear.says(500);
    scene.app.breaks(&scene.owner, &account).await;
    assert_eq!(scene.app.tell_webhooks().await, 1, "at once");
    scene.app.advance(Duration::from_secs(7));
    scene.ear.says(200);
    assert_eq!(scene.app.tell_webhooks().await, 1);
    assert_eq!(scene.app.tell_webhooks().await, 0);

    let heard = scene.ear.take();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[0].0["webhook-id"], heard[1].0["webhook-id"]);
    let body: serde_json::Value = serde_json::from_slice(&heard[1].1).expect("JSON");
    assert_eq!(body["type"], "account.needs_reconnect");
    assert_eq!(body["data"]["account"]["id"], account.as_str());
    assert_eq!(body["data"]["incident"]["cause"], "revoked");
    assert_eq!(body["data"]["link"], format!("http://localhost:3000/connections?account={account}"));
    // The library looks at the machine's clock, the app at its own.
    let mut headers = heard[1].0.clone();
    let stamp = headers["webhook-timestamp"].to_str().expect("text").parse::<i64>().expect("seconds");
    let verifier = Webhook::new(&secret).expect("a secret");
    let signature = verifier.sign(headers["webhook-id"].to_str().expect("text"), stamp, &heard[1].1).expect("signed");
    assert_eq!(headers.remove("webhook-signature").expect("signed"), signature);

    let shown = scene.show(&id).await;
    assert_eq!(
        (shown.deliveries.len(), shown.deliveries[0].state, shown.deliveries[0].attempts),
        (1, MailState::Sent, 2)
    );
    let page: Outcome = scene.browser.ask("resend_delivery", &[("id", &shown.deliveries[0].id)]).await;
    assert_eq!((page.words.as_str(), scene.app.tell_webhooks().await), ("It is sent again now.", 1));
    assert_eq!(scene.ear.take()[0].0["webhook-id"], heard[0].0["webhook-id"]);
}

// SPEC A-7: after a rotation the secret before signs beside the new one for a day
#[tokio::test]
async fn secrets_overlap() {
    let mut scene = scene().await;
    let id = scene.add("Desk", "standard").await;
    let before = scene.show(&id).await.secret.expect("a secret");
    scene.browser.ask::<Outcome>("rotate_webhook", &[("id", &id)]).await;
    let after = scene.show(&id).await.secret.expect("a secret");
    assert_ne!(before, after);
    for (hours, secrets) in [(0, vec![&after, &before]), (25, vec![&after])] {
        scene.app.advance(Duration::from_secs(hours * 3_600));
        scene.browser.ask::<Outcome>("test_webhook", &[("id", &id)]).await;
        let (headers, body) = scene.ear.take().pop().expect("heard");
        let stamp = headers["webhook-timestamp"].to_str().expect("text").parse().expect("seconds");
        let sign = |secret: &String| {
            let signer = Webhook::new(secret).expect("a secret");
            signer.sign(headers["webhook-id"].to_str().expect("text"), stamp, &body).expect("signed")
        };
        let expected: Vec<String> = secrets.into_iter().map(sign).collect();
        assert_eq!(headers["webhook-signature"], expected.join(" ").as_str(), "after {hours} hours");
    }
}

// SPEC A-7: chats get words; what flickers is told at most once an hour
#[tokio::test]
async fn chats_get_words_and_are_not_flooded() {
    let mut scene = scene().await;
    scene.add("Chat", "slack").await;
    scene.add("Guild", "discord").await;
    let account = scene.app.plant(&scene.owner, Platform::X, "crumbandkettle").await;
    scene.app.breaks(&scene.owner, &account).await;
    assert_eq!(scene.app.tell_webhooks().await, 2);
    let mut words: Vec<String> =
        scene.ear.take().into_iter().map(|(_, body)| String::from_utf8(body).expect("text")).collect();
    words.sort();
    assert!(words[0].contains(r#""content":"Please reconnect crumbandkettle\n<http"#), "{words:?}");
    assert!(words[1].contains(r#""text":"Please reconnect crumbandkettle <http"#), "{words:?}");
    for turn in 0..200 {
        match turn % 2 {
            0 => scene.app.heals(&scene.owner, &account).await,
            _ => scene.app.breaks(&scene.owner, &account).await,
        }
        scene.app.advance(Duration::from_secs(17));
        scene.app.tell_webhooks().await;
    }
    let heard = scene.ear.take().len();
    assert!(
        (1..=6).contains(&heard),
        "{heard} messages to two chats in an hour: one end each, then at most one break and one end"
    );
}

// SPEC A-7: what takes nothing for five days is switched off, with a mail
#[tokio::test]
async fn an_endpoint_that_fails_for_days_is_given_up_with_a_mail() {
    let mut scene = scene().await;
    let id = scene.add("Desk", "standard").await;
    let account = scene.app.plant(&scene.owner, Platform::X, "crumbandkettle").await;
    scene.ear.says(503);
    for _ in 0..6 {
        scene.app.breaks(&scene.owner, &account).await;
        scene.app.tell_webhooks().await;
        scene.app.advance(Duration::from_secs(86_400));
        scene.app.heals(&scene.owner, &account).await;
        scene.app.tell_webhooks().await;
    }
    let shown = scene.show(&id).await;
    assert_eq!(shown.hooks[0].state, HookState::GivenUp);
    let mails = scene.app.mails().await;
    assert_eq!(mails.iter().filter(|mail| mail.subject == "The webhook Desk was switched off").count(), 1, "{mails:?}");
    let told = mails.iter().find(|mail| mail.subject.starts_with("The webhook")).expect("a mail");
    insta::assert_snapshot!("webhook_off", plain(told, &[]));
    scene.ear.take();
    scene.app.breaks(&scene.owner, &account).await;
    scene.app.tell_webhooks().await;
    assert!(scene.ear.take().is_empty(), "nothing more is sent there");
    scene.browser.ask::<Outcome>("switch_webhook", &[("id", &id), ("on", "true")]).await;
    assert_eq!(scene.show(&id).await.hooks[0].state, HookState::On);
}

// SPEC A-7: 410 means for good
#[tokio::test]
async fn an_endpoint_that_is_gone_is_given_up_at_once() {
    let mut scene = scene().await;
    let id = scene.add("Desk", "standard").await;
    let account = scene.app.plant(&scene.owner, Platform::X, "crumbandkettle").await;
    scene.ear.says(410);
    scene.app.breaks(&scene.owner, &account).await;
    scene.app.tell_webhooks().await;
    let shown = scene.show(&id).await;
    assert_eq!((shown.hooks[0].state, shown.deliveries[0].state), (HookState::GivenUp, MailState::Dead));
}

// SPEC A-7, W-1, W-2; DESIGN rules 2 and 15
#[tokio::test]
async fn webhooks_are_for_admins_and_lead_to_public_places_only() {
    let mut scene = scene().await;
    let id = scene.add("Desk", "standard").await;
    scene.app.add_user("ed@agency.example", "Ed", "Agency", Role::Editor).await;
    scene.app.add_user("rival@other.example", "Rival", "Other", Role::Owner).await;
    let mut editor = scene.app.signed_in_as("ed@agency.example").await;
    let mut rival = scene.app.signed_in_as("rival@other.example").await;
    for name in ["test_webhook", "rotate_webhook", "remove_webhook", "switch_webhook"] {
        let fields = [("id", id.as_str()), ("on", "false")];
        assert_eq!(editor.call(name, &fields).await.status, 403, "{name}");
        assert_eq!(rival.call(name, &fields).await.status, 404, "{name}");
        assert_eq!(scene.app.browser().call(name, &fields).await.status, 401, "{name}");
    }
    assert!(rival.ask::<Webhooks>("webhooks", &[("show", &id), ("reveal", "true")]).await.secret.is_none());
    assert_eq!(editor.call("webhooks", &[]).await.status, 403);
    for address in [
        "http://hooks.example/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://user:pass@hooks.example/",
        "https://printer.local/x",
        "https://hooks.example:8080/x",
        "ftp://hooks.example",
        "nonsense",
    ] {
        let page =
            scene.browser.call("add_webhook", &[("name", "n"), ("format", "standard"), ("address", address)]).await;
        assert!(page.status == 422 && page.text().contains("can't be used"), "{address}: {}", page.text());
    }
    // What is secret about it is nowhere in the database, nor on the page before it is asked for.
    let secret = scene.show(&id).await.secret.expect("a secret");
    let page = scene.browser.get(&format!("/settings/webhooks?show={id}")).await.text();
    let dump = crate::support::dump(&scene.app.state.db, &["webhooks", "events", "outbox"]).await;
    for hidden in [secret.as_str(), "secret-path"] {
        assert!(!dump.contains(hidden) && !page.contains(hidden), "{hidden}");
    }
    scene.browser.ask::<Outcome>("remove_webhook", &[("id", &id)]).await;
    assert!(scene.show(&id).await.hooks.is_empty());
}
