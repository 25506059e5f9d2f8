//! "Check all": every connected account of a workspace, once, with progress (SPEC T-7).

use std::time::Duration;

use pilotlight::api::accounts::{Connections, Detail, Progress};
use pilotlight::domain::health::Health;
use pilotlight::domain::platform::Platform;
use pilotlight::domain::role::Role;
use pilotlight::sandbox::{Choice, Control, Fault, FaultKind, cast};
use pilotlight::server::service::live::{Change, News, Tone};
use pilotlight::server::store::leases::{self, Claim};
use pilotlight::server::store::{accounts, grants};
use tokio::sync::broadcast::Receiver;

use crate::support::browser::Browser;
use crate::support::{TestApp, people};

const NO_FIELDS: &[(&str, &str)] = &[];

/// Connects a Mastodon account of the server.
async fn mastodon(app: &TestApp, browser: &mut Browser, host: &str) {
    let start = format!("/oauth/start?platform=mastodon&host={host}");
    let page = app.connect(browser, &start, Choice::default()).await;
    assert!(page.redirect().contains("done=connected"), "{}", page.redirect());
}

/// Connects two pages through one consent.
async fn two_pages(app: &TestApp, browser: &mut Browser) {
    let page = app.connect(browser, "/oauth/start?platform=facebook", Choice::person(people::FACEBOOK_MANY)).await;
    let grant = page.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned();
    let form = [("grant", grant.as_str()), ("destination", people::FACEBOOK_PAGE), ("destination", "100200300400502")];
    browser.post("/oauth/choose", &form).await;
    app.drain().await;
}

async fn press(browser: &mut Browser) -> Progress {
    browser.ask("check_all", NO_FIELDS).await
}

/// How often each grant of the browser's workspace was leased so far.
async fn looks(app: &TestApp, browser: &Browser) -> Vec<i64> {
    let workspace = app.member(browser).await.workspace;
    let mut epochs = Vec::new();
    for (id, _) in accounts::connected_by_grant(&app.state.db, &workspace).await.expect("grants") {
        epochs.push(grants::get(&app.state.db, &id).await.expect("the store").expect("a grant").epoch);
    }
    epochs
}

/// Nothing is missed in one process.
fn change(news: News) -> Change {
    let News::Change(change) = news else { panic!("a call to look again") };
    change
}

/// Everything that was told so far.
fn told(live: &mut Receiver<News>) -> Vec<Change> {
    std::iter::from_fn(|| live.try_recv().ok()).map(change).collect()
}

fn steps(changes: &[Change]) -> Vec<(u32, u32)> {
    changes.iter().filter_map(|change| change.progress).map(|progress| (progress.done, progress.total)).collect()
}

fn toasts(changes: &[Change]) -> Vec<(Tone, &str)> {
    changes.iter().filter_map(|change| Some((change.tone, change.toast.as_deref()?))).collect()
}

/// The next telling that `is` it.
async fn until(live: &mut Receiver<News>, is: impl Fn(&Change) -> bool) -> Change {
    let heard = async {
        loop {
            let change = change(live.recv().await.expect("the stream goes on"));
            if is(&change) {
                return change;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), heard).await.expect("it is told")
}

// SPEC T-7, W-2
#[tokio::test]
async fn every_account_is_looked_at_once_and_no_foreign_one() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    mastodon(&app, &mut owner, "mastodon.example").await;
    two_pages(&app, &mut owner).await;
    app.add_user("rival@other.example", "Rival", "Other", Role::Owner).await;
    let mut rival = app.signed_in_as("rival@other.example").await;
    mastodon(&app, &mut rival, "social.example").await;
    app.drain().await;
    app.advance(Duration::from_secs(3_600));
    let (before, theirs) = (looks(&app, &owner).await, looks(&app, &rival).await);
    assert_eq!(before.len(), 2, "two consents carry the three accounts");
    let mut live = app.state.live.listen();

    assert_eq!(press(&mut owner).await, Progress { done: 0, total: 3 });
    app.drain().await;

    let after: Vec<i64> = before.iter().map(|epoch| epoch + 1).collect();
    assert_eq!(looks(&app, &owner).await, after, "each grant once");
    assert_eq!(looks(&app, &rival).await, theirs);
    let now = app.state.clock.now();
    for (browser, checked) in [(&mut owner, true), (&mut rival, false)] {
        for card in app.cards(browser).await {
            let detail: Detail = browser.ask("account", &[("id", card.id.as_str())]).await;
            assert_eq!(detail.checked_at == Some(now), checked, "{}", card.name);
        }
    }
    let changes = told(&mut live);
    let mine = app.member(&owner).await.workspace;
    assert!(changes.iter().all(|change| change.workspace == mine), "nothing is told elsewhere");
    let steps = steps(&changes);
    assert_eq!((steps.first(), steps.last()), (Some(&(0, 3)), Some(&(3, 3))), "{steps:?}");
    assert!(steps.is_sorted() && steps.iter().all(|step| step.1 == 3), "{steps:?}");
    assert_eq!(steps.iter().filter(|step| step.0 == 3).count(), 1, "the end is told once: {steps:?}");
    assert_eq!(toasts(&changes), [(Tone::Ok, "Checked 3 accounts: 3 healthy")]);
    assert!(changes.last().expect("a change").toast.is_some(), "the result comes last");
    assert_eq!(owner.ask::<Connections>("connections", NO_FIELDS).await.checking, None);
}

// SPEC T-7: a tab that opens in the middle sees it, and a second press joins it.
#[tokio::test]
async fn while_it_runs_everybody_sees_how_far_it_is() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    mastodon(&app, &mut owner, "mastodon.example").await;
    mastodon(&app, &mut owner, "social.example").await;
    app.drain().await;
    let before = looks(&app, &owner).await;
    let mut live = app.state.live.listen();
    app.twin.fault(Fault::on("social.example", FaultKind::Hang, None));

    assert_eq!(press(&mut owner).await, Progress { done: 0, total: 2 });
    until(&mut live, |change| change.progress == Some(Progress { done: 1, total: 2 })).await;
    let running = Some(Progress { done: 1, total: 2 });
    assert_eq!(owner.ask::<Connections>("connections", NO_FIELDS).await.checking, running);
    let page = owner.get("/connections").await.text();
    assert!(page.contains("<progress") && page.contains("Look again"), "the page shows it without script");
    assert_eq!(Some(press(&mut owner).await), running, "a second press joins");
    assert!(owner.post("/api/check_all", NO_FIELDS).await.status.is_redirection(), "and so does a plain form");

    let end = until(&mut live, |change| change.toast.is_some()).await;
    assert_eq!(end.toast.as_deref(), Some("Checked 2 accounts: 1 healthy, 1 could not be reached"));
    app.drain().await;
    let after: Vec<i64> = before.iter().map(|epoch| epoch + 1).collect();
    assert_eq!(looks(&app, &owner).await, after, "each grant once, however often it was pressed");
    assert!(!owner.get("/connections").await.text().contains("<progress"));
}

// SPEC T-7: as the other forms, it works without script.
#[tokio::test]
async fn a_plain_form_begins_it() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    mastodon(&app, &mut owner, "mastodon.example").await;
    app.drain().await;
    assert!(owner.get("/connections").await.text().contains("action=\"/api/check_all\""));
    let mut live = app.state.live.listen();
    assert!(owner.post("/api/check_all", NO_FIELDS).await.status.is_redirection());
    app.drain().await;
    assert_eq!(toasts(&told(&mut live)), [(Tone::Ok, "Checked 1 account: 1 healthy")]);
}

// SPEC T-3, T-4: an outage is nobody's fault.
#[tokio::test]
async fn an_outage_leaves_all_green() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    mastodon(&app, &mut owner, "mastodon.example").await;
    two_pages(&app, &mut owner).await;
    for on in ["mastodon.example", "facebook"] {
        app.twin.fault(Fault::on(on, FaultKind::Status(503), None));
    }
    let mut live = app.state.live.listen();
    for _ in 0..4 {
        press(&mut owner).await;
        app.drain().await;
        let changes = told(&mut live);
        assert_eq!(toasts(&changes), [(Tone::Ok, "Checked 3 accounts: 3 could not be reached")]);
        assert_eq!(steps(&changes).last(), Some(&(3, 3)));
    }
    assert!(app.cards(&mut owner).await.iter().all(|card| card.health == Health::Healthy));
}

// SPEC T-6, T-7: what is found is told in the exact words, once, and then the sum.
#[tokio::test]
async fn what_broke_is_told_and_counted() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    mastodon(&app, &mut owner, "mastodon.example").await;
    mastodon(&app, &mut owner, "social.example").await;
    app.facebook_page(&mut owner).await;
    let person = format!("{}@social.example", cast::MASTODON[0]);
    let (vendor, expired) = ("facebook".to_owned(), people::FACEBOOK_MANY.to_owned());
    app.twin.control(Control::RevokeGrant { vendor: "mastodon".into(), person }).expect("known");
    app.twin.control(Control::ExpireAccess { vendor, person: expired }).expect("known");
    let mut live = app.state.live.listen();

    press(&mut owner).await;
    app.drain().await;

    let cards = app.cards(&mut owner).await;
    let revoked = cards.iter().find(|card| card.host.as_deref() == Some("social.example")).expect("a card");
    let page = cards.iter().find(|card| card.platform == Platform::Facebook).expect("a card");
    let changes = told(&mut live);
    let mut words = toasts(&changes);
    let sum = words.pop();
    assert_eq!(sum, Some((Tone::Warn, "Checked 3 accounts: 1 healthy, 2 need reconnect")));
    words.sort_by_key(|(_, words)| *words);
    let (expired, revoked) =
        (format!("{} expired. Please reconnect.", page.name), format!("Please reconnect {}", revoked.name));
    let mut expected = [(Tone::Warn, expired.as_str()), (Tone::Warn, revoked.as_str())];
    expected.sort_by_key(|(_, words)| *words);
    assert_eq!(words, expected);

    press(&mut owner).await;
    app.drain().await;
    let changes = told(&mut live);
    assert_eq!(toasts(&changes), [(Tone::Warn, "Checked 3 accounts: 1 healthy, 2 need reconnect")], "no news twice");
}

// A grant that somebody else looks at just now is not waited for.
#[tokio::test]
async fn a_grant_in_other_hands_counts_as_done() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    mastodon(&app, &mut owner, "mastodon.example").await;
    app.drain().await;
    let workspace = app.member(&owner).await.workspace;
    let (grant, _) =
        accounts::connected_by_grant(&app.state.db, &workspace).await.expect("grants").pop().expect("a grant");
    let claim = Claim { owner: "another server", now: 0, lease_ms: 600_000 };
    leases::take(&app.state.db, &grant, claim).await.expect("the store").expect("a lease");
    let before = app.twin.requests().len();
    let mut live = app.state.live.listen();
    press(&mut owner).await;
    let end = until(&mut live, |change| change.toast.is_some()).await;
    assert_eq!(end.toast.as_deref(), Some("Checked 1 account: 1 healthy"));
    assert_eq!(app.twin.requests().len(), before, "nobody asked the platform twice at once");
}

// SPEC W-1
#[tokio::test]
async fn who_may_not_check_may_not_check_all() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    assert_eq!(owner.call("check_all", NO_FIELDS).await.status, 409, "there is nothing to check yet");
    assert!(!owner.get("/connections").await.text().contains("/api/check_all"));
    mastodon(&app, &mut owner, "mastodon.example").await;
    app.drain().await;
    for (role, answer) in [(Role::Viewer, 403), (Role::Editor, 200)] {
        let email = format!("{}@agency.example", role.key());
        app.add_user(&email, role.key(), "Agency", role).await;
        let mut member = app.signed_in_as(&email).await;
        let before = looks(&app, &owner).await;
        assert_eq!(member.call("check_all", NO_FIELDS).await.status, answer, "{role:?}");
        app.drain().await;
        assert_eq!(looks(&app, &owner).await != before, answer == 200, "{role:?}");
        let page = member.get("/connections").await.text();
        assert_eq!(page.contains("/api/check_all"), answer == 200, "{role:?} sees the button");
    }
}

#[tokio::test]
async fn a_server_that_stops_begins_no_more_looks() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    mastodon(&app, &mut owner, "mastodon.example").await;
    app.drain().await;
    let before = looks(&app, &owner).await;
    let mut live = app.state.live.listen();
    app.state.stop.cancel();
    press(&mut owner).await;
    app.drain().await;
    assert_eq!(looks(&app, &owner).await, before);
    assert_eq!(toasts(&told(&mut live)), [], "what was not done is not reported");
    assert_eq!(owner.ask::<Connections>("connections", NO_FIELDS).await.checking, None);
}
