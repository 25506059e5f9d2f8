//! One account's card (SPEC H-1, H-2).

use leptos::prelude::*;

use super::bulk::Tick;
use super::health::forecast;
use super::state::{Desk, card_id, view_id};
use crate::api::accounts::Card;
use crate::domain::filter::Filter;
use crate::domain::health::Health;
use crate::pages::who::Powers;
use crate::ui::avatar::Avatar;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::status::{HealthDot, TokenWords};
use crate::ui::time::{Ago, Lasting};
use crate::ui::whole::Erase;

/// The card of an account. The tab tells by its id which one it is, however the list has changed.
#[component]
pub fn AccountCard(
    card: Card,
    now: i64,
    powers: Powers,
    desk: Desk,
    /// Whether several can be ticked to be reconnected together.
    ticks: bool,
) -> impl IntoView {
    let current = desk.selected.with(|selected| selected.as_ref() == Some(&card.id)).then_some("true");
    let health = if card.disconnected { "disconnected" } else { card.health.key() };
    let broken = card.health == Health::NeedsReconnect && !card.disconnected;
    let tick = (ticks && broken).then(|| view! { <Tick id=card.id.clone() name=card.name.clone() /> });
    let (id, face) = (card_id(&card.id), face(card, now, powers, &desk.filter.get()));
    view! {
        <li id=id class="card" data-health=health data-current=current aria-current=current>
            {face} {tick}
        </li>
    }
    .erase()
}

fn face(card: Card, now: i64, powers: Powers, filter: &Filter) -> AnyView {
    let amber = card.health == Health::NeedsReconnect && !card.disconnected;
    let where_it_lives = match &card.host {
        Some(host) => format!("{} · {host}", card.platform.name()),
        None => card.platform.name().to_string(),
    };
    view! {
        <div class="card-head">
            <Avatar name=card.name.clone() picture=card.picture.clone() platform=card.platform />
            <div class="card-names">
                <h2 title=card.name.clone()>
                    <bdi>{card.name.clone()}</bdi>
                </h2>
                <p class="handle">
                    {card.handle.clone().map(|handle| view! { <bdi>{handle}</bdi> " · " })} <span>{where_it_lives}</span>
                </p>
            </div>
        </div>
        <p class="card-facts">
            <HealthDot health=card.health disconnected=card.disconnected />
            {card.token.map(|status| view! { <TokenWords status ends_at=card.token_ends_at /> })} {posts(&card, now)}
        </p>
        {amber.then(|| cause_line(&card, now))} {forecast(&card)}
        {actions(&card, powers, filter)}
    }
    .erase()
}

fn cause_line(card: &Card, now: i64) -> AnyView {
    let cause = card.cause.map_or("unknown cause", |cause| cause.label());
    let since = card.amber_since;
    view! {
        <p class="cause">"Cause: " <strong>{cause}</strong> {since.map(|at| view! { ", for " <Lasting since=at now /> })}</p>
    }
    .erase()
}

/// Scheduled and held posts, if there are any.
fn posts(card: &Card, now: i64) -> AnyView {
    let scheduled = (card.scheduled_posts > 0).then(|| {
        let next = card.next_post_at;
        view! {
            <span class="posts">
                <Icon name="calendar" />
                <span>{card.scheduled_posts} " scheduled" {next.map(|at| view! { ", next " <Ago at now /> })}</span>
            </span>
        }
    });
    let held = (card.held_posts > 0).then(|| {
        view! {
            <span class="posts" data-tone="warn">
                <Icon name="pause" />
                <span>{card.held_posts} " held"</span>
            </span>
        }
    });
    (scheduled, held).erase()
}

/// The quick actions. What heals comes first on a card that is not well.
fn actions(card: &Card, powers: Powers, filter: &Filter) -> AnyView {
    let (id, name) = (&card.id, &card.name);
    let live = !card.disconnected;
    let broken = card.disconnected || card.health == Health::NeedsReconnect;
    let reconnect = |class| {
        let said = format!("Reconnect {name}");
        action(class, links::reconnect(card.platform, id), "refresh", "Reconnect", said, format!("reconnect-{id}"))
    };
    view! {
        <div class="card-actions">
            {(powers.manage && broken).then(|| reconnect("action strong"))}
            {(powers.compose && live)
                .then(|| {
                    let said = format!("Create post for {name}");
                    action("action", links::compose(id), "pencil", "Create post", said, format!("post-{id}"))
                })}
            {action("action", links::account_in(filter, id), "panel", "View details", format!("View details of {name}"), view_id(id))}
            {(powers.manage && !broken).then(|| reconnect("action end quiet"))}
            {(powers.manage && live)
                .then(|| {
                    let class = if broken { "action end quiet" } else { "action quiet" };
                    let said = format!("Disconnect {name}");
                    action(class, links::disconnect(filter, id), "unplug", "Disconnect", said, format!("disconnect-{id}"))
                })}
        </div>
    }
    .erase()
}

/// One quick action. What is read out names the account; what is seen is the word, or the drawing with the word on hover.
fn action(
    class: &'static str,
    href: String,
    icon: &'static str,
    label: &'static str,
    said: String,
    id: String,
) -> AnyView {
    let rel = links::rel(&href);
    view! {
        <a class=class id=id href=href rel=rel title=label aria-label=said>
            <Icon name=icon />
            <span>{label}</span>
        </a>
    }
    .erase()
}
