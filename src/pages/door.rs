//! What the pages before the sign-in share.

use leptos::prelude::*;

use crate::ui::icon::Icon;
use crate::ui::notice::{Notice, Tone};

/// A small card in the middle of the screen.
#[component]
pub fn Door(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <main id="main" class="door" tabindex="-1">
            <div class="door-card">
                <p class="wordmark">
                    <Icon name="flame" />
                    <span>"Pilotlight"</span>
                </p>
                <h1>{title}</h1>
                {children()}
            </div>
        </main>
    }
}

/// Why the form was sent back, if it was.
#[component]
pub fn Trouble(code: Option<String>) -> impl IntoView {
    let words = code.map(|code| match code.as_str() {
        "wrong-credentials" => "This e-mail and password do not belong together.",
        "too-many-tries" => "Too many tries. Please wait a few minutes, then try again.",
        "bad-token" => "This set-up token is not valid. Use the link that the server printed when it last started.",
        "weak-password" => "This password is too easy to guess. Please choose a longer one.",
        "bad-email" => "This does not look like an e-mail address.",
        "missing-field" => "Please fill in every field.",
        "signed-out" => "You are signed out.",
        _ => "That did not work. Please try again.",
    });
    words.map(|words| view! { <Notice tone=Tone::Warn>{words}</Notice> })
}
