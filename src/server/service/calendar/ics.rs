//! The text of a calendar (RFC 5545). Escaping is the crate's.

use icalendar::{Alarm, Calendar, Component as _, Event, EventLike as _, Property, Trigger};
use jiff::Timestamp;

use crate::domain::id::AccountId;
use crate::domain::text::one_line;

/// Longer names are cut.
const NAME: usize = 120;

/// Bytes of a line (RFC 5545, 3.1).
const LINE: usize = 75;

/// A connection that ends unless a person does something.
#[derive(Clone, Debug)]
pub struct Ending {
    pub account: AccountId,
    pub noun: &'static str,
    pub name: String,
    /// Unix milliseconds.
    pub at: i64,
    /// Address of the account.
    pub link: String,
}

/// One event each, with an alarm a day before. `now` is when this was written (Unix milliseconds).
pub fn calendar(endings: &[Ending], now: i64) -> String {
    let mut calendar = Calendar::empty();
    let head = [
        ("VERSION", "2.0"),
        ("PRODID", "-//Pilotlight//Connections//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("X-WR-CALNAME", "Pilotlight: connections that end"),
        // How often programs should look again.
        ("X-PUBLISHED-TTL", "PT6H"),
    ];
    for (key, value) in head {
        calendar.append_property(Property::new(key, value));
    }
    calendar.extend(endings.iter().map(|ending| event(ending, now)));
    folded(&calendar.to_string())
}

/// Lines of 75 bytes at most. The crate folds as well, but its last line of a value may have 76.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + text.len() / 24);
    for line in text.replace("\r\n ", "").split_terminator("\r\n") {
        let mut room = LINE;
        for letter in line.chars() {
            if letter.len_utf8() > room {
                folded.push_str("\r\n ");
                room = LINE - 1;
            }
            folded.push(letter);
            room -= letter.len_utf8();
        }
        folded.push_str("\r\n");
    }
    folded
}

fn event(ending: &Ending, now: i64) -> Event {
    let Ending { account, noun, name, at, link } = ending;
    let name = one_line(name, NAME);
    let summary = format!("{noun} {name}: access ends");
    let words =
        format!("Until then somebody has to sign in again, or nothing more can be published to {name}.\n{link}");
    Event::new()
        .uid(&format!("{account}@pilotlight"))
        .add_property("DTSTAMP", instant(now))
        .add_property("DTSTART", instant(*at))
        // It takes nobody's time.
        .add_property("TRANSP", "TRANSPARENT")
        .summary(&summary)
        .description(&words)
        .url(link)
        .alarm(alarm(account, &summary, now))
        .done()
}

fn alarm(account: &AccountId, summary: &str, now: i64) -> Alarm {
    let mut alarm = Alarm::display(summary, Trigger::before_start(Default::default()));
    // Written here, because the crate's durations are those of a library we don't use, and what is not written it makes up.
    alarm.add_property("TRIGGER", "-P1D");
    alarm.add_property("UID", format!("{account}-alarm@pilotlight"));
    alarm.add_property("DTSTAMP", instant(now));
    alarm.done()
}

fn instant(at: i64) -> String {
    Timestamp::from_millisecond(at).map(|at| at.strftime("%Y%m%dT%H%M%SZ").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_793_534_400_000;

    fn ending(name: &str) -> Ending {
        Ending {
            account: AccountId::new("0193-a"),
            noun: "LinkedIn account",
            name: name.into(),
            at: NOW + 90_000_000,
            link: "https://pilot.example/connections?account=0193-a".into(),
        }
    }

    /// A strict reader: lines end with CRLF and have 75 bytes at most, what is begun is ended, no name is empty. Answers
    /// each property as `COMPONENT.NAME` and its unescaped value.
    fn read(text: &str) -> Vec<(String, String)> {
        assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']), "{text:?}");
        for line in text.split("\r\n") {
            assert!(line.len() <= 75, "{} bytes: {line}", line.len());
        }
        let (mut open, mut found) = (Vec::new(), Vec::new());
        for line in text.replace("\r\n ", "").split_terminator("\r\n") {
            let (name, value) = line.split_once(':').expect("a property");
            assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '-'), "{line}");
            match name {
                "BEGIN" => open.push(value.to_owned()),
                "END" => assert_eq!(open.pop().as_deref(), Some(value)),
                _ => found.push((format!("{}.{name}", open.last().expect("inside")), unescaped(value))),
            }
        }
        assert!(open.is_empty(), "left open: {open:?}");
        found
    }

    fn unescaped(value: &str) -> String {
        let mut chars = value.chars();
        let mut text = String::new();
        while let Some(one) = chars.next() {
            text.push(match one {
                '\\' => match chars.next().expect("something escaped") {
                    'n' => '\n',
                    escaped @ ('\\' | ';' | ',') => escaped,
                    other => panic!("\\{other}"),
                },
                one => one,
            });
        }
        text
    }

    fn value(found: &[(String, String)], key: &str) -> String {
        let all: Vec<_> = found.iter().filter(|(name, _)| name == key).collect();
        assert_eq!(all.len(), 1, "{key} in {found:?}");
        all[0].1.clone()
    }

    // SPEC 6: the calendar's events
    #[test]
    fn an_event_says_what_ends_and_where_it_is_renewed() {
        let found = read(&calendar(&[ending("Bakery")], NOW));
        let expected = [
            ("VCALENDAR.VERSION", "2.0"),
            ("VEVENT.UID", "0193-a@pilotlight"),
            ("VEVENT.DTSTAMP", "20261101T120000Z"),
            ("VEVENT.DTSTART", "20261102T130000Z"),
            ("VEVENT.SUMMARY", "LinkedIn account Bakery: access ends"),
            ("VEVENT.URL", "https://pilot.example/connections?account=0193-a"),
            ("VALARM.ACTION", "DISPLAY"),
            ("VALARM.UID", "0193-a-alarm@pilotlight"),
            ("VALARM.DTSTAMP", "20261101T120000Z"),
            ("VALARM.TRIGGER", "-P1D"),
            ("VALARM.DESCRIPTION", "LinkedIn account Bakery: access ends"),
        ];
        for (key, wanted) in expected {
            assert_eq!(value(&found, key), wanted, "{key}");
        }
        let words = value(&found, "VEVENT.DESCRIPTION");
        assert!(words.ends_with("\nhttps://pilot.example/connections?account=0193-a"), "{words}");
        assert_eq!(read(&calendar(&[], NOW)).len(), 5, "an empty one is a calendar as well");
    }

    // SPEC 6: whatever an account is called
    #[test]
    fn names_break_nothing_out() {
        for (name, told) in [
            ("Brot, Salz; Co.", "Brot, Salz; Co."),
            ("back\\slash", "back\\slash"),
            ("🥐🥐 Café 🥐🥐", "🥐🥐 Café 🥐🥐"),
            ("two\r\nEND:VEVENT\nlines", "two END:VEVENT lines"),
        ] {
            let found = read(&calendar(&[ending(name)], NOW));
            assert_eq!(value(&found, "VEVENT.SUMMARY"), format!("LinkedIn account {told}: access ends"));
        }
    }

    proptest! {
        // SPEC 6
        #[test]
        fn any_name_can_be_read_again(name in "(\\PC|[,;:\\\\\"\n\r🥐 ]){0,130}") {
            let found = read(&calendar(&[ending(&name)], NOW));
            let wanted = format!("LinkedIn account {}: access ends", one_line(&name, NAME));
            prop_assert_eq!(value(&found, "VEVENT.SUMMARY"), wanted);
        }
    }
}
