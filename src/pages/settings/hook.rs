//! One webhook: what it is, what can be done with it, and its newest deliveries.

use leptos::prelude::*;

use super::mails::state_words;
use crate::api::notifications::MailState;
use crate::api::webhooks::{Delivered, Format, Hook, HookState};
use crate::ui::notice::{Notice, Tone};
use crate::ui::time::{Ago, Exact};
use crate::ui::whole::Erase;

/// `log` and `secret` are of the one that is shown.
pub fn hook(hook: Hook, log: Option<Vec<Delivered>>, secret: Option<String>, now: i64) -> AnyView {
    let Hook { id, name, format, host, state, failing_since, old_secret_ends_at } = hook;
    let (key, words) = match (state, failing_since) {
        (HookState::On, None) => ("ready", "On"),
        (HookState::On, Some(_)) => ("missing", "Failing"),
        (HookState::Off, _) => ("soon", "Off"),
        (HookState::GivenUp, _) => ("missing", "Switched off"),
    };
    let trouble = match state {
        HookState::GivenUp => Some("Nothing could be delivered for long, so Pilotlight has stopped trying.".to_owned()),
        _ => None,
    };
    let signs = format == Format::Standard;
    view! {
        <li class="app-setup" id=id.clone() data-state=key>
            <h2>
                <bdi>{name}</bdi>
                <span class="setup-state">{words}</span>
            </h2>
            <p class="muted">{format.name()} " to " <strong>{host}</strong></p>
            {trouble.map(|words| view! { <Notice tone=Tone::Warn>{words}</Notice> })}
            {failing_since.map(|since| view! { <p>"Every delivery has failed since " <Ago at=since now /> "."</p> })}
            {old_secret_ends_at
                .map(|end| view! { <p>"The secret before signs as well until " <Exact at=end /> "."</p> })}
            {secret.map(revealed)}
            {actions(&id, state, signs, log.is_some())}
            {log.map(|log| deliveries(log, now))}
        </li>
    }
    .erase()
}

fn revealed(secret: String) -> AnyView {
    view! {
        <p>
            "Signing secret: " <code>{secret}</code>
        </p>
    }
    .erase()
}

fn actions(id: &str, state: HookState, signs: bool, open: bool) -> AnyView {
    let form = |action: &'static str, label: &'static str, class: &'static str, switch: Option<&'static str>| {
        view! {
            <form method="post" action=action>
                <input type="hidden" name="id" value=id.to_owned() />
                {switch.map(|to| view! { <input type="hidden" name="on" value=to /> })}
                <button class=class type="submit">
                    {label}
                </button>
            </form>
        }
    };
    let (label, to) = if state == HookState::On { ("Switch off", "false") } else { ("Switch on", "true") };
    let shown = format!("/settings/webhooks?show={id}");
    view! {
        <div class="answers start">
            {form("/api/test_webhook", "Send a test", "button", None)}
            {(!open).then(|| view! { <a class="button" href=shown.clone()>"Deliveries"</a> })}
            {signs.then(|| view! { <a class="button" href=format!("{shown}&reveal=1")>"Show secret"</a> })}
            {signs.then(|| form("/api/rotate_webhook", "New secret", "button", None))}
            {form("/api/switch_webhook", label, "button", Some(to))}
            <details class="sure">
                <summary class="button danger">"Remove"</summary>
                <p>"Its deliveries go with it."</p>
                {form("/api/remove_webhook", "Remove for good", "button danger", None)}
            </details>
        </div>
    }
    .erase()
}

fn deliveries(log: Vec<Delivered>, now: i64) -> AnyView {
    let none = log.is_empty().then(|| view! { <p class="muted">"Nothing was told yet."</p> });
    view! {
        <h3>"Deliveries"</h3>
        {none}
        <ul class="sent">{log.into_iter().map(|one| delivery(one, now)).collect_view()}</ul>
    }
    .erase()
}

fn delivery(one: Delivered, now: i64) -> AnyView {
    let (key, words) = state_words(one.state);
    let again = matches!(one.state, MailState::Dead | MailState::Sent | MailState::Missed).then(|| {
        view! {
            <form method="post" action="/api/resend_delivery">
                <input type="hidden" name="id" value=one.id.clone() />
                <button class="button small" type="submit">
                    "Send again"
                </button>
            </form>
        }
    });
    view! {
        <li data-state=key>
            <span class="sent-what">
                <code>{one.kind}</code>
                <span class="muted">
                    {(one.attempts > 1).then(|| format!("{} attempts. ", one.attempts))} {one.answer.unwrap_or_default()}
                </span>
            </span>
            <span class="sent-state">
                <strong>{words}</strong>
                <Ago at=one.at now />
            </span>
            {again}
        </li>
    }
    .erase()
}
