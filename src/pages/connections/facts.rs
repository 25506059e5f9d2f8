//! The plain facts of an account (SPEC D-1, D-4).

use leptos::prelude::*;

use super::debug::DebugBlock;
use super::state::Desk;
use crate::api::accounts::Detail;
use crate::ui::time::{Ago, Exact};
use crate::ui::whole::Erase;

/// Who, when, where, and which permissions.
#[component]
pub fn Facts(desk: Desk, detail: Detail) -> impl IntoView {
    let Detail {
        card,
        now,
        link,
        granted_by,
        connected_by,
        connected_at,
        refreshed_at,
        checked_at,
        next_check_at,
        scopes,
        token_debug,
        ..
    } = detail;
    let id = card.id.clone();
    let connected_by = connected_by.unwrap_or_else(|| "a former member".into());
    view! {
        <section class="facts" aria-label="Account">
            <h3>"Account"</h3>
            <dl>
                {fact("Username", card.handle.map(|handle| view! { <bdi>{handle}</bdi> }))}
                {fact("Server", card.host)}
                {fact(
                    "Public page",
                    link
                        .map(|href| {
                            view! {
                                <a href=href rel="external noopener noreferrer" target="_blank">
                                    "Open on "
                                    {card.platform.name()}
                                </a>
                            }
                        }),
                )}
                {fact("Signed in as", Some(view! { <bdi>{granted_by}</bdi> }))}
                {fact("Connected by", Some(view! { <bdi>{connected_by}</bdi> }))}
                {fact("Connected on", Some(view! { <Exact at=connected_at /> }))}
                {fact("Last token refresh", Some(moment(refreshed_at, now, "Not yet")))}
                {fact("Token ends", card.token_ends_at.map(|at| view! { <Exact at /> }))}
                {fact("Last check", Some(moment(checked_at, now, "Not yet")))}
                {fact("Next check", Some(moment(next_check_at, now, "None planned")))}
            </dl>
        </section>
        {scopes.map(|scopes| permissions(scopes, card.missing_scopes))}
        {token_debug.then(|| view! { <DebugBlock desk id /> })}
    }
    .erase()
}

fn fact<V: IntoView + 'static>(name: &'static str, value: Option<V>) -> AnyView {
    let row = |value: V| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{value.erase()}</dd>
            </div>
        }
    };
    value.map(row).erase()
}

fn moment(at: Option<i64>, now: i64, never: &'static str) -> AnyView {
    match at {
        Some(at) => view! { <Ago at now /> }.erase(),
        None => never.erase(),
    }
}

fn permissions(granted: Vec<String>, missing: Vec<String>) -> AnyView {
    let count = granted.len();
    let lacking = missing.len();
    view! {
        <details class="scopes">
            <summary>
                "Permissions: " {count} " granted" {(lacking > 0).then(|| view! { ", " {lacking} " missing" })}
            </summary>
            <ul>
                {missing
                    .into_iter()
                    .map(|scope| view! { <li data-tone="warn"><code>{scope}</code> " missing"</li> })
                    .collect_view()}
                {granted.into_iter().map(|scope| view! { <li><code>{scope}</code></li> }).collect_view()}
            </ul>
        </details>
    }
    .erase()
}
