//! Short messages in a corner. They are read out, take no focus, and can be sent away. The tab puts them in (`tab::toasts`).

use leptos::prelude::*;

use super::icon::Icon;
use super::notice::Tone;
use crate::ui::whole::Erase;

/// The two regions that read messages out, one at once and one politely, and what a message looks like.
#[component]
pub fn ToastRegions() -> impl IntoView {
    let region = |tone: Tone| view! { <div role=tone.role() class="toast-list"></div> };
    view! {
        <div class="toasts" data-own="true">
            {region(Tone::Warn)} {region(Tone::Ok)}
        </div>
        <template id="toast">
            <div class="toast">
                <Icon name="info" />
                <span dir="auto"></span>
                <button class="close" type="button" aria-label="Dismiss message">
                    <Icon name="close" />
                </button>
            </div>
        </template>
    }
    .erase()
}
