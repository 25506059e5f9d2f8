//! "Check all", and how far it is (SPEC T-7).

use leptos::prelude::*;

use crate::api::accounts::Progress;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// The id of the bar in the page.
const BAR: &str = "check-progress";

/// The button. It is a form, so that it works without script. What came out is told by the live stream, in every tab.
#[component]
pub fn CheckAll(progress: Memo<Option<Progress>>) -> impl IntoView {
    let busy = move || progress.with(Option::is_some);
    view! {
        <form method="post" action="/api/check_all">
            <button class="button" type="submit" aria-disabled=move || busy().to_string()>
                <Icon name="pulse" />
                "Check all"
            </button>
        </form>
    }
    .erase()
}

/// The bar. Its place is there from the start, so that nothing moves when it comes.
///
/// That a check has begun is read out, its steps are not; its end is read out by the message that tells the result.
#[component]
pub fn Checking(progress: Memo<Option<Progress>>) -> impl IntoView {
    let total = Memo::new(move |_| progress.get().map(|progress| progress.total));
    let begun = move || {
        total.get().map(|total| match total {
            1 => "Checking 1 account".to_string(),
            total => format!("Checking {total} accounts"),
        })
    };
    let bar = move |total: u32| {
        let done = move || progress.get().map_or(total, |progress| progress.done);
        view! {
            <label for=BAR>"Checking " {done} " of " {total}</label>
            <progress id=BAR max=total value=done></progress>
            <a class="look-again" href=links::CONNECTIONS rel="external">
                "Look again"
            </a>
        }
        .erase()
    };
    view! {
        <div class="checking">
            <p class="sr" role="status">
                {begun}
            </p>
            {move || total.get().map(bar)}
        </div>
    }
    .erase()
}
