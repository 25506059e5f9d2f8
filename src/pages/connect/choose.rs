//! The choice of destinations after a consent (SPEC C-3).

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::connect::{Destination, Picker, picker};
use crate::domain::id::GrantId;
use crate::ui::empty::{Empty, Skeleton};
use crate::ui::icon::{Icon, PlatformIcon};
use crate::ui::links;
use crate::ui::notice::{Notice, Tone};
use crate::ui::whole::Erase;

/// The name of the checkboxes, here and on the server.
const BOXES: &str = "destination";
/// From this many on, a search field helps more than it costs.
const SEARCH_FROM: usize = 6;

/// `/connect/choose?grant=`
#[component]
pub fn Choose() -> impl IntoView {
    let query = use_query_map();
    let grant = Memo::new(move |_| GrantId::new(query.with(|query| query.get("grant")).unwrap_or_default()));
    let answer = Resource::new(move || grant.get(), picker);
    let problem = move || query.with(|query| query.get("problem"));
    view! {
        <Title text="Choose what to connect" />
        <div class="page narrow">
            <h1>"Choose what to connect"</h1>
            {move || problem().map(|code| view! { <Notice tone=Tone::Warn>{trouble(&code)}</Notice> })}
            <Suspense fallback=|| view! { <Skeleton count=4 /> }>
                {move || {
                    answer
                        .get()
                        .map(|answer| match answer {
                            Ok(picker) if picker.destinations.is_empty() => view! { <Nothing picker /> }.erase(),
                            Ok(picker) => view! { <Form picker /> }.erase(),
                            Err(error) => view! { <p role="alert">{error.to_string()}</p> }.erase(),
                        })
                }}
            </Suspense>
        </div>
    }
    .erase()
}

fn trouble(code: &str) -> &'static str {
    match code {
        "nothing-chosen" => "Please choose at least one.",
        "plan-limit" => "These are more than your plan carries. Choose fewer, or upgrade.",
        _ => "That did not work. Please choose again.",
    }
}

#[component]
fn Nothing(picker: Picker) -> impl IntoView {
    let again = links::connect(picker.platform);
    view! {
        <Empty icon="search" title="There is nothing to connect here">
            <p>
                {picker.platform.name()} " told us of no " {picker.platform.noun()} " that " <bdi>{picker.person}</bdi>
                " may manage. Sign in with the login that manages it, and tick it when you are asked."
            </p>
            {again.map(|href| view! { <p><a class="button primary" href=href rel="external">"Try again"</a></p> })}
        </Empty>
    }
    .erase()
}

#[component]
fn Form(picker: Picker) -> impl IntoView {
    let Picker { grant, platform, person, destinations, slots_left, plan } = picker;
    let usable = destinations.iter().filter(|destination| destination.unusable.is_none()).count();
    let many = destinations.len() >= SEARCH_FROM;
    view! {
        <p class="muted chosen">
            <PlatformIcon platform />
            <span>{platform.name()} ", signed in as " <bdi>{person}</bdi></span>
        </p>
        {slots_left.map(|left| view! { <p class="muted">{room(left, plan.name())}</p> })}
        <form class="form-card" method="post" action="/oauth/choose">
            <input type="hidden" name="grant" value=grant.to_string() />
            <div class="tools" data-script="needed">
                {many
                    .then(|| {
                        view! {
                            <label class="search">
                                <Icon name="search" />
                                <span class="sr">"Search"</span>
                                <input
                                    type="search"
                                    placeholder="Search"
                                    autocomplete="off"
                                    data-sift=".destination"
                                />
                            </label>
                        }
                    })}
                {(usable > 1)
                    .then(|| {
                        view! {
                            <button class="button small" type="button" data-tick="all">
                                "Select all"
                            </button>
                            <button class="button small" type="button" data-tick="none">
                                "Select none"
                            </button>
                        }
                    })}
            </div>
            <fieldset class="destinations">
                <legend class="sr">"Accounts"</legend>
                {destinations
                    .into_iter()
                    .map(|destination| view! { <Row destination only=usable == 1 /> })
                    .collect_view()}
            </fieldset>
            <div class="answers">
                <a class="button" href=links::CONNECTIONS>
                    "Finish later"
                </a>
                <button class="button primary" type="submit">
                    <span data-count="Connect # selected">"Connect selected"</span>
                </button>
            </div>
        </form>
    }
    .erase()
}

fn room(left: usize, plan: &str) -> String {
    match left {
        0 => format!("The {plan} plan has no room for another account. Those already connected can still be renewed."),
        1 => format!("The {plan} plan has room for 1 more account."),
        left => format!("The {plan} plan has room for {left} more accounts."),
    }
}

#[component]
fn Row(
    destination: Destination,
    /// Nothing else can be chosen, so it is ticked already.
    only: bool,
) -> impl IntoView {
    let Destination { id, name, handle, connected, unusable } = destination;
    let blocked = unusable.is_some();
    view! {
        <label class="destination" data-blocked=blocked.then_some("true")>
            <input type="checkbox" name=BOXES value=id disabled=blocked checked=only && !blocked />
            <span class="destination-text">
                <strong>
                    <bdi>{name}</bdi>
                </strong>
                {handle.map(|handle| view! { <bdi class="muted">{handle}</bdi> })}
                {unusable.map(|why| view! { <span class="why">{why}</span> })}
            </span>
            {connected.then(|| view! { <span class="mark">"already connected"</span> })}
        </label>
    }
    .erase()
}
