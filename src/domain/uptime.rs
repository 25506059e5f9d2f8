//! How much of the last days an account was green (SPEC D-10), by UTC days.

use serde::{Deserialize, Serialize};

use super::grant::DAY_MS;

/// How many days are looked at, today included.
pub const DAYS: i64 = 90;

/// What a day was like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Day {
    Green,
    /// Amber for a part of it.
    Partly,
    Amber,
    /// Not connected all day.
    Off,
}

impl Day {
    /// The word for style sheets.
    pub fn key(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Partly => "partly",
            Self::Amber => "amber",
            Self::Off => "off",
        }
    }
}

/// The last days of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uptime {
    /// Thousandths of the time it was connected, rounded down: what was not always green is never told as if it was.
    pub green: u32,
    /// The days, oldest first, as runs of equal ones and their length.
    pub runs: Vec<(Day, u32)>,
}

/// A time that began and, if it is over, ended (Unix milliseconds).
pub type Span = (i64, Option<i64>);

impl Uptime {
    /// The last [`DAYS`] days before `now`, or those since it was connected. `amber` and `off` (not connected) are the times
    /// that were not green, none overlapping another of its kind; time in both counts as `off`. `None` if there was no time
    /// in which it was connected.
    pub fn of(now: i64, connected_at: i64, amber: &[Span], off: &[Span]) -> Option<Self> {
        let today = (now - 1).div_euclid(DAY_MS);
        let from = connected_at.max((today - (DAYS - 1)) * DAY_MS);
        let mut runs: Vec<(Day, u32)> = Vec::new();
        let (mut green, mut connected) = (0, 0);
        for day in from.div_euclid(DAY_MS)..=today {
            let (start, end) = ((day * DAY_MS).max(from), ((day + 1) * DAY_MS).min(now));
            let away = shared(start, end, off);
            let broken = shared(start, end, amber) - both(start, end, amber, off);
            let well = end - start - away - broken;
            green += well;
            connected += well + broken;
            let kind = match (well, broken) {
                (0, 0) => Day::Off,
                (_, 0) => Day::Green,
                (0, _) => Day::Amber,
                _ => Day::Partly,
            };
            match runs.last_mut() {
                Some((last, count)) if *last == kind => *count += 1,
                _ => runs.push((kind, 1)),
            }
        }
        (connected > 0).then(|| Self { green: u32::try_from(green * 1000 / connected).unwrap_or(0), runs })
    }

    /// How many days these are.
    pub fn days(&self) -> u32 {
        self.runs.iter().map(|(_, count)| count).sum()
    }

    /// The share in words: "Green 98.2 % of the last 90 days".
    pub fn words(&self) -> String {
        let share = match (self.green / 10, self.green % 10) {
            (whole, 0) => format!("{whole} %"),
            (whole, tenth) => format!("{whole}.{tenth} %"),
        };
        match self.days() {
            1 => format!("Green {share} since it was connected today"),
            days => format!("Green {share} of the last {days} days"),
        }
    }
}

/// How much of the time from `start` to `end` lies in the spans.
fn shared(start: i64, end: i64, spans: &[Span]) -> i64 {
    spans.iter().map(|span| overlap(start, end, *span).map_or(0, |(from, to)| to - from)).sum()
}

/// How much of the time from `start` to `end` lies in spans of both kinds.
fn both(start: i64, end: i64, ones: &[Span], others: &[Span]) -> i64 {
    ones.iter().filter_map(|span| overlap(start, end, *span)).map(|(from, to)| shared(from, to, others)).sum()
}

fn overlap(start: i64, end: i64, (from, to): Span) -> Option<(i64, i64)> {
    let (from, to) = (from.max(start), to.unwrap_or(i64::MAX).min(end));
    (from < to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = DAY_MS / 24;
    /// Noon of a day.
    const NOW: i64 = 20_000 * DAY_MS + 12 * HOUR;
    /// The first moment of today.
    const TODAY: i64 = 20_000 * DAY_MS;

    fn of(connected_at: i64, amber: &[Span], off: &[Span]) -> Uptime {
        Uptime::of(NOW, connected_at, amber, off).expect("it was connected")
    }

    // SPEC D-10
    #[test]
    fn an_account_that_never_broke_was_always_green() {
        let long = of(0, &[], &[]);
        assert_eq!((long.words().as_str(), &long.runs), ("Green 100 % of the last 90 days", &vec![(Day::Green, 90)]));
    }

    // SPEC D-10: days partly amber, and wholly
    #[test]
    fn days_that_were_amber_in_part_are_told_apart() {
        let start = TODAY - 10 * DAY_MS;
        let up = of(0, &[(start + 6 * HOUR, Some(start + 2 * DAY_MS + 6 * HOUR))], &[]);
        assert_eq!(up.runs, [(Day::Green, 79), (Day::Partly, 1), (Day::Amber, 1), (Day::Partly, 1), (Day::Green, 8)]);
        // 48 of 89 days and 12 hours.
        assert_eq!((up.green, up.words().as_str()), (977, "Green 97.7 % of the last 90 days"));
        let second = of(0, &[(start, Some(start + 1_000))], &[]);
        assert_eq!(second.words(), "Green 99.9 % of the last 90 days", "never rounded up to all");
    }

    // SPEC D-10: an incident that is open, and one from before the first day
    #[test]
    fn an_open_incident_lasts_until_now() {
        let up = of(0, &[(TODAY - 200 * DAY_MS, Some(TODAY - 150 * DAY_MS)), (TODAY, None)], &[]);
        assert_eq!(up.runs, [(Day::Green, 89), (Day::Amber, 1)]);
        assert_eq!(of(0, &[(TODAY - 200 * DAY_MS, None)], &[]).words(), "Green 0 % of the last 90 days");
    }

    // SPEC D-10: since it was connected
    #[test]
    fn days_before_it_was_connected_do_not_count() {
        let up = of(TODAY - 3 * DAY_MS + 12 * HOUR, &[(TODAY - DAY_MS, Some(TODAY))], &[]);
        assert_eq!(up.runs, [(Day::Green, 2), (Day::Amber, 1), (Day::Green, 1)]);
        assert_eq!(up.words(), "Green 66.6 % of the last 4 days");
        assert_eq!(of(NOW - HOUR, &[(NOW - HOUR / 2, None)], &[]).words(), "Green 50 % since it was connected today");
        assert_eq!(Uptime::of(NOW, NOW, &[], &[]), None, "no time has passed");
    }

    // SPEC D-10: whoever gave it up does not wait for it
    #[test]
    fn time_in_which_it_was_given_up_is_neither_green_nor_amber() {
        let left = TODAY - 2 * DAY_MS;
        let up = of(TODAY - 4 * DAY_MS, &[(left - DAY_MS, Some(left + HOUR))], &[(left, Some(TODAY))]);
        assert_eq!(up.runs, [(Day::Green, 1), (Day::Amber, 1), (Day::Off, 2), (Day::Green, 1)]);
        assert_eq!(up.words(), "Green 60 % of the last 5 days", "36 of 60 hours");
        assert_eq!(Uptime::of(NOW, 0, &[], &[(TODAY - 100 * DAY_MS, None)]), None, "nothing to tell");
    }

    #[test]
    fn a_day_that_has_just_begun_is_not_counted() {
        let up = Uptime::of(TODAY, 0, &[], &[]).expect("it was connected");
        assert_eq!(up.runs, [(Day::Green, 90)], "and takes no day's place");
        assert_eq!(
            Uptime::of(TODAY + 1, 0, &[(TODAY, None)], &[]).expect("connected").runs,
            [(Day::Green, 89), (Day::Amber, 1)]
        );
    }
}
