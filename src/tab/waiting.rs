//! What a person sees while a page takes its time: the place it will fill, as a skeleton.

use super::dom;

/// How long nothing is shown, in milliseconds: what is there sooner would only flicker.
pub const PATIENCE_MS: u32 = 150;

/// Marks the place that the page at `address` will fill. That page takes the mark away by itself.
pub fn show(address: &str) {
    let place = if address.contains("account=") { panel() } else { dom::find("main") };
    if let Some(place) = place {
        let _ = place.set_attribute("aria-busy", "true");
    }
}

/// A panel where none is open, or the open one.
fn panel() -> Option<web_sys::Element> {
    if let Some(open) = dom::find("#panel") {
        return Some(open);
    }
    let Some(beside) = dom::find(".split") else { return dom::find("main") };
    let panel = dom::document().create_element("aside").ok()?;
    panel.set_id("panel");
    panel.set_class_name("panel");
    let _ = panel.set_attribute("aria-label", "Account");
    for _ in 0..3 {
        let line = dom::document().create_element("div").ok()?;
        line.set_class_name("skeleton");
        panel.append_child(&line).ok()?;
    }
    beside.append_child(&panel).ok()?;
    Some(panel)
}
