//! What surrounds the rows: settings, files, schema, clocks and the vault's key.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{Level, Report, span};
use crate::server::clock::Clock;
use crate::server::config::Config;
use crate::server::store::inspect::{self, Schema};
use crate::server::store::keys::KeyRow;
use crate::server::store::{Db, StoreError, doctor};
use crate::server::vault::inspect::{self as vault, Look};

/// How far two clocks may be apart, in milliseconds.
const SKEW_MS: i64 = 2_000;

pub fn settings(report: &mut Report, config: &Config) {
    let url = &config.server.public_url;
    if config.server.is_exposed() {
        let text = format!(
            "People reach this server by {url}, so passwords and sessions can be read on the way: \
             put https in front and set server.public_url to it."
        );
        report.add(Level::Warn, text);
    } else {
        report.add(Level::Ok, format!("The public address {url} is safe to sign in at."));
    }
}

pub fn files(report: &mut Report, config: &Config) {
    let data = &config.server.data;
    if data.exists() {
        private(report, "data directory", data, "700");
    } else {
        let text =
            format!("There is no data directory {} yet: the first start of the server makes it.", data.display());
        report.add(Level::Note, text);
    }
    if let Some(file) = inspect::file(&config.database, data).filter(|file| file.exists()) {
        private(report, "database file", &file, "600");
    }
    // A missing key file is told where the key is compared with the database.
    if let Some(file) = vault::key_file(&config.vault, data).filter(|file| file.exists()) {
        private(report, "key file", &file, "600");
    }
}

/// Whether only its owner can get at a file.
fn private(report: &mut Report, what: &str, path: &Path, mode: &str) {
    let path_words = path.display();
    match fs::metadata(path).map(|meta| meta.permissions().mode() & 0o077) {
        Ok(0) => report.add(Level::Ok, format!("The {what} {path_words} is closed to other users.")),
        Ok(_) => {
            let text = format!(
                "Other users of this machine can get at the {what} {path_words}: run chmod {mode} {path_words}."
            );
            report.add(Level::Warn, text);
        }
        Err(error) => {
            let text = format!("The {what} {path_words} can't be looked at ({error}): run this as the server's user.");
            report.add(Level::Fail, text);
        }
    }
}

/// Tells whether the rows can be read by this version.
pub fn schema(report: &mut Report, schema: &Schema) -> bool {
    let (level, text) = match schema {
        Schema::Current => (Level::Ok, "The database answers and has the schema of this version.".to_owned()),
        Schema::Empty => (Level::Warn, "The database is empty: start the server once.".to_owned()),
        Schema::Pending(count) => (
            Level::Warn,
            format!(
                "{count} migration{} not run yet: start this version of the server, then ask again.",
                if *count == 1 { " has" } else { "s have" }
            ),
        ),
        Schema::Newer(version) => (
            Level::Fail,
            format!(
                "The database was written by a newer version of Pilotlight (it has the migration {version}): \
                 use that version."
            ),
        ),
        Schema::Edited(version) => (
            Level::Fail,
            format!(
                "The database went through another migration {version} than this version knows: \
                 use the version it belongs to."
            ),
        ),
    };
    report.add(level, text);
    *schema == Schema::Current
}

pub async fn clocks(report: &mut Report, clock: &dyn Clock, db: &Db) -> Result<(), StoreError> {
    let before = clock.now();
    let theirs = doctor::clock(db).await?;
    let after = clock.now();
    // The question takes time, and the answer belongs to some moment of it.
    let ahead = theirs - theirs.clamp(before, after.max(before));
    if ahead.abs() <= SKEW_MS {
        report.add(Level::Ok, "This machine and the database agree about the time.");
        return Ok(());
    }
    let way = if ahead > 0 { "ahead of" } else { "behind" };
    let text = format!(
        "The database's clock is {} {way} this machine's: let both follow a time server (NTP).",
        span(ahead.abs())
    );
    report.add(Level::Warn, text);
    Ok(())
}

pub fn key(report: &mut Report, config: &Config, known: &[KeyRow]) {
    match vault::look(&config.vault, &config.server.data, known) {
        Look::Right => report.add(Level::Ok, "The vault's key is the one this database was sealed with."),
        Look::Unused => report.add(Level::Note, "No server has used this database yet, so it knows no key."),
        Look::Rotating => {
            let text = "A rotation of the vault's key has begun and is not finished: unless it is running right now, \
                run pilotlight rotate-key, which goes on where it stood.";
            report.add(Level::Warn, text);
        }
        Look::ReadOnly(why) => report.add(Level::Fail, format!("Servers start read-only. {why}")),
    }
}
