//! Short names for what the browser offers.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, HtmlElement, Window};

pub fn window() -> Window {
    web_sys::window().expect("a tab has a window")
}

pub fn document() -> Document {
    window().document().expect("a window that shows a page has a document")
}

pub fn body() -> HtmlElement {
    document().body().expect("a document that shows a page has a body")
}

/// The first element in the page that the selector takes.
pub fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// The elements under `root` that the selector takes.
pub fn all(root: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = root.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}

/// Hears every event of this kind in the page, for the life of the tab, also those that don't bubble.
pub fn on(kind: &str, hear: impl Fn(Event) + 'static) {
    hear_on(&document(), kind, Box::new(hear));
}

/// Hears every event of this kind at the window.
pub fn on_window(kind: &str, hear: impl Fn(Event) + 'static) {
    hear_on(&window(), kind, Box::new(hear));
}

fn hear_on(target: &web_sys::EventTarget, kind: &str, hear: Box<dyn Fn(Event)>) {
    let hear = Closure::<dyn Fn(Event)>::wrap(hear);
    let _ = target.add_event_listener_with_callback_and_bool(kind, hear.as_ref().unchecked_ref(), true);
    hear.forget();
}

/// The element of this kind around what the event happened to.
pub fn around(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok().flatten()
}

/// Where a link leads, in full; empty for none.
pub fn href(link: &Element) -> String {
    link.dyn_ref::<web_sys::HtmlAnchorElement>().map(web_sys::HtmlAnchorElement::href).unwrap_or_default()
}
