//! The state of one account in the panel, and what follows from it (SPEC D-2, D-3).

use leptos::prelude::*;

use crate::api::accounts::{Card, Detail, Sibling, ToldBy};
use crate::domain::health::Health;
use crate::domain::{explain, forecast};
use crate::ui::explained::Explained;
use crate::ui::icon::Icon;
use crate::ui::status::{HealthDot, TokenWords};
use crate::ui::time::{Ago, Exact, Lasting};
use crate::ui::whole::Erase;

/// Status, cause in plain words, what it puts at risk, and the fix.
#[component]
pub fn HealthBlock(detail: Detail) -> impl IntoView {
    let Detail { card, now, siblings, unusable, told, .. } = detail;
    let amber = card.health == Health::NeedsReconnect && !card.disconnected;
    let key = if card.disconnected { "disconnected" } else { card.health.key() };
    let explanation = card.cause.filter(|_| amber).map(|cause| explain::cause(cause, card.platform));
    view! {
        <section class="health" data-health=key aria-label="Health">
            {line(&card, amber, now)}
            {explanation.map(|explanation| view! { <Explained explanation heading=false /> })}
            {missing(&card)}
            {card.disconnected.then(given_up)}
            {at_risk(&card)} {forecast(&card)}
            {same_sign_in(siblings, amber)}
            {told_to(told, now)}
            <p class="capability">{capability(unusable, &card)}</p>
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

/// Who knows already, and by which way.
fn told_to(told: Vec<ToldBy>, now: i64) -> AnyView {
    let one = |(at, one): (usize, ToldBy)| {
        let way = if one.mail { " by mail " } else { " by webhook " };
        let again = one.again.map(|at| view! { " and again " <Ago at now /> });
        view! { {(at > 0).then_some(", ")} <bdi>{one.name}</bdi> {way} <Ago at=one.at now /> {again} }
    };
    let any = !told.is_empty();
    let names = told.into_iter().enumerate().map(one).collect_view();
    any.then(|| view! { <p class="muted">"Told: " {names} "."</p> }).erase()
}

fn same_sign_in(siblings: Vec<Sibling>, amber: bool) -> AnyView {
    let words = if amber { "The same reconnect also serves: " } else { "Connected through the same sign-in: " };
    let names: Vec<String> = siblings.into_iter().map(|one| one.name).collect();
    let names = (!names.is_empty()).then(|| names.join(", "));
    names.map(|names| view! { <p class="muted">{words} <bdi>{names}</bdi></p> }).erase()
}

/// Whether posts can go out, or what stands in the way, the most particular reason first (SPEC D-3).
fn capability(unusable: Option<String>, card: &Card) -> String {
    let older = card.missing_scopes.iter().any(|scope| scope.ends_with("_content_publish"));
    if let Some(why) = unusable {
        format!("Can't publish: {why}")
    } else if card.disconnected {
        "Can't publish while it is disconnected.".into()
    } else if older {
        "Can't publish: it was connected by an older method, or without the permission to publish. Reconnect it and allow \
         publishing."
            .into()
    } else if card.health == Health::NeedsReconnect {
        "Can't publish until it is reconnected.".into()
    } else {
        "Can publish.".into()
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

/// Posts that come after the end of the token (SPEC T-9), in one line for card and panel.
pub fn forecast(card: &Card) -> AnyView {
    let at = card.token_ends_at.filter(|_| card.dies_before_posts > 0);
    let words = forecast::words(card.dies_before_posts);
    let line = |at| {
        view! {
            <p class="risk" data-tone="warn">
                <Icon name="calendar" />
                <span>{words} " " <Exact at /></span>
            </p>
        }
    };
    at.map(line).erase()
}

fn posts(number: u32) -> String {
    if number == 1 { "1 post is".into() } else { format!("{number} posts are") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::AccountId;
    use crate::domain::platform::Platform;

    fn card(health: Health) -> Card {
        Card {
            id: AccountId::new("a"),
            platform: Platform::InstagramViaFacebook,
            host: None,
            name: "Bakery".into(),
            handle: None,
            picture: None,
            health,
            cause: None,
            missing_scopes: Vec::new(),
            amber_since: None,
            token: None,
            token_ends_at: None,
            disconnected: false,
            scheduled_posts: 0,
            next_post_at: None,
            dies_before_posts: 0,
            held_posts: 0,
        }
    }

    // SPEC D-3
    #[test]
    fn publish_capability_names_its_reason_first() {
        let (green, amber) = (card(Health::Healthy), card(Health::NeedsReconnect));
        let older = Card { missing_scopes: vec!["instagram_content_publish".into()], ..amber.clone() };
        let gone = Card { disconnected: true, ..green.clone() };
        assert_eq!(capability(Some("no role".into()), &older), "Can't publish: no role");
        assert!(capability(None, &older).starts_with("Can't publish: it was connected by an older method"));
        assert_eq!(capability(None, &amber), "Can't publish until it is reconnected.");
        assert_eq!(capability(None, &gone), "Can't publish while it is disconnected.");
        assert_eq!(capability(None, &green), "Can publish.");
    }
}
