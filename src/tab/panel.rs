//! The panel beside a list: where the focus goes when it opens and closes (SPEC H-8), Escape, and a finger that pulls it down.

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsCast;
use web_sys::{Event, TouchEvent, UrlSearchParams};

use super::look::{self, Way};
use super::{dialogs, dom};
use crate::ui::browser;

/// The id of the panel in the page.
const ID: &str = "panel";

thread_local! {
    /// Where a finger holds the sheet that the panel is on a small screen.
    static GRIP: Cell<Option<f64>> = const { Cell::new(None) };
    /// What was open when the page was shown last. The address can't tell: on the way back it is the new one already.
    static SHOWN: RefCell<State> = const { RefCell::new(State { account: None, question: None }) };
}

/// What the address says is open.
#[derive(Default)]
struct State {
    account: Option<String>,
    question: Option<String>,
}

impl State {
    /// As the tab's address has it.
    fn now() -> Self {
        let search = dom::window().location().search().unwrap_or_default();
        let Ok(query) = UrlSearchParams::new_with_str(&search) else { return Self::default() };
        let asked = |key| query.get(key).filter(|text| !text.is_empty() && dom::find("#panel").is_some());
        Self { account: asked("account"), question: asked("confirm") }
    }
}

/// Looks after the panel that is open, and after those to come.
pub fn start() {
    moved();
    browser::on_escape(close);
    dom::on("touchstart", |event| GRIP.set(touch(&event).and_then(|touch| browser::grip(touch, ID))));
    dom::on("touchmove", |event| {
        if let (Some(touch), Some(from)) = (touch(&event), GRIP.get()) {
            browser::follow(touch, ID, from);
        }
    });
    for end in ["touchend", "touchcancel"] {
        dom::on(end, |event| {
            if let (Some(touch), Some(from)) = (touch(&event), GRIP.take())
                && browser::let_go(touch, ID, from)
            {
                close();
            }
        });
    }
}

/// A touch of the panel.
fn touch(event: &Event) -> Option<&TouchEvent> {
    dom::around(event, "#panel")?;
    event.dyn_ref()
}

fn close() {
    if let Some(link) = dom::find("#panel > a.close") {
        look::go(dom::href(&link), Way::Link);
    }
}

/// Another page is there, and has the focus itself.
pub fn replaced() {
    SHOWN.set(State::now());
}

/// Gives the focus to where the attention goes: into the panel when it opens or a question is left, and back to the link that
/// opened it when it closes.
pub fn moved() {
    let (before, now) = (SHOWN.take(), State::now());
    match (&now.account, &before.account) {
        (Some(id), old) if old.as_ref() != Some(id) => {
            browser::focus(ID);
            browser::scroll_to(&format!("account-{id}"));
        }
        (Some(_), _) if before.question.is_some() && now.question.is_none() => {
            browser::focus(ID);
        }
        (None, Some(id)) => {
            dialogs::close_menus();
            browser::focus(&format!("view-{id}"));
        }
        _ => {}
    }
    SHOWN.set(now);
}
