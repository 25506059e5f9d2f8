//! "Jump to…": an account or a page by what one remembers of it, with the keyboard or a finger. Without script the button is
//! a link to the list and its own filter; with it, it opens a dialog that shows what `/jump` finds (`tab::palette`).

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::who::Who;
use crate::api::accounts::Card;
use crate::api::find::find;
use crate::domain::health::Health;
use crate::ui::avatar::Avatar;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// One line of the list.
struct Entry {
    href: String,
    label: String,
    more: Option<String>,
    /// Of an account; a page has a drawing only.
    card: Option<Card>,
}

/// The button and the dialog behind it.
#[component]
pub fn Palette() -> impl IntoView {
    view! {
        <a class="jump-open" href=links::FILTER aria-keyshortcuts="Control+K Meta+K">
            <Icon name="search" />
            <span>"Jump to…"</span>
            <kbd aria-hidden="true">"Ctrl K"</kbd>
        </a>
        <dialog id="jump" class="jump" aria-label="Jump to" data-own="true">
            <div class="jump-head">
                <Icon name="search" />
                <input
                    type="text"
                    role="combobox"
                    aria-label="Account or page"
                    aria-autocomplete="list"
                    aria-expanded="true"
                    aria-controls="jump-list"
                    placeholder="Name, handle or platform"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="go"
                />
                <button class="close" type="button" aria-label="Close">
                    <Icon name="close" />
                </button>
            </div>
            <div id="jump-list" class="jump-list" role="listbox" aria-label="Accounts and pages"></div>
            <p class="jump-none" role="status"></p>
        </dialog>
    }
    .erase()
}

/// `/jump?q=`: what the dialog shows, as a page.
#[component]
pub fn Jump() -> impl IntoView {
    let who = Who::shared();
    let query = use_query_map();
    let typed = Memo::new(move |_| query.with(|query| query.get("q")).unwrap_or_default());
    let found = Resource::new(move || typed.get(), find);
    let list = move || {
        let (entries, said) = match found.get()? {
            Ok(found) => {
                let entries = entries(&typed.get(), &found, who.powers().manage);
                let said = if entries.is_empty() { "Nothing found.".into() } else { String::new() };
                (entries, said)
            }
            Err(error) => (Vec::new(), error.to_string()),
        };
        let options = entries.into_iter().enumerate().map(|(number, entry)| option(entry, number)).collect_view();
        let role = said.is_empty().then_some("listbox");
        Some(
            view! {
                <div id="jump-found" role=role aria-label=role.map(|_| "Accounts and pages")>
                    {options}
                </div>
                <p id="jump-said">{said}</p>
            }
            .erase(),
        )
    };
    view! {
        <Title text="Jump to" />
        <div class="page narrow">
            <h1>"Jump to"</h1>
            <Suspense>{list}</Suspense>
        </div>
    }
    .erase()
}

/// Pages first while nothing is typed; whoever types means an account before a page.
fn entries(typed: &str, found: &[Card], manages: bool) -> Vec<Entry> {
    let pages = [
        ("Overview", links::OVERVIEW, false),
        ("Connections", links::CONNECTIONS, false),
        ("Launchpad", links::LAUNCHPAD, false),
        ("Activity", links::ACTIVITY, false),
        ("Notifications", links::NOTIFICATIONS, false),
        ("Webhooks", links::WEBHOOKS, true),
        ("Calendar", links::CALENDAR, true),
        ("Connect account", links::CONNECT, true),
        ("Platforms", links::PLATFORMS, true),
    ];
    let typed = typed.trim().to_ascii_lowercase();
    let pages = pages
        .into_iter()
        .filter(|(label, _, admin)| (manages || !admin) && label.to_ascii_lowercase().contains(&typed));
    let mut pages: Vec<Entry> = pages
        .map(|(label, href, _)| Entry { href: href.into(), label: label.into(), more: None, card: None })
        .collect();
    let mut accounts: Vec<Entry> = found.iter().map(account).collect();
    if typed.is_empty() {
        pages.append(&mut accounts);
        return pages;
    }
    accounts.append(&mut pages);
    accounts
}

fn account(card: &Card) -> Entry {
    let place = card.platform.name();
    let more = match &card.handle {
        Some(handle) => format!("{place} · {handle}"),
        None => place.into(),
    };
    Entry { href: links::account(&card.id), label: card.name.clone(), more: Some(more), card: Some(card.clone()) }
}

fn option(entry: Entry, number: usize) -> AnyView {
    let Entry { href, label, more, card } = entry;
    let amber = card.as_ref().is_some_and(|card| card.health == Health::NeedsReconnect && !card.disconnected);
    let page = card.is_none();
    let mark = match card {
        Some(card) => view! { <Avatar name=card.name picture=card.picture platform=card.platform /> }.erase(),
        None => view! { <Icon name="arrow" /> }.erase(),
    };
    view! {
        <a
            class="jump-option"
            role="option"
            id=format!("jump-{number}")
            href=href
            tabindex="-1"
            data-kind=page.then_some("page")
            aria-selected="false"
        >
            <span class="jump-mark">{mark}</span>
            <span class="line-name">
                <bdi>{label}</bdi>
                {more.map(|more| view! { <span class="muted">{more}</span> })}
            </span>
            {page.then(|| view! { <span class="muted">"Page"</span> })}
            {amber.then(|| view! { <span class="jump-amber">"Needs reconnect"</span> })}
        </a>
    }
    .erase()
}
