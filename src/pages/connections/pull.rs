//! Pull down to refresh the statuses (SPEC H-7).

use leptos::prelude::*;

use crate::api::accounts;
use crate::ui::browser;
use crate::ui::icon::Icon;
use crate::ui::live::Live;
use crate::ui::notice::Tone;
use crate::ui::toast::Toasts;
use crate::ui::whole::Erase;

/// The id of the mark that comes down with the finger.
const MARK: &str = "pull";

/// The mark above the list, and the page below it that can be pulled.
#[component]
pub fn Pull(
    /// Whether the member may have the platforms asked; otherwise the page alone looks again.
    may_check: Memo<bool>,
    children: Children,
) -> impl IntoView {
    let (live, toasts) = (Live::get(), expect_context::<Toasts>());
    let check = Action::new(|(): &()| accounts::check_all());
    Effect::new(move |_| match check.value().get() {
        Some(Ok(_)) => live.again(),
        Some(Err(error)) => toasts.say(Tone::Warn, error.to_string()),
        None => {}
    });
    let refresh = move || {
        if may_check.get_untracked() {
            check.dispatch(());
        } else {
            live.again();
        }
    };
    let from = StoredValue::new(None::<f64>);
    view! {
        <div
            class="pullable"
            on:touchstart=move |event| from.set_value(browser::at_top(&event))
            on:touchmove=move |event| {
                if let Some(from) = from.get_value() {
                    browser::pull(&event, MARK, from);
                }
            }
            on:touchend=move |event| {
                if from.get_value().is_some_and(|from| browser::release(&event, MARK, from)) {
                    refresh();
                }
                from.set_value(None);
            }
            on:touchcancel=move |event| {
                if let Some(gripped) = from.get_value() {
                    browser::release(&event, MARK, gripped);
                }
                from.set_value(None);
            }
        >
            <p id=MARK class="pull" aria-hidden="true">
                <Icon name="refresh" />
            </p>
            {children()}
        </div>
    }
    .erase()
}
