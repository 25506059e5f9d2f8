//! Short messages in a corner (SPEC T-6): the page has a region for each tone, which reads out what is put into it.

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::dom;
use crate::ui::browser;
use crate::ui::notice::Tone;

/// How long good news stays; what needs a hand stays three times as long.
const STAYS_MS: u32 = 8_000;
/// How long the same words are the same news: whoever asked for a change hears of it from the answer and from the stream.
const FRESH_MS: u32 = 5_000;
/// More than this would hide the page.
const AT_MOST: usize = 4;

struct Toast {
    number: u32,
    words: String,
    /// It came a moment ago.
    fresh: bool,
    element: Element,
}

thread_local! {
    static SHOWN: RefCell<Vec<Toast>> = const { RefCell::new(Vec::new()) };
    static COUNT: Cell<u32> = const { Cell::new(0) };
}

/// Shows a message for a while. One that came a moment ago in the same words stays as it is and is not read out again.
pub fn say(tone: Tone, words: &str) {
    let known = |toast: &Toast| toast.fresh && toast.words == words;
    if SHOWN.with_borrow(|shown| shown.iter().any(known)) {
        return;
    }
    let number = COUNT.get() + 1;
    COUNT.set(number);
    let Some(element) = draw(tone, words, number) else { return };
    SHOWN.with_borrow_mut(|shown| {
        // An old one in the same words makes place for it, the oldest for one too many.
        let full = shown.len() >= AT_MOST;
        let mut first = full;
        shown.retain(|toast| {
            let goes = toast.words == words || std::mem::take(&mut first);
            if goes {
                toast.element.remove();
            }
            !goes
        });
        shown.push(Toast { number, words: words.into(), fresh: true, element });
    });
    browser::after(FRESH_MS, move || {
        SHOWN.with_borrow_mut(|shown| {
            if let Some(toast) = shown.iter_mut().find(|toast| toast.number == number) {
                toast.fresh = false;
            }
        });
    });
    browser::after(if tone == Tone::Ok { STAYS_MS } else { 3 * STAYS_MS }, move || drop_one(number));
}

fn drop_one(number: u32) {
    SHOWN.with_borrow_mut(|shown| {
        if let Some(at) = shown.iter().position(|toast| toast.number == number) {
            shown.remove(at).element.remove();
        }
    });
}

/// Puts a message into the region of its tone. Its parts come from the page, its words are text and nothing else.
fn draw(tone: Tone, words: &str, number: u32) -> Option<Element> {
    let region = dom::find(&format!(".toast-list[role={}]", tone.role()))?;
    let template = dom::find("#toast")?.dyn_into::<web_sys::HtmlTemplateElement>().ok()?;
    let toast =
        template.content().first_element_child()?.clone_node_with_deep(true).ok()?.dyn_into::<Element>().ok()?;
    toast.set_attribute("data-tone", tone.key()).ok()?;
    toast.query_selector("use").ok()??.set_attribute("href", &format!("/icons.svg#{}", tone.icon())).ok()?;
    toast.query_selector("span").ok()??.set_text_content(Some(words));
    let close = toast.query_selector("button").ok()??.dyn_into::<HtmlElement>().ok()?;
    let dismiss = wasm_bindgen::closure::Closure::once_into_js(move || drop_one(number));
    close.set_onclick(Some(dismiss.unchecked_ref()));
    region.append_child(&toast).ok()?;
    Some(toast)
}
