//! "Jump to…": an account or a page by what one remembers of it, with the keyboard or a finger. Without script the button is
//! a link to the list and its own filter.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::who::Who;
use crate::api::accounts::Card;
use crate::api::find::find;
use crate::domain::health::Health;
use crate::ui::avatar::Avatar;
use crate::ui::icon::Icon;
use crate::ui::whole::Erase;
use crate::ui::{browser, links};

const ID: &str = "jump";
/// How long the person must pause before the server is asked, in milliseconds.
const PAUSE_MS: u32 = 140;

/// All that changes, in one signal: the whole is small enough to be drawn anew.
#[derive(Default)]
struct State {
    open: bool,
    typed: String,
    /// The marked option.
    at: usize,
    found: Vec<Card>,
    /// Why the server found nothing.
    trouble: Option<String>,
    /// Counts the questions: only the newest one's answer is shown.
    question: u32,
    /// The question that `found` answers.
    answered: u32,
    /// Enter was pressed before the answer was there: it means the first line of what comes.
    hurry: bool,
}

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
    let state = RwSignal::new(State::default());
    let who = Who::shared();
    let entries = move || state.with(|state| if state.open { entries(state, who.powers().manage) } else { Vec::new() });
    let open = move || {
        if browser::open_dialog(ID) {
            state.update(|state| {
                state.open = true;
                state.typed.clear();
                state.at = 0;
            });
            ask(state, 0);
        }
    };
    Effect::new(move |_: Option<browser::Listener>| browser::on_ctrl("k", open));

    let type_in = move |text: String| {
        state.update(|state| {
            state.typed = text;
            state.at = 0;
        });
        ask(state, PAUSE_MS);
    };
    let press = move |event: KeyboardEvent| {
        let count = entries().len().max(1);
        let at = state.with_untracked(|state| state.at.min(count - 1));
        let to = match event.key().as_str() {
            "ArrowDown" => (at + 1) % count,
            "ArrowUp" => (at + count - 1) % count,
            "Enter" => {
                event.prevent_default();
                if state.with_untracked(|state| state.answered != state.question) {
                    return state.update(|state| state.hurry = true);
                }
                return browser::click(&option_id(at));
            }
            _ => return,
        };
        event.prevent_default();
        state.update(|state| state.at = to);
        browser::scroll_to(&option_id(to));
    };
    let list = move || {
        let at = state.with(|state| state.at);
        entries().into_iter().enumerate().map(|(number, entry)| option(entry, number, number == at)).collect_view()
    };
    let said = move || {
        state.with(|state| match (&state.trouble, state.open && entries().is_empty()) {
            (Some(trouble), _) => trouble.clone(),
            (None, true) => "Nothing found.".into(),
            (None, false) => String::new(),
        })
    };
    view! {
        <a
            class="jump-open"
            href=links::FILTER
            aria-keyshortcuts="Control+K Meta+K"
            on:click=move |event| {
                event.prevent_default();
                open();
            }
        >
            <Icon name="search" />
            <span>"Jump to…"</span>
            <kbd aria-hidden="true">"Ctrl K"</kbd>
        </a>
        <dialog
            id=ID
            class="jump"
            aria-label="Jump to"
            on:close=move |_| state.update(|state| state.open = false)
            on:click=|event| {
                if browser::beside(&event) {
                    browser::close_dialog(ID);
                }
            }
        >
            <div class="jump-head">
                <Icon name="search" />
                <input
                    type="text"
                    role="combobox"
                    aria-label="Account or page"
                    aria-autocomplete="list"
                    aria-expanded="true"
                    aria-controls="jump-list"
                    aria-activedescendant=move || {
                        let at = state.with(|state| state.at);
                        (at < entries().len()).then(|| option_id(at))
                    }
                    placeholder="Name, handle or platform"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="go"
                    prop:value=move || state.with(|state| state.typed.clone())
                    on:input=move |event| type_in(event_target_value(&event))
                    on:keydown=press
                />
                <button class="close" type="button" aria-label="Close" on:click=|_| browser::close_dialog(ID)>
                    <Icon name="close" />
                </button>
            </div>
            <div id="jump-list" class="jump-list" role="listbox" aria-label="Accounts and pages">
                {list}
            </div>
            <p class="jump-none" role="status">
                {said}
            </p>
        </dialog>
    }
    .erase()
}

/// Asks the server after a pause, unless more was typed meanwhile.
fn ask(state: RwSignal<State>, pause: u32) {
    let question = state.try_update(|state| {
        state.question += 1;
        state.hurry = false;
        state.question
    });
    let current = move || state.with_untracked(|state| Some(state.question) == question);
    browser::after(pause, move || {
        if !current() {
            return;
        }
        let text = state.with_untracked(|state| state.typed.clone());
        spawn_local(async move {
            let answer = find(text).await;
            if current() {
                state.update(|state| {
                    state.trouble = answer.as_ref().err().map(ToString::to_string);
                    state.found = answer.unwrap_or_default();
                    state.answered = state.question;
                });
                if state.with_untracked(|state| state.hurry) {
                    // The list is in the page one turn of the event loop later.
                    browser::after(0, || browser::click(&option_id(0)));
                }
            }
        });
    });
}

/// Pages first while nothing is typed; whoever types means an account before a page.
fn entries(state: &State, manages: bool) -> Vec<Entry> {
    let pages = [
        ("Overview", links::OVERVIEW, false),
        ("Connections", links::CONNECTIONS, false),
        ("Launchpad", links::LAUNCHPAD, false),
        ("Connect account", links::CONNECT, true),
        ("Platforms", links::PLATFORMS, true),
    ];
    let typed = state.typed.trim().to_ascii_lowercase();
    let pages = pages
        .into_iter()
        .filter(|(label, _, admin)| (manages || !admin) && label.to_ascii_lowercase().contains(&typed));
    let mut pages: Vec<Entry> = pages
        .map(|(label, href, _)| Entry { href: href.into(), label: label.into(), more: None, card: None })
        .collect();
    let mut accounts: Vec<Entry> = state.found.iter().map(account).collect();
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

fn option_id(number: usize) -> String {
    format!("jump-{number}")
}

fn option(entry: Entry, number: usize, marked: bool) -> AnyView {
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
            id=option_id(number)
            href=href
            tabindex="-1"
            data-kind=page.then_some("page")
            aria-selected=if marked { "true" } else { "false" }
            on:click=|_| browser::close_dialog(ID)
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
