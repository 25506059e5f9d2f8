//! By a bot's token, which has no consent page.

use pilotlight::api::accounts::Card;
use pilotlight::domain::explain;
use pilotlight::domain::health::{Cause, Health};
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Control, Fault, FaultKind, cast};

use super::Break;
use crate::support::browser::{Browser, Page};
use crate::support::{TestApp, dump};

const BOT: &str = cast::TELEGRAM[0].0;
const TOKENS: [&str; 2] = cast::TELEGRAM[0].1;
const CHANNEL: (&str, &str) = cast::TELEGRAM_CHANNEL;

const BREAKS: &[(Break, Cause, &str)] = &[
    (|vendor, person| Control::RevokeGrant { vendor, person }, Cause::Revoked, TOKENS[1]),
    (|vendor, person| Control::LoseRole { vendor, person, page: CHANNEL.1.into() }, Cause::RoleLost, TOKENS[0]),
    (|vendor, person| Control::UntickPage { vendor, person, page: CHANNEL.1.into() }, Cause::RoleLost, ""),
];

async fn typed(browser: &mut Browser, chat: &str, token: &str, account: Option<&Card>) -> Page {
    let account = account.map(|card| card.id.to_string()).unwrap_or_default();
    let form = [("platform", "telegram"), ("handle", chat), ("password", token), ("account", &account)];
    browser.post("/oauth/password", &form).await
}

async fn connected(app: &TestApp, browser: &mut Browser, chat: &str) -> Card {
    let page = typed(browser, chat, TOKENS[0], None).await;
    assert!(page.redirect().contains("done=connected"), "{}", page.redirect());
    app.cards(browser).await.pop().expect("a card")
}

// SPEC C-3, D-2, T-4
#[tokio::test]
async fn from_green_to_amber_and_back() {
    for (how, cause, token) in BREAKS {
        let app = TestApp::new().await;
        let mut browser = app.owner().await;
        let card = connected(&app, &mut browser, CHANNEL.0).await;
        assert_eq!((card.name.as_str(), card.handle.as_deref()), ("Harbour Street Bakery 🥐", Some(CHANNEL.0)));
        app.keep_all().await;
        assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy);
        let control = how("telegram".into(), BOT.into());
        app.twin.control(control.clone()).expect("the sandbox can do that");
        app.keep_all().await;
        let amber = app.card(&mut browser, &card.id).await;
        assert_eq!((amber.health, amber.cause), (Health::NeedsReconnect, Some(*cause)), "{control:?}");
        let page = browser.get(&format!("/connections?account={}", card.id)).await;
        let words = explain::cause(*cause, Platform::Telegram).sentence;
        assert!(page.text().contains(&*words), "the page does not say {words:?}");
        app.twin.fault(Fault::on("telegram", FaultKind::WrongJson, None));
        app.keep_all().await;
        app.twin.clear_faults();
        assert_eq!(app.card(&mut browser, &card.id).await.health, Health::NeedsReconnect, "healed by a wrong answer");
        if token.is_empty() {
            continue; // Nobody gives the right back here.
        }
        let mended = Control::Restore { vendor: "telegram".into(), person: BOT.into() };
        app.twin.control(mended).expect("the sandbox can mend it");
        let page = typed(&mut browser, CHANNEL.0, token, Some(&card)).await;
        assert!(page.redirect().contains("done=reconnected"), "{}", page.redirect());
        app.keep_all().await;
        assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy, "after {control:?}");
    }
}

// SPEC C-4, C-9
#[tokio::test]
async fn what_does_not_fit_is_explained_and_changes_nothing() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let form = browser.get("/connect/telegram").await;
    assert!(form.text().contains("Bot token"), "the form is there");
    for (chat, token, problem) in [
        (CHANNEL.0, "hunter2", "wrong-password"),
        (CHANNEL.0, TOKENS[1], "wrong-password"),
        ("@nowhere_at_all", TOKENS[0], "no-destination"),
        (CHANNEL.0, cast::TELEGRAM[1].1[0], "no-destination"),
        ("@markethallnews", TOKENS[0], "permissions-missing"),
    ] {
        let page = typed(&mut browser, chat, token, None).await;
        assert!(page.redirect().contains(&format!("code={problem}")), "{chat}: {}", page.redirect());
        let page = browser.get(page.redirect()).await;
        assert!(!page.text().contains(token), "the token is not repeated");
    }
    assert_eq!(app.cards(&mut browser).await.len(), 0);

    let card = connected(&app, &mut browser, CHANNEL.0).await;
    let before = dump(&app.state.db, &["accounts", "grants", "incidents"]).await;
    let page = typed(&mut browser, cast::TELEGRAM_GROUP, TOKENS[0], Some(&card)).await;
    assert!(page.redirect().contains("code=wrong-account"), "{}", page.redirect());
    assert_eq!(dump(&app.state.db, &["accounts", "grants", "incidents"]).await, before, "not a row was changed");
    for kind in [
        FaultKind::RateLimited { seconds: Some(9) },
        FaultKind::Status(500),
        FaultKind::Html,
        FaultKind::Empty,
        FaultKind::WrongJson,
    ] {
        app.twin.fault(Fault::on("telegram", kind.clone(), None));
        app.keep_all().await;
        app.twin.clear_faults();
        assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy, "{kind:?} is no alarm");
    }
}

// SPEC T-4, C-6
#[tokio::test]
async fn a_group_that_becomes_a_supergroup_stays_connected() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = connected(&app, &mut browser, cast::TELEGRAM_GROUP).await;
    let page = cast::TELEGRAM_GROUP.to_owned();
    let upgrade = Control::UpgradeGroup { vendor: "telegram".into(), person: BOT.into(), page };
    app.twin.control(upgrade).expect("the sandbox can do that");
    app.keep_all().await;
    assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy);
    let stored = dump(&app.state.db, &["accounts", "grants"]).await;
    assert!(!format!("{stored:?}").contains(cast::TELEGRAM_GROUP), "the old id is forgotten");
    // Known by its new id, the same account comes back.
    let page = typed(&mut browser, "-1004173002", TOKENS[0], Some(&card)).await;
    assert!(page.redirect().contains("done=reconnected"), "{}", page.redirect());
}
