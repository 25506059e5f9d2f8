//! Letters to a mail server. lettre speaks the protocol; the steps are taken one by one here, because only the last one
//! can't be taken back.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::Message;
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};
use secrecy::ExposeSecret;

use super::{Delivery, Gate, MailerError};
use crate::domain::text::one_line;
use crate::server::clock::Moment;
use crate::server::config::{Security, SmtpConfig};
use crate::server::crash;

/// How long a connection is kept for the next letter: less than servers wait.
const KEPT: Duration = Duration::from_secs(20);
/// Most connections that are kept.
const SPARE: usize = 4;
/// The answer by which a server ends a connection, at any step.
const CLOSING: u16 = 421;
/// The answer that asks for the text.
const GO_AHEAD: u16 = 354;

pub struct Smtp {
    config: SmtpConfig,
    hello: ClientId,
    tls: Option<TlsParameters>,
    spare: Mutex<Vec<(AsyncSmtpConnection, Moment)>>,
}

/// A step that did not work: the server's words, and whether it said "never".
struct Failed {
    words: String,
    answered: bool,
    never: bool,
    /// It said that it ends the connection, and nothing of the letter.
    closing: bool,
}

impl Failed {
    /// No answer that says anything.
    fn silent(words: impl Into<String>) -> Self {
        Self { words: words.into(), answered: false, never: false, closing: false }
    }

    /// The words as far as people read them.
    fn told(&self) -> String {
        one_line(&self.words, 300)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let closing = error.status().is_some_and(|code| u16::from(code) == CLOSING);
        Self { words: error.to_string(), answered: error.status().is_some(), never: error.is_permanent(), closing }
    }
}

/// The answer to a step, if it came in time.
async fn within<T>(time: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<T, Failed> {
    match tokio::time::timeout(time, step).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Failed::silent(format!("the mail server did not answer within {} seconds", time.as_secs()))),
    }
}

impl Smtp {
    pub fn new(config: &SmtpConfig, hello: &str) -> Result<Self, MailerError> {
        let tls = match config.security {
            Security::None => None,
            Security::Starttls | Security::Tls => Some(tls(config)?),
        };
        Ok(Self { config: config.clone(), hello: introduction(hello), tls, spare: Mutex::default() })
    }

    pub async fn deliver(&self, message: &Message, gate: &dyn Gate) -> Delivery {
        let mut connection = match self.ready(message.envelope()).await {
            Ok(connection) => connection,
            Err(delivery) => return delivery,
        };
        if !gate.open().await {
            // The server waits for text: it would take a goodbye for that and never answer.
            drop(connection);
            return Delivery::Held;
        }
        crash::point("before a letter's text");
        let ending = AtomicBool::new(false);
        let taken = within(self.config.taking_in, connection.message_iter(whole(&message.formatted(), &ending))).await;
        crash::point("after a letter's answer");
        match taken {
            Ok(answer) if answer.code().severity == Severity::PositiveCompletion => {
                self.keep(connection);
                Delivery::Taken(words(&answer))
            }
            // An answer to something else; nobody knows what this server does.
            Ok(answer) => Delivery::InDoubt(format!("the answer to the letter was {}", words(&answer))),
            Err(failed) if failed.answered => {
                if !failed.closing {
                    self.keep(connection);
                }
                if failed.never { Delivery::Refused(failed.told()) } else { Delivery::Deferred(failed.told()) }
            }
            Err(failed) if ending.load(Ordering::SeqCst) => Delivery::InDoubt(failed.told()),
            // Without its end no server takes a letter for one.
            Err(failed) => Delivery::Deferred(failed.told()),
        }
    }

    /// A connection on which the server waits for the letter's text. What is kept may have been closed meanwhile; a new
    /// one is made then.
    async fn ready(&self, envelope: &Envelope) -> Result<AsyncSmtpConnection, Delivery> {
        if let Some(mut connection) = self.spare() {
            match self.announce(&mut connection, envelope).await {
                Ok(()) => return Ok(connection),
                Err((_, failed)) if !failed.answered || failed.closing => {}
                Err((recipient, failed)) => return Err(self.turned_down(connection, recipient, failed)),
            }
        }
        let mut connection = self.connect().await.map_err(|failed| Delivery::Deferred(failed.told()))?;
        match self.announce(&mut connection, envelope).await {
            Ok(()) => Ok(connection),
            Err((recipient, failed)) => Err(self.turned_down(connection, recipient, failed)),
        }
    }

    /// Only a refused recipient is the letter's own fault. A refused sender is the operator's, and may be put right.
    fn turned_down(&self, connection: AsyncSmtpConnection, recipient: bool, failed: Failed) -> Delivery {
        // In the middle of a letter; the next one begins on another connection.
        drop(connection);
        match recipient && failed.never {
            true => Delivery::Refused(failed.told()),
            false => Delivery::Deferred(failed.told()),
        }
    }

    /// From the sender to where the server waits for the text. Says with the error whether it was about the recipient.
    async fn announce(&self, connection: &mut AsyncSmtpConnection, envelope: &Envelope) -> Result<(), (bool, Failed)> {
        let step = self.config.step;
        let mut options = Vec::new();
        if envelope.to().iter().chain(envelope.from()).any(|address| !address.to_string().is_ascii()) {
            options.push(MailParameter::SmtpUtfEight);
        }
        // Our letters are 7-bit; a server that knows better is told so anyway.
        if connection.server_info().supports_feature(Extension::EightBitMime) {
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let sender = Mail::new(envelope.from().cloned(), options);
        within(step, connection.command(sender)).await.map_err(|failed| (false, failed))?;
        for to in envelope.to() {
            let recipient = Rcpt::new(to.clone(), Vec::new());
            within(step, connection.command(recipient)).await.map_err(|failed| (true, failed))?;
        }
        let answer = within(step, connection.command(Data)).await.map_err(|failed| (false, failed))?;
        if u16::from(answer.code()) == GO_AHEAD {
            return Ok(());
        }
        Err((false, Failed::silent(format!("the answer to DATA was {}", words(&answer)))))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Failed> {
        let place = (self.config.host.as_str(), self.config.port);
        let at_once = self.tls.clone().filter(|_| self.config.security == Security::Tls);
        let step = self.config.step;
        let connect = AsyncSmtpConnection::connect_tokio1(place, Some(step), &self.hello, at_once, None);
        let mut connection = within(step, connect).await?;
        if let Some(tls) = self.tls.clone().filter(|_| self.config.security == Security::Starttls) {
            within(step, connection.starttls(tls, &self.hello)).await?;
        }
        if let Some((user, password)) = &self.config.login {
            let login = Credentials::new(user.clone(), password.expose_secret().to_owned());
            let known = within(step, connection.auth(DEFAULT_MECHANISMS, &login)).await;
            // Some servers answer with the line that they did not like.
            known
                .map_err(|failed| Failed { words: without(&failed.words, user, password.expose_secret()), ..failed })?;
        }
        Ok(connection)
    }

    fn spare(&self) -> Option<AsyncSmtpConnection> {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        spare.retain(|(connection, since)| !connection.has_broken() && since.elapsed() < KEPT);
        spare.pop().map(|(connection, _)| connection)
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE && !connection.has_broken() {
            spare.push((connection, Moment::now()));
        }
    }
}

/// A number is written otherwise than a name.
fn introduction(host: &str) -> ClientId {
    match host.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(number)) => ClientId::Ipv4(number),
        Ok(IpAddr::V6(number)) => ClientId::Ipv6(number),
        Err(_) => ClientId::Domain(host.to_owned()),
    }
}

/// A letter's text; sets `ending` when all of it went out and only the end is left.
fn whole<'a>(text: &'a [u8], ending: &'a AtomicBool) -> impl Iterator<Item = &'a [u8]> {
    let mut text = Some(text);
    std::iter::from_fn(move || {
        let part = text.take();
        ending.store(part.is_none(), Ordering::SeqCst);
        part
    })
}

/// What a server said, without the password in any form in which it was sent.
fn without(said: &str, user: &str, password: &str) -> String {
    let both = STANDARD.encode(format!("\0{user}\0{password}"));
    let alone = STANDARD.encode(password);
    [both.as_str(), alone.as_str(), password]
        .into_iter()
        .filter(|secret| !secret.is_empty())
        .fold(said.to_owned(), |said, secret| said.replace(secret, "\u{2026}"))
}

fn tls(config: &SmtpConfig) -> Result<TlsParameters, MailerError> {
    let wrong = |error: Error| MailerError(format!("mail.ca_file can't be used: {error}"));
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(path) = &config.ca_file {
        let pem = std::fs::read(path)
            .map_err(|error| MailerError(format!("mail.ca_file {} can't be read: {error}", path.display())))?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(wrong)?);
    }
    builder.build_rustls().map_err(wrong)
}

fn words(answer: &Response) -> String {
    let text: Vec<&str> = answer.message().collect();
    one_line(&format!("{} {}", answer.code(), text.join(" ")), 300)
}
