//! The frame of forms that connect with what is typed: empty, or filled with the account that comes back (`?account=`).

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::api::accounts::{Card, account};
use crate::domain::id::AccountId;
use crate::ui::links;
use crate::ui::whole::Erase;

/// Shows the form as soon as the account is known, if one is asked for; `reconnect` is the title if it can't be had.
#[component]
pub fn Known(reconnect: &'static str, form: fn(Option<Card>) -> AnyView) -> impl IntoView {
    let query = use_query_map();
    let asked =
        Memo::new(move |_| query.with(|query| query.get("account")).filter(|id| !id.is_empty()).map(AccountId::new));
    let known = Resource::new(
        move || asked.get(),
        |id| async move {
            match id {
                Some(id) => Some(account(id).await),
                None => None,
            }
        },
    );
    view! {
        <Suspense>
            {move || {
                known
                    .get()
                    .map(|known| match known {
                        None => form(None),
                        Some(Ok(detail)) => form(Some(detail.card)),
                        Some(Err(error)) => {
                            view! {
                                <div class="page narrow">
                                    <h1>{reconnect}</h1>
                                    <p role="alert">{error.to_string()}</p>
                                </div>
                            }
                                .erase()
                        }
                    })
            }}
        </Suspense>
    }
    .erase()
}

/// Carries on where the person goes next (`?back=`), if the form is one of several in a row.
#[component]
pub fn Back() -> impl IntoView {
    let query = use_query_map();
    let back = move || query.with(|query| query.get("back")).filter(|back| back.starts_with(links::RECONNECT));
    move || back().map(|back| view! { <input type="hidden" name="back" value=back /> })
}
