//! Settings > Platforms: what the operator enters at each vendor's, what is missing here, and whether the vendor knows the app.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::ApiError;
use crate::api::platforms::{Address, AppCheck, Setup, SetupState, Verdict, check_app, setups};
use crate::domain::platform::Platform;
use crate::pages::settings::tabs::{Place, SettingsTabs};
use crate::ui::empty::Skeleton;
use crate::ui::icon::{Icon, PlatformIcon};
use crate::ui::links;
use crate::ui::notice::{Notice, Tone};
use crate::ui::time::Exact;
use crate::ui::whole::Erase;

type Checked = Option<(Platform, Result<AppCheck, ApiError>)>;

/// `/settings/platforms`, with `?check=` to ask one of them.
#[component]
pub fn PlatformSettings() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|query| query.get("check")).and_then(|key| Platform::from_key(&key)));
    let list = Resource::new(|| (), |()| setups());
    let checked: Resource<Checked> = Resource::new(
        move || asked.get(),
        |platform| async move {
            match platform {
                Some(platform) => Some((platform, check_app(platform).await)),
                None => None,
            }
        },
    );
    let cards = move || {
        let checked = checked.get()?;
        Some(match list.get()? {
            Ok(setups) => cards(setups, &checked),
            Err(error) => view! { <p role="alert">{error.to_string()}</p> }.erase(),
        })
    };
    view! {
        <Title text="Platforms" />
        <div class="page narrow">
            <SettingsTabs here=Place::Platforms />
            <h1>"Platforms"</h1>
            <p class="muted">
                "Most platforms want an app of yours before anybody can connect an account. Register it there, enter the addresses below exactly as they stand, and put its id and secret into " <code>"Leptos.toml"</code>
                " or the environment."
            </p>
            <Suspense fallback=|| view! { <Skeleton count=6 /> }>{cards}</Suspense>
        </div>
    }
    .erase()
}

fn cards(setups: Vec<Setup>, checked: &Checked) -> AnyView {
    let card = |setup: Setup| {
        let answer = checked.as_ref().filter(|(platform, _)| *platform == setup.platform);
        let answer = answer.map(|(_, answer)| answer.clone());
        view! { <SetupCard setup answer /> }
    };
    view! { <ul class="setups">{setups.into_iter().map(card).collect_view()}</ul> }.erase()
}

#[component]
fn SetupCard(setup: Setup, answer: Option<Result<AppCheck, ApiError>>) -> impl IntoView {
    let Setup { platform, state, console, addresses, refused } = setup;
    let (key, words) = state_words(&state);
    let ready = state == SetupState::Ready;
    view! {
        <li class="app-setup" id=platform.key() data-state=key>
            <h2>
                <PlatformIcon platform />
                {platform.name()}
                <span class="setup-state">{words}</span>
            </h2>
            {refused
                .map(|refused| {
                    view! {
                        <Notice tone=Tone::Warn>
                            "It refuses this app. All accounts stay as they are. It said: " <q>{refused.words}</q> " Since "
                            <Exact at=refused.since />
                        </Notice>
                    }
                })}
            {missing(state)}
            {(!addresses.is_empty()).then(|| view! { <dl class="addresses">{addresses.into_iter().map(address).collect_view()}</dl> })}
            {answer.map(said)}
            <div class="setup-actions">
                {ready
                    .then(|| {
                        view! {
                            <a class="button" href=links::check_app(platform) data-noscroll="true">
                                <Icon name="pulse" />
                                "Check this app"
                                <span class="sr">" at " {platform.name()}</span>
                            </a>
                        }
                    })}
                {console
                    .map(|console| {
                        view! {
                            <a class="button" href=console target="_blank" rel="noopener noreferrer">
                                <Icon name="external" />
                                "Open its console"
                                <span class="sr">" (" {platform.name()} ", opens in a new tab)"</span>
                            </a>
                        }
                    })}
            </div>
        </li>
    }
    .erase()
}

/// The word in `data-state`, and the words beside the name.
fn state_words(state: &SetupState) -> (&'static str, &'static str) {
    match state {
        SetupState::Ready => ("ready", "App is set"),
        SetupState::NothingToDo => ("free", "Nothing to set up"),
        SetupState::Missing { .. } => ("missing", "App is missing"),
        SetupState::ComingSoon => ("soon", "Coming soon"),
    }
}

fn missing(state: SetupState) -> Option<AnyView> {
    let SetupState::Missing { settings } = state else { return None };
    let names = settings.into_iter().map(|name| view! { <li><code>{name}</code></li> }).collect_view();
    Some(view! { <div class="missing"><p>"Missing in the settings:"</p><ul>{names}</ul></div> }.erase())
}

fn address(address: Address) -> AnyView {
    view! {
        <div>
            <dt>{address.label}</dt>
            <dd>
                <code>{address.url}</code>
            </dd>
        </div>
    }
    .erase()
}

fn said(answer: Result<AppCheck, ApiError>) -> AnyView {
    let (tone, words) = match answer {
        Ok(AppCheck { verdict: Verdict::Knows, words }) => (Tone::Ok, words),
        Ok(AppCheck { words, .. }) => (Tone::Warn, words),
        Err(error) => (Tone::Warn, error.to_string()),
    };
    view! { <Notice tone>{words}</Notice> }.erase()
}
