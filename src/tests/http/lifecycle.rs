//! Green to amber and back, as the sandbox breaks things (SPEC T-2 to T-6).

use std::sync::Arc;
use std::time::Duration;

use pilotlight::api::accounts::{Detail, Outcome};
use pilotlight::domain::health::{Cause, Health};
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Choice, Control, Fault, FaultKind, Moment};
use pilotlight::server::service::keeper::token;
use pilotlight::server::store::{accounts, incidents, outages};
use secrecy::ExposeSecret as _;

use crate::support::browser::Browser;
use crate::support::{TestApp, people};
use pilotlight::server::service::live::News;

// SPEC T-6, 1: one incident from green-to-amber until amber-to-green.
#[tokio::test]
async fn a_revoked_consent_turns_amber_once_and_green_again() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    let mut live = app.state.live.listen();
    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    for _ in 0..3 {
        app.keep_all().await;
    }
    let amber = app.card(&mut browser, &card.id).await;
    assert_eq!((amber.health, amber.cause), (Health::NeedsReconnect, Some(Cause::Revoked)));
    let told = std::iter::from_fn(|| live.try_recv().ok());
    let toasts: Vec<_> = told
        .filter_map(|news| match news {
            News::Change(change) => change.toast,
            News::LookAgain(_) => panic!("nothing is missed in one process"),
        })
        .collect();
    assert_eq!(toasts, [format!("Please reconnect {}", card.name)]);

    let page = app
        .connect(&mut browser, &format!("/oauth/start?platform=mastodon&account={}", card.id), Choice::default())
        .await;
    assert!(page.redirect().contains("done=reconnected"), "{}", page.redirect());
    assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy);
    let outages = incidents::of_account(&app.state.db, &card.id).await.expect("incidents");
    assert_eq!(outages.len(), 1);
    assert!(outages[0].1.is_some(), "the incident is closed");
}

// SPEC T-2: X lives two hours; its tokens are replaced on need and the account never turns amber.
#[tokio::test]
async fn short_lived_tokens_are_replaced_for_days() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    app.connect(&mut browser, "/oauth/start?platform=x", Choice::default()).await;
    for _ in 0..36 {
        app.advance(Duration::from_secs(3_600));
        app.keep().await;
        let card = app.cards(&mut browser).await.pop().expect("a card");
        assert_eq!(card.health, Health::Healthy);
    }
    let tokens = app
        .twin
        .requests()
        .iter()
        .filter(|request| request.path.contains("oauth2/token") && request.status == 200)
        .count();
    assert!((18..=38).contains(&tokens), "{tokens} token calls in 36 hours");
}

// SPEC T-6
#[tokio::test]
async fn refresh_now_says_what_it_found() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    let id = card.id.as_str();
    let outcome: Outcome = browser.ask("check", &[("id", id)]).await;
    assert_eq!((outcome.words, outcome.health), (format!("{} is healthy", card.name), Some(Health::Healthy)));
    app.twin
        .control(Control::RevokeGrant { vendor: "mastodon".into(), person: people::MASTODON_FIRST.into() })
        .expect("known");
    let outcome: Outcome = browser.ask("check", &[("id", id)]).await;
    assert_eq!(
        (outcome.words, outcome.health),
        (format!("Please reconnect {}", card.name), Some(Health::NeedsReconnect))
    );
}

// SPEC T-4: a single bad answer is no alarm, however final it sounds.
#[tokio::test]
async fn a_death_is_asked_for_a_second_time() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let card = app.mastodon(&mut browser).await;
    app.twin.fault(Fault::on("mastodon.example", FaultKind::Status(401), Some(1)));
    let outcome: Outcome = browser.ask("check", &[("id", card.id.as_str())]).await;
    assert_eq!(outcome.health, Some(Health::Healthy), "{}", outcome.words);
}

// SPEC T-3, T-4: an outage of any length is not the account's fault.
#[tokio::test]
async fn a_platform_that_is_down_for_days_turns_nothing_amber() {
    for kind in [
        FaultKind::Status(500),
        FaultKind::Status(503),
        FaultKind::Status(429),
        FaultKind::Html,
        FaultKind::Empty,
        FaultKind::DropConnection,
        FaultKind::WrongJson,
        FaultKind::LoseAnswer,
        FaultKind::Huge(50 * 1024 * 1024),
    ] {
        let app = TestApp::new().await;
        let mut browser = app.owner().await;
        let card = app.mastodon(&mut browser).await;
        app.twin.fault(Fault::on("mastodon.example", kind.clone(), None));
        for _ in 0..6 {
            app.keep_all().await;
        }
        let after = app.card(&mut browser, &card.id).await;
        assert_eq!(after.health, Health::Healthy, "{kind:?}");
        let detail: Detail = browser.ask("account", &[("id", card.id.as_str())]).await;
        let attempts = detail.history.iter().filter(|line| line.words.contains("try again")).count();
        assert!((1..=3).contains(&attempts), "{kind:?}: {attempts} lines in the history");
        app.twin.clear_faults();
        app.keep_all().await;
        assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy, "{kind:?}");
    }
}

// SPEC D-2: each cause of a Facebook page has its own name.
#[tokio::test]
async fn what_breaks_a_facebook_page_is_named() {
    let vendor = || "facebook".to_owned();
    let person = || people::FACEBOOK_MANY.to_owned();
    let page = || people::FACEBOOK_PAGE.to_owned();
    let breaks: [(Control, Cause); 4] = [
        (Control::RevokeGrant { vendor: vendor(), person: person() }, Cause::Revoked),
        (Control::ChangePassword { vendor: vendor(), person: person() }, Cause::PasswordChanged),
        (
            Control::Untick { vendor: vendor(), person: person(), scope: "pages_manage_posts".into() },
            Cause::PermissionsMissing,
        ),
        (Control::LoseRole { vendor: vendor(), person: person(), page: page() }, Cause::RoleLost),
    ];
    for (control, cause) in breaks {
        let app = TestApp::new().await;
        let mut browser = app.owner().await;
        let card = app.facebook_page(&mut browser).await;
        app.twin.control(control.clone()).expect("known");
        let outcome: Outcome = browser.ask("check", &[("id", card.id.as_str())]).await;
        let after = app.card(&mut browser, &card.id).await;
        assert_eq!(after.cause, Some(cause), "{control:?}: {}", outcome.words);
    }
}

// SPEC T-4: Bluesky's session ends for good when its app password is deleted.
#[tokio::test]
async fn a_deleted_app_password_turns_amber() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    let form = [("platform", "bluesky"), ("handle", people::BLUESKY.0), ("password", people::BLUESKY.1)];
    browser.post("/oauth/password", &form).await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    app.twin
        .control(Control::DeleteAppPassword { vendor: "bluesky".into(), person: people::BLUESKY.0.into() })
        .expect("known");
    app.advance(Duration::from_secs(3 * 3_600));
    app.keep().await;
    let after = app.card(&mut browser, &card.id).await;
    assert_eq!((after.health, after.cause), (Health::NeedsReconnect, Some(Cause::Revoked)));
}

// SPEC T-5: a consent that arrives while a refresh is under way has the last word.
#[tokio::test]
async fn a_reconnect_during_a_refresh_wins() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    app.connect(&mut browser, "/oauth/start?platform=x", Choice::default()).await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    app.advance(Duration::from_secs(2 * 3_600));
    let callback =
        app.consent(&mut browser, &format!("/oauth/start?platform=x&account={}", card.id), Choice::default()).await;
    app.twin.fault(Fault::on("x", FaultKind::Delay(400), Some(1)));
    let state = app.state.clone();
    let refresh = tokio::spawn(async move { pilotlight::server::service::keeper::run_due(&state).await });
    while app.twin.faults_left() > 0 {
        tokio::task::yield_now().await;
    }
    let page = browser.get(&callback).await;
    assert!(page.redirect().contains("done=reconnected"), "{}", page.redirect());
    refresh.await.expect("no panic").expect("the keeper runs");
    app.keep().await;
    let outcome: Outcome = browser.ask("check", &[("id", card.id.as_str())]).await;
    assert_eq!(outcome.health, Some(Health::Healthy), "{}", outcome.words);
}

/// How often X's token endpoint was asked.
fn refreshes(app: &TestApp) -> usize {
    app.twin.requests().iter().filter(|request| request.path.ends_with("/oauth2/token")).count()
}

pub(super) async fn x(app: &TestApp) -> Browser {
    let mut browser = app.owner().await;
    app.connect(&mut browser, "/oauth/start?platform=x", Choice::default()).await;
    browser
}

// SPEC T-4: silence is no refusal, however long it lasts; what never arrived cost nothing.
#[tokio::test]
async fn a_single_use_token_outlives_a_day_without_answers() {
    let app = TestApp::new().await;
    let mut browser = x(&app).await;
    let before = refreshes(&app);
    app.twin.fault(Fault::on("x", FaultKind::DropConnection, None).at("/2/oauth2/token"));
    for _ in 0..48 {
        app.advance(Duration::from_secs(1_800));
        app.keep().await;
        let card = app.cards(&mut browser).await.pop().expect("a card");
        assert_eq!(card.health, Health::Healthy);
    }
    let asked = refreshes(&app) - before;
    assert!((5..=60).contains(&asked), "{asked} attempts in a day");
    app.twin.clear_faults();
    app.advance(Duration::from_secs(3_600));
    app.keep().await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    let outcome: Outcome = browser.ask("check", &[("id", card.id.as_str())]).await;
    assert_eq!((card.health, outcome.health), (Health::Healthy, Some(Health::Healthy)), "{}", outcome.words);
}

// SPEC T-5: a pair that was made and never reached us is gone. That is told at once, and by its right name.
#[tokio::test]
async fn a_lost_answer_of_a_single_use_refresh_is_reported() {
    let app = TestApp::new().await;
    let mut browser = x(&app).await;
    app.advance(Duration::from_secs(2 * 3_600));
    app.twin.fault(Fault::on("x", FaultKind::LoseAnswer, Some(1)).at("/2/oauth2/token"));
    app.keep().await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    assert_eq!(card.health, Health::Healthy, "one lost answer proves nothing");
    app.advance(Duration::from_secs(120));
    app.keep().await;
    let card = app.card(&mut browser, &card.id).await;
    assert_eq!((card.health, card.cause), (Health::NeedsReconnect, Some(Cause::RefreshFailed)));
    let page =
        app.connect(&mut browser, &format!("/oauth/start?platform=x&account={}", card.id), Choice::default()).await;
    assert!(page.redirect().contains("done=reconnected"), "{}", page.redirect());
    // The doubt went with the old tokens: the next refusal has another name.
    app.twin.control(Control::RevokeGrant { vendor: "x".into(), person: "crumbandkettle".into() }).expect("known");
    app.advance(Duration::from_secs(2 * 3_600));
    app.keep().await;
    assert_eq!(app.card(&mut browser, &card.id).await.cause, Some(Cause::Revoked));
}

// SPEC T-5: a second sending whose answer is lost as well has ended the access token too. That is no word of the person's.
#[tokio::test]
async fn two_lost_answers_of_a_single_use_refresh_are_not_taken_for_a_revocation() {
    let app = TestApp::new().await;
    let mut browser = x(&app).await;
    app.advance(Duration::from_secs(110 * 60));
    app.twin.fault(Fault::on("x", FaultKind::LoseAnswer, Some(2)).at("/2/oauth2/token"));
    app.keep().await;
    app.advance(Duration::from_secs(90));
    app.keep().await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    assert_eq!((card.health, app.twin.faults_left()), (Health::Healthy, 0), "two lost answers prove nothing");
    app.advance(Duration::from_secs(180));
    app.keep().await;
    let card = app.card(&mut browser, &card.id).await;
    assert_eq!((card.health, card.cause), (Health::NeedsReconnect, Some(Cause::RefreshFailed)));
}

// SPEC T-5: nor is one lost answer, when the platform's clock is ahead and calls the access token too old.
#[tokio::test]
async fn a_lost_answer_and_an_access_token_near_its_end_are_not_taken_for_a_revocation() {
    let app = TestApp::new().await;
    let mut browser = x(&app).await;
    app.advance(Duration::from_secs(116 * 60));
    app.twin.fault(Fault::on("x", FaultKind::LoseAnswer, Some(1)).at("/2/oauth2/token"));
    app.keep().await;
    app.twin.control(Control::ExpireAccess { vendor: "x".into(), person: "crumbandkettle".into() }).expect("known");
    app.advance(Duration::from_secs(90));
    app.keep().await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    assert_eq!((card.health, card.cause), (Health::NeedsReconnect, Some(Cause::RefreshFailed)));
}

// SPEC T-5: nor is one lost answer whose second sending was refused, when the question after that one meets a platform that
// is down: the refused one has ended the access token.
#[tokio::test]
async fn a_lost_answer_and_a_platform_that_is_down_are_not_taken_for_a_revocation() {
    let app = TestApp::new().await;
    let mut browser = x(&app).await;
    app.advance(Duration::from_secs(110 * 60));
    app.twin.fault(Fault::on("x", FaultKind::LoseAnswer, Some(1)).at("/2/oauth2/token"));
    app.keep().await;
    // The second look: the access token works, the refresh is refused, the access token is dead, and then 500.
    let twin = app.twin.clone();
    let refused = std::sync::atomic::AtomicBool::new(false);
    app.twin.on_refresh(Box::new(move |moment, _| {
        if moment == Moment::Answering && !refused.swap(true, std::sync::atomic::Ordering::SeqCst) {
            twin.fault(Fault::on("x", FaultKind::Status(500), Some(1)).at("/2/oauth2/token"));
        }
    }));
    app.advance(Duration::from_secs(90));
    app.keep().await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    assert_eq!((card.health, app.twin.faults_left()), (Health::Healthy, 0), "that was no second word");
    app.advance(Duration::from_secs(180));
    app.keep().await;
    let card = app.card(&mut browser, &card.id).await;
    assert_eq!((card.health, card.cause), (Health::NeedsReconnect, Some(Cause::RefreshFailed)));
}

// SPEC T-5: whoever needs a token at once with many others causes one refresh.
#[tokio::test]
async fn many_who_need_a_token_share_one_refresh() {
    let app = TestApp::new().await;
    let mut browser = x(&app).await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    let member = app.member(&browser).await;
    let account = accounts::get(&app.state.db, &member.workspace, &card.id).await.expect("the store").expect("a row");
    let before = refreshes(&app);
    let fresh = token::usable(&app.state, &account.grant).await.expect("a token");
    assert_eq!(refreshes(&app), before, "one that lives is handed out as it is");
    app.advance(Duration::from_secs(2 * 3_600));
    app.twin.fault(Fault::on("x", FaultKind::Delay(50), None));
    let all = (0..20).map(|_| {
        let (state, grant) = (app.state.clone(), account.grant.clone());
        tokio::spawn(async move { token::usable(&state, &grant).await.expect("a token").access })
    });
    let mut got = Vec::new();
    for one in all.collect::<Vec<_>>() {
        got.push(one.await.expect("no panic").expose_secret().to_owned());
    }
    got.dedup();
    assert_eq!((got.len(), refreshes(&app) - before), (1, 1));
    assert_ne!(got[0], fresh.access.expose_secret());
}

// SPEC T-4: a platform that refuses our app changes no account; the operator is told once.
#[tokio::test]
async fn a_refusal_of_our_app_opens_the_breaker_and_hurts_nobody() {
    let mut app = TestApp::new().await;
    let mut browser = x(&app).await;
    let right = app.state.config.clone();
    let mut wrong = (*right).clone();
    wrong.platforms.get_mut(&Platform::X).expect("set").client_secret = "mistyped".into();
    app.state.config = Arc::new(wrong);
    for _ in 0..20 {
        app.advance(Duration::from_secs(3_600));
        app.keep().await;
    }
    let card = app.cards(&mut browser).await.pop().expect("a card");
    assert_eq!(card.health, Health::Healthy);
    let told = outages::all(&app.state.db).await.expect("the store");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].platform, "x");
    app.state.config = right;
    app.advance(Duration::from_secs(3_600));
    app.keep().await;
    assert!(outages::all(&app.state.db).await.expect("the store").is_empty(), "it is over");
    let outcome: Outcome = browser.ask("check", &[("id", card.id.as_str())]).await;
    assert_eq!(outcome.health, Some(Health::Healthy), "{}", outcome.words);
}

// SPEC T-5
#[tokio::test]
async fn a_refresh_that_never_arrived_is_sent_again_and_works() {
    let app = TestApp::new().await;
    let mut browser = app.owner().await;
    app.connect(&mut browser, "/oauth/start?platform=x", Choice::default()).await;
    app.advance(Duration::from_secs(2 * 3_600));
    app.twin.fault(Fault::on("x", FaultKind::DropConnection, Some(1)).at("/2/oauth2/token"));
    app.keep().await;
    app.advance(Duration::from_secs(120));
    app.keep().await;
    let card = app.cards(&mut browser).await.pop().expect("a card");
    let outcome: Outcome = browser.ask("check", &[("id", card.id.as_str())]).await;
    assert_eq!((card.health, outcome.health), (Health::Healthy, Some(Health::Healthy)), "{}", outcome.words);
}
