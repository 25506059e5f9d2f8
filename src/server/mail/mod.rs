//! The way out for mail (SPEC ): SMTP where it is set up, files where it is not, memory for tests.
//!
//! A letter's delivery has one moment after which nobody can take it back: the end of its text. Whoever sends is asked
//! right before it ([`Gate`]), so that what happens then is known even if the process is killed in it.

mod dir;
pub mod letter;
mod smtp;
pub mod templates;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

pub use letter::Letter;

use crate::server::config::MailConfig;
use dir::Dir;
use smtp::Smtp;

/// What became of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The other side took it, and said this.
    Taken(String),
    /// Not now; it may be tried again.
    Deferred(String),
    /// Never: this address or this letter is refused.
    Refused(String),
    /// It was sent to its end, and no answer came.
    InDoubt(String),
    /// The gate was closed: somebody else sends it.
    Held,
}

/// Asked right before a letter's end goes out.
#[async_trait]
pub trait Gate: Sync {
    /// Whether it may. What must be noted beforehand is noted when this is answered.
    async fn open(&self) -> bool;
}

/// A gate that is always open: for letters that nobody keeps books of.
pub struct Open;

#[async_trait]
impl Gate for Open {
    async fn open(&self) -> bool {
        true
    }
}

/// Where letters go. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    from: Arc<str>,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Smtp(Arc<Smtp>),
    Dir(Arc<Dir>),
    Memory(Arc<Mutex<Vec<Letter>>>),
}

/// Why the settings of mail can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct MailerError(pub String);

impl Mailer {
    /// As the settings say.
    ///
    /// # Errors
    /// When the certificate that they name can't be read.
    pub fn new(config: &MailConfig) -> Result<Self, MailerError> {
        let way = match &config.smtp {
            Some(smtp) => Way::Smtp(Arc::new(Smtp::new(smtp, &config.hello)?)),
            None => Way::Dir(Arc::new(Dir::new(&config.dir))),
        };
        Ok(Self { from: config.from.as_str().into(), way })
    }

    /// Into memory.
    pub fn memory() -> Self {
        Self { from: "Pilotlight <pilotlight@localhost>".into(), way: Way::Memory(Arc::default()) }
    }

    /// Who the letters are from.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Whether letters leave this machine.
    pub fn leaves(&self) -> bool {
        matches!(self.way, Way::Smtp(_))
    }

    /// What lies in memory, taken out.
    pub fn take(&self) -> Vec<Letter> {
        match &self.way {
            Way::Memory(letters) => std::mem::take(&mut *letters.lock().unwrap_or_else(PoisonError::into_inner)),
            Way::Smtp(_) | Way::Dir(_) => Vec::new(),
        }
    }

    /// Delivers a letter.
    pub async fn deliver(&self, letter: &Letter, gate: &dyn Gate) -> Delivery {
        let message = match letter.message(&self.from) {
            Ok(message) => message,
            Err(error) => return Delivery::Refused(error.to_string()),
        };
        match &self.way {
            Way::Smtp(smtp) => smtp.deliver(&message, gate).await,
            Way::Dir(dir) => dir.deliver(&letter.id, letter.at, &message, gate).await,
            Way::Memory(letters) => {
                if !gate.open().await {
                    return Delivery::Held;
                }
                letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter.clone());
                Delivery::Taken("kept in memory".into())
            }
        }
    }
}
