//! The figures at the top, each a way to the accounts behind it.

use leptos::prelude::*;

use crate::api::overview::Counts;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// Six figures. Those that call for somebody are amber while they are not nought.
pub fn counts(counts: Counts) -> AnyView {
    let warn = |count: u32| if count > 0 { "warn" } else { "quiet" };
    let gone = (counts.disconnected > 0).then(|| format!("{} disconnected", counts.disconnected));
    view! {
        <ul class="counts">
            {tile("accounts", links::CONNECTIONS, "link", counts.accounts, if counts.accounts == 1 { "Account" } else { "Accounts" }, gone)}
            // No filter takes the healthy ones alone: a healthy account's token may end soon.
            {tile("ok", links::CONNECTIONS, "check", counts.healthy, "Healthy", None)}
            {tile(
                warn(counts.attention),
                links::ATTENTION,
                "alert",
                counts.attention,
                if counts.attention == 1 { "Needs reconnect" } else { "Need reconnect" },
                None,
            )}
            {tile(warn(counts.expiring), links::EXPIRING, "clock", counts.expiring, "Expiring in 30 days", None)}
            {tile(warn(counts.held), links::ATTENTION, "pause", counts.held, if counts.held == 1 { "Held post" } else { "Held posts" }, None)}
            {tile(
                "accounts",
                links::CONNECTIONS,
                "calendar",
                counts.scheduled,
                if counts.scheduled == 1 { "Scheduled post" } else { "Scheduled posts" },
                None,
            )}
        </ul>
    }
    .erase()
}

fn tile(
    tone: &'static str,
    href: &'static str,
    icon: &'static str,
    count: u32,
    words: &'static str,
    more: Option<String>,
) -> AnyView {
    view! {
        <li>
            <a class="count" href=href data-tone=tone>
                <Icon name=icon />
                <strong>{count}</strong>
                " "
                <span>{words} {more.map(|more| view! { <span class="muted">", " {more}</span> })}</span>
            </a>
        </li>
    }
    .erase()
}
