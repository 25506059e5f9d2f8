//! What became of a letter when a step goes wrong (SPEC A-5): only the final dot leaves a doubt.

use std::time::Duration;

use pilotlight::server::config::SmtpConfig;
use pilotlight::server::mail::{Delivery, Letter, Open};

use super::server::{Does, PostOffice, Step};
use super::{Counting, PATIENT, kind, letter, mailer, smtp};

const BEFORE_THE_TEXT: [Step; 7] =
    [Step::Greeting, Step::Hello, Step::StartTls, Step::Auth, Step::Mail, Step::Rcpt, Step::Data];

/// For a server that must not answer.
const SHORT: Duration = Duration::from_millis(400);
/// For one that answers until it comes to a step.
const LONG_ENOUGH: Duration = Duration::from_secs(3);

/// Too long for what lies between two programs: the text is cut while it is written.
fn long(id: &str) -> Letter {
    Letter { text: "All that happened to it.\r\n".repeat(480_000), ..letter(id) }
}

/// Delivers one letter to a server on which a step goes wrong: what became of it, how often the gate was asked, and how
/// many letters arrived.
async fn one(step: Step, does: Does, letter: Letter, patience: (Duration, Duration)) -> (Delivery, usize, usize) {
    let office = PostOffice::open().await;
    let mailer = mailer(SmtpConfig { step: patience.0, taking_in: patience.1, ..smtp(&office) });
    office.will(step, does);
    let gate = Counting::default();
    let delivery = mailer.deliver(&letter, &gate).await;
    assert!(office.is_through(), "{step:?}: nothing went wrong");
    (delivery, gate.asked(), office.taken().len())
}

async fn check(step: Step, does: Does, letter: Letter, patience: (Duration, Duration), expected: (&str, usize, usize)) {
    let (delivery, asked, taken) = one(step, does, letter, patience).await;
    assert_eq!((kind(&delivery), asked, taken), expected, "{step:?} {does:?}: {delivery:?}");
}

#[tokio::test]
async fn what_goes_right_arrives_whole() {
    let office = PostOffice::open().await;
    let mailer = mailer(smtp(&office));
    let delivery = mailer.deliver(&letter("one"), &Open).await;
    assert_eq!(delivery, Delivery::Taken("250 2.0.0 queued as 7".into()));
    let taken = office.taken();
    assert!(taken.len() == 1 && taken[0].encrypted && taken[0].to == "RCPT TO:<ada@agency.example>", "{taken:?}");
    assert_eq!(taken[0].header("Message-ID"), Some("<one@pilot.example>"));
    assert_eq!(taken[0].header("X-Pilotlight-Resent"), None);
    assert!(taken[0].text.contains("\r\n.It begins with a dot.\r\n.\r\nAnd goes on."), "{}", taken[0].text);
    assert!(!office.plain().contains("AUTH") && !office.plain().contains("MAIL"), "{}", office.plain());
}

// A server that refuses us may be put right by the operator; only one that refuses the recipient means the letter.
#[tokio::test]
async fn before_the_text_nothing_is_in_doubt() {
    for step in BEFORE_THE_TEXT {
        let never = if step == Step::Rcpt { "refused" } else { "deferred" };
        for (does, expected) in [
            (Does::Says("450 4.2.0 later"), "deferred"),
            (Does::Says("550 5.1.1 never"), never),
            (Does::Says("421 4.3.2 closing"), "deferred"),
            (Does::Drops, "deferred"),
        ] {
            check(step, does, letter("one"), (PATIENT, PATIENT), (expected, 0, 0)).await;
        }
    }
    let hangs =
        BEFORE_THE_TEXT.map(|step| check(step, Does::Hangs, letter("one"), (LONG_ENOUGH, PATIENT), ("deferred", 0, 0)));
    futures::future::join_all(hangs).await;
}

#[tokio::test]
async fn a_text_that_is_cut_was_not_sent() {
    check(Step::Text, Does::Drops, long("one"), (PATIENT, PATIENT), ("deferred", 1, 0)).await;
    check(Step::Text, Does::Hangs, long("one"), (PATIENT, SHORT), ("deferred", 1, 0)).await;
    let full = Does::Says("452 4.3.1 full");
    check(Step::Text, full, letter("one"), (PATIENT, PATIENT), ("deferred", 1, 0)).await;
}

#[tokio::test]
async fn after_the_final_dot_silence_is_doubt() {
    check(Step::End, Does::Drops, letter("one"), (PATIENT, PATIENT), ("in doubt", 1, 1)).await;
    check(Step::End, Does::Hangs, letter("one"), (PATIENT, SHORT), ("in doubt", 1, 1)).await;
    for (answer, expected) in
        [("451 4.3.0 later", "deferred"), ("554 5.7.1 spam", "refused"), ("421 4.3.2 bye", "deferred")]
    {
        check(Step::End, Does::Says(answer), letter("one"), (PATIENT, PATIENT), (expected, 1, 0)).await;
    }
    // What is no answer to a letter says nothing of it.
    for odd in ["354 go on", "what?"] {
        check(Step::End, Does::Says(odd), letter("one"), (PATIENT, PATIENT), ("in doubt", 1, 0)).await;
    }
}

// A server whose answers are one behind must not have one of them taken for that of the letter.
#[tokio::test]
async fn only_354_asks_for_the_text() {
    check(Step::Data, Does::Says("250 fine"), letter("one"), (PATIENT, PATIENT), ("deferred", 0, 0)).await;
}

#[tokio::test]
async fn a_closed_gate_ends_it_at_once() {
    let office = PostOffice::open().await;
    let gate = Counting { closed: true, ..Counting::default() };
    let mailer = mailer(smtp(&office));
    let held = tokio::time::timeout(PATIENT, mailer.deliver(&letter("one"), &gate)).await;
    assert_eq!(held.expect("nobody waits for a server that waits for text"), Delivery::Held);
    assert_eq!(kind(&mailer.deliver(&letter("two"), &Open).await), "taken");
    assert_eq!(office.taken().len(), 1);
}

#[tokio::test]
async fn a_connection_is_used_again_and_replaced_when_it_was_closed() {
    let office = PostOffice::open().await;
    let mailer = mailer(smtp(&office));
    for id in ["one", "two"] {
        assert_eq!(kind(&mailer.deliver(&letter(id), &Open).await), "taken");
    }
    assert_eq!((office.connections(), office.taken().len()), (1, 2));
    // Closed without a word, with one, and in the middle of the next letter.
    for (step, does) in [
        (Step::Idle, Does::Drops),
        (Step::Idle, Does::Says("421 4.4.2 idle for too long")),
        (Step::Mail, Does::Drops),
        (Step::Mail, Does::Says("421 4.7.0 too many letters")),
        (Step::Rcpt, Does::Drops),
        (Step::Data, Does::Drops),
    ] {
        let before = (office.connections(), office.taken().len());
        office.will(step, does);
        let gate = Counting::default();
        for id in ["three", "four"] {
            assert_eq!(kind(&mailer.deliver(&letter(id), &gate).await), "taken", "{step:?} {does:?}");
        }
        assert!(office.is_through());
        assert_eq!((office.connections(), office.taken().len()), (before.0 + 1, before.1 + 2), "{step:?} {does:?}");
        assert_eq!(gate.asked(), 2);
    }
    // Of a letter that was cut after its dot nothing is sent by itself.
    let before = office.taken().len();
    office.will(Step::End, Does::Drops);
    assert_eq!(kind(&mailer.deliver(&letter("five"), &Open).await), "in doubt");
    assert_eq!(office.taken().len(), before + 1);
    assert_eq!(kind(&mailer.deliver(&letter("six"), &Open).await), "taken");
}
