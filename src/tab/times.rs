//! Instants in the person's own zone and language, and words like "3 hours ago" that go on with the time. The server writes
//! UTC, and the words as they are at its own time.

use std::cell::Cell;

use web_sys::{Element, js_sys};

use super::dom;
use crate::ui::browser;
use crate::ui::time::Words;

/// How the server ends an exact time.
const MARK: &str = " UTC";

const MINUTE_MS: u32 = 60_000;
/// Words that go on.
const MOVING: &str = "time[data-words]";
/// The server's time when it wrote them.
const NOW: &str = "data-now";

thread_local! {
    /// How far this browser's clock is behind the server's, in milliseconds, by the newest page.
    static BEHIND: Cell<i64> = const { Cell::new(0) };
}

/// Lets the words of the page go on.
pub fn start() {
    learn(&dom::body());
    browser::every(MINUTE_MS, go_on);
    browser::when_back(go_on);
}

/// Sets the server's clock, as a page that has just come tells it, against the browser's: a wrong one does no harm. It is taken
/// out of the page: two that differ in nothing else are the same.
pub fn learn(page: &Element) {
    let told = dom::all(page, MOVING).into_iter().filter_map(|time| {
        let now = time.get_attribute(NOW)?.parse::<i64>().ok();
        let _ = time.remove_attribute(NOW);
        now
    });
    if let Some(now) = told.max() {
        BEHIND.set(now - browser::now());
    }
}

fn go_on() {
    let now = browser::now() + BEHIND.get();
    for time in dom::all(&dom::body(), MOVING) {
        let words = time.get_attribute("data-words").and_then(|key| Words::from_key(&key));
        let (Some(words), Some(at)) = (words, instant(&time)) else { continue };
        let words = words.say(now, at);
        if time.text_content().as_deref() != Some(&words) {
            time.set_text_content(Some(&words));
        }
    }
}

fn instant(time: &Element) -> Option<i64> {
    let at = js_sys::Date::parse(&time.get_attribute("datetime")?);
    at.is_finite().then_some(at as i64)
}

/// Rewrites the exact times under `root`, whether they are the text or stand behind other words.
pub fn localise(root: &Element) {
    for time in dom::all(root, "time[datetime]") {
        let Some(at) = instant(&time) else { continue };
        if time.get_attribute("title").is_some_and(|title| title.ends_with(MARK)) {
            let _ = time.set_attribute("title", &browser::local_time(at));
        } else if time.text_content().is_some_and(|text| text.ends_with(MARK)) {
            time.set_text_content(Some(&browser::local_time(at)));
        }
    }
}
