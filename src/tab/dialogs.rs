//! Dialogs, and menus that a new page closes.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlDialogElement, HtmlElement};

use super::look::{self, Way};
use super::{dom, fetch};
use crate::ui::browser;

/// Makes the dialog of the page modal, and hears when one is closed.
pub fn start() {
    settle();
    dom::on("close", |event| {
        // Closed from the keyboard: the same as its Cancel.
        if let Some(cancel) = dom::around(&event, "dialog[data-asks]").and_then(|dialog| cancel(&dialog)) {
            look::go(cancel, Way::Link);
        }
    });
}

/// A dialog that the server sent open asks something: the page behind it waits.
pub fn settle() {
    for dialog in dom::all(&dom::body(), "dialog[open]:not(:modal)") {
        let _ = dialog.set_attribute("data-asks", "true");
        if let Some(dialog) = dialog.dyn_ref::<HtmlDialogElement>() {
            browser::make_modal(dialog);
        }
    }
}

/// Where a dialog's Cancel leads: the link beside its button.
pub fn cancel(dialog: &Element) -> Option<String> {
    dialog.query_selector(".answers a[href]").ok().flatten().map(|link| dom::href(&link))
}

/// Opens the dialog beside a link, if there is one, and fills it with the list of the page behind the link.
pub fn open_beside(link: &Element) -> bool {
    let Some(Ok(dialog)) = link.next_element_sibling().map(JsCast::dyn_into::<HtmlDialogElement>) else { return false };
    browser::make_modal(&dialog);
    let address = dom::href(link);
    let _ = dialog.set_attribute("aria-busy", "true");
    spawn_local(async move {
        let page = fetch::page(&address).await;
        let _ = dialog.remove_attribute("aria-busy");
        let list = page.and_then(|page| page.document.query_selector("#main ul, #main [role=alert]").ok().flatten());
        let Some(list) = list.and_then(|list| dom::document().import_node_with_deep(&list, true).ok()) else {
            let _ = dom::window().location().assign(&address);
            return;
        };
        match dialog.query_selector("ul, [role=alert]").ok().flatten() {
            Some(old) => {
                let _ = dialog.replace_child(&list, &old);
            }
            None => {
                let _ = dialog.append_child(&list);
            }
        }
    });
    true
}

/// Closes menus that are open.
pub fn close_menus() {
    for menu in dom::all(&dom::body(), "[popover]:popover-open") {
        if let Some(menu) = menu.dyn_ref::<HtmlElement>() {
            let _ = menu.hide_popover();
        }
    }
}
