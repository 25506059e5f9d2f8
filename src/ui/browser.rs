//! The only room that touches the browser. Everything here is called from effects and event handlers, which the server never
//! runs; should it be called there all the same, it would panic, so nothing of it belongs into a component's body.

mod stream;

use gloo_timers::callback::{Interval, Timeout};
pub use stream::{Heard, listen};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::Intl::DateTimeFormat;
use web_sys::js_sys::{Array, Date, Function, Object, Promise, Reflect};
use web_sys::{
    Document, Element, Event, FocusOptions, HtmlDialogElement, HtmlElement, KeyboardEvent, ScrollBehavior,
    ScrollIntoViewOptions, ScrollLogicalPosition, ScrollToOptions, TouchEvent, VisibilityState, Window,
};

fn window() -> Window {
    web_sys::window().expect("effects and handlers run in a window only")
}

fn document() -> Document {
    window().document().expect("a window that shows a page has a document")
}

/// Runs `then` after `ms` milliseconds.
pub fn after(ms: u32, then: impl FnOnce() + 'static) {
    Timeout::new(ms, then).forget();
}

/// How long a frame is waited for, in milliseconds.
const FRAME_AT_LATEST_MS: u32 = 50;

/// Lets the browser draw what waits to be drawn.
pub async fn breath() {
    let frame = Promise::new(&mut |go_on, _| {
        let _ = window().request_animation_frame(&go_on);
        // What nobody sees is not drawn, whatever its tab believes: there a frame would be waited for in vain.
        call_after(FRAME_AT_LATEST_MS, go_on);
    });
    let _ = JsFuture::from(frame).await;
    // A frame begins with whoever waits for it, and is drawn after them: what is done now would hold it up.
    let _ = JsFuture::from(Promise::new(&mut |go_on, _| call_after(0, go_on))).await;
}

fn call_after(ms: u32, then: Function) {
    after(ms, move || {
        let _ = then.call0(&JsValue::UNDEFINED);
    });
}

/// Runs `then` every `ms` milliseconds, for the life of the tab.
pub fn every(ms: u32, then: impl FnMut() + 'static) {
    Interval::new(ms, then).forget();
}

/// Runs `then` each time the tab comes to the front, or the network comes back, for the life of the tab.
pub fn when_back(then: impl Fn() + 'static) {
    let heard = Closure::<dyn Fn()>::new(move || {
        if document().visibility_state() == VisibilityState::Visible {
            then();
        }
    });
    let heard = heard.into_js_value();
    let _ = document().add_event_listener_with_callback("visibilitychange", heard.unchecked_ref());
    let _ = window().add_event_listener_with_callback("online", heard.unchecked_ref());
}

/// The browser's own time, Unix milliseconds. It may be wrong; what it is good for is how much of it has passed.
pub fn now() -> i64 {
    web_sys::js_sys::Date::now() as i64
}

/// Runs `then` on Escape unless a dialog or a menu is open, which Escape closes by itself; for the life of the tab.
pub fn on_escape(then: impl Fn() + 'static) {
    on_key(move |event| {
        let taken = matches!(document().query_selector("dialog:modal, [popover]:popover-open"), Ok(Some(_)));
        if event.key() == "Escape" && !taken && !event.default_prevented() {
            then();
        }
    })
}

fn on_key(then: impl Fn(KeyboardEvent) + 'static) {
    let heard = Closure::<dyn Fn(KeyboardEvent)>::new(then);
    let _ = window().add_event_listener_with_callback("keydown", heard.as_ref().unchecked_ref());
    heard.forget();
}

/// Puts the focus on the element with this id, if it is there, and brings it into view.
pub fn focus(id: &str) -> bool {
    by_id(id).is_some_and(|element| element.focus().is_ok())
}

/// The same without moving the page.
pub fn focus_still(id: &str) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    if let Some(element) = by_id(id) {
        let _ = element.focus_with_options(&options);
    }
}

/// The id of the element that has the focus.
pub fn focused() -> Option<String> {
    document().active_element().map(|element| element.id()).filter(|id| !id.is_empty())
}

/// Gives the focus back to the element with this id if it got lost meanwhile.
pub fn refocus(id: Option<&str>) {
    let lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
    if let Some(id) = id.filter(|_| lost) {
        focus(id);
    }
}

/// Goes to the top of the page at once: another page is not glided to.
pub fn jump_to_top() {
    let options = ScrollToOptions::new();
    options.set_top(0.0);
    options.set_behavior(ScrollBehavior::Instant);
    window().scroll_to_with_scroll_to_options(&options);
}

/// Brings the element with this id into view; whether that glides is for the style sheet to say.
pub fn scroll_to(id: &str) {
    let Some(element) = document().get_element_by_id(id) else { return };
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Center);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

fn root() -> Element {
    document().document_element().expect("a document that shows a page has a root")
}

/// Turns a dialog that stands open in the page into a modal one, without a close event in between.
pub fn make_modal(dialog: &HtmlDialogElement) {
    let _ = dialog.remove_attribute("open");
    let _ = dialog.show_modal();
}

/// How far down a finger must pull a sheet to close it, in CSS pixels.
const PULL: f64 = 90.0;

/// Where a finger touches a sheet that stands at the bottom of a small screen and is scrolled to its top; `None` otherwise.
pub fn grip(event: &TouchEvent, sheet: &str) -> Option<f64> {
    let sheet = by_id(sheet)?;
    (sheet.offset_top() > 0 && sheet.scroll_top() == 0).then_some(())?;
    finger(event)
}

/// Lets a sheet follow the finger that gripped it at `from`.
pub fn follow(event: &TouchEvent, sheet: &str, from: f64) {
    if let (Some(sheet), Some(to)) = (by_id(sheet), finger(event)) {
        let _ = sheet.style().set_property("translate", &format!("0 {}px", (to - from).max(0.0) as i32));
    }
}

/// Lets go of a sheet; true if it was pulled far enough to close it.
pub fn let_go(event: &TouchEvent, sheet: &str, from: f64) -> bool {
    if let Some(sheet) = by_id(sheet) {
        let _ = sheet.style().remove_property("translate");
    }
    event.type_() == "touchend" && finger(event).is_some_and(|to| to - from > PULL)
}

/// How far down a finger must pull a page to refresh it, in CSS pixels.
const REFRESH: f64 = 110.0;

/// Where a finger touches a page that is scrolled to its top and has nothing open above it; `None` otherwise.
pub fn at_top(event: &TouchEvent) -> Option<f64> {
    let scrolled = window().scroll_y().unwrap_or(0.0) > 0.0;
    let covered = matches!(document().query_selector("dialog:modal, .panel, [popover]:popover-open"), Ok(Some(_)));
    let alone = event.touches().length() == 1;
    (!scrolled && !covered && alone).then(|| finger(event)).flatten()
}

/// Lets a mark come down with the finger that pulls from `from`.
pub fn pull(event: &TouchEvent, mark: &str, from: f64) {
    let (Some(mark), Some(to)) = (by_id(mark), finger(event)) else { return };
    let way = (to - from).clamp(0.0, 1.4 * REFRESH);
    let _ = mark.style().set_property("translate", &format!("0 {}px", (way / 2.0) as i32));
    let state = if way >= REFRESH { "ready" } else { "pulled" };
    let _ = mark.set_attribute("data-pull", if way > 8.0 { state } else { "" });
}

/// Sends the mark back; true if it was pulled far enough.
pub fn release(event: &TouchEvent, mark: &str, from: f64) -> bool {
    if let Some(mark) = by_id(mark) {
        let _ = mark.style().remove_property("translate");
        let _ = mark.remove_attribute("data-pull");
    }
    event.type_() == "touchend" && finger(event).is_some_and(|to| to - from >= REFRESH)
}

fn finger(event: &TouchEvent) -> Option<f64> {
    Some(f64::from(event.changed_touches().item(0)?.client_y()))
}

fn by_id(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

thread_local! {
    /// Made once: a page of sixty accounts tells two hundred times.
    static LOCAL_TIME: Function = {
        let options = Object::new();
        for (key, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
            let _ = Reflect::set(&options, &key.into(), &value.into());
        }
        let language = window().navigator().language().unwrap_or_else(|| "en".into());
        DateTimeFormat::new(&Array::of1(&language.into()), &options).format()
    };
}

/// An instant in the person's own zone and language.
pub fn local_time(at: i64) -> String {
    let date = Date::new(&JsValue::from_f64(at as f64));
    let words = LOCAL_TIME.with(|format| format.call1(&JsValue::UNDEFINED, &date));
    words.ok().and_then(|words| words.as_string()).unwrap_or_default()
}

/// The theme the person has chosen on this browser: "light", "dark" or "system".
pub fn theme() -> String {
    let stored = window().local_storage().ok().flatten().and_then(|store| store.get_item("theme").ok().flatten());
    stored.filter(|theme| theme == "light" || theme == "dark").unwrap_or_else(|| "system".into())
}

/// Applies a theme and keeps it for this browser.
pub fn set_theme(theme: &str) {
    let store = window().local_storage().ok().flatten();
    if theme == "system" {
        let _ = root().remove_attribute("data-theme");
        let _ = store.map(|store| store.remove_item("theme"));
    } else {
        let _ = root().set_attribute("data-theme", theme);
        let _ = store.map(|store| store.set_item("theme", theme));
    }
}

/// Opens the dialog with this id in front of everything; false while another one is in front already.
pub fn open_dialog(id: &str) -> bool {
    let taken = matches!(document().query_selector("dialog:modal"), Ok(Some(_)));
    !taken && dialog(id).is_some_and(|dialog| dialog.show_modal().is_ok())
}

/// Closes the dialog with this id; the focus goes back to where it was.
pub fn close_dialog(id: &str) {
    if let Some(dialog) = dialog(id) {
        dialog.close();
    }
}

fn dialog(id: &str) -> Option<HtmlDialogElement> {
    by_id(id)?.dyn_into().ok()
}

/// Whether a dialog was clicked beside everything in it.
pub fn beside(event: &Event) -> bool {
    event.target().is_some_and(|target| target.has_type::<HtmlDialogElement>())
}

/// Presses the element with this id.
pub fn click(id: &str) {
    if let Some(element) = by_id(id) {
        element.click();
    }
}

/// Runs `then` on this key with Ctrl or Cmd, in place of what the browser does; for the life of the tab.
pub fn on_ctrl(key: &'static str, then: impl Fn() + 'static) {
    on_key(move |event| {
        if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case(key) {
            event.prevent_default();
            then();
        }
    })
}
