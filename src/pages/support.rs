//! Support for one account (SPEC W-7): what is wrong with it in plain words, and what to do. No secret is on it.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::connections::HealthBlock;
use crate::api::accounts::{Detail, account};
use crate::domain::health::Health;
use crate::domain::id::AccountId;
use crate::ui::avatar::Avatar;
use crate::ui::empty::Skeleton;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// `/support?account=`
#[component]
pub fn Support() -> impl IntoView {
    let query = use_query_map();
    let asked =
        Memo::new(move |_| query.with(|query| query.get("account")).filter(|id| !id.is_empty()).map(AccountId::new));
    let found = Resource::new(
        move || asked.get(),
        |id| async move {
            match id {
                Some(id) => Some(account(id).await),
                None => None,
            }
        },
    );
    let diagnosis = move || {
        Some(match found.get()? {
            Some(Ok(detail)) => view! { <Diagnosis detail /> }.erase(),
            Some(Err(error)) => view! { <p role="alert">{error.to_string()}</p> }.erase(),
            None => view! { <p>"Open an account on the Connections page and choose \u{201c}Fix with AI Support\u{201d} there."</p> }.erase(),
        })
    };
    view! {
        <Title text="Support" />
        <div class="page narrow">
            <h1>"Support"</h1>
            <Suspense fallback=|| view! { <Skeleton count=1 /> }>{diagnosis}</Suspense>
            <p>
                <a class="button" href=links::CONNECTIONS>
                    "All connections"
                </a>
            </p>
        </div>
    }
    .erase()
}

/// The built-in diagnosis: it needs no assistant, and knows every cause there is.
#[component]
fn Diagnosis(detail: Detail) -> impl IntoView {
    let card = detail.card.clone();
    let fine = card.health == Health::Healthy && !card.disconnected;
    let reconnect = links::reconnect(card.platform, &card.id);
    let rel = links::rel(&reconnect);
    let back = links::account(&card.id);
    view! {
        <div class="form-card">
            <h2 class="chosen">
                <Avatar name=card.name.clone() picture=card.picture platform=card.platform />
                <span>
                    {card.platform.name()} " account "
                    <strong>
                        <bdi>{card.name}</bdi>
                    </strong>
                </span>
            </h2>
            {fine
                .then(|| {
                    view! {
                        <p>
                            "Nothing is wrong with this connection. If a post still does not go out, press \u{201c}Refresh now\u{201d} on the account: the platform is then asked again at once."
                        </p>
                    }
                })}
            <HealthBlock detail />
            <div class="answers start">
                {(!fine)
                    .then(|| {
                        view! {
                            <a class="button warn" href=reconnect rel=rel>
                                <Icon name="refresh" />
                                "Reconnect"
                            </a>
                        }
                    })}
                <a class="button" href=back>
                    "Back to the account"
                </a>
            </div>
            <p class="muted">"This diagnosis is built in. An assistant that answers questions is not part of this version yet."</p>
        </div>
    }
    .erase()
}
