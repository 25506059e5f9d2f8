//! The way out for mail, step by step, against a mail server that fails as it is told (SPEC ).

mod files;
mod outbox;
mod scene;
mod secrecy;
mod server;
mod settings;
mod steps;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use pilotlight::server::config::{MailConfig, Security, SmtpConfig};
use pilotlight::server::mail::{Delivery, Gate, Letter, Mailer};
use server::{PASSWORD, PostOffice, USER};

/// Longer than anything takes that is not meant to hang.
const PATIENT: Duration = Duration::from_secs(20);

fn certificate(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/tests/mail/certificates").join(name)
}

/// The way to a mail server that knows us, by STARTTLS.
fn smtp(office: &PostOffice) -> SmtpConfig {
    crate::support::crypto();
    SmtpConfig {
        host: "localhost".into(),
        port: office.port,
        security: Security::Starttls,
        login: Some((USER.into(), PASSWORD.into())),
        ca_file: Some(certificate("ca.pem")),
        step: PATIENT,
        taking_in: PATIENT,
    }
}

fn mailer(smtp: SmtpConfig) -> Mailer {
    let config = MailConfig {
        smtp: Some(smtp),
        from: "Pilotlight <alerts@pilot.example>".into(),
        hello: "pilot.example".into(),
        dir: PathBuf::from("nowhere"),
    };
    Mailer::new(&config).expect("usable settings")
}

fn letter(id: &str) -> Letter {
    Letter {
        id: id.into(),
        domain: "pilot.example".into(),
        at: 1_793_534_400_000,
        to_name: "Ada".into(),
        to: "ada@agency.example".into(),
        subject: "Bakery needs a reconnect".into(),
        text: ".It begins with a dot.\r\n.\r\nAnd goes on.".into(),
        html: "<p>It begins.</p>".into(),
        unsubscribe: None,
        resent: false,
    }
}

/// A gate that counts who comes by.
#[derive(Default)]
struct Counting {
    asked: AtomicUsize,
    closed: bool,
}

impl Counting {
    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Gate for Counting {
    async fn open(&self) -> bool {
        self.asked.fetch_add(1, Ordering::SeqCst);
        !self.closed
    }
}

/// What became of it, without the words.
fn kind(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Taken(_) => "taken",
        Delivery::Deferred(_) => "deferred",
        Delivery::Refused(_) => "refused",
        Delivery::InDoubt(_) => "in doubt",
        Delivery::Held => "held",
    }
}
