//! Several accounts reconnected one after another (SPEC H-10): a form around the ticked cards, and one link for all.

use leptos::prelude::*;

use super::state::Desk;
use crate::domain::filter::Status;
use crate::domain::id::AccountId;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// The form that the cards' boxes belong to, and the name under which they are sent.
const FORM: &str = "bulk";
const NAME: &str = "account";

/// What can be done with all broken accounts, or the ticked ones. The style sheet shows the second while one is ticked; how many
/// there are, the tab writes into its button.
#[component]
pub fn Bulk(amber: u32) -> impl IntoView {
    view! {
        <form id=FORM class="bulk" method="get" action=links::RECONNECT>
            <p class="bulk-all">
                <a class="button warn" href=format!("{}?all=1", links::RECONNECT) rel="external">
                    <Icon name="refresh" />
                    {format!("Reconnect all {amber}")}
                </a>
                <span class="muted">"One sign-in after another; accounts that share one are asked once."</span>
            </p>
            <p class="bulk-ticked">
                <button class="button warn" type="submit">
                    <Icon name="refresh" />
                    <span data-count="Reconnect # selected">"Reconnect selected"</span>
                </button>
                <button class="button" type="reset">
                    "Untick all"
                </button>
            </p>
        </form>
    }
    .erase()
}

/// The box on a card that can be reconnected.
#[component]
pub fn Tick(id: AccountId, name: String) -> impl IntoView {
    view! {
        <label class="tick">
            // Coming back to a page, browsers tick again what was ticked when it was left.
            <input
                type="checkbox"
                form=FORM
                name=NAME
                value=id.to_string()
                autocomplete="off"
                aria-label=format!("Select {name}")
            />
        </label>
    }
    .erase()
}

/// Whether a list is worth ticking in: two or more that need it.
pub fn worthwhile(desk: Desk, amber: u32, manage: bool) -> bool {
    manage
        && amber > 1
        && desk.filter.with(|filter| matches!(filter.status, Status::All | Status::Attention | Status::Expired))
}
