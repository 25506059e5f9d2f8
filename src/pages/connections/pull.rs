//! Pull down to refresh the statuses (SPEC H-7).

use leptos::prelude::*;

use crate::ui::icon::Icon;
use crate::ui::whole::Erase;

/// The mark above the list, and the page below it that can be pulled: all is checked then, where the member may, and the page
/// looks again where not (`tab::pull`).
#[component]
pub fn Pull(children: Children) -> impl IntoView {
    view! {
        <div class="pullable">
            <p id="pull" class="pull" aria-hidden="true">
                <Icon name="refresh" />
            </p>
            {children()}
        </div>
    }
    .erase()
}
