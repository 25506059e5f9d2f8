//! What came out of a row of reconnects, on the page where it was begun (SPEC A-1, H-10).

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};

use crate::ui::notice::{Notice, Tone};
use crate::ui::whole::Erase;

/// A message until it is dismissed. Connections has more to report: `connections/news.rs`.
#[component]
pub fn Renewed() -> impl IntoView {
    let query = use_query_map();
    let path = use_location().pathname;
    let number = move |key: &str| query.with(|query| query.get(key)).and_then(|text| text.parse().ok()).unwrap_or(0);
    move || {
        let done = query.with(|query| query.get("done")).is_some_and(|done| done == "queue");
        done.then(|| {
            let (words, tone) = words(number("count"), number("total"));
            view! { <Notice tone=tone dismiss=path.get()>{words}</Notice> }.erase()
        })
    }
}

/// `well` of `total` sign-ins were renewed.
pub fn words(well: u32, total: u32) -> (String, Tone) {
    match total.saturating_sub(well) {
        0 if total == 1 => ("The sign-in you chose is renewed.".into(), Tone::Ok),
        0 => (format!("All {total} sign-ins you chose are renewed."), Tone::Ok),
        left => (
            format!("{well} of {total} sign-ins are renewed. {left} still need you: their accounts stand first."),
            Tone::Warn,
        ),
    }
}
