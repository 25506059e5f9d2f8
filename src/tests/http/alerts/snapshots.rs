//! Every mail as it is read, kept beside the test: who changes a word sees which mails say it (SPEC ).

use std::time::Duration;

use pilotlight::domain::platform::Platform;
use pilotlight::server::mail::Letter;

use crate::support::TestApp;
use crate::support::crowd::Owner;
use crate::support::db::execute;

/// The text and the HTML of a mail, without what is random in them.
pub fn plain(mail: &Letter, accounts: &[&str]) -> String {
    let mut text = format!("Subject: {}\n\n{}\n\n{}", mail.subject, mail.text, mail.html.replace("&#x2f;", "/"));
    if let Some(link) = &mail.unsubscribe {
        text = text.replace(link.as_str(), "[unsubscribe]");
    }
    for (at, id) in accounts.iter().enumerate() {
        text = text.replace(id, &format!("[account {}]", at + 1));
    }
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

async fn scene() -> (TestApp, Owner) {
    let app = TestApp::new().await;
    let owner = app.house().await;
    execute(&app.state.db, "update workspaces set zone = 'Europe/Berlin'").await;
    (app, owner)
}

// SPEC: broken, still broken, healthy again
#[tokio::test]
async fn one_account() {
    let (app, owner) = scene().await;
    let id = app.plant(&owner, Platform::X, "crumbandkettle").await;
    let due = app.state.clock.now() + 7_200_000;
    execute(
        &app.state.db,
        format!(
            "insert into posts (id, workspace_id, body, created_at) values ('p', '{w}', 'x', 0);
             insert into targets (id, post_id, account_id, state, due_at) values ('t', 'p', '{id}', 'scheduled', {due}), ('u', 'p', '{id}', 'held', 0)",
            w = owner.workspace
        ),
    )
    .await;
    app.breaks(&owner, &id).await;
    let broken = app.mails_in_a_minute().await.pop().expect("a mail");
    insta::assert_snapshot!("broken", plain(&broken, &[id.as_str()]));
    app.advance(Duration::from_secs(2 * 86_400));
    app.reminders().await;
    let still = app.mails_in_a_minute().await.pop().expect("a mail");
    insta::assert_snapshot!("still_broken", plain(&still, &[id.as_str()]));
    app.heals(&owner, &id).await;
    let healthy = app.mails_in_a_minute().await.pop().expect("a mail");
    insta::assert_snapshot!("recovered", plain(&healthy, &[id.as_str()]));
}

// SPEC A-3: several in one mail
#[tokio::test]
async fn several_accounts() {
    let (app, owner) = scene().await;
    let first = app.plant(&owner, Platform::X, "crumbandkettle").await;
    let second = app.plant(&owner, Platform::X, "northbells").await;
    app.breaks(&owner, &first).await;
    app.breaks(&owner, &second).await;
    let broken = app.mails_in_a_minute().await.pop().expect("a mail");
    insta::assert_snapshot!("broken_several", plain(&broken, &[first.as_str(), second.as_str()]));
}

// SPEC A-4, T-9: access that ends, with posts that come later
#[tokio::test]
async fn access_that_ends() {
    let (app, owner) = scene().await;
    let id = app.plant(&owner, Platform::X, "crumbandkettle").await;
    let end = app.state.clock.now() + 8 * 86_400_000;
    execute(
        &app.state.db,
        format!(
            "update grants set access_ends_at = {end}, refresh_token = null, refresh_ends_at = null;
             insert into posts (id, workspace_id, body, created_at) values ('p', '{w}', 'x', 0);
             insert into targets (id, post_id, account_id, state, due_at) values ('t', 'p', '{id}', 'scheduled', {end})",
            w = owner.workspace
        ),
    )
    .await;
    app.advance(Duration::from_secs(86_400));
    app.reminders().await;
    let mail = app.mails_in_a_minute().await.pop().expect("a mail");
    insta::assert_snapshot!("expiring", plain(&mail, &[id.as_str()]));
}

// SPEC A-6: the mail that an admin asks for to see whether mail works
#[tokio::test]
async fn the_test_that_was_asked_for() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    assert_eq!(browser.call("test_mail", &[]).await.status, 200);
    let mail = app.state.mailer.take().pop().expect("a mail");
    insta::assert_snapshot!("test", plain(&mail, &[]));
}
