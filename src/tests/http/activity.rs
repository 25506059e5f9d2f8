//! The activity log (SPEC W-6): true, narrowed down, page by page, as a file, and about no other workspace.

use std::time::Duration;

use pilotlight::api::activity::Activity;
use pilotlight::domain::id::{AccountId, EventId};
use pilotlight::domain::role::Role;
use pilotlight::sandbox::Control;
use pilotlight::server::service::history::Happening;
use pilotlight::server::store::events::{self, NewEvent};

use crate::support::browser::Browser;
use crate::support::{TestApp, people};

async fn log(browser: &mut Browser, asked: &[(&str, &str)]) -> Activity {
    browser.ask("activity", asked).await
}

fn words(log: &Activity) -> Vec<&str> {
    log.lines.iter().map(|line| line.words.as_str()).collect()
}

async fn note(app: &TestApp, browser: &Browser, id: &str, what: &Happening) {
    let member = app.member(browser).await;
    let at = app.state.clock.now();
    let (kind, detail) = (what.kind(), what.detail());
    let (workspace, by) = (&member.workspace, Some(&member.user));
    let mut tx = app.state.db.begin().await.expect("a transaction");
    let event = NewEvent { id: EventId::new(id), workspace, account: None::<&AccountId>, by, at, kind, detail };
    events::insert(&mut tx, &event).await.expect("an event");
    tx.commit().await.expect("a commit");
}

// SPEC W-6, W-1, W-2
#[tokio::test]
async fn everybody_reads_who_did_what_and_nobody_else() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let card = app.mastodon(&mut owner).await;
    app.add_user("vi@agency.example", "Vi", "Agency", Role::Viewer).await;
    app.add_user("rival@other.example", "Rival", "Other", Role::Owner).await;
    let mut viewer = app.signed_in_as("vi@agency.example").await;
    let seen = log(&mut viewer, &[]).await;
    let line = &seen.lines[0];
    assert_eq!((line.words.as_str(), line.by.as_deref()), ("Connected.", Some("Ada Lovelace")));
    assert_eq!(line.account.as_ref().map(|about| &about.id), Some(&card.id));
    let page = viewer.get("/activity").await.text();
    assert!(page.contains(&format!("/connections?account={}\"", card.id)), "the line links to its account");
    assert!(page.contains(&card.name) && page.contains("Ada Lovelace") && page.contains("Connected."));
    for path in ["/overview", "/connections"] {
        assert!(viewer.get(path).await.text().contains("href=\"/activity\""), "{path} leads there");
    }

    let mut rival = app.signed_in_as("rival@other.example").await;
    let foreign = log(&mut rival, &[("account", card.id.as_str())]).await;
    assert!(foreign.lines.is_empty() && foreign.accounts.is_empty());
    assert_eq!(foreign.members.iter().map(|one| one.1.as_str()).collect::<Vec<_>>(), ["Rival"]);
    let file = rival.get(&format!("/activity.csv?account={}", card.id)).await;
    assert_eq!(file.text().lines().count(), 1, "only the head");
    assert!(!rival.get("/activity").await.text().contains(&card.name));
    assert_eq!(app.browser().call("activity", &[]).await.status, 401);
    assert!(app.browser().get("/activity.csv").await.redirect().starts_with("/sign-in"));
}

// SPEC W-6
#[tokio::test]
async fn filters_stand_in_the_address_and_combine() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    app.facebook_page(&mut browser).await;
    let page = app.cards(&mut browser).await.into_iter().find(|one| one.id != card.id).expect("a second card");
    app.advance(Duration::from_secs(40 * 86_400));
    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    app.keep_all().await;
    let me = app.member(&browser).await.user;

    let of = |asked: &[(&'static str, String)]| {
        let query: Vec<String> = asked.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("/activity?{}", query.join("&"))
    };
    let broken = log(&mut browser, &[("kind", "health")]).await;
    assert_eq!(words(&broken), ["Needs reconnect: revoked."]);
    assert_eq!(broken.lines[0].by, None, "nobody did that");
    assert_eq!(log(&mut browser, &[("kind", "health"), ("member", me.as_str())]).await.lines, []);
    assert_eq!(log(&mut browser, &[("kind", "health"), ("member", "-")]).await.lines.len(), 1);
    assert_eq!(log(&mut browser, &[("kind", "health"), ("account", page.id.as_str())]).await.lines, []);
    assert_eq!(log(&mut browser, &[("kind", "connections")]).await.lines.len(), 2);
    assert_eq!(log(&mut browser, &[("kind", "connections"), ("time", "30")]).await.lines, [], "long ago");
    assert_eq!(log(&mut browser, &[("kind", "connections"), ("time", "90")]).await.lines.len(), 2);
    // Without script the address is all there is.
    let shown = browser.get(&of(&[("kind", "connections".into()), ("account", card.id.to_string())])).await.text();
    let list = shown.split("<ol class=\"log\">").nth(1).expect("a list").split("</ol>").next().expect("its end");
    assert!(list.contains("Mastodon") && !list.contains("Facebook"), "{list}");
    let export = shown.split("href=\"/activity.csv?").nth(1).expect("an export").split('"').next();
    assert_eq!(export, Some(&*format!("kind=connections&amp;account={}", card.id)), "narrowed down like the page");
    assert!(browser.get("/activity?kind=webhooks").await.text().contains("Nothing that happened fits these filters."));
}

// SPEC W-6: what is gone keeps its name
#[tokio::test]
async fn a_removed_account_and_things_without_one_are_told() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    browser.call("remove", &[("id", card.id.as_str()), ("typed", &card.name)]).await;
    note(&app, &browser, "z", &Happening::WebhookAdded { name: "Chat".into() }).await;
    let seen = log(&mut browser, &[]).await;
    assert_eq!(words(&seen), ["Webhook Chat was added.".to_owned(), format!("{} was removed.", card.name)]);
    assert!(browser.get("/activity").await.text().contains("Webhook Chat was added."));
}

// SPEC W-6
#[tokio::test]
async fn a_long_log_has_pages() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    for at in 0..120 {
        app.advance(Duration::from_millis(u64::from(at % 3 == 0)));
        note(&app, &browser, &format!("event-{at:03}"), &Happening::WebhookAdded { name: format!("{at:03}") }).await;
    }
    let told = |from: usize, to: usize| (to..=from).rev().map(|at| format!("Webhook {at:03} was added.")).collect();
    let first = log(&mut browser, &[]).await;
    let expected: Vec<String> = told(119, 70);
    assert_eq!((words(&first).as_slice(), &first.newer), (&*expected.iter().map(|w| &**w).collect::<Vec<_>>(), &None));
    let older = first.older.expect("more");
    let second = log(&mut browser, &[("older", &older)]).await;
    assert_eq!(words(&second), told(69, 20).iter().map(|w: &String| w.as_str()).collect::<Vec<_>>());
    let third = log(&mut browser, &[("older", second.older.as_deref().expect("more"))]).await;
    assert_eq!((third.lines.len(), third.older.as_deref()), (20, None));
    let back = log(&mut browser, &[("newer", third.newer.as_deref().expect("newer ones"))]).await;
    assert_eq!((words(&back), back.newer.is_some()), (words(&second), true));
    let top = log(&mut browser, &[("newer", back.newer.as_deref().expect("newer ones"))]).await;
    assert_eq!((words(&top), top.newer.as_deref()), (words(&first_again(&mut browser).await), None));
    let page = browser.get(&format!("/activity?kind=webhooks&older={older}")).await.text();
    assert!(page.contains("Webhook 069 was added.") && page.contains(">Newer<") && page.contains(">Older<"));
    assert!(page.contains("/activity?kind=webhooks&amp;newer="), "the filter stays");
}

async fn first_again(browser: &mut Browser) -> Activity {
    log(browser, &[]).await
}

// SPEC W-6: exportable, also beyond what is read at a time, and harmless to open
#[tokio::test]
async fn the_file_holds_all_that_the_filters_take() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    app.add_user("eve@agency.example", "=HYPERLINK(\"https://evil.example\")", "Agency", Role::Admin).await;
    let mut eve = app.signed_in_as("eve@agency.example").await;
    let card = app.mastodon(&mut eve).await;
    let member = app.member(&browser).await;
    let mut tx = app.state.db.begin().await.expect("a transaction");
    for at in 0..2_100 {
        let what = Happening::WebhookChanged { name: format!("number {at}, \"quoted\"") };
        let (workspace, by, kind, detail) = (&member.workspace, Some(&member.user), what.kind(), what.detail());
        let event = NewEvent { id: EventId::new(format!("e{at:05}")), workspace, account: None, by, at, kind, detail };
        events::insert(&mut tx, &event).await.expect("an event");
    }
    tx.commit().await.expect("a commit");
    let file = browser.get("/activity.csv").await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(file.headers["content-disposition"], "attachment; filename=\"activity.csv\"");
    let text = file.text();
    let text = text.strip_prefix('\u{feff}').expect("a mark for spreadsheets");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head: Vec<String> = reader.headers().expect("a head").iter().map(str::to_owned).collect();
    assert_eq!(head, ["Time (UTC)", "Member", "Account", "Platform", "Kind", "What"]);
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let of = |kind: &str| rows.iter().filter(|row| &row[4] == kind).collect::<Vec<_>>();
    assert_eq!(of("webhook-changed").len(), 2_100);
    assert_eq!(&of("webhook-changed")[0][5], "Webhook number 2099, \"quoted\" was changed.");
    let connected = of("connected")[0];
    assert_eq!(&connected[0], "2026-11-01T12:00:00Z");
    assert_eq!(&connected[1], "'=HYPERLINK(\"https://evil.example\")", "a name is no formula");
    assert_eq!((&connected[2], &connected[3], &connected[5]), (card.name.as_str(), "Mastodon", "Connected."));
    let narrowed = browser.get("/activity.csv?kind=connections").await.text();
    assert_eq!(narrowed.lines().count(), 2);
}
