//! A finger that pulls the page down refreshes it (SPEC H-7).

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlFormElement, TouchEvent};

use super::{dom, forms, look};
use crate::ui::browser;

/// The id of the mark that comes down with the finger.
const MARK: &str = "pull";
/// What can be pulled: the list, and what stands above it.
const PAGE: &str = ".pullable, .connections > .banners, .connections > .page-head";

thread_local! {
    /// Where the finger took hold.
    static FROM: Cell<Option<f64>> = const { Cell::new(None) };
}

/// Hears the finger.
pub fn start() {
    dom::on("touchstart", |event| FROM.set(touch(&event).and_then(browser::at_top)));
    dom::on("touchmove", |event| {
        if let (Some(touch), Some(from)) = (touch(&event), FROM.get()) {
            browser::pull(touch, MARK, from);
        }
    });
    for end in ["touchend", "touchcancel"] {
        dom::on(end, |event| {
            if let (Some(touch), Some(from)) = (touch(&event), FROM.take())
                && browser::release(touch, MARK, from)
            {
                refresh();
            }
        });
    }
}

fn touch(event: &Event) -> Option<&TouchEvent> {
    dom::around(event, PAGE)?;
    event.dyn_ref()
}

/// Has the platforms asked, where the member may; otherwise the page alone looks again.
fn refresh() {
    match dom::find("form[action='/api/check_all']").map(JsCast::dyn_into::<HtmlFormElement>) {
        Some(Ok(form)) => forms::send(form),
        _ => look::again(),
    }
}
