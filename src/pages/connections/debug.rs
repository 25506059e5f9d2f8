//! What a platform says about an account's tokens, for admins and when asked (SPEC D-4).

use leptos::prelude::*;

use super::state::Desk;
use crate::api::panel::{TokenDebug, TokenFacts};
use crate::domain::id::AccountId;
use crate::ui::empty::Skeleton;
use crate::ui::links;
use crate::ui::time::Exact;
use crate::ui::whole::Erase;

/// A link that asks, and the answer.
#[component]
pub fn DebugBlock(desk: Desk, id: AccountId) -> impl IntoView {
    let body = move || {
        desk.debug.get().flatten().map(|answer| match answer {
            Ok(debug) => report(debug),
            Err(error) => view! { <p role="alert">{error.to_string()}</p> }.erase(),
        })
    };
    view! {
        <section class="facts token-debug" aria-label="Token debug">
            <p>
                <a class="button" href=links::token_debug(&desk.filter.get(), &id)>
                    "Token debug"
                </a>
            </p>
            <Transition fallback=|| view! { <Skeleton count=1 /> }>{body}</Transition>
        </section>
    }
    .erase()
}

fn report(debug: TokenDebug) -> AnyView {
    view! {
        {debug.note.map(|note| view! { <p role="status">{note}</p> })}
        {debug.tokens.into_iter().map(token).collect::<Vec<_>>()}
    }
    .erase()
}

fn token(facts: TokenFacts) -> AnyView {
    let TokenFacts { kind, app, issued_at, ends_at, never_ends, data_access_ends_at, targets } = facts;
    let ends = match ends_at {
        None if never_ends => "Never".erase(),
        ends_at => moment(ends_at),
    };
    let targets = targets.into_iter().map(|(scope, ids)| {
        let ids = if ids.is_empty() { "none".into() } else { ids.join(", ") };
        row("Given for", view! { <code>{scope}</code> ": " {ids} }.erase())
    });
    view! {
        <dl>
            {row("Type", told(kind))} {row("App", told(app))} {row("Issued", moment(issued_at))} {row("Expires", ends)}
            {row("Data access expires", moment(data_access_ends_at))} {targets.collect::<Vec<_>>()}
        </dl>
    }
    .erase()
}

fn row(name: &'static str, value: AnyView) -> AnyView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
    .erase()
}

fn told(text: Option<String>) -> AnyView {
    text.unwrap_or_else(|| "Not told".into()).erase()
}

fn moment(at: Option<i64>) -> AnyView {
    match at {
        Some(at) => view! { <Exact at /> }.erase(),
        None => "Not told".erase(),
    }
}
