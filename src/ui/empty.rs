//! What stands where nothing is yet, or where something failed.

use leptos::prelude::*;

use super::icon::Icon;

/// A calm block with a drawing, a heading and what to do.
#[component]
pub fn Empty(icon: &'static str, #[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-mark">
                <Icon name=icon />
            </span>
            <h2>{title}</h2>
            {children()}
        </div>
    }
}

/// Grey shapes in the size of what is coming, so that nothing jumps when it arrives.
#[component]
pub fn Skeleton(count: usize) -> impl IntoView {
    view! {
        <div class="skeletons" aria-hidden="true">
            {(0..count).map(|_| view! { <div class="skeleton"></div> }).collect_view()}
        </div>
        <p class="sr" role="status">
            "Loading"
        </p>
    }
}
