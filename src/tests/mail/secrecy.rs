//! No letter and no password leaves unencrypted or to a stranger.

use pilotlight::server::config::{Security, SmtpConfig};
use pilotlight::server::mail::{Delivery, Open};

use super::server::{Does, Manners, PASSWORD, PostOffice, Step, USER};
use super::{Counting, kind, letter, mailer, smtp};

/// Neither encrypted nor told to anybody.
async fn refused_before_anything(office: &PostOffice, config: SmtpConfig) -> String {
    let gate = Counting::default();
    let delivery = mailer(config).deliver(&letter("one"), &gate).await;
    let Delivery::Deferred(words) = delivery else { panic!("{delivery:?}") };
    let plain = office.plain();
    assert!(!plain.contains("AUTH") && !plain.contains("MAIL"), "{plain}");
    assert_eq!((office.taken().len(), gate.asked()), (0, 0));
    words
}

#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let office = PostOffice::with(Manners { starttls: false, tls: false }).await;
    let words = refused_before_anything(&office, smtp(&office)).await;
    assert!(words.contains("STARTTLS is not supported"), "{words}");
    // Without a login as well.
    refused_before_anything(&office, SmtpConfig { login: None, ..smtp(&office) }).await;
    // Only an operator who says so sends readable letters.
    let open = SmtpConfig { security: Security::None, login: None, ..smtp(&office) };
    assert_eq!(kind(&mailer(open).deliver(&letter("one"), &Open).await), "taken");
    assert!(!office.taken()[0].encrypted);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    for (security, tls) in [(Security::Starttls, false), (Security::Tls, true)] {
        let office = PostOffice::with(Manners { starttls: true, tls }).await;
        let stranger = SmtpConfig { security, ca_file: None, ..smtp(&office) };
        let words = refused_before_anything(&office, stranger).await;
        assert!(words.to_lowercase().contains("certificate"), "{words}");
        let known = SmtpConfig { security, ..smtp(&office) };
        assert_eq!(kind(&mailer(known).deliver(&letter("one"), &Open).await), "taken", "{security:?}");
        assert!(office.taken()[0].encrypted);
    }
}

// Some servers repeat the line that they did not like.
#[tokio::test]
async fn a_wrong_password_is_deferred_and_not_told() {
    let office = PostOffice::open().await;
    let wrong = "another+Password/9";
    let config = SmtpConfig { login: Some((USER.into(), wrong.into())), ..smtp(&office) };
    let delivery = mailer(config).deliver(&letter("one"), &Open).await;
    let Delivery::Deferred(words) = delivery else { panic!("{delivery:?}") };
    assert!(words.contains("535") && words.contains("5.7.8 wrong"), "the operator reads the server's words: {words}");
    let both = base64(&format!("\0{USER}\0{wrong}"));
    assert!(!words.contains(wrong) && !words.contains(&both), "{words}");

    // The right one, which the server does not want to know today.
    office.will(Step::Auth, Does::Says("454 4.7.0 k6-Fenster+Zaun? azYtRmVuc3RlcitaYXVu? later"));
    assert_eq!(base64(PASSWORD), "azYtRmVuc3RlcitaYXVu");
    let delivery = mailer(smtp(&office)).deliver(&letter("one"), &Open).await;
    assert_eq!(delivery, Delivery::Deferred("transient error (454): 4.7.0 \u{2026}? \u{2026}? later".into()));
    assert_eq!(office.taken().len(), 0);
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}
