//! `pilotlight doctor`: looks over settings, files, key and database, and says in plain sentences what is wrong and
//! what to do. It changes nothing, and a server may run meanwhile.

mod house;
mod rows;

use std::fmt;

use crate::server::clock::Clock;
use crate::server::config::Config;
use crate::server::store::{Db, StoreError, inspect, keys};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// As it should be.
    Ok,
    /// Worth knowing; nothing to do.
    Note,
    /// Somebody should look after it.
    Warn,
    /// Something does not work.
    Fail,
}

impl Level {
    /// The word at the beginning of the line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Finding {
    pub level: Level,
    pub text: String,
}

/// Everything that was looked at. Shown as one line a finding and a sum.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub findings: Vec<Finding>,
}

impl Report {
    fn add(&mut self, level: Level, text: impl Into<String>) {
        self.findings.push(Finding { level, text: text.into() });
    }

    /// How many findings are of this level.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }

    /// Whether nobody needs to do anything.
    pub fn is_well(&self) -> bool {
        self.count(Level::Warn) + self.count(Level::Fail) == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { level, text } in &self.findings {
            writeln!(f, "{:<4}  {text}", level.key())?;
        }
        let [ok, note, warn, fail] = [Level::Ok, Level::Note, Level::Warn, Level::Fail].map(|level| self.count(level));
        write!(f, "sum   {ok} ok, {note} note, {warn} warn, {fail} fail")
    }
}

/// Looks everything over.
pub async fn examine(config: &Config, clock: &dyn Clock) -> Report {
    let mut report = Report::default();
    house::settings(&mut report, config);
    house::files(&mut report, config);
    match inspect::open(&config.database, &config.server.data).await {
        Err(error) => report.add(Level::Fail, error.to_string()),
        Ok(db) => {
            if let Err(error) = look_inside(&mut report, config, clock, &db).await {
                report.add(Level::Fail, format!("The database stopped answering ({error}): look at its own log."));
            }
            db.close().await;
        }
    }
    report
}

async fn look_inside(report: &mut Report, config: &Config, clock: &dyn Clock, db: &Db) -> Result<(), StoreError> {
    if !house::schema(report, &inspect::schema(db).await?) {
        return Ok(());
    }
    house::clocks(report, clock, db).await?;
    let known = keys::list(db).await?;
    house::key(report, config, &known);
    rows::sealed(report, db, &known).await?;
    rows::grants(report, db, clock.now()).await?;
    rows::accounts(report, db, clock.now()).await?;
    rows::messages(report, db, clock.now()).await?;
    rows::faults(report, db, clock.now()).await
}

/// A length of time in words, from milliseconds.
fn span(ms: i64) -> String {
    let seconds = ms.max(0) / 1_000;
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_one_line_a_finding_and_a_sum() {
        let mut report = Report::default();
        report.add(Level::Ok, "All is well.");
        report.add(Level::Note, "By the way.");
        assert!(report.is_well());
        report.add(Level::Warn, "Look here.");
        assert!(!report.is_well());
        let expected = "ok    All is well.\nnote  By the way.\nwarn  Look here.\nsum   1 ok, 1 note, 1 warn, 0 fail";
        assert_eq!(report.to_string(), expected);
        let mut failed = Report::default();
        failed.add(Level::Fail, "Broken.");
        assert!(!failed.is_well());
    }

    #[test]
    fn lengths_of_time_read_well() {
        let words = [-5, 1_000, 119_000, 900_000, 3 * 3_600_000, 86_400_000, 3 * 86_400_000].map(span);
        assert_eq!(words, ["0 seconds", "1 second", "119 seconds", "15 minutes", "3 hours", "24 hours", "3 days"]);
    }
}
