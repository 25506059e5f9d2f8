//! Checkboxes in numbers: a search that hides rows, all or none, and how many are ticked.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::dom;
use crate::ui::browser;

const BOXES: &str = "input[type=checkbox]";
const COUNTS: &str = "[data-count]";

/// Counts what was ticked before the script came, and hears searches, ticks and the buttons for all of them.
pub fn start() {
    settle();
    dom::on("input", |event| {
        if let Some(Ok(input)) = dom::around(&event, "[data-sift]").map(JsCast::dyn_into::<HtmlInputElement>) {
            sift(&input);
        }
    });
    dom::on("change", |event| {
        if let Some(form) = dom::around(&event, BOXES).and_then(|input| input.dyn_ref::<HtmlInputElement>()?.form()) {
            count(&form);
        }
    });
    dom::on("reset", |event| {
        // Its boxes change after those who hear of it.
        if let Some(form) = dom::around(&event, "form") {
            browser::after(0, move || count(&form));
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

/// Counts again after the page has changed: the server does not know what is ticked.
pub fn settle() {
    for place in dom::all(&dom::body(), COUNTS) {
        if let Ok(Some(form)) = place.closest("form") {
            count(&form);
        }
    }
}

/// Writes how many are ticked, in the words of `data-count`.
fn count(form: &Element) {
    let ticked = inputs(form).iter().filter(|input| input.checked()).count();
    for place in dom::all(form, COUNTS).into_iter().filter(|_| ticked > 0) {
        let words = place.get_attribute("data-count").unwrap_or_default().replace('#', &ticked.to_string());
        place.set_text_content(Some(&words));
    }
}

/// The boxes of a form, those that stand elsewhere in the page and name it as well.
fn inputs(form: &Element) -> Vec<HtmlInputElement> {
    let boxes = dom::all(&dom::body(), BOXES).into_iter().filter_map(|input| input.dyn_into::<HtmlInputElement>().ok());
    boxes.filter(|input| input.form().is_some_and(|own| own.is_same_node(Some(form)))).collect()
}
