//! The list: what needs attention first, in the order the server gives (SPEC H-3).

use leptos::prelude::*;

use super::bulk::{self, Bulk};
use super::card::AccountCard;
use super::filters::{Filters, Pager};
use super::first::FirstSteps;
use super::news::News;
use super::state::Desk;
use crate::api::ApiError;
use crate::api::accounts::{Connections, Setup, Totals};
use crate::domain::filter::Filter;
use crate::pages::who::{Powers, Who};
use crate::ui::empty::{Empty, Skeleton};
use crate::ui::icon::{Icon, PlatformIcon};
use crate::ui::links;
use crate::ui::notice::{Notice, Tone};
use crate::ui::time::Ago;
use crate::ui::whole::Erase;

/// Everything left of the panel.
#[component]
pub fn Board(desk: Desk, who: Who) -> impl IntoView {
    move || {
        let powers = who.powers();
        match desk.list.get() {
            None => view! { <Skeleton count=6 /> }.erase(),
            Some(Err(error)) => view! { <Failed error /> }.erase(),
            Some(Ok(list)) if list.totals.all == 0 && list.setups.is_empty() => view! { <FirstSteps who /> }.erase(),
            Some(Ok(list)) => view! { <Cards list desk powers /> }.erase(),
        }
    }
}

#[component]
fn Cards(list: Connections, desk: Desk, powers: Powers) -> impl IntoView {
    let Connections { now, cards, page, pages, matching, totals, choices, setups, .. } = list;
    let ticks = matching > 0 && bulk::worthwhile(desk, totals.amber, powers.manage);
    let refused = desk
        .refused
        .get()
        .then(|| view! { <Notice tone=Tone::Warn>"That did not work, and nothing was changed. Check what you typed, then try again."</Notice> });
    let line = if ticks { view! { <Bulk amber=totals.amber /> }.erase() } else { view! { <Summary totals /> }.erase() };
    let setup = |setup| view! { <SetupCard setup now manage=powers.manage /> };
    let card = |card| view! { <AccountCard card now powers desk ticks /> };
    view! {
        {refused}
        <News desk amber=totals.amber />
        <Filters desk choices />
        {line}
        {setups.into_iter().map(setup).collect_view()}
        {(matching == 0).then(|| view! { <NoneFound desk /> })}
        <ul class="cards">{cards.into_iter().map(card).collect_view()}</ul>
        {(pages > 1).then(|| view! { <Pager desk page pages /> })}
    }
    .erase()
}

/// A filter that takes nothing.
#[component]
fn NoneFound(desk: Desk) -> impl IntoView {
    // Only a consent that waits for its destinations is there.
    let narrowed = desk.filter.with(Filter::narrows);
    narrowed
        .then(|| {
            view! {
                <div class="none-found" role="status">
                    <p>"No account fits these filters."</p>
                    <a class="button" href=links::CONNECTIONS>
                        "Show all accounts"
                    </a>
                </div>
            }
        })
        .erase()
}

/// What to make of the list, in a line.
#[component]
fn Summary(totals: Totals) -> impl IntoView {
    let Totals { all, amber, .. } = totals;
    let (tone, icon, words) = match amber {
        0 if all == 0 => return ().erase(),
        0 => ("ok", "check", "No account needs attention".to_string()),
        1 => ("warn", "alert", "1 needs reconnect".to_string()),
        more => ("warn", "alert", format!("{more} need reconnect")),
    };
    view! {
        <p class="summary" data-tone=tone>
            <Icon name=icon />
            {words}
        </p>
    }
    .erase()
}

/// A consent whose destinations were never chosen (SPEC C-3).
#[component]
fn SetupCard(setup: Setup, now: i64, manage: bool) -> impl IntoView {
    view! {
        <section class="setup" aria-label="Setup required">
            <PlatformIcon platform=setup.platform />
            <div>
                <h2>"Setup required"</h2>
                <p>
                    {setup.platform.name()} " is signed in as " <bdi>{setup.person}</bdi>
                    ", but nothing has been chosen to connect yet. Begun " <Ago at=setup.since now /> "."
                </p>
            </div>
            {manage
                .then(|| {
                    view! {
                        <a class="button" href=links::choose(&setup.grant)>
                            "Finish setup"
                        </a>
                    }
                })}
        </section>
    }
    .erase()
}

#[component]
fn Failed(error: ApiError) -> impl IntoView {
    let signed_out = error == ApiError::SignedOut;
    view! {
        <Empty icon="alert" title="The accounts can't be shown">
            <p role="alert">{error.to_string()}</p>
            <p>
                {if signed_out {
                    view! {
                        <a class="button primary" href="/sign-in?next=/connections" rel="external">
                            "Sign in"
                        </a>
                    }
                } else {
                    view! {
                        <a class="button" href=links::CONNECTIONS rel="external">
                            "Try again"
                        </a>
                    }
                }}
            </p>
        </Empty>
    }
    .erase()
}
