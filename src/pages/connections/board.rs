//! The list: what needs attention first, in the order the server gives (SPEC H-3).

use leptos::prelude::*;

use super::bulk::{self, Bulk};
use super::card::AccountCard;
use super::filters::{Filters, Pager};
use super::first::FirstSteps;
use super::news::News;
use super::state::Desk;
use crate::api::ApiError;
use crate::api::accounts::{Card, Connections, Setup, Totals};
use crate::domain::filter::Filter;
use crate::domain::id::AccountId;
use crate::pages::who::Who;
use crate::ui::empty::{Empty, Skeleton};
use crate::ui::icon::{Icon, PlatformIcon};
use crate::ui::links;
use crate::ui::notice::{Notice, Tone};
use crate::ui::time::Ago;
use crate::ui::whole::Erase;

#[derive(Clone, PartialEq)]
enum Stage {
    Loading,
    Failed(ApiError),
    Empty,
    Ready,
}

/// Everything left of the panel.
#[component]
pub fn Board(desk: Desk, who: Who) -> impl IntoView {
    let list = desk.list;
    // A later failure (the network is gone) keeps what was last known; only the end of the session clears it.
    let stage = Memo::new(move |before: Option<&Stage>| {
        list.with(|list| match list {
            None => Stage::Loading,
            Some(Ok(list)) if list.totals.all == 0 && list.setups.is_empty() => Stage::Empty,
            Some(Ok(_)) => Stage::Ready,
            Some(Err(error)) => match before {
                Some(Stage::Ready) if *error != ApiError::SignedOut => Stage::Ready,
                _ => Stage::Failed(error.clone()),
            },
        })
    });
    move || match stage.get() {
        Stage::Loading => view! { <Skeleton count=6 /> }.erase(),
        Stage::Failed(error) => view! { <Failed error /> }.erase(),
        Stage::Empty => view! { <FirstSteps who /> }.erase(),
        Stage::Ready => view! { <Cards desk who /> }.erase(),
    }
}

#[component]
fn Cards(desk: Desk, who: Who) -> impl IntoView {
    let list = desk.list;
    // What was last known stays while something newer is on its way.
    let known = Memo::new(move |before: Option<&Option<Connections>>| {
        list.with(|list| match list {
            Some(Ok(list)) => Some(list.clone()),
            _ => before.cloned().flatten(),
        })
    });
    let setups =
        Memo::new(move |_| known.with(|known| known.as_ref().map(|list| list.setups.clone()).unwrap_or_default()));
    let choices =
        Memo::new(move |_| known.with(|known| known.as_ref().map(|list| list.choices.clone()).unwrap_or_default()));
    let totals = Memo::new(move |_| known.with(|known| known.as_ref().map(|list| list.totals).unwrap_or_default()));
    let pages = Memo::new(move |_| known.with(|known| known.as_ref().map_or((1, 1), |list| (list.page, list.pages))));
    let now = Memo::new(move |_| known.with(|known| known.as_ref().map_or(0, |list| list.now)));
    let matching = Memo::new(move |_| known.with(|known| known.as_ref().map_or(0, |list| list.matching)));
    let powers = Memo::new(move |_| who.powers());
    let ticks =
        Memo::new(move |_| matching.get() > 0 && bulk::worthwhile(desk, totals.get().amber, powers.get().manage));
    let ids = move || {
        known.with(|known| known.iter().flat_map(|list| &list.cards).map(|card| card.id.clone()).collect::<Vec<_>>())
    };
    let row = move |id: AccountId| {
        let own = id.clone();
        // A card whose account has just vanished keeps its last state until its row is gone.
        let card = Memo::new(move |before: Option<&Option<Card>>| {
            known
                .with(|known| known.iter().flat_map(|list| &list.cards).find(|card| card.id == own).cloned())
                .or_else(|| before.cloned().flatten())
        });
        view! { <AccountCard id card now powers desk ticks /> }
    };
    let refused = move || {
        desk.refused
            .get()
            .then(|| view! { <Notice tone=Tone::Warn>"That did not work, and nothing was changed. Check what you typed, then try again."</Notice> })
    };
    view! {
        {refused}
        <News desk />
        <Filters desk choices />
        {move || match ticks.get() {
            true => view! { <Bulk amber=totals.get().amber /> }.erase(),
            false => view! { <Summary totals=totals.get() /> }.erase(),
        }}
        {move || setups.get().into_iter().map(|setup| view! { <SetupCard setup now=now.get() manage=powers.get().manage /> }).collect_view()}
        {move || (matching.get() == 0).then(|| view! { <NoneFound desk /> })}
        <ul class="cards">
            <For each=ids key=|id| id.clone() children=row />
        </ul>
        {move || {
            let (page, pages) = pages.get();
            (pages > 1).then(|| view! { <Pager desk page pages /> })
        }}
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
