//! The questions before an account is disconnected or removed (SPEC D-6). Their state is the address, so they also work as a
//! part of the page, without script.

use leptos::prelude::*;

use super::state::{self, Desk};
use crate::api::accounts::{Card, Removal};
use crate::domain::id::AccountId;
use crate::pages::who::Who;
use crate::ui::links;
use crate::ui::modal::Question;
use crate::ui::whole::Erase;

/// The question the address asks, if it asks one about an account that is here.
#[component]
pub fn Confirm(desk: Desk, who: Who) -> impl IntoView {
    let card = Memo::new(move |_| {
        desk.detail.with(|detail| match detail {
            Some(Some(Ok(detail))) => Some(detail.card.clone()),
            _ => None,
        })
    });
    let removal = Memo::new(move |_| {
        desk.removal.with(|removal| match removal {
            Some(Some(Ok(removal))) => Some(removal.clone()),
            _ => None,
        })
    });
    move || {
        // Before all else: what is first read when the rest is known is not waited for.
        let back = links::list(&desk.kept());
        let question = desk.question.get().filter(|_| who.powers().manage)?;
        let card = card.get().filter(|card| Some(&card.id) == desk.selected.get().as_ref())?;
        match question {
            state::Question::Disconnect if card.disconnected => None,
            state::Question::Disconnect => Some(view! { <Disconnect desk card /> }.erase()),
            state::Question::Remove => {
                removal.get().map(|removal| view! { <Remove desk id=card.id removal back /> }.erase())
            }
        }
    }
}

#[component]
fn Disconnect(desk: Desk, card: Card) -> impl IntoView {
    let id = card.id.clone();
    let waiting = match card.scheduled_posts {
        0 => None,
        1 => Some("1 scheduled post will be held until you reconnect.".to_string()),
        many => Some(format!("{many} scheduled posts will be held until you reconnect.")),
    };
    view! {
        <Question title=format!("Disconnect {}?", card.name)>
            <p>"Pilotlight gives up its access to this account. Its history and posts are kept, and reconnecting restores everything."</p>
            {waiting.map(|waiting| view! { <p class="risk">{waiting}</p> })}
            <form method="post" action="/api/disconnect">
                <input type="hidden" name="id" value=id.to_string() />
                <Answers id=id.clone() yes="Disconnect" desk />
            </form>
        </Question>
    }
    .erase()
}

/// `back` is where the page goes once the account is gone.
#[component]
fn Remove(desk: Desk, id: AccountId, removal: Removal, back: String) -> impl IntoView {
    let count = |number: u32, one: &str, many: &str| match number {
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    };
    let name = removal.name;
    view! {
        <Question title=format!("Remove {name} for good?")>
            <p>"This deletes, with no way back:"</p>
            <ul>
                <li>"the account and its connection"</li>
                <li>{count(removal.posts, "post", "posts")} " that only this account has"</li>
                <li>{count(removal.history, "entry", "entries")} " of its history"</li>
            </ul>
            <form method="post" action="/api/remove" data-then=back>
                <input type="hidden" name="id" value=id.to_string() />
                <div class="field">
                    <label for="field-typed">"To confirm, type its name: " <bdi class="typed-name">{name}</bdi></label>
                    <input
                        id="field-typed"
                        name="typed"
                        type="text"
                        required=true
                        dir="auto"
                        autocomplete="off"
                        spellcheck="false"
                    />
                </div>
                <Answers id=id.clone() yes="Remove for good" desk />
            </form>
        </Question>
    }
    .erase()
}

/// Yes and no. What went wrong with a yes is said beside it.
#[component]
fn Answers(id: AccountId, yes: &'static str, desk: Desk) -> impl IntoView {
    view! {
        <p class="trouble" role="alert"></p>
        <div class="answers">
            <a class="button" href=links::account_in(&desk.filter.get(), &id)>
                "Cancel"
            </a>
            <button class="button danger solid" type="submit">
                {yes}
            </button>
        </div>
    }
    .erase()
}
