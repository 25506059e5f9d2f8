//! A question in a native dialog. Without script it stands open in the page; with it, it traps the focus and closes on Escape.

use leptos::prelude::*;

use crate::ui::whole::Erase;

/// A dialog whose being open is the address of the page: it is rendered exactly while the address asks for it. Leaving it by
/// Escape leads where the Cancel among its answers leads.
#[component]
pub fn Question(#[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <dialog class="modal" open=true aria-labelledby="question-title">
            <h2 id="question-title" dir="auto">
                {title}
            </h2>
            {children()}
        </dialog>
    }
    .erase()
}
