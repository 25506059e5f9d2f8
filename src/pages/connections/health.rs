//! The state of one account in the panel, and what follows from it (SPEC D-2, D-3).

use leptos::prelude::*;

use crate::api::accounts::{Card, Detail, Sibling};
use crate::domain::explain;
use crate::domain::health::Health;
use crate::ui::explained::Explained;
use crate::ui::icon::Icon;
use crate::ui::status::{HealthDot, TokenWords};
use crate::ui::time::Lasting;
use crate::ui::whole::Erase;

/// Status, cause in plain words, what it puts at risk, and the fix.
#[component]
pub fn HealthBlock(detail: Detail) -> impl IntoView {
    let Detail { card, now, siblings, unusable, .. } = detail;
    let amber = card.health == Health::NeedsReconnect && !card.disconnected;
    let key = if card.disconnected { "disconnected" } else { card.health.key() };
    let explanation = card.cause.filter(|_| amber).map(|cause| explain::cause(cause, card.platform));
    view! {
        <section class="health" data-health=key aria-label="Health">
            {line(&card, amber, now)}
            {explanation.map(|explanation| view! { <Explained explanation heading=false /> })}
            {missing(&card)}
            {card.disconnected.then(given_up)}
            {at_risk(&card)}
            {same_sign_in(siblings, amber)}
            <p class="capability">{capability(unusable, amber || card.disconnected)}</p>
        </section>
    }
    .erase()
}

fn line(card: &Card, amber: bool, now: i64) -> AnyView {
    let since = card.amber_since.filter(|_| amber);
    view! {
        <p class="health-line">
            <HealthDot health=card.health disconnected=card.disconnected />
            {since.map(|at| view! { <span class="muted">"for " <Lasting since=at now /></span> })}
            {card.token.map(|status| view! { <TokenWords status ends_at=card.token_ends_at /> })}
        </p>
    }
    .erase()
}

fn missing(card: &Card) -> AnyView {
    let names = (!card.missing_scopes.is_empty()).then(|| card.missing_scopes.join(", "));
    names.map(|names| view! { <p>"Missing permissions: " <code>{names}</code></p> }).erase()
}

fn given_up() -> AnyView {
    view! {
        <p>
            "Pilotlight holds no access to this account any more. Its history and posts are kept, and reconnecting restores access."
        </p>
    }
    .erase()
}

fn same_sign_in(siblings: Vec<Sibling>, amber: bool) -> AnyView {
    let words = if amber { "The same reconnect also serves: " } else { "Connected through the same sign-in: " };
    let names: Vec<String> = siblings.into_iter().map(|one| one.name).collect();
    let names = (!names.is_empty()).then(|| names.join(", "));
    names.map(|names| view! { <p class="muted">{words} <bdi>{names}</bdi></p> }).erase()
}

fn capability(unusable: Option<String>, broken: bool) -> String {
    match (unusable, broken) {
        (Some(why), _) => format!("Can't publish: {why}"),
        (None, true) => "Can't publish until it is reconnected.".into(),
        (None, false) => "Can publish.".into(),
    }
}

/// What will not go out because of the state, in numbers.
fn at_risk(card: &Card) -> AnyView {
    let broken = card.health == Health::NeedsReconnect || card.disconnected;
    let words = match (broken, card.scheduled_posts, card.held_posts) {
        (true, 0, 0) | (false, _, 0) => None,
        (_, 0, held) => Some(format!("{} held until it works again.", posts(held))),
        (_, scheduled, 0) => Some(format!("{} scheduled after this and will be held.", posts(scheduled))),
        (_, scheduled, held) => Some(format!("{} held, and {} scheduled after this.", posts(held), posts(scheduled))),
    };
    let line = |words: String| {
        view! {
            <p class="risk">
                <Icon name="calendar" />
                {words}
            </p>
        }
    };
    words.map(line).erase()
}

fn posts(number: u32) -> String {
    if number == 1 { "1 post is".into() } else { format!("{number} posts are") }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC D-3
    #[test]
    fn publish_capability_names_its_reason_first() {
        assert_eq!(capability(Some("no role".into()), true), "Can't publish: no role");
        assert_eq!(capability(None, true), "Can't publish until it is reconnected.");
        assert_eq!(capability(None, false), "Can publish.");
    }
}
