//! Looks at a page again, or at another one, without a page load.

use std::cell::Cell;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::fetch::{self, Page};
use super::{boxes, dialogs, dom, live, morph, panel, theme, times, waiting};
use crate::ui::{browser, links};

/// What leads to a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It is on the screen and may have changed.
    Again,
    /// A link.
    Link,
    /// A link that leaves no trace in the tab's history.
    Instead,
    /// The tab's history.
    History,
}

thread_local! {
    /// The number of the newest look, as long as it is on its way.
    static LOOKING: Cell<Option<u32>> = const { Cell::new(None) };
    static COUNT: Cell<u32> = const { Cell::new(0) };
    /// Whether something changed while a look was on its way.
    static MORE: Cell<bool> = const { Cell::new(false) };
}

/// Looks at the page again; if a look is on its way, once more after it.
pub fn again() {
    if LOOKING.get().is_some() {
        MORE.set(true);
    } else {
        look(here(), Way::Again);
    }
}

/// Goes to another page of ours.
pub fn go(address: String, way: Way) {
    look(address, way);
}

/// The address of the tab.
pub fn here() -> String {
    dom::window().location().href().unwrap_or_default()
}

fn look(address: String, way: Way) {
    let mine = COUNT.get().wrapping_add(1);
    COUNT.set(mine);
    LOOKING.set(Some(mine));
    if way != Way::Again {
        let address = address.clone();
        browser::after(waiting::PATIENCE_MS, move || {
            if LOOKING.get() == Some(mine) {
                waiting::show(&address);
            }
        });
    }
    spawn_local(async move {
        let page = fetch::page(&address).await;
        if LOOKING.get() != Some(mine) {
            return;
        }
        LOOKING.set(None);
        match page {
            Some(page) => show(page, &address, way),
            // What was last known stays.
            None if way == Way::Again => {}
            // The browser says better than we could what is wrong.
            None => leave(&address),
        }
        if MORE.take() {
            again();
        }
    });
}

/// A page load.
fn leave(address: &str) {
    let _ = dom::window().location().assign(address);
}

fn show(page: Page, asked: &str, way: Way) {
    let Page { document, address, ok } = page;
    let framed = |document: &web_sys::Document| matches!(document.query_selector(".frame"), Ok(Some(_)));
    if way == Way::Again && !ok {
        return;
    }
    // Pages before the sign-in, and those with a policy of their own.
    let (old_path, new_path) = (path(&here()), path(&address));
    let moves = old_path != new_path;
    if !framed(&document) || !framed(&dom::document()) || (moves && links::is_open_ended(&new_path)) {
        return leave(&address);
    }
    let Some(body) = document.body() else { return };
    let held = browser::focused();
    move_to(&address, asked, way);
    times::localise(&body);
    times::learn(&body);
    dom::document().set_title(&document.title());
    morph::children(&dom::body(), &body);
    theme::mark();
    live::mark();
    boxes::settle();
    dialogs::settle();
    if moves {
        panel::replaced();
        dialogs::close_menus();
        if way == Way::Link {
            browser::jump_to_top();
        }
        // A page that is longer than the screen would be scrolled to, and its head would cover the title.
        browser::focus_still("main");
    } else {
        panel::moved();
        browser::refocus(held.as_deref());
    }
}

fn move_to(address: &str, asked: &str, way: Way) {
    let Ok(history) = dom::window().history() else { return };
    let hash = asked.find('#').map_or("", |at| &asked[at..]);
    let address = format!("{address}{hash}");
    let _ = match way {
        Way::Link if address != here() => history.push_state_with_url(&JsValue::NULL, "", Some(&address)),
        Way::Link | Way::Instead => history.replace_state_with_url(&JsValue::NULL, "", Some(&address)),
        Way::Again | Way::History => Ok(()),
    };
}

/// The path of a full address.
pub fn path(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    path.split(['?', '#']).next().unwrap_or_default().into()
}
