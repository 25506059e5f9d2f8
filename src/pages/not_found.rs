//! An address without a page.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::empty::Empty;
use crate::ui::links;
use crate::ui::whole::Erase;

/// Says so, and leads back.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <Title text="Page not found" />
        <main id="main" class="door" tabindex="-1">
            <h1 class="sr">"Page not found"</h1>
            <Empty icon="search" title="There is no page at this address">
                <p>"It may have been moved, or the link was cut short."</p>
                <p>
                    <a class="button primary" href=links::CONNECTIONS>
                        "Go to Connections"
                    </a>
                </p>
            </Empty>
        </main>
    }
    .erase()
}
