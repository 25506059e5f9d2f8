//! Drawings from the sprite `public/icons.svg`. They never speak: a label or hidden text stands beside each.

use leptos::prelude::*;

use crate::domain::platform::Platform;

/// A drawing of an action or a state, in the colour of the text around it.
#[component]
pub fn Icon(
    /// The id of the symbol in the sprite.
    name: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href=format!("/icons.svg#{name}")></use>
        </svg>
    }
}

/// A platform's glyph on a tile of its colour.
#[component]
pub fn PlatformIcon(platform: Platform) -> impl IntoView {
    view! {
        <span class="brand" data-platform=platform.key() aria-hidden="true">
            <svg class="icon" focusable="false">
                <use href=format!("/icons.svg#{}", platform.glyph())></use>
            </svg>
        </span>
    }
}
