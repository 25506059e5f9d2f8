//! What the list is narrowed down to (SPEC H-4). Links and a form with the address as their state: they work without script,
//! which only saves the page load.

use leptos::prelude::*;

use super::state::Desk;
use crate::api::accounts::Choices;
use crate::domain::filter::{Filter, Status};
use crate::domain::platform::Platform;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// Status, platform and text, each with what it would take.
#[component]
pub fn Filters(desk: Desk, choices: Choices) -> impl IntoView {
    view! {
        <search class="filters">
            <Statuses desk counts=choices.statuses.clone() />
            <Narrow desk choices />
        </search>
    }
    .erase()
}

#[component]
fn Statuses(desk: Desk, counts: Vec<u32>) -> impl IntoView {
    let filter = desk.filter.get();
    let chip = |(at, status): (usize, Status)| {
        let current = (filter.status == status).then_some("true");
        view! {
            <li>
                <a class="chip" href=links::list(&filter.with_status(status)) aria-current=current data-status=status.key()>
                    {status.label()}
                    " "
                    <span class="count">{counts.get(at).copied().unwrap_or(0)}</span>
                </a>
            </li>
        }
        .erase()
    };
    view! {
        <ul class="chips" aria-label="Status">
            {Status::ALL.into_iter().enumerate().map(chip).collect_view()}
        </ul>
    }
    .erase()
}

/// Platform and text: a form, whose button stands in the field.
#[component]
fn Narrow(desk: Desk, choices: Choices) -> impl IntoView {
    let filter = desk.filter.get();
    let status = filter.status;
    view! {
        <form class="narrow-form" method="get" action=links::CONNECTIONS data-quick="true">
            {(status != Status::All).then(|| view! { <input type="hidden" name="status" value=status.key() /> })}
            <div class="search-field">
                <label class="sr" for="search">
                    "Search accounts"
                </label>
                <input
                    id="search"
                    name="q"
                    type="search"
                    value=filter.text.clone()
                    placeholder="Search accounts"
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="100"
                />
                <button type="submit" aria-label="Search">
                    <Icon name="search" />
                </button>
            </div>
            <label class="sr" for="platform">
                "Platform"
            </label>
            <select id="platform" name="platform">
                {options(&filter, &choices)}
            </select>
        </form>
    }
    .erase()
}

fn options(filter: &Filter, choices: &Choices) -> AnyView {
    let option = |(platform, count): &(Platform, u32)| {
        let chosen = filter.platform == Some(*platform);
        view! { <option value=platform.text() selected=chosen>{format!("{} ({count})", platform.name())}</option> }
    };
    // An address can name a platform of which there is no account.
    let absent = filter.platform.filter(|one| choices.platforms.iter().all(|(platform, _)| platform != one));
    view! {
        <option value="" selected=filter.platform.is_none()>{format!("All platforms ({})", choices.any_platform)}</option>
        {absent.map(|platform| option(&(platform, 0)))}
        {choices.platforms.iter().map(option).collect_view()}
    }
    .erase()
}

/// The way through the pages of a long list (SPEC H-9).
#[component]
pub fn Pager(desk: Desk, page: u32, pages: u32) -> impl IntoView {
    let to = |page: u32, words: &'static str, rel: &'static str| {
        let href = links::list(&desk.filter.get().on_page(page));
        view! {
            <a class="button" href=href rel=rel>
                {words}
            </a>
        }
    };
    view! {
        <nav class="pager" aria-label="Pages">
            {(page > 1).then(|| to(page - 1, "Previous", "prev"))}
            <span>"Page " {page} " of " {pages}</span>
            {(page < pages).then(|| to(page + 1, "Next", "next"))}
        </nav>
    }
    .erase()
}
