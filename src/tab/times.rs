//! Instants in the person's own zone and language. The server writes UTC.

use web_sys::{Element, js_sys};

use super::dom;
use crate::ui::browser;

/// How the server ends an exact time.
const MARK: &str = " UTC";

/// Rewrites the exact times under `root`, whether they are the text or stand behind other words.
pub fn localise(root: &Element) {
    for time in dom::all(root, "time[datetime]") {
        let at = time.get_attribute("datetime").map(|text| js_sys::Date::parse(&text)).filter(|at| at.is_finite());
        let Some(at) = at else { continue };
        if time.get_attribute("title").is_some_and(|title| title.ends_with(MARK)) {
            let _ = time.set_attribute("title", &browser::local_time(at as i64));
        } else if time.text_content().is_some_and(|text| text.ends_with(MARK)) {
            time.set_text_content(Some(&browser::local_time(at as i64)));
        }
    }
}
