//! What stands beside the page's title: how far a check of all accounts is, and the buttons that concern all of them.

use leptos::prelude::*;

use super::check_all::{CheckAll, Checking};
use super::dialog::ConnectButton;
use super::state::Desk;
use crate::api::accounts::Progress;
use crate::pages::who::Who;
use crate::ui::whole::Erase;

/// The tools, as far as the member may use them. How far a check is, everybody sees.
#[component]
pub fn Tools(desk: Desk, who: Who) -> impl IntoView {
    let powers = Memo::new(move |_| who.powers());
    let connected = move || desk.list.with(|list| matches!(list, Some(Ok(list)) if list.totals.connected > 0));
    let progress = progress(desk);
    view! {
        <Checking progress />
        <div class="tools">
            {move || (powers.get().check && connected()).then(|| view! { <CheckAll progress /> })}
            {move || powers.get().manage.then(|| view! { <ConnectButton /> })}
        </div>
    }
    .erase()
}

/// How far a check is, while one is under way.
fn progress(desk: Desk) -> Memo<Option<Progress>> {
    Memo::new(move |_| {
        let listed = desk.list.with(|list| match list {
            Some(Ok(list)) => list.checking,
            _ => None,
        });
        listed.filter(|progress| progress.running())
    })
}
