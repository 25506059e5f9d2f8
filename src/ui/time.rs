//! Instants for people. The server writes UTC; once the page lives in the browser, the person's own zone and language take over,
//! after hydration, so that both sides agree on the first text.

use leptos::prelude::*;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// An instant as exact text: "21 Nov 2026, 14:05 UTC". The tab writes it anew, longer or shorter, so nothing may stand behind
/// it in its line, or it moves when the tab comes.
#[component]
pub fn Exact(
    /// Unix milliseconds.
    at: i64,
) -> impl IntoView {
    view! { <time datetime=iso(at)>{utc(at)}</time> }
}

/// An instant as words about it ("3 hours ago", "Expired today"), with the exact time on hover.
#[component]
pub fn Hover(
    /// Unix milliseconds.
    at: i64,
    #[prop(into)] words: String,
) -> impl IntoView {
    view! { <time datetime=iso(at) title=utc(at)>{words}</time> }
}

/// An instant as its distance from now, with the exact time on hover. The words go on with the time.
#[component]
pub fn Ago(
    /// Unix milliseconds.
    at: i64,
    /// The server's time, Unix milliseconds.
    now: i64,
) -> impl IntoView {
    moving(Words::Ago, at, now)
}

/// How long something has lasted ("3 days"), with its beginning on hover. The words go on with the time.
#[component]
pub fn Lasting(
    /// Unix milliseconds.
    since: i64,
    /// The server's time, Unix milliseconds.
    now: i64,
) -> impl IntoView {
    moving(Words::Lasting, since, now)
}

/// Words about an instant that change with the time. The server writes them; the tab writes them anew (`tab/times.rs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    Ago,
    Lasting,
}

impl Words {
    fn key(self) -> &'static str {
        match self {
            Self::Ago => "ago",
            Self::Lasting => "lasting",
        }
    }

    /// The words of a key in the page.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Ago, Self::Lasting].into_iter().find(|words| words.key() == key)
    }

    /// What is said at `now` about `at` (both Unix milliseconds).
    pub fn say(self, now: i64, at: i64) -> String {
        match self {
            Self::Ago => distance(now, at),
            Self::Lasting => length(now - at).unwrap_or_else(|| "a moment".into()),
        }
    }
}

fn moving(words: Words, at: i64, now: i64) -> impl IntoView {
    view! {
        <time datetime=iso(at) title=utc(at) data-words=words.key() data-now=now.to_string()>
            {words.say(now, at)}
        </time>
    }
}

/// "21 Nov 2026, 14:05 UTC"
fn utc(at: i64) -> String {
    let (year, month, day) = date(at);
    let name = MONTHS[(month - 1) as usize];
    format!("{day} {name} {year}, {:02}:{:02} UTC", at.rem_euclid(DAY) / HOUR, at.rem_euclid(HOUR) / MINUTE)
}

/// "2026-11-21T14:05:09Z"
fn iso(at: i64) -> String {
    let (year, month, day) = date(at);
    let (hour, minute, second) =
        (at.rem_euclid(DAY) / HOUR, at.rem_euclid(HOUR) / MINUTE, at.rem_euclid(MINUTE) / 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month (1 to 12) and day of the Gregorian calendar, counted in cycles of 400 years that begin in March.
fn date(at: i64) -> (i64, i64, i64) {
    let days = at.div_euclid(DAY) + 719_468;
    let cycle = days.div_euclid(146_097);
    let in_cycle = days.rem_euclid(146_097);
    let year = (in_cycle - in_cycle / 1_460 + in_cycle / 36_524 - in_cycle / 146_096) / 365;
    let in_year = in_cycle - (365 * year + year / 4 - year / 100);
    let shifted = (5 * in_year + 2) / 153;
    let day = in_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + cycle * 400 + i64::from(month <= 2), month, day)
}

/// How far `at` is from `now`, in one unit.
fn distance(now: i64, at: i64) -> String {
    match length(at - now) {
        None => "just now".into(),
        Some(length) if at > now => format!("in {length}"),
        Some(length) => format!("{length} ago"),
    }
}

/// A span of time in one unit; `None` below a minute.
pub fn length(ms: i64) -> Option<String> {
    let ms = ms.abs();
    let (count, unit) = match ms {
        ms if ms < MINUTE => return None,
        ms if ms < HOUR => (ms / MINUTE, "minute"),
        ms if ms < DAY => (ms / HOUR, "hour"),
        ms if ms < 60 * DAY => (ms / DAY, "day"),
        ms => (ms / (30 * DAY), "month"),
    };
    let plural = if count == 1 { "" } else { "s" };
    Some(format!("{count} {unit}{plural}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC H-1: the exact time on hover
    #[test]
    fn instants_are_told_in_utc() {
        assert_eq!(utc(0), "1 Jan 1970, 00:00 UTC");
        assert_eq!(utc(1_795_269_909_000), "21 Nov 2026, 14:05 UTC");
        assert_eq!(iso(1_795_269_909_000), "2026-11-21T14:05:09Z");
        assert_eq!(iso(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(iso(-1), "1969-12-31T23:59:59Z");
        assert_eq!(iso(4_107_542_399_000), "2100-02-28T23:59:59Z");
        assert_eq!(iso(4_107_542_400_000), "2100-03-01T00:00:00Z");
    }

    // SPEC H-1: what the server wrote goes on in the tab
    #[test]
    fn words_are_known_by_their_key_and_go_on() {
        for words in [Words::Ago, Words::Lasting] {
            assert_eq!(Words::from_key(words.key()), Some(words));
        }
        assert_eq!(Words::from_key("never"), None);
        let said = |words: Words, minutes| words.say(minutes * MINUTE, 0);
        assert_eq!([said(Words::Ago, 0), said(Words::Ago, 61)], ["just now", "1 hour ago"]);
        assert_eq!([said(Words::Lasting, 0), said(Words::Lasting, 61)], ["a moment", "1 hour"]);
    }

    #[test]
    fn distances_use_one_unit() {
        let now = 1_000 * DAY;
        assert_eq!(distance(now, now + 30_000), "just now");
        assert_eq!(distance(now, now - MINUTE), "1 minute ago");
        assert_eq!(distance(now, now + 5 * HOUR), "in 5 hours");
        assert_eq!(distance(now, now - 3 * DAY), "3 days ago");
        assert_eq!(distance(now, now + 90 * DAY), "in 3 months");
    }
}
