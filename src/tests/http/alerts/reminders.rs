//! Reminders and escalation over sixty days, in zones that change their clocks on other days (SPEC A-4).

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pilotlight::domain::id::AccountId;
use pilotlight::domain::platform::Platform;

use crate::support::crowd::Owner;
use crate::support::db::execute;
use crate::support::{TestApp, dump};

const HOUR: i64 = 3_600_000;

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().expect("a time").as_millisecond()
}

/// Lets sixty days pass in steps of half an hour and answers what was told, and when by the workspace's clocks.
async fn sixty_days(app: &TestApp, zone: &str) -> Vec<String> {
    let zone = TimeZone::get(zone).expect("a zone");
    let mut told = Vec::new();
    for _ in 0..60 * 48 {
        app.advance(Duration::from_secs(1_800));
        for mail in app.reminders().await {
            let when = Timestamp::from_millisecond(app.state.clock.now()).expect("a time").to_zoned(zone.clone());
            told.push(format!("{} {}", when.strftime("%d %b %H:%M"), mail.subject));
        }
    }
    told
}

/// An app whose clock shows `start`, with an account that breaks or ends.
async fn app_at(start: &str, zone: &str) -> (TestApp, Owner, AccountId) {
    let app = TestApp::new().await;
    app.clock.set(at(start));
    let owner = app.house().await;
    execute(&app.state.db, format!("update workspaces set zone = '{zone}'")).await;
    let account = app.plant(&owner, Platform::X, "crumbandkettle").await;
    execute(&app.state.db, format!("update accounts set name = 'Nora' where id = '{account}'")).await;
    (app, owner, account)
}

/// Its token ends then, and nobody can renew it without its person.
async fn ends(app: &TestApp, account: &AccountId, end: i64) {
    execute(
        &app.state.db,
        format!(
            "update grants set access_ends_at = {end}, refresh_token = null, refresh_ends_at = null \
                 where id = (select grant_id from accounts where id = '{account}')"
        ),
    )
    .await;
}

// SPEC A-4: +2 days, then every 5 days, four times; nine in the morning before and after the clocks change
#[tokio::test]
async fn an_incident_that_stays_open_is_told_again_on_its_days() {
    let table = [
        // The clocks go back on 25 October in Berlin, on 1 November in New York; Kolkata and Kathmandu never do.
        ("Europe/Berlin", "2026-10-20T21:30:00Z", ["22 Oct", "27 Oct", "01 Nov", "06 Nov", "11 Nov"]),
        ("America/New_York", "2026-10-20T21:30:00Z", ["22 Oct", "27 Oct", "01 Nov", "06 Nov", "11 Nov"]),
        ("Asia/Kolkata", "2026-10-20T21:30:00Z", ["23 Oct", "28 Oct", "02 Nov", "07 Nov", "12 Nov"]),
        ("Australia/Lord_Howe", "2026-10-01T12:00:00Z", ["03 Oct", "08 Oct", "13 Oct", "18 Oct", "23 Oct"]),
        ("Pacific/Kiritimati", "2026-10-20T09:00:00Z", ["22 Oct", "27 Oct", "01 Nov", "06 Nov", "11 Nov"]),
    ];
    for (zone, start, days) in table {
        let (app, owner, account) = app_at(start, zone).await;
        app.breaks(&owner, &account).await;
        let told = sixty_days(&app, zone).await;
        // The first step of half an hour brings the mail of the break itself; reminders gather for a minute.
        let mut expected = vec![told[0].clone()];
        assert!(told[0].ends_with("Please reconnect Nora"), "{zone}: {told:?}");
        expected.extend(days.map(|day| format!("{day} 09:30 Nora still needs a reconnect")));
        assert_eq!(told, expected, "{zone}");
    }
}

// SPEC A-4: 7 days and 1 day before
#[tokio::test]
async fn access_that_ends_is_told_before_on_its_days() {
    let table = [
        ("Europe/Berlin", "2026-10-05T10:00:00Z", "2026-10-28T20:00:00Z", ["21 Oct 09:30", "27 Oct 09:30"]),
        ("America/New_York", "2026-10-05T10:00:00Z", "2026-11-03T02:00:00Z", ["26 Oct 09:30", "01 Nov 09:30"]),
        // Half-hour zones: nine there is half past three at Greenwich.
        ("Asia/Kolkata", "2026-10-05T10:00:00Z", "2026-10-28T20:00:00Z", ["22 Oct 09:30", "28 Oct 09:30"]),
        ("Pacific/Apia", "2026-10-05T10:00:00Z", "2026-10-28T20:00:00Z", ["22 Oct 09:30", "28 Oct 09:30"]),
    ];
    for (zone, start, end, days) in table {
        let (app, _, account) = app_at(start, zone).await;
        ends(&app, &account, at(end)).await;
        let told = sixty_days(&app, zone).await;
        let expected: Vec<String> = days.iter().map(|day| format!("{day} Access to Nora ends")).collect();
        let told: Vec<&str> =
            told.iter().map(|line| line.split_inclusive(" ends").next().unwrap_or_default()).collect();
        assert_eq!(told, expected, "{zone}");
    }
}

/// A chat that is told as well.
async fn chat(app: &TestApp, owner: &Owner) {
    execute(
        &app.state.db,
        format!(
            "insert into webhooks (id, workspace_id, name, format, host, url, state, created_at) \
                 values ('chat', '{}', 'Chat', 'slack', 'chat.example', x'00', 'on', 0)",
            owner.workspace
        ),
    )
    .await;
}

// SPEC A-4: days of the calendar, also late in the evening after the clocks changed; mails and chats say the same
#[tokio::test]
async fn days_are_counted_as_the_calendar_does() {
    // Half past eleven in the evening of the day on which the clocks go back.
    for (zone, end) in [("Europe/Berlin", "2026-10-25T22:30:00Z"), ("America/New_York", "2026-11-02T04:30:00Z")] {
        let (app, owner, account) = app_at("2026-10-05T10:00:00Z", zone).await;
        chat(&app, &owner).await;
        ends(&app, &account, at(end)).await;
        let told = sixty_days(&app, zone).await;
        let outbox = dump(&app.state.db, &["outbox"]).await;
        assert_eq!(told.len(), 2, "{zone}: {told:?}");
        for (mail, words) in told.iter().zip(["Access to Nora ends in 7 days", "Access to Nora ends in 1 day"]) {
            assert!(mail.ends_with(words), "{zone}: {mail}");
            assert!(outbox.contains(&format!("\"words\":\"{words}\"")), "{zone}: {outbox}");
        }
    }
}

// SPEC A-4: a reminder that comes late says what is left, in a mail and in a chat
#[tokio::test]
async fn a_late_reminder_says_what_is_left() {
    let (app, owner, account) = app_at("2026-10-05T10:00:00Z", "Europe/Berlin").await;
    chat(&app, &owner).await;
    ends(&app, &account, at("2026-10-25T22:30:00Z")).await;
    app.clock.set(at("2026-10-22T10:00:00Z"));
    app.reminders().await;
    let words = "Access to Nora ends in 3 days";
    assert_eq!(app.mails_in_a_minute().await[0].subject, words);
    let outbox = dump(&app.state.db, &["outbox"]).await;
    assert!(outbox.contains(&format!("\"words\":\"{words}\"")), "{outbox}");
}

// SPEC A-4: who renews in time is not reminded again, and the next end is
#[tokio::test]
async fn a_renewed_token_is_told_of_anew() {
    let (app, _, account) = app_at("2026-10-05T10:00:00Z", "UTC").await;
    ends(&app, &account, at("2026-10-20T12:00:00Z")).await;
    app.clock.set(at("2026-10-13T09:05:00Z"));
    assert!(app.reminders().await.is_empty(), "it gathers");
    assert_eq!(app.mails_in_a_minute().await.len(), 1);
    ends(&app, &account, at("2026-11-20T12:00:00Z")).await;
    app.clock.set(at("2026-10-19T10:00:00Z"));
    assert!(app.reminders().await.is_empty() && app.mails_in_a_minute().await.is_empty());
    app.clock.set(at("2026-11-13T10:00:00Z"));
    app.reminders().await;
    assert_eq!(app.mails_in_a_minute().await.len(), 1);
}

// SPEC A-4: a server that was down writes what is due now, not all that was
#[tokio::test]
async fn after_a_long_rest_one_reminder_is_written() {
    let (app, owner, account) = app_at("2026-10-05T10:00:00Z", "UTC").await;
    app.breaks(&owner, &account).await;
    assert_eq!(app.mails_in_a_minute().await.len(), 1);
    app.clock.set(at("2026-10-05T10:00:00Z") + 13 * 24 * HOUR);
    app.reminders().await;
    let told = app.mails_in_a_minute().await;
    assert_eq!(told.len(), 1, "{told:?}");
    app.reminders().await;
    assert!(app.mails_in_a_minute().await.is_empty());
}
