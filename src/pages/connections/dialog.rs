//! "Connect account": a dialog where there is script, a page where there is none (SPEC C-1).

use leptos::prelude::*;

use crate::pages::connect::offers::OffersHead;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// The button at the top right. It is a link to the page of the same content, which a click turns into
/// the dialog, filled from that page.
#[component]
pub fn ConnectButton() -> impl IntoView {
    view! {
        <a class="button primary" href=links::CONNECT aria-haspopup="dialog">
            <Icon name="plus" />
            "Connect account"
        </a>
        <dialog class="modal large" data-own="true" aria-labelledby="connect-title" closedby="any">
            <form method="dialog">
                <button class="close" type="submit" aria-label="Close">
                    <Icon name="close" />
                </button>
            </form>
            <h2 id="connect-title">"Connect account"</h2>
            <OffersHead />
        </dialog>
    }
    .erase()
}
