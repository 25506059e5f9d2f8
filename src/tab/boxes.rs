//! Checkboxes in numbers: a search that hides rows, all or none, and how many are ticked.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::dom;
use crate::ui::browser;

const BOXES: &str = "input[type=checkbox]";

/// Hears searches, ticks and the buttons for all of them. Coming back to a page, browsers tick again what was ticked when it
/// was left: boxes outside of their form start without.
pub fn start() {
    browser::tick_all("account", false);
    dom::on("input", |event| {
        if let Some(Ok(input)) = dom::around(&event, "[data-sift]").map(JsCast::dyn_into::<HtmlInputElement>) {
            sift(&input);
        }
    });
    dom::on("change", |event| {
        if let Some(form) = dom::around(&event, "form") {
            count(&form);
        }
    });
    dom::on("click", |event| {
        let Some(button) = dom::around(&event, "[data-tick]") else { return };
        if let Ok(Some(form)) = button.closest("form") {
            tick(&form, button.get_attribute("data-tick").as_deref() == Some("all"));
            count(&form);
        }
    });
}

/// Hides the rows that do not hold what is typed. `data-sift` selects the rows.
fn sift(input: &HtmlInputElement) {
    let (text, rows) = (input.value().to_lowercase(), input.get_attribute("data-sift").unwrap_or_default());
    let Some(form) = input.form() else { return };
    for row in dom::all(&form, &rows) {
        let fits = row.text_content().unwrap_or_default().to_lowercase().contains(text.trim());
        if let Some(row) = row.dyn_ref::<HtmlElement>() {
            row.set_hidden(!fits);
        }
    }
}

/// Ticks or unticks what can be seen.
fn tick(form: &Element, ticked: bool) {
    for input in inputs(form) {
        if input.offset_parent().is_some() && !input.disabled() {
            input.set_checked(ticked);
        }
    }
}

/// Writes how many are ticked into `data-count`.
fn count(form: &Element) {
    let ticked = inputs(form).iter().filter(|input| input.checked()).count();
    for place in dom::all(form, "[data-count]") {
        place.set_text_content(Some(&format!(" ({ticked})")));
    }
}

fn inputs(form: &Element) -> Vec<HtmlInputElement> {
    dom::all(form, BOXES).into_iter().filter_map(|input| input.dyn_into().ok()).collect()
}
