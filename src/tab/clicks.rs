//! Links: to pages of ours they are followed without a page load.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, MouseEvent};

use super::look::{self, Way};
use super::{dialogs, dom};

/// Hears clicks on links, and the tab's history.
pub fn start() {
    dom::on("click", clicked);
    dom::on_window("popstate", |_| look::go(look::here(), Way::History));
}

fn clicked(event: Event) {
    let Some(link) = dom::around(&event, "a[href]").filter(|_| plain(&event)) else { return };
    if link.get_attribute("aria-haspopup").as_deref() == Some("dialog") && dialogs::open_beside(&link) {
        event.prevent_default();
    } else if is_ours(&link) {
        event.prevent_default();
        look::go(dom::href(&link), Way::Link);
    }
}

/// Whether this is a click that means "go there", and nobody has heard it yet.
pub fn plain(event: &Event) -> bool {
    let keys = |event: &MouseEvent| event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key();
    !event.default_prevented() && event.dyn_ref::<MouseEvent>().is_some_and(|event| event.button() == 0 && !keys(event))
}

fn is_ours(link: &Element) -> bool {
    let origin = dom::window().location().origin().unwrap_or_default();
    let external = link.get_attribute("rel").is_some_and(|rel| rel.split(' ').any(|word| word == "external"));
    let href = dom::href(link);
    // A place in this page is the browser's.
    let within = href.split_once('#').is_some_and(|(page, _)| look::here().split('#').next() == Some(page));
    let inside = href.strip_prefix(&origin).is_some_and(|rest| rest.starts_with('/'));
    inside && !external && !within && !link.has_attribute("target") && !link.has_attribute("download")
}
