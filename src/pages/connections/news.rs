//! What a redirect back to this page reports (SPEC C-7).

use leptos::prelude::*;

use super::state::Desk;
use crate::api::accounts::Card;
use crate::domain::health::Health;
use crate::domain::id::AccountId;
use crate::ui::links;
use crate::ui::notice::{Notice, Tone};

/// A message that names the account, until it is dismissed.
#[component]
pub fn News(desk: Desk, cards: Memo<Vec<Card>>) -> impl IntoView {
    let siblings = Memo::new(move |_| {
        desk.detail.with(|detail| match detail {
            Some(Some(Ok(detail))) => detail.siblings.clone(),
            _ => Vec::new(),
        })
    });
    move || {
        let (done, healed) = desk.done.get()?;
        let id = desk.selected.get()?;
        let (name, others) = cards.with(|cards| {
            let card = cards.iter().find(|card| card.id == id)?;
            Some((card.name.clone(), Others::of(card, cards, &siblings.read())))
        })?;
        let words = words(&done, &name, healed)?;
        let tone = if done == "left-out" { Tone::Warn } else { Tone::Ok };
        let (back, still) = if done == "reconnected" { (others.back, others.still) } else { (Vec::new(), Vec::new()) };
        Some(view! {
            <Notice tone=tone dismiss=dismiss(&id)>
                <p dir="auto">{words}</p>
                {(!back.is_empty()).then(|| view! { <p>"Healthy through the same sign-in: " {names(back)} "."</p> })}
                {(!still.is_empty())
                    .then(|| view! { <p>"Still waiting, because they were not ticked on the platform: " {names(still)} "."</p> })}
            </Notice>
        })
    }
}

fn dismiss(id: &AccountId) -> String {
    links::account(id)
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

/// The other accounts of the grant, by what the reconnect did for them.
struct Others {
    back: Vec<String>,
    still: Vec<String>,
}

impl Others {
    fn of(card: &Card, cards: &[Card], siblings: &[String]) -> Self {
        let mut others = Self { back: Vec::new(), still: Vec::new() };
        for name in siblings {
            let Some(other) = cards.iter().find(|other| other.platform == card.platform && &other.name == name) else {
                continue;
            };
            match other.health {
                Health::Healthy => others.back.push(name.clone()),
                Health::NeedsReconnect => others.still.push(name.clone()),
            }
        }
        others
    }
}

/// Names in a sentence, each in its own writing direction.
fn names(names: Vec<String>) -> impl IntoView {
    names
        .into_iter()
        .enumerate()
        .map(|(at, name)| view! { {(at > 0).then_some(", ")} <bdi>{name}</bdi> })
        .collect_view()
}
