//! The outbox over a mail server that fails: nothing is lost, nothing is sent twice without saying so (SPEC A-5).

use std::time::Duration;

use pilotlight::api::notifications::MailState;
use pilotlight::domain::health::Observation;
use pilotlight::server::config::SmtpConfig;
use pilotlight::server::service::outbox;
use pilotlight::server::store::outbox::Channel;

use super::scene::{Log, Scene, see};
use super::server::{Does, Step};
use super::smtp;
use crate::support::db;

const BEFORE_THE_DOT: [(Step, Does); 10] = [
    (Step::Greeting, Does::Drops),
    (Step::Greeting, Does::Says("554 5.3.2 not today")),
    (Step::Hello, Does::Drops),
    (Step::StartTls, Does::Says("454 4.7.0 not now")),
    (Step::Auth, Does::Says("535 5.7.8 who are you?")),
    (Step::Mail, Does::Says("550 5.7.1 not from you")),
    (Step::Rcpt, Does::Says("450 4.2.0 later")),
    (Step::Rcpt, Does::Drops),
    (Step::Data, Does::Drops),
    (Step::End, Does::Says("451 4.3.0 later")),
];

#[tokio::test]
async fn what_was_not_taken_waits_and_arrives_once() {
    let mut scene = Scene::new().await;
    for (nth, (step, does)) in BEFORE_THE_DOT.into_iter().enumerate() {
        scene.office.will(step, does);
        assert_eq!(scene.send_later().await, 1, "{step:?} {does:?}");
        assert!(scene.office.is_through(), "{step:?} {does:?}");
        let listed = scene.listed().await;
        assert_eq!((listed.state, listed.resent), (MailState::Retrying, false), "{step:?} {does:?}");
        let answer = listed.answer.expect("the server's words");
        if let Does::Says(words) = does {
            assert!(answer.contains(&words[4..]), "{answer}");
        }
        assert_eq!(scene.send().await, 0, "attempt {nth} is followed by a wait");
    }
    assert_eq!(scene.send_later().await, 1);
    assert_eq!((scene.state().await, scene.copies()), (MailState::Sent, vec![false]));
    assert_eq!(scene.send_later().await, 0);
}

#[tokio::test]
async fn the_first_wait_is_short() {
    let scene = Scene::new().await;
    scene.office.will(Step::Rcpt, Does::Says("450 4.2.0 later"));
    assert_eq!(scene.send().await, 1);
    scene.app.advance(Duration::from_secs(14));
    assert_eq!(scene.send().await, 0);
    scene.app.advance(Duration::from_secs(16));
    assert_eq!((scene.send().await, scene.copies()), (1, vec![false]));
}

#[tokio::test]
async fn a_mail_cut_after_its_dot_is_sent_once_more_and_says_so() {
    let mut scene = Scene::new().await;
    scene.office.will(Step::End, Does::Drops);
    assert_eq!(scene.send().await, 1);
    let listed = scene.listed().await;
    assert_eq!((listed.state, listed.resent), (MailState::Retrying, false));
    // What goes wrong before the next dot changes nothing about the doubt.
    for (step, does) in [(Step::Mail, Does::Drops), (Step::End, Does::Says("451 4.3.0 later"))] {
        scene.office.will(step, does);
        assert_eq!(scene.send_later().await, 1);
        assert_eq!(scene.state().await, MailState::Retrying);
    }
    assert_eq!(scene.send_later().await, 1);
    assert_eq!(scene.copies(), [false, true]);
    let listed = scene.listed().await;
    assert_eq!((listed.state, listed.resent), (MailState::Sent, true));
    assert_eq!(scene.send_later().await, 0);
}

#[tokio::test]
async fn a_mail_cut_twice_is_dead_and_an_admin_may_send_it_again() {
    let mut scene = Scene::new().await;
    for _ in 0..2 {
        scene.office.will(Step::End, Does::Drops);
        assert_eq!(scene.send_later().await, 1);
    }
    assert_eq!(scene.copies(), [false, true]);
    assert_eq!(scene.send_later().await, 1, "it is looked at, and given up");
    assert_eq!(scene.copies().len(), 2, "no third copy by itself");
    let listed = scene.listed().await;
    assert_eq!((listed.state, listed.resent), (MailState::Dead, true));
    assert!(listed.answer.expect("words").starts_with("Nobody knows whether it arrived"));
    assert_eq!(events(&scene, "mail-dead").await, 1);
    assert_eq!(scene.send_later().await, 0);
    // The admin's copy may be the third, and says that it is not the first.
    scene.browser.call("resend_mail", &[("id", &listed.id)]).await;
    assert_eq!((scene.send().await, scene.state().await), (1, MailState::Sent));
    assert_eq!(scene.copies(), [false, true, true]);
    assert_eq!((events(&scene, "mail-resent").await, events(&scene, "mail-sent").await), (1, 1));
}

#[tokio::test]
async fn a_refused_mail_is_dead_at_once_and_may_be_sent_again() {
    for (step, answer) in [(Step::Rcpt, "550 5.1.1 nobody here"), (Step::End, "554 5.7.1 not that")] {
        let mut scene = Scene::new().await;
        scene.office.will(step, Does::Says(answer));
        assert_eq!(scene.send().await, 1);
        let listed = scene.listed().await;
        assert_eq!(listed.state, MailState::Dead);
        assert!(listed.answer.expect("words").contains(&answer[4..]));
        assert_eq!((events(&scene, "mail-dead").await, scene.send_later().await), (1, 0));
        scene.browser.call("resend_mail", &[("id", &listed.id)]).await;
        assert_eq!((scene.send().await, scene.state().await, scene.copies()), (1, MailState::Sent, vec![false]));
    }
}

#[tokio::test]
async fn nobody_waits_for_a_dead_mail_server_for_ever() {
    let mut scene = Scene::new().await;
    let mut attempts = 0;
    while scene.state().await != MailState::Dead {
        scene.office.will(Step::Greeting, Does::Drops);
        attempts += scene.send_later().await;
        assert!(attempts < 40, "three days of two hours");
    }
    assert!(attempts >= 36 && scene.copies().is_empty(), "{attempts}");
    assert_eq!(events(&scene, "mail-dead").await, 1);
}

// SPEC A-5: what an admin sends again is tried as long as a new mail
#[tokio::test]
async fn a_mail_that_is_sent_again_is_tried_anew() {
    let mut scene = Scene::new().await;
    scene.office.will(Step::Greeting, Does::Drops);
    assert_eq!((scene.send().await, scene.state().await), (1, MailState::Retrying));
    scene.app.advance(Duration::from_secs(4 * 86_400));
    scene.office.will(Step::Greeting, Does::Drops);
    assert_eq!(scene.send().await, 1);
    let listed = scene.listed().await;
    assert_eq!(listed.state, MailState::Dead);
    assert_eq!(scene.browser.call("resend_mail", &[("id", &listed.id)]).await.status, 200);
    scene.office.will(Step::Greeting, Does::Drops);
    assert_eq!((scene.send().await, scene.state().await), (1, MailState::Retrying), "not dead at its first failure");
    assert_eq!((scene.send_later().await, scene.state().await, scene.copies()), (1, MailState::Sent, vec![false]));
}

#[tokio::test]
async fn a_server_that_dies_leaves_a_doubt_only_after_it_noted_the_end() {
    let scene = Scene::new().await;
    let claimed = outbox::claim(&scene.app.state, Channel::Mail, 1).await.expect("the store");
    assert_eq!((claimed.len(), scene.send_later().await), (1, 0), "it is leased");
    scene.end_leases().await;
    assert_eq!((scene.send().await, scene.copies()), (1, vec![false]));

    let scene = Scene::new().await;
    let claimed = outbox::claim(&scene.app.state, Channel::Mail, 1).await.expect("the store").remove(0);
    scene.office.will(Step::End, Does::Hangs);
    let state = scene.app.state.clone();
    let dying = tokio::spawn(async move { outbox::one(&state, claimed).await });
    while scene.office.taken().is_empty() {
        tokio::task::yield_now().await;
    }
    dying.abort();
    scene.end_leases().await;
    assert_eq!((scene.send().await, scene.copies()), (1, vec![false, true]));
}

#[tokio::test]
async fn who_comes_too_late_sends_nothing() {
    let mut scene = Scene::new().await;
    let late = outbox::claim(&scene.app.state, Channel::Mail, 1).await.expect("the store").remove(0);
    scene.end_leases().await;
    let state = scene.app.beside(None).await;
    let next = outbox::claim(&state, Channel::Mail, 1).await.expect("the store").remove(0);
    outbox::one(&scene.app.state, late).await;
    assert_eq!((scene.copies().len(), scene.state().await), (0, MailState::Retrying));
    let next_state = pilotlight::server::state::AppState { mailer: scene.app.state.mailer.clone(), ..state };
    outbox::one(&next_state, next).await;
    assert_eq!((scene.copies(), scene.state().await), (vec![false], MailState::Sent));
}

// SPEC A-3: what is mended is not told any more, nor its end to somebody who never heard of it
#[tokio::test]
async fn what_is_not_so_any_more_is_not_sent() {
    let scene = Scene::new().await;
    scene.office.will(Step::Rcpt, Does::Says("450 4.2.0 later"));
    assert_eq!(scene.send().await, 1);
    see(&scene.app, &scene.owner.workspace, &scene.account, Observation::Works).await;
    scene.app.advance(Duration::from_secs(61));
    assert_eq!(scene.send().await, 1, "it is looked at, and dropped");
    assert_eq!((scene.copies().len(), scene.send_later().await), (0, 0));
}

// SPEC A-3: who may have heard of it is told that it is mended
#[tokio::test]
async fn after_a_first_copy_of_which_nobody_knows_only_the_end_is_told() {
    let scene = Scene::new().await;
    scene.office.will(Step::End, Does::Drops);
    assert_eq!(scene.send().await, 1);
    see(&scene.app, &scene.owner.workspace, &scene.account, Observation::Works).await;
    scene.app.advance(Duration::from_secs(61));
    scene.send().await;
    let told: Vec<_> = scene.office.taken().iter().filter_map(|one| one.header("Subject").map(str::to_owned)).collect();
    assert!(told.len() == 2 && told[1].contains("healthy again"), "{told:?}");
}

// A store that is away for a moment makes no doubt of what the mail server has said.
#[tokio::test]
async fn what_was_taken_is_kept_although_the_store_is_away() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    // With one subscriber alone, a thread that logs a line first decides for all whether anybody wants it.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _logging = tracing::subscriber::set_default(subscriber);
    let mut scene = Scene::new().await;
    let away = "create trigger away before update of state on outbox when new.state = 'sent' begin select raise(abort, 'away'); end";
    db::execute(&scene.app.state.db, away).await;
    let back = async {
        while !log.text().contains("what became of a mail could not be stored") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        db::execute(&scene.app.state.db, "drop trigger away").await;
    };
    let (sent, ()) = tokio::join!(scene.send(), back);
    assert_eq!((sent, scene.copies()), (1, vec![false]));
    assert_eq!((scene.state().await, events(&scene, "mail-sent").await), (MailState::Sent, 1));
}

// SPEC A-5 and DESIGN rule 2: the server's words are kept, the password is not among them.
#[tokio::test]
async fn a_wrong_password_is_nowhere_in_the_books() {
    let wrong = "another+Password/9";
    let login = Some(("post@agency.example".to_owned(), wrong.into()));
    let mut scene = Scene::on(None, Box::new(()), |office| SmtpConfig { login, ..smtp(office) }).await;
    assert_eq!((scene.send().await, scene.state().await), (1, MailState::Retrying));
    assert!(scene.listed().await.answer.expect("words").contains("535"));
    let books = crate::support::dump(&scene.app.state.db, &["outbox", "events"]).await;
    let coded = |text: &str| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text);
    for secret in [wrong.to_owned(), coded(wrong), coded(&format!("\0post@agency.example\0{wrong}"))] {
        assert!(books.contains("535") && !books.contains(&secret), "{secret} in {books}");
    }
}

/// How many lines of a kind the workspace's history has.
async fn events(scene: &Scene, kind: &str) -> i64 {
    let query = format!("select count(*) from events where kind = '{kind}'");
    db::number(&scene.app.state.db, query).await
}
