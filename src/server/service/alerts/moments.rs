//! When reminders are due: at nine in the morning of the workspace's own days, whatever its clocks do in between.

use jiff::civil::{Time, time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::domain::notify::Days;

/// The time of day at which reminders leave.
const MORNING: Time = time(9, 0, 0, 0);

/// A zone by its IANA name; UTC if nobody knows it (any more).
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// Whether a zone of this name is known.
pub fn is_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}

/// Every zone there is, by name.
pub fn all_zones() -> Vec<String> {
    jiff::tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        .filter(|name| name.contains('/') || name == "UTC")
        .collect()
}

/// Nine in the morning `days` days after (before, if negative) the day of `at` (Unix milliseconds) in that zone. `None`
/// beyond the calendar's end. Where clocks leap over nine o'clock, it is the time they leap to.
pub fn morning(zone: &TimeZone, at: i64, days: i64) -> Option<i64> {
    let day = Timestamp::from_millisecond(at).ok()?.to_zoned(zone.clone()).date();
    let day = day.checked_add(days.days()).ok()?;
    let moment = zone.to_ambiguous_timestamp(day.to_datetime(MORNING)).compatible().ok()?;
    Some(moment.as_millisecond())
}

/// The number (from 1) of the newest reminder of an incident that is due at `now`; 0 while none is.
pub fn step_due(zone: &TimeZone, days: &Days, opened_at: i64, now: i64) -> u32 {
    let due = |step: u32| {
        let after = days.after(step)?;
        morning(zone, opened_at, i64::from(after)).filter(|moment| *moment <= now)
    };
    (1..).take_while(|step| due(*step).is_some()).last().unwrap_or(0)
}

/// Of the reminders that access ends at `ends_at`, the newest that is due at `now`, as its number of days. One whose
/// morning had passed when the token was issued is no reminder any more: whoever connected knows.
pub fn days_due(zone: &TimeZone, days: &Days, issued_at: i64, ends_at: i64, now: i64) -> Option<u16> {
    if now >= ends_at {
        return None;
    }
    let due = |before: &u16| {
        morning(zone, ends_at, -i64::from(*before))
            .is_some_and(|moment| moment <= now && moment > issued_at && moment < ends_at)
    };
    days.before().filter(due).min()
}

/// How many days of that zone's calendar `end` is after `now` (both Unix milliseconds), whatever the time of day.
pub fn days_until(zone: &TimeZone, now: i64, end: i64) -> i64 {
    let day = |at: i64| Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(zone.clone()).date();
    i64::from((day(end) - day(now)).get_days())
}

/// A moment as people of that zone write it: "Sat 21 Nov 2026, 14:05 CET".
pub fn written(zone: &TimeZone, at: i64) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(zone.clone());
    at.strftime("%a %-d %b %Y, %H:%M %Z").to_string()
}
