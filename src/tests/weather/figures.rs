//! The figures of a day, and whether its promises were kept.

use std::fmt;

use pilotlight::domain::platform::Platform;

use super::STEP_MS;

/// One vendor's day.
pub struct Row {
    pub vendor: Platform,
    pub crowd: usize,
    pub killed: usize,
    /// Connections that ended because an answer with new tokens was lost on its way.
    pub lost: usize,
    /// From death to amber while the vendor could be asked, in milliseconds, sorted.
    pub waits: Vec<i64>,
    /// The longest from death to amber, the time when the vendor was out of reach counted as well, in milliseconds.
    pub longest: i64,
    pub promised: i64,
    pub bursts: usize,
    pub closed_ms: i64,
}

impl Row {
    /// The wait that so many of a hundred did not exceed.
    fn at(&self, percent: usize) -> i64 {
        let rank = (self.waits.len() * percent).div_ceil(100);
        self.waits.get(rank.saturating_sub(1)).copied().unwrap_or(0)
    }

    /// Nothing happens between two steps of the clock, so one of them is not the keeper's.
    fn is_kept(&self) -> bool {
        self.at(99) <= self.promised + STEP_MS
    }
}

/// What came of a day.
pub struct Verdict {
    pub crowd: usize,
    pub hours: i64,
    pub rows: Vec<Row>,
    pub false_alarms: Vec<String>,
    pub missed: Vec<String>,
    pub wrong_causes: Vec<String>,
    pub wrong_incidents: Vec<String>,
}

impl Verdict {
    /// Fails unless every promise was kept.
    pub fn assert(&self) {
        let broken = [
            ("false alarms", &self.false_alarms),
            ("missed", &self.missed),
            ("wrong causes", &self.wrong_causes),
            ("wrong incidents", &self.wrong_incidents),
        ]
        .map(|(what, lines)| (what, lines.iter().take(10).collect::<Vec<_>>()));
        assert!(broken.iter().all(|(_, lines)| lines.is_empty()), "{broken:#?}");
        for row in &self.rows {
            assert!(row.killed > 0, "nobody died at {}: the day proves nothing", row.vendor);
            assert!(row.is_kept(), "{}: p99 of {} is over {}", row.vendor, clock(row.at(99)), clock(row.promised));
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} connections, a day of weather and deaths, watched for {} hours", self.crowd, self.hours)?;
        writeln!(
            f,
            "{:<10} {:>6} {:>7} {:>8} {:>6} {:>5} {:>6} {:>6} {:>6} {:>9} {:>9}",
            "vendor", "crowd", "bursts", "away", "killed", "lost", "p50", "p99", "max", "promised", "with away"
        )?;
        for row in &self.rows {
            writeln!(
                f,
                "{:<10} {:>6} {:>7} {:>8} {:>6} {:>5} {:>6} {:>6} {:>6} {:>9} {:>9}",
                row.vendor.key(),
                row.crowd,
                row.bursts,
                clock(row.closed_ms),
                row.killed,
                row.lost,
                clock(row.at(50)),
                clock(row.at(99)),
                clock(row.waits.last().copied().unwrap_or(0)),
                clock(row.promised),
                clock(row.longest),
            )?;
        }
        write!(
            f,
            "false alarms {}, missed {}, wrong causes {}, wrong numbers of incidents {}",
            self.false_alarms.len(),
            self.missed.len(),
            self.wrong_causes.len(),
            self.wrong_incidents.len()
        )
    }
}

/// Hours and minutes.
fn clock(ms: i64) -> String {
    format!("{}:{:02}", ms / 3_600_000, ms / 60_000 % 60)
}
