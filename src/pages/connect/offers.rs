//! Every platform and what it takes to connect it (SPEC C-1, C-8): the same list in the dialog and on `/connect`.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::connect::{Choice, Offer, choices};
use crate::domain::platform::{Entry, Platform};
use crate::ui::empty::Skeleton;
use crate::ui::icon::{Icon, PlatformIcon};
use crate::ui::links;
use crate::ui::whole::Erase;

/// `/connect`: the dialog's content as a page of its own.
#[component]
pub fn ConnectPage() -> impl IntoView {
    let offers = Resource::new(|| (), |()| choices());
    view! {
        <Title text="Connect account" />
        <div class="page narrow">
            <p class="crumb">
                <a href=links::CONNECTIONS>"Connections"</a>
            </p>
            <h1>"Connect account"</h1>
            <OffersHead />
            <Suspense fallback=|| view! { <Skeleton count=4 /> }>
                {move || {
                    offers
                        .get()
                        .map(|answer| match answer {
                            Ok(choices) => view! { <Offers choices /> }.erase(),
                            Err(error) => view! { <p role="alert">{error.to_string()}</p> }.erase(),
                        })
                }}
            </Suspense>
        </div>
    }
    .erase()
}

/// What a newcomer should know before choosing.
#[component]
pub fn OffersHead() -> impl IntoView {
    view! {
        <p class="muted">
            "Choose a platform. Mastodon and Bluesky need no developer app, so a real account can be connected within a minute."
        </p>
    }
}

/// The list itself: what can be connected now comes first.
#[component]
pub fn Offers(mut choices: Vec<Choice>) -> impl IntoView {
    choices.sort_by_key(|choice| rank(&choice.offer));
    view! { <ul class="offers">{choices.into_iter().map(|choice| view! { <OfferRow choice /> }).collect_view()}</ul> }
}

#[component]
fn OfferRow(choice: Choice) -> impl IntoView {
    let Choice { platform, offer } = choice;
    let ready = links::connect(platform).filter(|_| offer == Offer::Ready);
    let state = if ready.is_some() { "ready" } else { state(&offer) };
    let words = view! {
        <PlatformIcon platform />
        <span class="offer-text">
            <span class="offer-name">{platform.name()}</span>
            <span class="muted">{hint(platform, &offer)}</span>
        </span>
    };
    view! {
        <li class="offer" data-offer=state>
            {match ready {
                Some(href) => {
                    let rel = links::rel(&href);
                    view! {
                        <a href=href rel=rel>
                            {words}
                            <Icon name="arrow" />
                        </a>
                    }
                        .erase()
                }
                None => view! { <div aria-disabled="true">{words}</div> }.erase(),
            }}
        </li>
    }
    .erase()
}

fn rank(offer: &Offer) -> u8 {
    match offer {
        Offer::Ready => 0,
        Offer::Upgrade { .. } | Offer::LimitReached { .. } => 1,
        Offer::NotConfigured { .. } => 2,
        Offer::ComingSoon => 3,
    }
}

fn state(offer: &Offer) -> &'static str {
    match offer {
        Offer::Upgrade { .. } | Offer::LimitReached { .. } => "upgrade",
        Offer::NotConfigured { .. } => "not-configured",
        Offer::Ready | Offer::ComingSoon => "coming-soon",
    }
}

/// What comes next, or what is in the way.
fn hint(platform: Platform, offer: &Offer) -> AnyView {
    match offer {
        Offer::Ready => match platform.entry() {
            Some(Entry::Redirect) => format!("Sign in at {} and say yes.", platform.signs_in_at()).erase(),
            Some(Entry::Server) => "Any server. No developer app needed.".erase(),
            Some(Entry::BotToken) => "With a bot of your own. No developer app needed.".erase(),
            Some(Entry::Handle) => "Any server. No developer app needed.".erase(),
            None => "Coming soon".erase(),
        },
        Offer::Upgrade { plan } => {
            format!("Included from the {} plan on. Ask your operator to upgrade this workspace.", plan.name()).erase()
        }
        Offer::LimitReached { limit: 1 } => {
            "Your plan carries 1 account, and it is in use. Upgrade to connect more.".erase()
        }
        Offer::LimitReached { limit } => {
            format!("Your plan carries {limit} accounts, and all are in use. Upgrade to connect more.").erase()
        }
        Offer::NotConfigured { settings } => {
            let settings = settings.clone();
            view! {
                "Not set up on this server. The operator must set "
                {settings
                    .into_iter()
                    .enumerate()
                    .map(|(at, setting)| view! { {(at > 0).then_some(", ")} <code>{setting}</code> })
                    .collect_view()} " in Leptos.toml."
            }
            .erase()
        }
        Offer::ComingSoon => "Coming soon".erase(),
    }
}
