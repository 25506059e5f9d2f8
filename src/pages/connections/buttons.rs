//! What can be done with the account in the panel (SPEC D-6).

use leptos::prelude::*;

use super::state::Desk;
use crate::api::accounts::Card;
use crate::domain::health::Health;
use crate::domain::id::AccountId;
use crate::pages::who::Powers;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// The row of buttons, as far as the member may use them.
#[component]
pub fn Buttons(desk: Desk, card: Card, powers: Powers) -> impl IntoView {
    let id = &card.id;
    let filter = desk.filter.get();
    let broken = card.health == Health::NeedsReconnect || card.disconnected;
    let live = !card.disconnected;
    let reconnect = || {
        let class = if broken { "button warn" } else { "button" };
        button(class, links::reconnect(card.platform, id), "refresh", "Reconnect")
    };
    view! {
        <div class="panel-actions">
            {powers.manage.then(reconnect)}
            {(powers.compose && live).then(|| button("button", links::compose(id), "pencil", "Create post"))}
            {(powers.check && live).then(|| refresh_now(id))}
            {button("button", links::support(id), "alert", "Fix with AI Support")}
            {(powers.manage && live).then(|| button("button", links::disconnect(&filter, id), "unplug", "Disconnect"))}
            {powers.manage.then(|| button("button danger", links::remove(&filter, id), "trash", "Remove"))}
        </div>
    }
    .erase()
}

fn button(class: &'static str, href: String, icon: &'static str, label: &'static str) -> AnyView {
    let rel = links::rel(&href);
    view! {
        <a class=class href=href rel=rel>
            <Icon name=icon />
            {label}
        </a>
    }
    .erase()
}

/// A form, so that it works without script.
fn refresh_now(id: &AccountId) -> AnyView {
    view! {
        <form method="post" action="/api/check">
            <input type="hidden" name="id" value=id.to_string() />
            <button class="button" type="submit">
                <Icon name="pulse" />
                // Both words keep their place, so that the button stays as wide as it is.
                <span class="either">
                    <span>"Refresh now"</span>
                    <span data-off="true">"Checking…"</span>
                </span>
            </button>
        </form>
    }
    .erase()
}
