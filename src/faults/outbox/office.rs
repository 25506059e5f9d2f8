//! The mail server: aiosmtpd, as a process of its own (`.ci/mail/server.py`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::knob;

/// Names the Python that has aiosmtpd.
pub const PYTHON: &str = "TEST_MAIL_PYTHON";
/// The chance of each kind of trouble, at each step.
const TROUBLE: &str = "0.006";

pub fn python() -> Option<OsString> {
    std::env::var_os(PYTHON)
}

/// A running mail server; ends when it is dropped.
pub struct Office {
    port: u16,
    record: PathBuf,
    _process: Child,
}

/// A copy that was taken in.
#[derive(Clone, Debug, Deserialize)]
pub struct Arrival {
    id: String,
    pub to: String,
    pub flag: bool,
    /// `answered`, or the trouble that kept the answer back.
    pub fate: String,
}

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

impl Office {
    pub async fn open(python: &OsString, log: &Path) -> Self {
        let record = log.with_extension("mails");
        let _ = std::fs::remove_file(&record);
        let mut process = Command::new(python)
            .arg(project(".ci/mail/server.py"))
            .arg(&record)
            .arg(project("src/tests/mail/certificates/server.pem"))
            .arg(project("src/tests/mail/certificates/server-key.pem"))
            .args([knob("SEED", 1).to_string().as_str(), TROUBLE])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Python starts");
        let mut said = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let port = said.next_line().await.expect("a line").expect("the mail server names its port");
        Self { port: port.parse().expect("a port"), record, _process: process }
    }

    /// For a server that sends through it.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let ca = project("src/tests/mail/certificates/ca.pem");
        vec![
            ("PILOTLIGHT_MAIL__HOST", "localhost".into()),
            ("PILOTLIGHT_MAIL__PORT", self.port.to_string()),
            ("PILOTLIGHT_MAIL__USER", "post".into()),
            ("PILOTLIGHT_MAIL__PASSWORD", "secret".into()),
            ("PILOTLIGHT_MAIL__FROM", "Pilotlight <alerts@pilot.example>".into()),
            ("PILOTLIGHT_MAIL__CA_FILE", ca.to_string_lossy().into_owned()),
            ("PILOTLIGHT_MAIL__TIMEOUT_SECONDS", "2".into()),
            ("PILOTLIGHT_MAIL__TAKING_IN_SECONDS", "2".into()),
        ]
    }

    /// Every copy that was taken in, by the id of its mail, in the order in which they came.
    pub fn taken(&self) -> BTreeMap<String, Vec<Arrival>> {
        let mut copies = BTreeMap::<String, Vec<Arrival>>::new();
        for line in std::fs::read_to_string(&self.record).unwrap_or_default().lines() {
            let copy: Arrival = serde_json::from_str(line).expect("a line of JSON");
            let id = copy.id.trim_start_matches('<').split('@').next().unwrap_or_default().to_owned();
            copies.entry(id).or_default().push(copy);
        }
        copies
    }
}
