//! Settings > Notifications: who may say what (SPEC; W-1, W-2).

use pilotlight::api::accounts::Outcome;
use pilotlight::api::activity::Activity;
use pilotlight::api::notifications::{MailWay, Notifications};
use pilotlight::domain::notify::AlertKind;
use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use pilotlight::server::service::outbox;
use pilotlight::server::store::outbox::Channel;

use crate::support::{EMAIL, TestApp};

// SPEC A-3, W-1: admins choose for everybody, others for themselves
#[tokio::test]
async fn admins_choose_who_is_told_and_others_for_themselves() {
    let app = TestApp::new().await;
    app.add_user("vi@agency.example", "Vi", "Agency", Role::Viewer).await;
    app.add_user("rival@other.example", "Rival", "Other", Role::Owner).await;
    let mut owner = app.owner().await;
    let mut viewer = app.signed_in_as("vi@agency.example").await;

    let all: Notifications = owner.ask("notifications", &[]).await;
    let broken = all.kinds.iter().find(|rule| rule.kind == AlertKind::Broken).expect("a rule");
    let told: Vec<_> = broken.members.iter().map(|one| (one.name.as_str(), one.wanted)).collect();
    assert_eq!(told, [("Ada Lovelace", true), ("Vi", false)], "no rival, no viewer");
    assert!(all.manages && all.zones.iter().any(|zone| zone == "Asia/Kathmandu"));

    let own: Notifications = viewer.ask("notifications", &[]).await;
    assert!(!own.manages && own.zones.is_empty() && own.mails.is_empty());
    assert!(own.kinds.iter().all(|rule| rule.members.len() == 1 && rule.members[0].name == "Vi"));
    assert!(matches!(&own.way, MailWay::Files { dir: None }), "paths of the server are for admins");
    for (name, fields) in [
        ("set_notification", vec![("kind", "broken")]),
        ("set_zone", vec![("zone", "Europe/Berlin")]),
        ("test_mail", vec![]),
        ("resend_mail", vec![("id", "x")]),
    ] {
        assert_eq!(viewer.call(name, &fields).await.status, 403, "{name}");
        assert_eq!(app.browser().call(name, &fields).await.status, 401, "{name}");
    }
    viewer.ask::<Outcome>("set_own_notification", &[("kind", "broken"), ("wanted", "true")]).await;
    let vi = broken.members[1].id.clone();
    owner
        .ask::<Outcome>(
            "set_notification",
            &[("kind", "expiring"), ("enabled", "true"), ("days", "14, 3"), ("members[0]", &vi)],
        )
        .await;

    let workspace = app.house().await;
    let account = app.plant(&workspace, Platform::X, "crumbandkettle").await;
    app.breaks(&workspace, &account).await;
    let mut to: Vec<_> = app.mails_in_a_minute().await.into_iter().map(|mail| mail.to).collect();
    to.sort();
    assert_eq!(to, [EMAIL, "vi@agency.example"]);
    let now: Notifications = owner.ask("notifications", &[]).await;
    let expiring = now.kinds.iter().find(|rule| rule.kind == AlertKind::Expiring).expect("a rule");
    assert_eq!(expiring.days.as_deref(), Some("14, 3"));
    assert_eq!(expiring.members.iter().map(|one| one.wanted).collect::<Vec<_>>(), [false, true]);
    assert_eq!(now.mails.len(), 2);
}

// SPEC A-3: a kind that is switched off is told to nobody
#[tokio::test]
async fn a_kind_can_be_switched_off() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let workspace = app.house().await;
    let account = app.plant(&workspace, Platform::X, "crumbandkettle").await;
    let fields = [("kind", "broken"), ("members[0]", workspace.user.as_str())];
    owner.ask::<Outcome>("set_notification", &fields).await;
    app.breaks(&workspace, &account).await;
    assert!(app.mails_in_a_minute().await.is_empty());
}

// SPEC A-3: nor is what waits when its kind is switched off
#[tokio::test]
async fn what_waits_does_not_leave_after_its_kind_is_switched_off() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let workspace = app.house().await;
    let account = app.plant(&workspace, Platform::X, "crumbandkettle").await;
    app.breaks(&workspace, &account).await;
    // The member still wants it.
    let fields = [("kind", "broken"), ("members[0]", workspace.user.as_str())];
    owner.ask::<Outcome>("set_notification", &fields).await;
    assert!(app.mails_in_a_minute().await.is_empty());
    let fields = [("kind", "broken"), ("enabled", "true"), ("members[0]", workspace.user.as_str())];
    owner.ask::<Outcome>("set_notification", &fields).await;
    assert!(app.mails_in_a_minute().await.is_empty(), "it is dropped, not kept for later");
}

// SPEC A-4: days and zones that make no sense change nothing and say what is expected
#[tokio::test]
async fn what_makes_no_sense_is_explained() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let bad = owner.call("set_notification", &[("kind", "expiring"), ("enabled", "true"), ("days", "soon")]).await;
    assert!(bad.status == 422 && bad.text().contains("up to five numbers"), "{}", bad.text());
    let bad = owner.call("set_zone", &[("zone", "Mars/Olympus")]).await;
    assert!(bad.status == 422 && bad.text().contains("Europe/Berlin"), "{}", bad.text());
    owner.ask::<Outcome>("set_zone", &[("zone", "Asia/Kathmandu")]).await;
    assert_eq!(owner.ask::<Notifications>("notifications", &[]).await.zone, "Asia/Kathmandu");
}

// SPEC A-6: without a mail server the page and the launchpad say that no mail leaves, and the test says where it is
#[tokio::test]
async fn without_a_mail_server_it_is_said() {
    let mut app = TestApp::new().await;
    app.state.mailer = pilotlight::server::mail::Mailer::new(&app.state.config.mail).expect("files");
    app.router = pilotlight::server::http::router::router(app.state.clone());
    let mut owner = app.owner().await;
    let told = owner.ask::<Outcome>("test_mail", &[]).await.words;
    assert!(
        told.starts_with("No mail server is set up. The mail was written to ") && told.ends_with(".eml."),
        "{told}"
    );
    let files: Vec<_> = std::fs::read_dir(app.dir.path().join("mail")).expect("a folder").collect();
    assert_eq!(files.len(), 1);
    let page = owner.get("/settings/notifications").await.text();
    assert!(page.contains("No mail leaves this server"), "{page}");
    let page = owner.get("/launchpad").await.text();
    assert!(page.contains("No mail leaves this server"), "{page}");
}

// SPEC A-5: a mail nobody takes is seen by admins, who can send it again
#[tokio::test]
async fn a_dead_mail_can_be_sent_again() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let workspace = app.house().await;
    let account = app.plant(&workspace, Platform::X, "crumbandkettle").await;
    // An address that no mail server would take.
    crate::support::db::execute(&app.state.db, "update users set email = 'nobody'").await;
    app.breaks(&workspace, &account).await;
    assert!(app.mails_in_a_minute().await.is_empty());
    let page: Notifications = owner.ask("notifications", &[]).await;
    let mail = page.mails.first().expect("a mail");
    assert_eq!(mail.state, pilotlight::api::notifications::MailState::Dead);
    let html = owner.get("/settings/notifications").await.text();
    assert!(html.contains("Nobody took it") && html.contains("Send again"), "{html}");
    crate::support::db::execute(&app.state.db, format!("update users set email = '{EMAIL}'")).await;
    owner.ask::<Outcome>("resend_mail", &[("id", &mail.id)]).await;
    assert_eq!(outbox::all_due(&app.state, Channel::Mail).await.expect("sent"), 1);
    assert_eq!(app.state.mailer.take().len(), 1);
    assert_eq!(owner.call("resend_mail", &[("id", &mail.id)]).await.status, 404, "it is sent");
}

// SPEC W-6: who tried whether mails arrive is in the log
#[tokio::test]
async fn a_test_mail_is_in_the_log() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    owner.ask::<Outcome>("test_mail", &[]).await;
    let log: Activity = owner.ask("activity", &[("kind", "mails")]).await;
    let line = log.lines.first().expect("a line");
    assert_eq!((line.words.as_str(), line.by.as_deref()), ("A test mail was tried.", Some("Ada Lovelace")));
}
