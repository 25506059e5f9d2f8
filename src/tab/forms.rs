//! Forms: what they ask for is done without a page load.

use std::cell::Cell;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, FormData, HtmlFormElement, HtmlInputElement, HtmlOptionElement, UrlSearchParams};

use super::look::{self, Way};
use super::{dialogs, dom, fetch, toasts};
use crate::api::ApiError;
use crate::ui::browser;
use crate::ui::notice::Tone;

/// How long after the last key a form with `data-quick` is sent, in milliseconds.
const SETTLES_MS: u32 = 150;

/// Forms that are followed while the person types.
const QUICK: &str = "form[data-quick]";

thread_local! {
    /// How many keys were pressed in such forms.
    static KEYS: Cell<u32> = const { Cell::new(0) };
}

/// Hears what is sent and typed, and takes up what was typed before the script came.
pub fn start() {
    dom::on("submit", |event| {
        let Some(form) = form_of(&event).filter(|_| !event.default_prevented()) else { return };
        if is_quick(&form) {
            event.prevent_default();
            follow(&form);
        } else if form.method() == "post" && look::path(&form.action()).starts_with("/api/") {
            event.prevent_default();
            send(form);
        }
    });
    dom::on("input", |event| typed(&event, SETTLES_MS));
    dom::on("change", |event| typed(&event, 0));
    for form in dom::all(&dom::body(), QUICK).into_iter().filter(is_changed) {
        if let Ok(form) = form.dyn_into() {
            follow(&form);
        }
    }
}

/// Whether a form holds something else than the server has put into it.
fn is_changed(form: &Element) -> bool {
    let typed = |input: &HtmlInputElement| input.value() != input.default_value();
    let chosen = |select: &Element| {
        let options: Vec<HtmlOptionElement> =
            dom::all(select, "option").into_iter().filter_map(|option| option.dyn_into().ok()).collect();
        // Where the server chose none, the first one is.
        let default = options.iter().position(HtmlOptionElement::default_selected).unwrap_or(0);
        options.iter().position(HtmlOptionElement::selected).is_some_and(|at| at != default)
    };
    dom::all(form, "input").iter().any(|input| input.dyn_ref().is_some_and(typed))
        || dom::all(form, "select").iter().any(chosen)
}

fn form_of(event: &Event) -> Option<HtmlFormElement> {
    dom::around(event, "form")?.dyn_into().ok()
}

fn is_quick(form: &HtmlFormElement) -> bool {
    form.matches(QUICK).unwrap_or(false)
}

fn typed(event: &Event, settles_ms: u32) {
    let Some(form) = form_of(event).filter(is_quick) else { return };
    let mine = KEYS.get().wrapping_add(1);
    KEYS.set(mine);
    browser::after(settles_ms, move || {
        if KEYS.get() == mine {
            follow(&form);
        }
    });
}

/// Goes where a form with `get` leads. Typing leaves no trail of pages to go back through.
fn follow(form: &HtmlFormElement) {
    let Some(query) = query_of(form) else { return };
    let empty: Vec<String> =
        names(&query).into_iter().filter(|name| query.get(name).is_none_or(|text| text.is_empty())).collect();
    for name in empty {
        query.delete(&name);
    }
    let (action, query) = (form.action(), query.to_string().as_string().unwrap_or_default());
    let action = action.split('?').next().unwrap_or_default();
    let address = if query.is_empty() { action.to_string() } else { format!("{action}?{query}") };
    if address != look::here() {
        look::go(address, Way::Instead);
    }
}

fn query_of(form: &HtmlFormElement) -> Option<UrlSearchParams> {
    UrlSearchParams::new_with_str_sequence_sequence(&FormData::new_with_form(form).ok()?.into()).ok()
}

fn names(query: &UrlSearchParams) -> Vec<String> {
    query.keys().into_iter().filter_map(|name| name.ok()?.as_string()).collect()
}

/// Sends a form and tells what came out.
pub fn send(form: HtmlFormElement) {
    let button = form.query_selector("button[type=submit]").ok().flatten();
    let waits = |name| button.as_ref().and_then(|button| button.get_attribute(name)).as_deref() == Some("true");
    if waits("aria-busy") || waits("aria-disabled") {
        return;
    }
    let Some(body) = query_of(&form) else { return };
    busy(button.as_ref(), true);
    spawn_local(async move {
        let answer = fetch::post(&form.action(), &body).await;
        busy(button.as_ref(), false);
        match answer {
            Some((true, answer)) => done(&form, &answer),
            Some((false, error)) => refused(&form, &words_of(&error)),
            None => refused(&form, &ApiError::Offline.to_string()),
        }
    });
}

/// Marks a button as at work. Of its two words, if it has two, the other one is shown.
fn busy(button: Option<&Element>, at_work: bool) {
    let Some(button) = button else { return };
    let _ = button.set_attribute("aria-busy", if at_work { "true" } else { "false" });
    for (at, word) in dom::all(button, ".either > *").iter().enumerate() {
        let _ = word.toggle_attribute_with_force("data-off", (at == 0) == at_work);
    }
}

fn done(form: &HtmlFormElement, answer: &JsValue) {
    if let Some(words) = text(answer, "words") {
        let amber = text(answer, "health").as_deref() == Some("needs-reconnect");
        toasts::say(if amber { Tone::Warn } else { Tone::Ok }, &words);
    }
    let cancel = || form.closest("dialog").ok().flatten().and_then(|dialog| dialogs::cancel(&dialog));
    // What was typed is done with: the form is as new when the page comes.
    if form.has_attribute("data-then") {
        form.reset();
    }
    match form.get_attribute("data-then").or_else(cancel) {
        Some(next) => look::go(next, Way::Link),
        None => look::again(),
    }
}

/// What was wrong is said in a corner, and where it was asked for.
fn refused(form: &HtmlFormElement, words: &str) {
    toasts::say(Tone::Warn, words);
    if let Some(place) = dom::all(form, ".trouble").last() {
        place.set_text_content(Some(words));
    }
}

/// A text in an answer.
pub fn text(answer: &JsValue, key: &str) -> Option<String> {
    get(answer, key).as_string()
}

/// A part of an answer; undefined if it has none of that name.
pub fn get(answer: &JsValue, key: &str) -> JsValue {
    if !answer.is_object() {
        return JsValue::UNDEFINED;
    }
    web_sys::js_sys::Reflect::get(answer, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

/// The words of an error, from its JSON: a name, or a name with what belongs to it.
fn words_of(error: &JsValue) -> String {
    let seconds = get(&get(error, "Busy"), "seconds").as_f64();
    let told = text(error, "Invalid").or_else(|| text(error, "Conflict"));
    match (error.as_string().as_deref(), told, seconds) {
        (Some("SignedOut"), ..) => ApiError::SignedOut,
        (Some("Forbidden"), ..) => ApiError::Forbidden,
        (Some("NotFound"), ..) => ApiError::NotFound,
        (_, Some(words), _) => ApiError::Invalid(words),
        (_, _, Some(seconds)) => ApiError::Busy { seconds: seconds as u32 },
        _ => ApiError::Internal { id: text(&get(error, "Internal"), "id").unwrap_or_else(|| "-".into()) },
    }
    .to_string()
}
