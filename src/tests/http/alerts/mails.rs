//! Mails about accounts that break and heal (SPEC ).

use std::time::Duration;

use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use pilotlight::server::mail::Letter;

use crate::support::db::{execute, number};
use crate::support::{EMAIL, TestApp};

fn subjects(mails: &[Letter]) -> Vec<&str> {
    mails.iter().map(|mail| mail.subject.as_str()).collect()
}

/// Its HTML, with slashes as people write them.
fn html(mail: &Letter) -> String {
    mail.html.replace("&#x2f;", "/")
}

// SPEC A-3: platform, account, cause, deadline, posts at risk, one button that lands on the account
#[tokio::test]
async fn one_break_makes_one_mail_that_says_everything() {
    let app = TestApp::new().await;
    let owner = app.house().await;
    let account = app.plant(&owner, Platform::X, "northbells").await;
    let due = app.state.clock.now() + 7_200_000;
    execute(
        &app.state.db,
        format!(
            "insert into posts (id, workspace_id, body, created_at) values ('p', '{w}', 'x', 0);
             insert into targets (id, post_id, account_id, state, due_at) values ('t', 'p', '{account}', 'scheduled', {due});
             update accounts set name = 'Nora & <Söhne>' where id = '{account}'",
            w = owner.workspace
        ),
    )
    .await;
    app.breaks(&owner, &account).await;
    assert!(app.mails().await.is_empty(), "it waits for others that break in the same minute");
    let mails = app.mails_in_a_minute().await;
    assert_eq!(subjects(&mails), ["Please reconnect Nora & <Söhne>"]);
    let mail = &mails[0];
    let link = format!("http://localhost:3000/connections?account={account}");
    assert_eq!(mail.to, EMAIL);
    for part in [
        "X account",
        "lets Pilotlight in",
        "1 post is scheduled: it is due Sun 1 Nov 2026, 14:00 UTC",
        link.as_str(),
        "What to do",
    ] {
        assert!(mail.text.contains(part), "{part} in {}", mail.text);
    }
    let html = html(mail);
    assert!(html.contains("Nora &amp; &lt;Söhne&gt;") && !html.contains("<Söhne>"), "{html}");
    assert_eq!(html.matches("class=\"button\"").count(), 1, "one button");
    assert!(html.contains(&format!("class=\"button\" href=\"{link}\"")), "{html}");
    assert!(app.mails_in_a_minute().await.is_empty(), "once");
}

// SPEC A-3: several accounts breaking within a minute make one mail
#[tokio::test]
async fn what_breaks_within_a_minute_is_one_mail() {
    let app = TestApp::new().await;
    let owner = app.house().await;
    let accounts =
        [app.plant(&owner, Platform::X, "northbells").await, app.plant(&owner, Platform::X, "crumbandkettle").await];
    app.breaks(&owner, &accounts[0]).await;
    app.advance(Duration::from_secs(59));
    app.breaks(&owner, &accounts[1]).await;
    app.advance(Duration::from_secs(2));
    let mails = app.mails().await;
    assert_eq!(subjects(&mails), ["2 accounts need a reconnect"]);
    assert!(html(&mails[0]).contains("/connections?status=attention"), "the button shows both");
    app.heals(&owner, &accounts[0]).await;
    app.heals(&owner, &accounts[1]).await;
    assert_eq!(subjects(&app.mails_in_a_minute().await), ["2 accounts are healthy again"]);
}

// SPEC A-3, 1: what is mended before anybody was told is no alarm, and its end is no news
#[tokio::test]
async fn what_heals_within_the_minute_is_not_told() {
    let app = TestApp::new().await;
    let owner = app.house().await;
    let account = app.plant(&owner, Platform::X, "crumbandkettle").await;
    app.breaks(&owner, &account).await;
    app.advance(Duration::from_secs(20));
    app.heals(&owner, &account).await;
    assert!(app.mails_in_a_minute().await.is_empty());
    assert!(app.mails_in_a_minute().await.is_empty(), "nor that it is healthy again");
}

// SPEC A-3: an account that flickers makes at most one mail about its breaking an hour, and one about its end
#[tokio::test]
async fn a_flickering_account_does_not_flood() {
    let app = TestApp::new().await;
    let owner = app.house().await;
    let account = app.plant(&owner, Platform::X, "crumbandkettle").await;
    let (mut broken, mut healthy) = (0, 0);
    for turn in 0..600 {
        match turn % 2 {
            0 => app.breaks(&owner, &account).await,
            _ => app.heals(&owner, &account).await,
        }
        // 100 times an hour amber, 100 times green, out of step with the minute of gathering.
        app.advance(Duration::from_secs(if turn % 2 == 0 { 25 } else { 11 }));
        for mail in app.mails().await {
            if mail.subject.contains("healthy") { healthy += 1 } else { broken += 1 }
        }
    }
    // Three hours.
    assert!((1..=3).contains(&broken), "{broken} mails that it broke");
    assert!(healthy <= broken, "{healthy} mails that it healed, {broken} that it broke");
    // And what stays broken is told in the end.
    app.breaks(&owner, &account).await;
    app.advance(Duration::from_secs(3_601));
    let told = app.mails().await;
    assert_eq!(told.iter().filter(|mail| mail.subject == "Please reconnect crumbandkettle").count(), 1, "{told:?}");
}

// SPEC A-3: several that break together are one mail also where all were told within the hour, and none too early
#[tokio::test]
async fn what_breaks_together_in_its_pause_is_one_mail() {
    for first in [0, 1] {
        let app = TestApp::new().await;
        let owner = app.house().await;
        let accounts = [
            app.plant(&owner, Platform::X, "northbells").await,
            app.plant(&owner, Platform::X, "crumbandkettle").await,
        ];
        app.breaks(&owner, &accounts[0]).await;
        assert_eq!(app.mails_in_a_minute().await.len(), 1);
        app.advance(Duration::from_secs(180));
        app.breaks(&owner, &accounts[1]).await;
        assert_eq!(app.mails_in_a_minute().await.len(), 1);
        for account in &accounts {
            app.heals(&owner, account).await;
        }
        assert_eq!(subjects(&app.mails_in_a_minute().await), ["2 accounts are healthy again"]);
        app.advance(Duration::from_secs(1_500));
        app.breaks(&owner, &accounts[first]).await;
        app.breaks(&owner, &accounts[1 - first]).await;
        assert_eq!(number(&app.state.db, "select count(*) from outbox where state = 'waiting'").await, 1);
        // The pause of one is over, that of the other lasts 39 seconds more.
        app.advance(Duration::from_secs(2_000));
        assert!(app.mails().await.is_empty(), "nobody is told of the second within an hour");
        app.advance(Duration::from_secs(40));
        assert_eq!(subjects(&app.mails().await), ["2 accounts need a reconnect"]);
        assert!(app.mails_in_a_minute().await.is_empty(), "once");
    }
}

// SPEC A-3, W-2: owner and admins of that workspace, and nobody else
#[tokio::test]
async fn only_those_who_are_chosen_are_told() {
    let app = TestApp::new().await;
    let owner = app.house().await;
    app.add_user("al@agency.example", "Al", "Agency", Role::Admin).await;
    app.add_user("ed@agency.example", "Ed", "Agency", Role::Editor).await;
    app.add_user("rival@other.example", "Rival", "Other", Role::Owner).await;
    let account = app.plant(&owner, Platform::X, "crumbandkettle").await;
    app.breaks(&owner, &account).await;
    let mut to: Vec<String> = app.mails_in_a_minute().await.into_iter().map(|mail| mail.to).collect();
    to.sort();
    assert_eq!(to, [EMAIL, "al@agency.example"]);
}

// SPEC A-4: one click ends the kind, by POST only; RFC 8058
#[tokio::test]
async fn one_click_ends_a_kind() {
    let app = TestApp::new().await;
    let owner = app.house().await;
    let account = app.plant(&owner, Platform::X, "crumbandkettle").await;
    app.breaks(&owner, &account).await;
    let mail = app.mails_in_a_minute().await.pop().expect("a mail");
    let way_out = mail.unsubscribe.clone().expect("a way out");
    let path = way_out.strip_prefix("http://localhost:3000").expect("ours").to_owned();
    assert!(mail.text.contains(&way_out) && html(&mail).contains(&way_out));

    let mut stranger = app.browser();
    let page = stranger.get(&path).await;
    assert!(page.status == 200 && page.text().contains("An account needs a reconnect"), "{}", page.text());
    app.heals(&owner, &account).await;
    app.mails_in_a_minute().await;
    app.advance(Duration::from_secs(3_600));
    app.breaks(&owner, &account).await;
    assert_eq!(app.mails_in_a_minute().await.len(), 1, "looking ends nothing");

    // As a mail provider does it: no cookie, no origin.
    let body = "List-Unsubscribe=One-Click";
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(stranger.post_raw(&path, &kind, body).await.status, 200);
    app.heals(&owner, &account).await;
    app.mails_in_a_minute().await;
    app.advance(Duration::from_secs(7_200));
    app.breaks(&owner, &account).await;
    assert!(app.mails_in_a_minute().await.is_empty(), "ended");
    assert_eq!(stranger.post_raw("/mail/unsubscribe/none", &kind, body).await.status, 404);
}

// SPEC A-3: a member who is gone, and one who changed their mind in that minute, get nothing
#[tokio::test]
async fn what_waits_is_not_sent_to_who_left() {
    let app = TestApp::new().await;
    let owner = app.house().await;
    app.add_user("al@agency.example", "Al", "Agency", Role::Admin).await;
    let account = app.plant(&owner, Platform::X, "crumbandkettle").await;
    app.breaks(&owner, &account).await;
    execute(&app.state.db, "delete from memberships where role = 'admin'").await;
    let to: Vec<String> = app.mails_in_a_minute().await.into_iter().map(|mail| mail.to).collect();
    assert_eq!(to, [EMAIL]);
}

// SPEC A-3, T-4: a disconnect is no recovery
#[tokio::test]
async fn a_connection_that_is_given_up_is_told_to_nobody() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let owner = app.house().await;
    let account = app.plant(&owner, Platform::X, "crumbandkettle").await;
    app.breaks(&owner, &account).await;
    assert_eq!(app.mails_in_a_minute().await.len(), 1);
    assert_eq!(browser.call("disconnect", &[("id", account.as_str())]).await.status, 200);
    assert!(app.mails_in_a_minute().await.is_empty());
}
