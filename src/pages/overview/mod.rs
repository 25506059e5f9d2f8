//! `/overview`: how the connections are, what ends soon, what broke lately (SPEC 9).

mod accounts;
mod counts;
mod forecast;
mod incidents;

use leptos::prelude::*;
use leptos_meta::Title;

use self::accounts::accounts;
use self::counts::counts;
use self::forecast::forecast;
use self::incidents::incidents;
use crate::api::overview::{Overview, overview};
use crate::pages::banners::Banners;
use crate::pages::renewed::Renewed;
use crate::pages::who::Who;
use crate::ui::empty::{Empty, Skeleton};
use crate::ui::links;
use crate::ui::whole::Erase;

/// One answer of the server, drawn; it follows every change.
#[component]
pub fn OverviewPage() -> impl IntoView {
    let answer = Resource::new(|| (), |()| overview());
    let who = Who::shared();
    let body = move || {
        Some(match answer.get()? {
            Ok(overview) if overview.counts.accounts == 0 => nothing_yet(who),
            Ok(overview) => whole(overview, who.powers().manage),
            Err(error) => view! { <p role="alert">{error.to_string()}</p> }.erase(),
        })
    };
    view! {
        <Title text="Overview" />
        <div class="page overview">
            <Banners />
            <Renewed />
            <h1>"Overview"</h1>
            <Transition fallback=|| view! { <Skeleton count=6 /> }>{body}</Transition>
        </div>
    }
    .erase()
}

fn whole(overview: Overview, manages: bool) -> AnyView {
    let Overview { now, counts: figures, accounts: cards, forecast: ahead, incidents: recent } = overview;
    view! {
        {counts(figures)}
        <div class="overview-pair">{incidents(recent, figures.attention, now)} {forecast(ahead, now, manages)}</div>
        {accounts(cards, figures.accounts)}
    }
    .erase()
}

fn nothing_yet(who: Who) -> AnyView {
    let first = move || {
        let manages = who.powers().manage;
        let (href, words) =
            if manages { (links::CONNECT, "Connect account") } else { (links::LAUNCHPAD, "Open the launchpad") };
        view! {
            <p>
                <a class="button primary" href=href>
                    {words}
                </a>
            </p>
        }
    };
    view! {
        <Empty icon="pulse" title="Nothing is connected yet">
            <p>"Once accounts are connected, this page shows how they are, which end soon, and what broke."</p>
            {first}
        </Empty>
    }
    .erase()
}
