//! What a redirect back to this page reports (SPEC C-7).

use leptos::prelude::*;

use super::state::Desk;
use crate::api::accounts::Sibling;
use crate::domain::health::Health;
use crate::pages::renewed;
use crate::ui::links;
use crate::ui::notice::{Notice, Tone};
use crate::ui::whole::Erase;

/// A message that names the account, until it is dismissed.
#[component]
pub fn News(
    desk: Desk,
    /// How many accounts need a reconnect.
    amber: u32,
) -> impl IntoView {
    let about = Memo::new(move |_| {
        let id = desk.selected.get()?;
        desk.detail.with(|detail| match detail {
            Some(Some(Ok(detail))) if detail.card.id == id => Some((detail.card.name.clone(), detail.siblings.clone())),
            _ => None,
        })
    });
    move || {
        let done = desk.done.get()?;
        if done.what == "queue" {
            let (words, tone) = renewed::words(done.count, done.total, amber);
            return Some(view! { <Notice tone=tone dismiss=links::list(&desk.filter.get())>{words}</Notice> }.erase());
        }
        let id = desk.selected.get()?;
        let (name, siblings) = about.get()?;
        let words = words(&done.what, &name, done.count)?;
        let tone = if done.what == "left-out" { Tone::Warn } else { Tone::Ok };
        let (back, still) = if done.what == "reconnected" { apart(siblings) } else { (Vec::new(), Vec::new()) };
        Some(
            view! {
                <Notice tone=tone dismiss=links::account_in(&desk.filter.get(), &id)>
                    <p dir="auto">{words}</p>
                    {(!back.is_empty()).then(|| view! { <p>"Healthy through the same sign-in: " {names(back)} "."</p> })}
                    {(!still.is_empty())
                        .then(|| view! { <p>"Still waiting, because they were not ticked on the platform: " {names(still)} "."</p> })}
                </Notice>
            }
            .erase(),
        )
    }
}

fn words(done: &str, name: &str, healed: u32) -> Option<String> {
    Some(match (done, healed) {
        ("connected", 0 | 1) => format!("Connected {name}."),
        ("connected", more) => format!("Connected {name} and {} more.", more - 1),
        ("left-out", _) => format!(
            "{name} was left out of what you agreed to, so it still needs a reconnect. Reconnect again and keep it ticked."
        ),
        ("reconnected", _) => format!("{name} is back: healthy again."),
        ("already", _) => format!("{name} was connected already. Its connection is fresh again."),
        ("disconnected", _) => format!("Disconnected {name}. Its history and posts are kept."),
        _ => return None,
    })
}

/// The other accounts of the grant, by what the reconnect did for them: back, and still waiting.
fn apart(siblings: Vec<Sibling>) -> (Vec<String>, Vec<String>) {
    let (back, still): (Vec<_>, Vec<_>) = siblings.into_iter().partition(|one| one.health == Health::Healthy);
    let names = |those: Vec<Sibling>| those.into_iter().map(|one| one.name).collect();
    (names(back), names(still))
}

/// Names in a sentence, each in its own writing direction.
fn names(names: Vec<String>) -> impl IntoView {
    names
        .into_iter()
        .enumerate()
        .map(|(at, name)| view! { {(at > 0).then_some(", ")} <bdi>{name}</bdi> })
        .collect_view()
}
