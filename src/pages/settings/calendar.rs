//! Settings > Calendar: the secret address of what ends, for calendar programs.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::calendar::{Feed, Made, feed};
use crate::pages::settings::tabs::{Place, SettingsTabs};
use crate::ui::empty::Skeleton;
use crate::ui::notice::{Notice, Tone};
use crate::ui::time::Exact;
use crate::ui::whole::Erase;

/// `/settings/calendar`, for admins.
#[component]
pub fn CalendarSettings() -> impl IntoView {
    let answer = Resource::new(|| (), |()| feed());
    let body = move || {
        Some(match answer.get()? {
            Ok(Feed { made, address }) => whole(made, address),
            Err(error) => view! { <p role="alert">{error.to_string()}</p> }.erase(),
        })
    };
    view! {
        <Title text="Calendar" />
        <div class="page narrow">
            <SettingsTabs here=Place::Calendar />
            <h1>"Calendar"</h1>
            <p class="muted">
                "A calendar program that subscribes to this workspace's address shows when each connection ends that somebody has to renew, and reminds a day before. What Pilotlight renews by itself is not in it."
            </p>
            <Suspense fallback=|| view! { <Skeleton count=1 /> }>{body}</Suspense>
        </div>
    }
    .erase()
}

fn whole(made: Option<Made>, address: Option<String>) -> AnyView {
    let label = if made.is_some() { "Make a new address" } else { "Make an address" };
    let class = if made.is_some() { "button" } else { "button primary" };
    let there = made.is_some();
    view! {
        {address.map(shown)}
        {made.map(since)}
        <div class="answers start">
            <form method="post" action="/settings/calendar/make">
                <button class=class type="submit">
                    {label}
                </button>
            </form>
            {there
                .then(|| {
                    view! {
                        <form method="post" action="/settings/calendar/revoke">
                            <button class="button danger" type="submit">
                                "Revoke the address"
                            </button>
                        </form>
                    }
                })}
        </div>
    }
    .erase()
}

fn shown(address: String) -> AnyView {
    view! {
        <Notice tone=Tone::Ok>
            <p>"Copy the address now: it is shown here for ten minutes, then never again. Whoever has it can read the calendar."</p>
            <div class="field">
                <label for="feed-address">"Address of the calendar"</label>
                <input id="feed-address" type="url" readonly=true value=address />
            </div>
        </Notice>
    }
    .erase()
}

fn since(made: Made) -> AnyView {
    view! {
        <p>
            "There is an address since " <Exact at=made.at /> ", made by " <bdi>{made.by}</bdi>
            ". A new one ends it: calendars that use it stop being updated."
        </p>
    }
    .erase()
}
