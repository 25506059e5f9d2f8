//! "Connect account": a dialog where there is script, a page where there is none (SPEC C-1).

use leptos::html::Dialog;
use leptos::prelude::*;

use crate::api::connect::choices;
use crate::pages::connect::offers::{Offers, OffersHead};
use crate::ui::empty::Skeleton;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// The button at the top right. It is a link to the page of the same content, which a click turns into a dialog.
#[component]
pub fn ConnectButton() -> impl IntoView {
    let node = NodeRef::<Dialog>::new();
    let opened = RwSignal::new(false);
    let offers =
        Resource::new(move || opened.get(), |opened| async move { if opened { Some(choices().await) } else { None } });
    let open = move |event: leptos::ev::MouseEvent| {
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        if let Some(dialog) = node.get_untracked() {
            event.prevent_default();
            opened.set(true);
            crate::ui::browser::make_modal(&dialog);
        }
    };
    view! {
        <a class="button primary" href=links::CONNECT aria-haspopup="dialog" on:click=open>
            <Icon name="plus" />
            "Connect account"
        </a>
        <dialog class="modal large" node_ref=node aria-labelledby="connect-title" closedby="any">
            <form method="dialog">
                <button class="close" type="submit" aria-label="Close">
                    <Icon name="close" />
                </button>
            </form>
            <h2 id="connect-title">"Connect account"</h2>
            <OffersHead />
            <Suspense fallback=|| {
                view! { <Skeleton count=4 /> }
            }>
                {move || {
                    offers
                        .get()
                        .flatten()
                        .map(|answer| match answer {
                            Ok(choices) => view! { <Offers choices /> }.erase(),
                            Err(error) => view! { <p role="alert">{error.to_string()}</p> }.erase(),
                        })
                }}
            </Suspense>
        </dialog>
    }
    .erase()
}
