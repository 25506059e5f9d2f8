//! Settings > Webhooks: where others are told by HTTP, and what became of it (SPEC A-7).

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::hook::hook;
use crate::api::webhooks::{Format, Webhooks, webhooks};
use crate::pages::settings::tabs::{Place, SettingsTabs};
use crate::ui::empty::{Empty, Skeleton};
use crate::ui::form::Field;
use crate::ui::links;
use crate::ui::whole::Erase;

/// `/settings/webhooks`, with `?show=` for the deliveries of one, and `&reveal=1` for its secret.
#[component]
pub fn WebhookSettings() -> impl IntoView {
    let query = use_query_map();
    let shown = Memo::new(move |_| query.with(|query| query.get("show").unwrap_or_default()));
    let reveal = Memo::new(move |_| query.with(|query| query.get("reveal").is_some()));
    let answer = Resource::new(move || (shown.get(), reveal.get()), |(show, reveal)| webhooks(show, reveal));
    let body = move || {
        Some(match answer.get()? {
            Ok(all) => whole(all, &shown.get()),
            Err(error) => view! { <p role="alert">{error.to_string()}</p> }.erase(),
        })
    };
    view! {
        <Title text="Webhooks" />
        <div class="page narrow">
            <SettingsTabs here=Place::Webhooks />
            <h1>"Webhooks"</h1>
            <p class="muted">
                "Pilotlight tells your own programs, or a chat, at once when a connection breaks, recovers, ends soon or is given up."
            </p>
            <Transition fallback=|| view! { <Skeleton count=2 /> }>{body}</Transition>
        </div>
    }
    .erase()
}

fn whole(all: Webhooks, shown: &str) -> AnyView {
    let Webhooks { now, hooks, deliveries, secret } = all;
    let none = hooks.is_empty().then(|| {
        view! {
            <Empty icon="link" title="Nobody is told yet">
                <p>"Add the address of a program of yours, or of an incoming webhook of Slack or Discord."</p>
            </Empty>
        }
    });
    let (mut deliveries, mut secret) = (Some(deliveries), secret);
    let hooks = hooks
        .into_iter()
        .map(|one| {
            let open = one.id == shown;
            let log = if open { deliveries.take() } else { None };
            let secret = if open { secret.take() } else { None };
            hook(one, log, secret, now)
        })
        .collect_view();
    view! {
        {none}
        <ul class="setups">{hooks}</ul>
        {add()}
    }
    .erase()
}

fn add() -> AnyView {
    let format = |format: Format| view! { <option value=format.key()>{format.name()}</option> };
    view! {
        <form method="post" action="/api/add_webhook" class="form-card" data-then=links::WEBHOOKS>
            <h2>"Add a webhook"</h2>
            <Field name="name" label="Name" placeholder="Newsroom chat" />
            <div class="field">
                <label for="format">"Messages"</label>
                <select id="format" name="format" aria-describedby="format-hint">
                    {Format::ALL.map(format).collect_view()}
                </select>
                <p class="hint" id="format-hint">
                    "Signed JSON is for programs; libraries of standardwebhooks.com verify it."
                </p>
            </div>
            <Field
                name="address"
                label="Address"
                kind="url"
                placeholder="https://hooks.example.org/pilotlight"
                hint="It must begin with https:// and be reachable from the internet."
            />
            <p class="trouble" role="alert"></p>
            <button class="button primary" type="submit">
                "Add webhook"
            </button>
        </form>
    }
    .erase()
}
