//! "Jump to…": the dialog that finds an account or a page. What it shows is what the page `/jump` lists.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent, js_sys};

use super::{clicks, dom, fetch};
use crate::ui::browser;

/// The id of the dialog in the page.
const ID: &str = "jump";
/// How long the person must pause before the server is asked, in milliseconds.
const PAUSE_MS: u32 = 140;

thread_local! {
    /// Counts the questions: only the newest one's answer is shown.
    static QUESTION: Cell<u32> = const { Cell::new(0) };
    /// The question that the list answers.
    static ANSWERED: Cell<u32> = const { Cell::new(0) };
    /// Enter was pressed before the answer was there: it means the first line of what comes.
    static HURRY: Cell<bool> = const { Cell::new(false) };
    /// The marked option.
    static AT: Cell<usize> = const { Cell::new(0) };
}

/// Hears the button, the keys and the clicks of the dialog.
pub fn start() {
    browser::on_ctrl("k", open);
    dom::on("click", |event| {
        if clicks::plain(&event) && dom::around(&event, ".jump-open").is_some() {
            event.prevent_default();
            open();
        } else if dom::around(&event, "#jump .close, #jump .jump-option").is_some() || beside(&event) {
            // After the click on the option was heard.
            browser::after(0, || browser::close_dialog(ID));
        }
    });
    dom::on("input", |event| {
        if dom::around(&event, "#jump input").is_some() {
            ask(PAUSE_MS);
        }
    });
    dom::on("keydown", |event| {
        if let (Some(_), Some(key)) = (dom::around(&event, "#jump input"), event.dyn_ref::<KeyboardEvent>()) {
            press(key);
        }
    });
}

fn beside(event: &Event) -> bool {
    dom::around(event, "#jump").is_some() && browser::beside(event)
}

fn open() {
    if browser::open_dialog(ID) {
        if let Some(input) = input() {
            input.set_value("");
        }
        ask(0);
    }
}

fn input() -> Option<HtmlInputElement> {
    dom::find("#jump input")?.dyn_into().ok()
}

fn options() -> Vec<Element> {
    dom::find("#jump").map(|dialog| dom::all(&dialog, ".jump-option")).unwrap_or_default()
}

fn press(key: &KeyboardEvent) {
    let options = options();
    let count = options.len().max(1);
    let at = AT.get().min(count - 1);
    let to = match key.key().as_str() {
        "ArrowDown" => (at + 1) % count,
        "ArrowUp" => (at + count - 1) % count,
        "Enter" => {
            key.prevent_default();
            if ANSWERED.get() != QUESTION.get() {
                HURRY.set(true);
            } else if let Some(option) = options.get(at).and_then(|option| option.dyn_ref::<HtmlElement>()) {
                option.click();
            }
            return;
        }
        _ => return,
    };
    key.prevent_default();
    mark(to);
    if let Some(option) = options.get(to) {
        browser::scroll_to(&option.id());
    }
}

/// Marks an option, and says so to who listens.
fn mark(to: usize) {
    AT.set(to);
    let options = options();
    for (at, option) in options.iter().enumerate() {
        let _ = option.set_attribute("aria-selected", if at == to { "true" } else { "false" });
    }
    if let Some(input) = input() {
        let _ = match options.get(to) {
            Some(option) => input.set_attribute("aria-activedescendant", &option.id()),
            None => input.remove_attribute("aria-activedescendant"),
        };
    }
}

/// Asks the server after a pause, unless more was typed meanwhile.
fn ask(pause: u32) {
    let question = QUESTION.get().wrapping_add(1);
    QUESTION.set(question);
    HURRY.set(false);
    browser::after(pause, move || {
        if QUESTION.get() != question {
            return;
        }
        let text = input().map(|input| input.value()).unwrap_or_default();
        spawn_local(async move {
            let text = js_sys::encode_uri_component(&text).as_string().unwrap_or_default();
            let page = fetch::page(&format!("/jump?q={text}")).await;
            if QUESTION.get() == question {
                show(page);
                ANSWERED.set(question);
                if HURRY.take()
                    && let Some(option) = options().first().and_then(|option| option.dyn_ref::<HtmlElement>())
                {
                    option.click();
                }
            }
        });
    });
}

fn show(page: Option<fetch::Page>) {
    let (Some(list), Some(said)) = (dom::find("#jump-list"), dom::find("#jump .jump-none")) else { return };
    let part = |selector| page.as_ref().and_then(|page| page.document.query_selector(selector).ok().flatten());
    list.set_text_content(None);
    if let Some(found) = part("#jump-found") {
        super::morph::children(&list, &found);
    }
    let words = match part("#jump-said") {
        Some(said) => said.text_content(),
        None => Some("The server can't be reached.".into()),
    };
    said.set_text_content(words.as_deref());
    mark(0);
}
