//! The time-outs of mail: how long they are, and how long they may be.

use std::time::Duration;

use pilotlight::server::config::{Config, ConfigError, SmtpConfig};

fn smtp(name: &str, value: &str) -> Result<SmtpConfig, ConfigError> {
    let set = [("PILOTLIGHT_MAIL__HOST", "mail.example"), ("PILOTLIGHT_MAIL__FROM", "a@b.example"), (name, value)];
    Config::from_layers(None, set).map(|config| config.mail.smtp.expect("a mail server"))
}

// All steps and the end must be over before the lease of the mail is (DESIGN rule 12): 300 seconds, from the claim for at
// most nine steps, and from the last of them again for the end.
#[test]
fn a_mail_server_has_time_but_not_longer_than_a_lease() {
    let usual = smtp("PILOTLIGHT_MAIL__PORT", "25").expect("usable");
    assert_eq!((usual.step, usual.taking_in), (Duration::from_secs(20), Duration::from_secs(240)));
    let longest = smtp("PILOTLIGHT_MAIL__TIMEOUT_SECONDS", "30").expect("usable");
    assert_eq!(longest.step, Duration::from_secs(30));
    let shortest = smtp("PILOTLIGHT_MAIL__TAKING_IN_SECONDS", "1").expect("usable");
    assert_eq!(shortest.taking_in, Duration::from_secs(1));
    for (name, value, setting) in [
        ("PILOTLIGHT_MAIL__TIMEOUT_SECONDS", "31", "mail.timeout_seconds"),
        ("PILOTLIGHT_MAIL__TIMEOUT_SECONDS", "0", "mail.timeout_seconds"),
        ("PILOTLIGHT_MAIL__TAKING_IN_SECONDS", "241", "mail.taking_in_seconds"),
    ] {
        let complaint = smtp(name, value).expect_err("it must be refused").to_string();
        assert!(complaint.contains(setting), "{complaint}");
    }
}
