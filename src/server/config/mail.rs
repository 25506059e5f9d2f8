//! The settings of mail.

use std::time::Duration;

use url::Url;

use super::layers::Layers;
use super::validate::{is_loopback, port, within};
use super::{ConfigError, MailConfig, Security, ServerConfig, SmtpConfig, raw};
use crate::server::mail::letter::is_mailbox;

/// Where letters are written without a mail server, under the data directory.
const DIR: &str = "mail";
/// All steps together, and the end, must be over before somebody else may take the mail (`service::alerts::send`).
const LONGEST_STEP: i64 = 30;
const LONGEST_END: i64 = 240;

pub fn mail(raw: raw::Mail, server: &ServerConfig, layers: &Layers) -> Result<MailConfig, ConfigError> {
    let ours = Url::parse(&server.public_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let hello = ours.unwrap_or_else(|| "localhost".into());
    let dir = server.data.join(DIR);
    if let Some(from) = raw.from.as_ref().filter(|from| !is_mailbox(from)) {
        return Err(layers.wrong("mail.from", Some(from), "an address, like \"Pilotlight <alerts@agency.example>\""));
    }
    match (smtp(&raw, layers)?, raw.from) {
        (Some(_), None) => {
            Err(layers.wrong("mail.from", None, "set beside mail.host, like \"Pilotlight <alerts@agency.example>\""))
        }
        (smtp, Some(from)) => Ok(MailConfig { smtp, from, hello, dir }),
        (None, None) => Ok(MailConfig { smtp: None, from: nobody(&hello), hello, dir }),
    }
}

/// A sender for letters that nobody sends.
fn nobody(host: &str) -> String {
    let from = format!("Pilotlight <pilotlight@{host}>");
    if is_mailbox(&from) { from } else { "Pilotlight <pilotlight@localhost>".into() }
}

fn smtp(raw: &raw::Mail, layers: &Layers) -> Result<Option<SmtpConfig>, ConfigError> {
    let Some(host) = &raw.host else {
        let stray = [("user", raw.user.is_some()), ("password", raw.password.is_some()), ("port", raw.port.is_some())];
        if let Some((name, _)) = stray.iter().find(|(_, set)| *set) {
            return Err(layers.wrong(&format!("mail.{name}"), None, "left out as long as mail.host is not set"));
        }
        return Ok(None);
    };
    if host.is_empty() || host.contains([':', '/', ' ', '@']) {
        return Err(layers.wrong("mail.host", Some(host), "the name of a mail server, like mail.agency.example"));
    }
    let security = match raw.security.as_str() {
        "starttls" => Security::Starttls,
        "tls" => Security::Tls,
        "none" => Security::None,
        other => return Err(layers.wrong("mail.security", Some(other), "starttls, tls or none")),
    };
    let usual = match security {
        Security::Starttls => 587,
        Security::Tls => 465,
        Security::None => 25,
    };
    let login = match (&raw.user, &raw.password) {
        (Some(user), Some(password)) => Some((user.clone(), password.clone())),
        (None, None) => None,
        (Some(_), None) => return Err(layers.wrong("mail.password", None, "set beside mail.user")),
        (None, Some(_)) => return Err(layers.wrong("mail.user", None, "set beside mail.password")),
    };
    if login.is_some() && security == Security::None && !is_loopback(&format!("http://{host}")) {
        let expected = "starttls or tls: a password would travel readable";
        return Err(layers.wrong("mail.security", Some("none"), expected));
    }
    Ok(Some(SmtpConfig {
        host: host.clone(),
        port: port("mail.port", raw.port.unwrap_or(usual), layers)?,
        security,
        login,
        ca_file: raw.ca_file.as_ref().map(Into::into),
        step: seconds("mail.timeout_seconds", raw.timeout_seconds, LONGEST_STEP, layers)?,
        taking_in: seconds("mail.taking_in_seconds", raw.taking_in_seconds, LONGEST_END, layers)?,
    }))
}

fn seconds(setting: &str, number: i64, most: i64, layers: &Layers) -> Result<Duration, ConfigError> {
    Ok(Duration::from_secs(within(setting, number, 1, most, layers)?.into()))
}
