//! What came out of a row of reconnects, on the page where it was begun (SPEC A-1, H-10).

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};

use crate::pages::who::Who;
use crate::ui::notice::{Notice, Tone};
use crate::ui::whole::Erase;

/// A message until it is dismissed. Connections has more to report: `connections/news.rs`.
#[component]
pub fn Renewed() -> impl IntoView {
    let query = use_query_map();
    let who = Who::shared();
    let path = use_location().pathname;
    let number = move |key: &str| query.with(|query| query.get(key)).and_then(|text| text.parse().ok()).unwrap_or(0);
    let news = move || {
        let amber = who.me().map_or(0, |me| me.attention);
        let done = query.with(|query| query.get("done")).is_some_and(|done| done == "queue");
        done.then(|| {
            let (words, tone) = words(number("count"), number("total"), amber);
            view! { <Notice tone=tone dismiss=path.get()>{words}</Notice> }.erase()
        })
    };
    view! { <Suspense>{news}</Suspense> }.erase()
}

/// `well` of `total` sign-ins were renewed; after that, `amber` accounts need a reconnect.
pub fn words(well: u32, total: u32, amber: u32) -> (String, Tone) {
    let left = total.saturating_sub(well);
    let mut words = match left {
        0 if total == 1 => "The sign-in you chose is renewed.".to_string(),
        0 => format!("All {total} sign-ins you chose are renewed."),
        left => format!("{well} of {total} sign-ins are renewed. {left} still need you: their accounts stand first."),
    };
    // A row has an end, and may have been begun with some of them only.
    match amber {
        amber if amber <= left => {}
        1 => words.push_str(" 1 account still needs a reconnect."),
        more => words.push_str(&format!(" {more} accounts still need a reconnect.")),
    }
    (words, if left == 0 && amber == 0 { Tone::Ok } else { Tone::Warn })
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC H-10
    #[test]
    fn what_is_left_is_told_even_if_all_that_was_begun_is_done() {
        let told = |well, total, amber| {
            let (words, tone) = words(well, total, amber);
            (words, tone == Tone::Warn)
        };
        let seventy = "All 50 sign-ins you chose are renewed. 70 accounts still need a reconnect.";
        let one = "The sign-in you chose is renewed. 1 account still needs a reconnect.";
        let broken_off = "1 of 2 sign-ins are renewed. 1 still need you: their accounts stand first.";
        assert_eq!(told(50, 50, 70), (seventy.to_string(), true));
        assert_eq!(told(1, 1, 1), (one.to_string(), true));
        assert_eq!(told(1, 1, 0), ("The sign-in you chose is renewed.".to_string(), false));
        assert_eq!(told(2, 2, 0), ("All 2 sign-ins you chose are renewed.".to_string(), false));
        assert_eq!(told(1, 2, 1), (broken_off.to_string(), true));
        assert_eq!(told(1, 2, 3), (format!("{broken_off} 3 accounts still need a reconnect."), true));
    }
}
