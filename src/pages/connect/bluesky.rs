//! The two ways to Bluesky: consent at the account's own server, or an app password, which is made in the person's own
//! settings, revocable there, and never the main password.

use leptos::prelude::*;
use leptos_meta::Title;

use super::known::{Back, Known};
use crate::domain::id::AccountId;
use crate::domain::platform::Platform;
use crate::ui::form::Field;
use crate::ui::icon::PlatformIcon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// The forms for a new account, or for one that is connected again (`?account=`).
#[component]
pub fn ConnectBluesky() -> impl IntoView {
    view! {
        <Known
            reconnect="Reconnect Bluesky"
            form=|card| {
                let (handle, host) = card.as_ref().map(|card| (card.handle.clone(), card.host.clone())).unwrap_or_default();
            view! { <Form account=card.map(|card| card.id) handle=handle host=host /> }.erase()
            }
        />
    }
    .erase()
}

#[component]
fn Form(account: Option<AccountId>, handle: Option<String>, host: Option<String>) -> impl IntoView {
    let title = if account.is_some() { "Reconnect Bluesky" } else { "Connect Bluesky" };
    let button = if account.is_some() { "Reconnect" } else { "Connect" };
    let sign_in = if account.is_some() { "Reconnect at Bluesky" } else { "Continue to Bluesky" };
    let handle = handle.map(|handle| handle.trim_start_matches('@').to_string()).unwrap_or_default();
    let back = account.as_ref().map_or(links::CONNECT.to_string(), links::account);
    let back_words = if account.is_some() { "Back to the account" } else { "Connect account" };
    let host = host.unwrap_or_default();
    view! {
        <Title text=title />
        <div class="page narrow">
            <p class="crumb">
                <a href=back>{back_words}</a>
            </p>
            <div class="title">
                <PlatformIcon platform=Platform::Bluesky />
                <h1>{title}</h1>
            </div>
            <p class="muted">"No developer app needed. Your main password stays with you."</p>
            <form class="form-card" method="get" action="/oauth/start" aria-labelledby="by-consent">
                <h2 id="by-consent">"Sign in at Bluesky"</h2>
                <input type="hidden" name="platform" value="bluesky" />
                {account.clone().map(|id| view! { <input type="hidden" name="account" value=id.to_string() /> })}
                <Back />
                <Field
                    name="handle"
                    label="Handle"
                    value=handle.clone()
                    autocomplete="username"
                    placeholder="ada.bsky.social"
                    hint="Your server asks you there whether Pilotlight may publish for you."
                />
                <Field
                    name="host"
                    label="Server"
                    required=false
                    value=host.clone()
                    hint="Only for a server in development: others are found by the handle."
                />
                <button class="button primary" type="submit">
                    {sign_in}
                </button>
            </form>
            <form class="form-card" method="post" action="/oauth/password" aria-labelledby="by-password">
                <h2 id="by-password">"Or use an app password"</h2>
                <input type="hidden" name="platform" value="bluesky" />
                {account.map(|id| view! { <input type="hidden" name="account" value=id.to_string() /> })}
                <Back />
                <Field
                    name="handle"
                    alias="password-handle"
                    label="Handle"
                    value=handle
                    autocomplete="username"
                    placeholder="ada.bsky.social"
                />
                <Field
                    name="password"
                    label="App password"
                    kind="password"
                    placeholder="xxxx-xxxx-xxxx-xxxx"
                    hint="In Bluesky: Settings, Privacy and security, App passwords, Add app password. Copy it here; it is shown only once. You can revoke it at any time."
                />
                <Field
                    name="host"
                    alias="password-host"
                    label="Server"
                    required=false
                    value=host
                    placeholder="bsky.social"
                    hint="Only if your account lives on a server of its own."
                />
                <button class="button" type="submit">
                    {button}
                </button>
            </form>
        </div>
    }
    .erase()
}
