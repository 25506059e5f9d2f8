//! From a claimed message to a letter: what is still true of it is said, what is not is left out.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::moments;
use crate::api::accounts::Card;
use crate::domain::alert;
use crate::domain::explain::{self, Explanation};
use crate::domain::forecast;
use crate::domain::health::{Cause, Health};
use crate::domain::id::AccountId;
use crate::domain::notify::AlertKind;
use crate::server::config::ServerConfig;
use crate::server::mail::templates::{AccountWords, Button, Words};
use crate::server::service::{ServiceError, forecast as posts, listing};
use crate::server::state::AppState;
use crate::server::store::outbox::Claimed;
use crate::server::store::outbox_items::{self, Item};
use crate::server::store::{alert_rules, cards};

/// Most accounts that a mail names.
const NAMED: usize = 20;

const AMBER: &str = "#b45309";
const GREEN: &str = "#15803d";

/// A mail's subject and what it says; the way out is added by whoever sends it.
pub struct Composed {
    pub subject: String,
    pub words: Words,
}

/// An account with what is told of it.
struct Told {
    card: Card,
    item: Item,
}

/// What a message says now; `None` if nothing of it is true any more.
///
/// # Errors
/// When the database does not answer.
pub async fn compose(state: &AppState, message: &Claimed, kind: AlertKind) -> Result<Option<Composed>, ServiceError> {
    let now = state.clock.now();
    let items = outbox_items::of_message(&state.db, &message.lease.message).await?;
    let mut cards = cards_of(state, message, &items, now).await?;
    let mut told: Vec<Told> = Vec::new();
    for item in items {
        // An account that flickered has several items; the one that is still true names it once.
        if cards.get(&item.account).is_some_and(|card| is_true(kind, card, &item))
            && let Some(card) = cards.remove(&item.account)
        {
            told.push(Told { card, item });
        }
    }
    if told.is_empty() {
        return Ok(None);
    }
    told.sort_by_key(|told| (urgency(&told.card), told.card.name.to_lowercase()));
    let zone = moments::zone(&alert_rules::zone(&state.db, &message.workspace).await?);
    let server = &state.config.server;
    Ok(Some(Composed { subject: heading(kind, &told, &zone, now), words: words(kind, &told, &zone, server, now) }))
}

/// The accounts a message is about.
async fn cards_of(
    state: &AppState,
    message: &Claimed,
    items: &[Item],
    now: i64,
) -> Result<HashMap<AccountId, Card>, ServiceError> {
    let ids: Vec<AccountId> = items.iter().map(|item| item.account.clone()).collect();
    let rows = cards::among(&state.db, &message.workspace, &ids).await?;
    let mut found: Vec<Card> = rows.into_iter().map(|row| listing::card(row, now)).collect();
    posts::warn(state, &message.workspace, &mut found).await?;
    Ok(found.into_iter().map(|card| (card.id.clone(), card)).collect())
}

/// Whether it is still so.
fn is_true(kind: AlertKind, card: &Card, item: &Item) -> bool {
    let open = matches!(item.incident, Some((_, None, _)));
    match kind {
        AlertKind::Broken | AlertKind::StillBroken => open && !card.disconnected,
        AlertKind::Recovered => card.health == Health::Healthy && !card.disconnected,
        AlertKind::Expiring => {
            let end = item.subject.split(':').nth(2).and_then(|end| end.parse().ok());
            card.health == Health::Healthy && card.token_ends_at.is_some() && card.token_ends_at == end
        }
        AlertKind::WebhookOff => false,
    }
}

/// Posts that wait or come soon first.
fn urgency(card: &Card) -> (bool, i64) {
    (card.held_posts == 0, card.next_post_at.or(card.token_ends_at).unwrap_or(i64::MAX))
}

fn heading(kind: AlertKind, told: &[Told], zone: &TimeZone, now: i64) -> String {
    let count = told.len();
    match (kind, told) {
        (AlertKind::Broken, [one]) => alert::needs_reconnect(&one.card.name, cause(one)),
        (AlertKind::Broken, _) => format!("{count} accounts need a reconnect"),
        (AlertKind::StillBroken, [one]) => format!("{} still needs a reconnect", one.card.name),
        (AlertKind::StillBroken, _) => format!("{count} accounts still need a reconnect"),
        (AlertKind::Recovered, [one]) => alert::healed(&one.card.name),
        (AlertKind::Recovered, _) => format!("{count} accounts are healthy again"),
        (AlertKind::Expiring, [one]) => {
            let days = one.card.token_ends_at.map_or(0, |end| moments::days_until(zone, now, end));
            alert::access_ends(&one.card.name, days)
        }
        (AlertKind::Expiring, _) => format!("Access to {count} accounts ends soon"),
        (AlertKind::WebhookOff, _) => kind.title().into(),
    }
}

fn cause(told: &Told) -> Option<Cause> {
    told.item.incident.as_ref().map(|(_, _, cause)| *cause)
}

fn words(kind: AlertKind, told: &[Told], zone: &TimeZone, server: &ServerConfig, now: i64) -> Words {
    let alone = if let [one] = told { explanation(kind, one) } else { None };
    let more = told.len().saturating_sub(NAMED);
    Words {
        heading: heading(kind, told, zone, now),
        intro: Some(intro(kind, told, alone.as_ref())),
        accounts: told.iter().take(NAMED).map(|one| account(kind, one, zone, server, now)).collect(),
        more: (more > 0).then(|| format!("And {more} more.")),
        steps: alone.map(|explained| explained.steps).unwrap_or_default(),
        button: Some(button(kind, told, server)),
        why: String::new(),
        settings: None,
        unsubscribe: None,
    }
}

fn explanation(kind: AlertKind, told: &Told) -> Option<Explanation> {
    let broken = matches!(kind, AlertKind::Broken | AlertKind::StillBroken);
    cause(told).filter(|_| broken).map(|cause| explain::cause(cause, told.card.platform))
}

fn intro(kind: AlertKind, told: &[Told], explained: Option<&Explanation>) -> String {
    match (kind, explained, told.len()) {
        (AlertKind::Broken | AlertKind::StillBroken, Some(explained), _) => {
            format!("{} {}", explained.sentence, explained.who.words())
        }
        (AlertKind::Broken | AlertKind::StillBroken, None, _) => {
            "Pilotlight can't publish to these accounts until they are connected again. Their posts are held meanwhile and lost by nobody.".into()
        }
        (AlertKind::Recovered, _, 1) => "It can publish again. There is nothing left to do.".into(),
        (AlertKind::Recovered, ..) => "They can publish again. There is nothing left to do.".into(),
        (AlertKind::Expiring, _, 1) => "Reconnect it before that day, and nothing is interrupted.".into(),
        (AlertKind::Expiring, ..) => "Reconnect them before their day, and nothing is interrupted.".into(),
        (AlertKind::WebhookOff, ..) => String::new(),
    }
}

fn account(kind: AlertKind, told: &Told, zone: &TimeZone, server: &ServerConfig, now: i64) -> AccountWords {
    let card = &told.card;
    let noun = match &card.handle {
        Some(handle) => format!("{} · {handle}", card.platform.noun()),
        None => card.platform.noun().to_owned(),
    };
    AccountWords {
        name: card.name.clone(),
        noun,
        lines: lines(kind, told, zone, now),
        link: server.account_link(card.id.as_str()),
        tint: if kind == AlertKind::Recovered { GREEN } else { AMBER },
    }
}

fn lines(kind: AlertKind, told: &Told, zone: &TimeZone, now: i64) -> Vec<String> {
    let card = &told.card;
    let mut lines = Vec::new();
    let written = |at: i64| moments::written(zone, at);
    match (kind, &told.item.incident) {
        (AlertKind::Recovered, Some((opened, closed, _))) => {
            lines.push(format!(
                "Needed a reconnect since {}, healthy since {}.",
                written(*opened),
                written(closed.unwrap_or(now))
            ));
        }
        (AlertKind::Expiring, _) => {
            lines.extend(card.token_ends_at.map(|end| format!("Access ends on {}.", written(end))));
            let late = card.dies_before_posts;
            lines.extend(
                card.token_ends_at
                    .filter(|_| late > 0)
                    .map(|end| format!("{} {}.", forecast::words(late), written(end))),
            );
        }
        (_, Some((opened, _, cause))) => {
            lines.push(format!("{}. Since {}.", explain::cause(*cause, card.platform).title, written(*opened)));
            if !card.missing_scopes.is_empty() {
                lines.push(format!("Missing permissions: {}.", card.missing_scopes.join(", ")));
            }
        }
        _ => {}
    }
    if kind != AlertKind::Expiring {
        lines.extend(posts_at_risk(kind, card, zone));
    }
    lines
}

/// What waits for the reconnect, and until when there is time (SPEC A-3: deadline, posts at risk).
fn posts_at_risk(kind: AlertKind, card: &Card, zone: &TimeZone) -> Option<String> {
    let held = match card.held_posts {
        1 if kind == AlertKind::Recovered => Some("1 post was held meanwhile.".to_owned()),
        many if many > 0 && kind == AlertKind::Recovered => Some(format!("{many} posts were held meanwhile.")),
        0 => None,
        1 => Some("1 post is held.".to_owned()),
        many => Some(format!("{many} posts are held.")),
    };
    let next = card.next_post_at.filter(|_| kind != AlertKind::Recovered).map(|at| {
        let at = moments::written(zone, at);
        match card.scheduled_posts {
            0 | 1 => format!("1 post is scheduled: it is due {at}."),
            many => format!("{many} posts are scheduled: the next is due {at}."),
        }
    });
    let both: Vec<String> = held.into_iter().chain(next).collect();
    match (both.is_empty(), kind) {
        (false, _) => Some(both.join(" ")),
        (true, AlertKind::Recovered) => None,
        (true, _) => Some("No post is scheduled for it.".into()),
    }
}

fn button(kind: AlertKind, told: &[Told], server: &ServerConfig) -> Button {
    let home = &server.public_url;
    let label = match (kind, told.len()) {
        (AlertKind::Recovered, 1) => "See the account".into(),
        (AlertKind::Recovered, _) => "See the accounts".into(),
        (_, 1) => format!("Reconnect {}", told.first().map_or("", |one| one.card.name.as_str())),
        (_, count) => format!("Reconnect {count} accounts"),
    };
    let link = match (told, kind) {
        ([one], _) => server.account_link(one.card.id.as_str()),
        (_, AlertKind::Expiring) => format!("{home}/connections?status=expiring"),
        (_, AlertKind::Recovered) => format!("{home}/connections"),
        _ => format!("{home}/connections?status=attention"),
    };
    Button { label, link }
}
