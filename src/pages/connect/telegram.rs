//! Telegram by a bot of the person's own: its token, and the channel or group that it publishes in.

use leptos::prelude::*;
use leptos_meta::Title;

use super::known::{Back, Known};
use crate::domain::id::AccountId;
use crate::domain::platform::Platform;
use crate::ui::form::Field;
use crate::ui::icon::PlatformIcon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// The form for a new channel, or for one that is connected again (`?account=`).
#[component]
pub fn ConnectTelegram() -> impl IntoView {
    view! {
        <Known
            reconnect="Reconnect Telegram"
            form=|card| {
                let chat = card.as_ref().and_then(|card| card.handle.clone());
            view! { <Form account=card.map(|card| card.id) chat=chat /> }.erase()
            }
        />
    }
    .erase()
}

#[component]
fn Form(account: Option<AccountId>, chat: Option<String>) -> impl IntoView {
    let title = if account.is_some() { "Reconnect Telegram" } else { "Connect Telegram" };
    let button = if account.is_some() { "Reconnect" } else { "Connect" };
    let back = account.as_ref().map_or(links::CONNECT.to_string(), links::account);
    let back_words = if account.is_some() { "Back to the account" } else { "Connect account" };
    view! {
        <Title text=title />
        <div class="page narrow">
            <p class="crumb">
                <a href=back>{back_words}</a>
            </p>
            <div class="title">
                <PlatformIcon platform=Platform::Telegram />
                <h1>{title}</h1>
            </div>
            <p class="muted">
                "Pilotlight publishes through a bot of your own. Add it to the channel as an administrator that may post messages, or to the group as a member."
            </p>
            <form class="form-card" method="post" action="/oauth/password">
                <input type="hidden" name="platform" value="telegram" />
                {account.map(|id| view! { <input type="hidden" name="account" value=id.to_string() /> })}
                <Back />
                <Field
                    name="password"
                    label="Bot token"
                    kind="password"
                    placeholder="123456789:AAH..."
                    hint="In Telegram, open BotFather and send /newbot; for a bot that you have already, send /token. You can revoke it there at any time."
                />
                <Field
                    name="handle"
                    label="Channel or group"
                    value=chat.unwrap_or_default()
                    placeholder="@harbourbakery"
                    hint="Its name with @, or its number if it is private: that begins with a minus."
                />
                <button class="button primary" type="submit">
                    {button}
                </button>
            </form>
        </div>
    }
    .erase()
}
