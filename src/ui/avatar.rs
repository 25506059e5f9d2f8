//! A profile picture that is never a hole: initials stand behind it.

use leptos::prelude::*;

use super::icon::PlatformIcon;
use crate::domain::platform::Platform;
use crate::domain::text::initials;
use crate::ui::whole::Erase;

/// An account's picture with its platform's glyph in the corner. Decorative: the name stands beside it.
#[component]
pub fn Avatar(
    name: String,
    picture: Option<String>,
    platform: Platform,
    /// For the head of a panel.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let letters = match initials(&name) {
        letters if letters.is_empty() => "?".to_string(),
        letters => letters,
    };
    view! {
        <span class="avatar" data-large=large.then_some("true") aria-hidden="true">
            <span class="initials" data-hue=hue(&name)>{letters}</span>
            {picture.map(|src| view! { <img src=src alt="" width="48" height="48" loading="lazy" decoding="async" /> })}
            <PlatformIcon platform />
        </span>
    }
    .erase()
}

/// One of eight quiet colours, always the same for a name.
fn hue(name: &str) -> String {
    let sum = name.bytes().fold(7u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    (sum % 8).to_string()
}
