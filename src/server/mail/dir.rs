//! Letters as `.eml` files, where no mail server is set up (SPEC A-6). Every mail program opens them.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use lettre::Message;

use super::{Delivery, Gate};

pub struct Dir(PathBuf);

impl Dir {
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The name follows from the letter, so a second attempt writes the same file.
    pub async fn deliver(&self, id: &str, at: i64, message: &Message, gate: &dyn Gate) -> Delivery {
        if !gate.open().await {
            return Delivery::Held;
        }
        let day =
            Timestamp::from_millisecond(at).map(|at| at.strftime("%Y%m%d-%H%M%S").to_string()).unwrap_or_default();
        let path = self.0.join(format!("{day}-{id}.eml"));
        match self.write(&path, &message.formatted()).await {
            Ok(()) => Delivery::Taken(format!("written to {}", path.display())),
            Err(error) => Delivery::Deferred(format!("{} can't be written: {error}", path.display())),
        }
    }

    /// Whole or not at all.
    async fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        tokio::fs::create_dir_all(&self.0).await?;
        let half = path.with_extension("part");
        tokio::fs::write(&half, bytes).await?;
        tokio::fs::rename(&half, path).await
    }
}
