//! Lenient reading of JSON from platforms: numbers that come as text, texts that come as numbers, blanks that mean nothing.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// The text at a JSON pointer; a number counts as text, an empty text as none.
pub fn text(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The whole number at a JSON pointer, also out of a text.
pub fn number(value: &Value, pointer: &str) -> Option<i64> {
    match value.pointer(pointer)? {
        Value::Number(number) => {
            number.as_i64().or_else(|| number.as_f64().filter(|n| n.is_finite()).map(|n| n as i64))
        }
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The texts of the list at a JSON pointer. Blank ones mean nothing; a list with anything else in it was not understood.
pub fn texts(value: &Value, pointer: &str) -> Option<Vec<String>> {
    let list = value.pointer(pointer)?.as_array()?;
    let is_text = |one: &Value| one.is_string() || one.is_number();
    list.iter().all(is_text).then(|| list.iter().filter_map(|one| text(one, "")).collect())
}

/// The elements of the list at a JSON pointer; none if it is missing.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A moment in Unix seconds as Unix milliseconds; 0 and less mean "never" or "not told".
pub fn moment(value: &Value, pointer: &str) -> Option<i64> {
    number(value, pointer).filter(|&seconds| seconds > 0)?.checked_mul(1_000)
}

/// A time as platforms write it, as Unix milliseconds: ISO 8601 (without a zone it is UTC), or Unix seconds or milliseconds.
pub fn instant(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        // Seconds come to this in the year 5138.
        return if number < 100_000_000_000 { number.checked_mul(1_000) } else { Some(number) };
    }
    let zoned = text.parse::<Timestamp>();
    let at =
        zoned.or_else(|_| text.parse::<DateTime>().and_then(|at| at.to_zoned(TimeZone::UTC)).map(|at| at.timestamp()));
    at.ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    // SPEC D-5: as Meta, Mastodon, Pinterest, TikTok and LinkedIn write it
    #[test]
    fn times_are_read_in_every_spelling() {
        let at = Some(1_793_534_400_000);
        for text in [
            "2026-11-01T12:00:00+0000",
            "2026-11-01T12:00:00.000Z",
            "2026-11-01T13:00:00+01:00",
            "2026-11-01T12:00:00",
            "1793534400",
            "1793534400000",
        ] {
            assert_eq!(instant(text), at, "{text}");
        }
        assert_eq!((instant(""), instant("yesterday"), instant("9999999999999999999999")), (None, None, None));
    }

    #[test]
    fn reading_forgives_spelling() {
        let value = json!({"a": 5, "b": "6", "c": "", "d": 7.0, "e": [1, "x", ""], "f": null, "g": "1e3", "h": 0, "i": i64::MAX});
        assert_eq!(text(&value, "/a").as_deref(), Some("5"));
        assert_eq!(text(&value, "/c"), None);
        assert_eq!(text(&value, "/f"), None);
        assert_eq!((number(&value, "/a"), number(&value, "/b"), number(&value, "/d")), (Some(5), Some(6), Some(7)));
        assert_eq!((number(&value, "/g"), number(&value, "/zz")), (None, None));
        assert_eq!(texts(&value, "/e"), Some(vec!["1".into(), "x".into()]));
        assert_eq!(texts(&value, "/a"), None);
        assert_eq!(texts(&json!([{"name": "x"}]), ""), None, "not an empty list");
        assert!(list(&value, "/nowhere").is_empty());
        assert_eq!((moment(&value, "/a"), moment(&value, "/h"), moment(&value, "/i")), (Some(5_000), None, None));
    }
}
