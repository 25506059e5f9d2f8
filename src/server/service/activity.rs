//! The activity log, page by page and as a table to take away (SPEC W-6).

use futures::stream::{self, Stream};
use jiff::Timestamp;

use super::alerts::moments;
use super::{ServiceError, history};
use crate::api::activity::{About, Activity, Line};
use crate::domain::activity::{Asked, Kinds, Place};
use crate::domain::id::AccountId;
use crate::domain::platform::Platform;
use crate::domain::role::Action;
use crate::server::http::session::Member;
use crate::server::state::AppState;
use crate::server::store::activity::{self as store, Wanted};
use crate::server::store::alert_rules;

/// Lines of a page.
const PAGE: usize = 50;
/// Lines of an export, and how many of them are read at a time.
const EXPORT: usize = 50_000;
const PART: usize = 1_000;

/// The page before or after a place (both are words of an address), or the newest one.
///
/// # Errors
/// When the database does not answer.
pub async fn activity(
    state: &AppState,
    member: &Member,
    asked: &Asked,
    older: &str,
    newer: &str,
) -> Result<Activity, ServiceError> {
    member.may(Action::See)?;
    let since = since(state, member, asked).await?;
    let wanted = wanted(member, asked, since);
    let page = page(state, &wanted, Place::from_text(older), Place::from_text(newer)).await?;
    let about = |(id, name, platform)| About { id, name, platform };
    Ok(Activity {
        older: page.lines.last().filter(|_| page.older).map(|line| line.place().text()),
        newer: page.lines.first().filter(|_| page.newer).map(|line| line.place().text()),
        lines: page.lines.iter().map(told).collect(),
        members: store::members(&state.db, &member.workspace).await?,
        accounts: store::accounts(&state.db, &member.workspace).await?.into_iter().map(about).collect(),
    })
}

struct Page {
    lines: Vec<store::Line>,
    /// Whether there are lines before and after these.
    older: bool,
    newer: bool,
}

async fn page(
    state: &AppState,
    wanted: &Wanted<'_>,
    older: Option<Place>,
    newer: Option<Place>,
) -> Result<Page, ServiceError> {
    let one_more = PAGE as i64 + 1;
    if let Some(place) = &newer {
        let mut lines = store::newer(&state.db, wanted, place, one_more).await?;
        // What is short of a page is the newest page.
        if lines.len() > PAGE {
            lines.remove(0);
            return Ok(Page { lines, older: true, newer: true });
        }
    }
    let place = older.filter(|_| newer.is_none());
    let mut lines = store::older(&state.db, wanted, place.as_ref(), one_more).await?;
    let more = lines.len() > PAGE;
    lines.truncate(PAGE);
    Ok(Page { lines, older: more, newer: place.is_some() })
}

/// The lines that are asked for as a CSV file in UTF-8, the newest first, in parts; at most 50,000 of them.
///
/// # Errors
/// When the database does not answer; later on, each part may fail so.
pub async fn export(
    state: &AppState,
    member: &Member,
    asked: Asked,
) -> Result<impl Stream<Item = Result<Vec<u8>, ServiceError>> + Send + use<>, ServiceError> {
    member.may(Action::See)?;
    let since = since(state, member, &asked).await?;
    let from = Export { state: state.clone(), member: member.clone(), asked, since, place: None, left: EXPORT };
    // Without the mark some spreadsheets take it for the machine's own encoding.
    let mut head = "\u{feff}".as_bytes().to_vec();
    head.extend(table([["Time (UTC)", "Member", "Account", "Platform", "Kind", "What"].map(String::from)])?);
    let parts = stream::try_unfold((from, Some(head)), |(export, head)| async move {
        match head {
            Some(head) => Ok(Some((head, (export, None)))),
            None => Ok(export.part().await?.map(|(bytes, rest)| (bytes, (rest, None)))),
        }
    });
    Ok(parts)
}

struct Export {
    state: AppState,
    member: Member,
    asked: Asked,
    since: i64,
    place: Option<Place>,
    left: usize,
}

impl Export {
    /// The next lines; `None` after the last.
    async fn part(self) -> Result<Option<(Vec<u8>, Self)>, ServiceError> {
        let wanted = wanted(&self.member, &self.asked, self.since);
        let limit = PART.min(self.left);
        let lines = store::older(&self.state.db, &wanted, self.place.as_ref(), limit as i64).await?;
        let Some(last) = lines.last() else { return Ok(None) };
        let (place, left) = (Some(last.place()), self.left - lines.len());
        let bytes = table(lines.iter().map(cells))?;
        Ok(Some((bytes, Self { place, left, ..self })))
    }
}

fn table(rows: impl IntoIterator<Item = [String; 6]>) -> Result<Vec<u8>, ServiceError> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let broken = |error: String| ServiceError::Broken(format!("a table could not be written: {error}"));
    for row in rows {
        csv.write_record(row.map(harmless)).map_err(|error| broken(error.to_string()))?;
    }
    csv.into_inner().map_err(|error| broken(error.to_string()))
}

/// A spreadsheet takes a cell that begins like this for a formula and runs it.
fn harmless(cell: String) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if formula { format!("'{cell}") } else { cell }
}

fn cells(line: &store::Line) -> [String; 6] {
    let platform = line.platform.as_deref().and_then(Platform::stored);
    [
        Timestamp::from_millisecond(line.at).map(|at| at.to_string()).unwrap_or_default(),
        line.by_name.clone().unwrap_or_else(|| "Pilotlight".into()),
        line.account_name.clone().unwrap_or_default(),
        platform.map(|platform| platform.name().to_owned()).unwrap_or_default(),
        line.kind.clone(),
        history::words(&line.kind, &line.detail),
    ]
}

fn told(line: &store::Line) -> Line {
    let account = || {
        let platform = Platform::stored(line.platform.as_deref()?)?;
        Some(About { id: AccountId::new(line.account_id.clone()?), name: line.account_name.clone()?, platform })
    };
    Line {
        at: line.at,
        kinds: Kinds::of(&line.kind),
        account: account(),
        words: history::words(&line.kind, &line.detail),
        by: line.by_name.clone(),
    }
}

fn wanted<'a>(member: &'a Member, asked: &'a Asked, since: i64) -> Wanted<'a> {
    let Asked { kinds, account, member: by, .. } = asked;
    Wanted { workspace: &member.workspace, kinds: kinds.words(), account, member: by, since }
}

async fn since(state: &AppState, member: &Member, asked: &Asked) -> Result<i64, ServiceError> {
    let now = state.clock.now();
    let zone = alert_rules::zone(&state.db, &member.workspace).await?;
    Ok(asked.span.since(now, midnight(now, &zone)))
}

/// When the day began in a zone; in UTC where the zone is not known.
fn midnight(now: i64, zone: &str) -> i64 {
    let zone = moments::zone(zone);
    let begun = Timestamp::from_millisecond(now).and_then(|now| now.to_zoned(zone).start_of_day());
    begun.map_or(now, |begun| begun.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC W-6: also where the hour does not begin with ours, and on the day the clocks change
    #[test]
    fn a_day_begins_in_the_workspaces_zone() {
        let noon = 1_793_534_400_000; // 1 November 2026, 12:00 UTC
        const HOUR: i64 = 3_600_000;
        assert_eq!(midnight(noon, "UTC"), noon - 12 * HOUR);
        assert_eq!(midnight(noon, "nowhere"), noon - 12 * HOUR);
        assert_eq!(midnight(noon, "Asia/Kolkata"), noon - 17 * HOUR - HOUR / 2);
        assert_eq!(midnight(noon, "America/New_York"), noon - 8 * HOUR, "summer time still held at midnight");
    }

    // A spreadsheet must not run what a member or a vendor wrote.
    #[test]
    fn formulas_are_defused() {
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(harmless(evil.into()), format!("'{evil}"));
        }
        assert_eq!(harmless("Bakery = good".into()), "Bakery = good");
        let row = ["a,b", "say \"hi\"", "two\nlines", "=1", "", "ü"].map(String::from);
        let text = String::from_utf8(table([row]).expect("a table")).expect("UTF-8");
        assert_eq!(text, "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",'=1,,ü\r\n");
    }
}
