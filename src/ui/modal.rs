//! A question in a native dialog. Without script it stands open in the page; with it, it traps the focus and closes on Escape.

use leptos::html::Dialog;
use leptos::prelude::*;

use super::browser;
use crate::ui::whole::Erase;

/// A dialog whose being open is the address of the page: it is rendered exactly while the address asks for it.
///
/// `closed` is called when the person leaves it by Escape; its Cancel is a link to the same place.
#[component]
pub fn Question(
    #[prop(into)] title: String,
    /// Called after it was closed from the keyboard.
    closed: impl Fn() + 'static,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            browser::make_modal(&dialog);
        }
    });
    view! {
        <dialog class="modal" open=true node_ref=node aria-labelledby="question-title" on:close=move |_| closed()>
            <h2 id="question-title" dir="auto">
                {title}
            </h2>
            {children()}
        </dialog>
    }
    .erase()
}
