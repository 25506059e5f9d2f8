//! A letter: what is said, to whom, and the headers around it.

use std::time::{Duration, UNIX_EPOCH};

use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

/// A letter before it is packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The same for every attempt: it becomes the Message-ID, by which the other side knows a second copy.
    pub id: String,
    /// The part of the Message-ID after the `@`.
    pub domain: String,
    /// Unix milliseconds.
    pub at: i64,
    pub to_name: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Where one click ends letters of this kind (RFC 8058).
    pub unsubscribe: Option<String>,
    /// It may be a second copy: nobody knows what became of the first.
    pub resent: bool,
}

/// Why a letter can't be packed.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    #[error("the address can't be used: {0}")]
    Address(#[from] lettre::address::AddressError),
    #[error("the letter can't be written: {0}")]
    Write(#[from] lettre::error::Error),
}

/// Whether a text names a sender, like `Pilotlight <alerts@agency.example>`.
pub fn is_mailbox(text: &str) -> bool {
    text.parse::<Mailbox>().is_ok()
}

impl Letter {
    /// Packs it.
    pub(super) fn message(&self, from: &str) -> Result<Message, LetterError> {
        let to = Mailbox::new(Some(self.to_name.clone()).filter(|name| !name.is_empty()), self.to.parse()?);
        let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(self.at).unwrap_or(0));
        let mut message = Message::builder()
            .from(from.parse()?)
            .to(to)
            .subject(self.subject.as_str())
            .date(at)
            .message_id(Some(format!("<{}@{}>", self.id, self.domain)))
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("X-Auto-Response-Suppress", "All"));
        if let Some(address) = &self.unsubscribe {
            message = message
                .raw_header(header("List-Unsubscribe", &format!("<{address}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        if self.resent {
            message = message.raw_header(header("X-Pilotlight-Resent", "1"));
        }
        Ok(message.multipart(MultiPart::alternative_plain_html(self.text.clone(), self.html.clone()))?)
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            id: "0199".into(),
            domain: "pilot.example".into(),
            at: 1_793_534_400_000,
            to_name: "Ada, \"the\" Countess".into(),
            to: "ada@agency.example".into(),
            subject: "Café \u{1f956} needs a reconnect\r\nBcc: all@evil.example".into(),
            text: "Hello".into(),
            html: "<p>Hello</p>".into(),
            unsubscribe: Some("https://pilot.example/mail/unsubscribe/abc".into()),
            resent: true,
        }
    }

    // SPEC: stable id, one click out, and no header from what people call their accounts
    #[test]
    fn the_headers_are_ours_alone() {
        let packed = letter().message("Pilotlight <alerts@pilot.example>").expect("a message").formatted();
        let text = String::from_utf8(packed).expect("ASCII");
        let head = text.split("\r\n\r\n").next().expect("headers");
        for line in [
            "Message-ID: <0199@pilot.example>",
            "List-Unsubscribe: <https://pilot.example/mail/unsubscribe/abc>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "X-Pilotlight-Resent: 1",
            "Date: Sun, 01 Nov 2026 12:00:00 +0000",
        ] {
            assert!(head.lines().any(|found| found == line), "{line} in {head}");
        }
        assert!(!head.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{head}");
    }

    #[test]
    fn an_address_that_is_none_is_an_error() {
        let bad = Letter { to: "nobody".into(), ..letter() };
        assert!(matches!(bad.message("a@b.example"), Err(LetterError::Address(_))));
        assert!(is_mailbox("Pilotlight <a@b.example>") && is_mailbox("a@b.example") && !is_mailbox("Pilotlight"));
    }
}
