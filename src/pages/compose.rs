//! The composer's address. Links to it exist already; the composer itself comes with posts.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::accounts::account;
use crate::domain::id::AccountId;
use crate::pages::connections::forecast;
use crate::ui::avatar::Avatar;
use crate::ui::empty::Empty;
use crate::ui::links;
use crate::ui::whole::Erase;

/// Names the account that was chosen, and says what is not there yet.
#[component]
pub fn Compose() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|query| query.get("social_account_id")).map(AccountId::new));
    let chosen = Resource::new(
        move || asked.get(),
        |id| async move {
            match id {
                Some(id) => Some(account(id).await),
                None => None,
            }
        },
    );
    let account = move || match chosen.get()? {
        Some(Ok(detail)) => {
            let card = detail.card;
            let ends = forecast(&card);
            let back = links::account(&card.id);
            Some(
                view! {
                    <p class="chosen">
                        <Avatar name=card.name.clone() picture=card.picture platform=card.platform />
                        <span>
                            "Chosen account: "
                            <strong>
                                <bdi>{card.name}</bdi>
                            </strong>
                        </span>
                    </p>
                    {ends}
                    <p>
                        <a class="button" href=back>
                            "Back to the account"
                        </a>
                    </p>
                }
                .erase(),
            )
        }
        Some(Err(error)) => Some(view! { <p role="alert">{error.to_string()}</p> }.erase()),
        None => None,
    };
    view! {
        <Title text="Create post" />
        <div class="page narrow">
            <h1>"Create post"</h1>
            <Empty icon="pencil" title="The composer comes later">
                <p>"Posts can't be written here yet. Everything you connect now will be ready for it."</p>
                <Suspense>{account}</Suspense>
                <p>
                    <a class="button" href=links::CONNECTIONS>
                        "All connections"
                    </a>
                </p>
            </Empty>
        </div>
    }
    .erase()
}
