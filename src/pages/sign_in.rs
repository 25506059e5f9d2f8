//! The way in.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::door::{Door, Trouble};
use crate::ui::form::Field;
use crate::ui::whole::Erase;

/// E-mail and password.
#[component]
pub fn SignIn() -> impl IntoView {
    let query = use_query_map();
    let asked = move |key: &str| query.with_untracked(|query| query.get(key));
    let next = asked("next");
    view! {
        <Title text="Sign in" />
        <Door title="Sign in">
            <Trouble code=asked("problem") />
            <form method="post" action="/auth/sign-in">
                {next.map(|next| view! { <input type="hidden" name="next" value=next /> })}
                <Field name="email" label="E-mail" kind="email" autocomplete="username" />
                <Field name="password" label="Password" kind="password" autocomplete="current-password" />
                <button class="button primary wide" type="submit">
                    "Sign in"
                </button>
            </form>
        </Door>
    }
    .erase()
}
