//! Mastodon lives on many servers: the person names theirs.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::domain::platform::Platform;
use crate::ui::form::Field;
use crate::ui::icon::{Icon, PlatformIcon};
use crate::ui::links;
use crate::ui::whole::Erase;

/// Asks for the server, then goes to its consent page.
#[component]
pub fn ConnectMastodon() -> impl IntoView {
    view! {
        <Title text="Connect Mastodon" />
        <div class="page narrow">
            <p class="crumb">
                <a href=links::CONNECT>"Connect account"</a>
            </p>
            <div class="title">
                <PlatformIcon platform=Platform::Mastodon />
                <h1>"Connect Mastodon"</h1>
            </div>
            <p class="muted">
                "Works with every Mastodon server, and with the sandbox. There is no developer app to register: Pilotlight introduces itself to your server."
            </p>
            <form class="form-card" method="get" action="/oauth/start">
                <input type="hidden" name="platform" value="mastodon" />
                <Field
                    name="host"
                    label="Server"
                    autocomplete="url"
                    placeholder="mastodon.social"
                    hint="The part after the second @ of your address: for @ada@mastodon.social it is mastodon.social."
                />
                <button class="button primary" type="submit">
                    "Continue to the server"
                    <Icon name="arrow" />
                </button>
            </form>
            <p class="muted">"Your server asks you to sign in and to agree. Then you come back here."</p>
        </div>
    }
    .erase()
}
