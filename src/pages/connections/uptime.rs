//! The last days of an account as a strip (SPEC D-10).

use leptos::prelude::*;

use crate::domain::uptime::Uptime;
use crate::ui::whole::Erase;

/// One bar for each run of equal days, and the share in words.
#[component]
pub fn Strip(uptime: Uptime) -> impl IntoView {
    let (words, days) = (uptime.words(), uptime.days());
    let mut at = 0;
    let bars = uptime
        .runs
        .into_iter()
        .map(|(day, count)| {
            let x = at;
            at += count;
            view! { <rect data-day=day.key() x=x.to_string() y="0" width=count.to_string() height="8" /> }.erase()
        })
        .collect::<Vec<_>>();
    view! {
        <figure class="uptime">
            <svg viewBox=format!("0 0 {days} 8") preserveAspectRatio="none" aria-hidden="true">
                {bars}
            </svg>
            <figcaption>{words}</figcaption>
        </figure>
    }
    .erase()
}
