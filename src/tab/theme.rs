//! The switch between light and dark.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::dom;
use crate::ui::browser;

const SWITCH: &str = "input[name=theme]";

/// Shows what was chosen, and hears a new choice.
pub fn start() {
    mark();
    dom::on("change", |event| {
        if let Some(Ok(input)) = dom::around(&event, SWITCH).map(JsCast::dyn_into::<HtmlInputElement>) {
            browser::set_theme(&input.value());
        }
    });
}

/// Marks the choice in the switch.
pub fn mark() {
    let chosen = browser::theme();
    for input in dom::all(&dom::body(), SWITCH) {
        if let Ok(input) = input.dyn_into::<HtmlInputElement>() {
            input.set_checked(input.value() == chosen);
        }
    }
}
