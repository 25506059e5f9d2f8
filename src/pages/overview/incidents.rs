//! What is broken, and what was lately.

use leptos::prelude::*;

use crate::api::overview::Incident;
use crate::ui::icon::{Icon, PlatformIcon};
use crate::ui::links;
use crate::ui::time::{Ago, Hover, length};
use crate::ui::whole::Erase;

/// Open incidents first. `open` counts all of them, also those there is no line for.
pub fn incidents(recent: Vec<Incident>, open: u32, now: i64) -> AnyView {
    let shown = recent.iter().filter(|incident| incident.until.is_none()).count() as u32;
    let words = match (open, recent.is_empty()) {
        (0, true) => "Nothing broke in the last 30 days.",
        (0, false) => "Everything works now. In the last 30 days:",
        _ => "What is broken now, then what was mended in the last 30 days.",
    };
    view! {
        <section class="box" aria-labelledby="incidents-title">
            <h2 id="incidents-title">"Incidents"</h2>
            <p class="muted">{words}</p>
            <ul class="lines">{recent.into_iter().map(|incident| line(incident, now)).collect_view()}</ul>
            {(open > shown)
                .then(|| {
                    view! {
                        <p>
                            <a href=links::ATTENTION>"All " {open} " accounts that need a reconnect"</a>
                        </p>
                    }
                })}
        </section>
    }
    .erase()
}

fn line(incident: Incident, now: i64) -> AnyView {
    let Incident { account, platform, name, words, since, until, posts } = incident;
    let lasted = |to: i64| length(to - since).unwrap_or_else(|| "a moment".into());
    let (key, icon) = if until.is_some() { ("closed", "check") } else { ("open", "alert") };
    let time = match until {
        None => view! { <strong>"Open"</strong> " for " <Hover at=since words=lasted(now) /> }.erase(),
        Some(until) => {
            view! { "Mended " <Ago at=until now /> ", after " <Hover at=since words=lasted(until) /> }.erase()
        }
    };
    view! {
        <li>
            <a class="line incident" href=links::account(&account) data-state=key>
                <PlatformIcon platform />
                <span class="line-name">
                    <bdi>{name}</bdi>
                    <span class="muted">{words} {waiting(posts)}</span>
                </span>
                <span class="line-end">
                    <Icon name=icon />
                    <span>{time}</span>
                </span>
            </a>
        </li>
    }
    .erase()
}

/// What the outage put at risk.
fn waiting(posts: u32) -> Option<String> {
    match posts {
        0 => None,
        1 => Some(" · 1 post was waiting".into()),
        _ => Some(format!(" · {posts} posts were waiting")),
    }
}
