//! The page keeps itself true: it hears of changes from the server and looks again (SPEC T-1).

use std::cell::Cell;

use wasm_bindgen::JsValue;
use web_sys::{Element, js_sys};

use super::forms::{get, text};
use super::{dom, look, toasts};
use crate::ui::browser::{self, Heard};
use crate::ui::notice::Tone;

/// The longest time without a look (SPEC T-1), and how often that is measured: a timer of an hour would stand still while the
/// machine sleeps.
const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: u32 = 60_000;
/// The shortest time between two looks because of what was told: forty accounts may change within a second.
const PAUSE_MS: u32 = 250;

/// How far a check of all accounts is.
type Progress = (u32, u32);

thread_local! {
    /// Whether the stream has broken off and is being restored.
    static LOST: Cell<bool> = const { Cell::new(false) };
    /// The check that is under way, as the stream last told.
    static CHECKING: Cell<Option<Progress>> = const { Cell::new(None) };
    /// While a pause lasts: whether something was told in it.
    static PAUSE: Cell<Option<bool>> = const { Cell::new(None) };
    /// When the page was looked at last because of the stream or the time, by the browser's clock.
    static LOOKED_AT: Cell<i64> = const { Cell::new(0) };
}

/// Opens the stream, where somebody is signed in.
pub fn start() {
    if dom::find(".frame").is_none() {
        return;
    }
    LOOKED_AT.set(browser::now());
    browser::listen("/live", "change", "beat", hear);
    browser::when_back(again);
    browser::every(MINUTE_MS, || {
        if browser::now() - LOOKED_AT.get() >= HOUR_MS {
            again();
        }
    });
}

fn again() {
    LOOKED_AT.set(browser::now());
    look::again();
}

fn hear(heard: Heard) {
    match heard {
        Heard::Open { again } => {
            LOST.set(false);
            mark();
            if again {
                self::again();
            }
        }
        Heard::Lost => {
            LOST.set(true);
            mark();
        }
        Heard::Message(words) => match js_sys::JSON::parse(&words) {
            Ok(change) => told(&change),
            Err(_) => again_soon(),
        },
    }
}

fn told(change: &JsValue) {
    if get(change, "again").is_truthy() {
        // The end of a check of all accounts may be among what was missed.
        CHECKING.set(None);
    }
    let progress = get(change, "progress");
    let number = |key| get(&progress, key).as_f64().map(|number| number as u32);
    match (number("done"), number("total")) {
        // Steps of a check change nothing by themselves; its beginning and its end are moments to look at everything.
        (Some(done), Some(total)) if done < total => {
            let begun = CHECKING.replace(Some((done, total))).is_none();
            if begun || dom::find("progress").is_none() {
                again_soon();
            }
            mark();
        }
        (Some(_), Some(_)) => {
            CHECKING.set(None);
            again();
        }
        _ => again_soon(),
    }
    let tone = if text(change, "tone").as_deref() == Some("warn") { Tone::Warn } else { Tone::Ok };
    // While all accounts are checked, good news of each would bury what needs a hand; the result counts them.
    let counted = tone == Tone::Ok && text(change, "account").is_some() && CHECKING.get().is_some();
    if let Some(words) = text(change, "toast").filter(|_| !counted) {
        toasts::say(tone, &words);
    }
}

/// Writes what the stream says into the page, after a look as well: the page may know less.
pub fn mark() {
    if let Some(place) = dom::find(".lost") {
        let (lost, words) = if LOST.get() { (true, "Live updates interrupted, trying again") } else { (false, "") };
        let _ = if lost { place.set_attribute("data-lost", "true") } else { place.remove_attribute("data-lost") };
        if place.text_content().as_deref() != Some(words) {
            place.set_text_content(Some(words));
        }
    }
    if let (Some(progress), Some(bar)) = (CHECKING.get(), dom::find("progress")) {
        advance(&bar, progress);
    }
}

/// Moves the bar on, never back.
fn advance(bar: &Element, (done, total): Progress) {
    let number = |name| bar.get_attribute(name).and_then(|text| text.parse::<u32>().ok());
    if number("max") != Some(total) || number("value").is_some_and(|value| value >= done) {
        return;
    }
    let _ = bar.set_attribute("value", &done.to_string());
    if let Some(label) = dom::find(&format!("label[for={}]", bar.id())) {
        label.set_text_content(Some(&format!("Checking {done} of {total}")));
    }
}

/// Looks again: at once, and what is told soon after together at the end of a pause.
fn again_soon() {
    if PAUSE.get().is_some() {
        PAUSE.set(Some(true));
        return;
    }
    again();
    PAUSE.set(Some(false));
    browser::after(PAUSE_MS, || {
        if PAUSE.take() == Some(true) {
            again_soon();
        }
    });
}
