//! The first start: who owns this installation.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::door::{Door, Trouble};
use crate::ui::form::Field;
use crate::ui::whole::Erase;

/// Creates the owner and the first workspace. The token proves that the person can read the server's console.
#[component]
pub fn SetUp() -> impl IntoView {
    let query = use_query_map();
    let asked = move |key: &str| query.with_untracked(|query| query.get(key)).filter(|text| !text.is_empty());
    view! {
        <Title text="Set up" />
        <Door title="Set up Pilotlight">
            <p class="muted">"You become the owner of this installation. It takes a minute."</p>
            <Trouble code=asked("problem") />
            <form method="post" action="/auth/set-up">
                {match asked("token") {
                    Some(token) => view! { <input type="hidden" name="token" value=token /> }.erase(),
                    None => {
                        view! {
                            <Field name="token" label="Set-up token" hint="The server printed it in its console when it started." />
                        }
                            .erase()
                    }
                }}
                <Field name="name" label="Your name" autocomplete="name" />
                <Field name="email" label="E-mail" kind="email" autocomplete="username" />
                <Field
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="new-password"
                    least=12u32
                    hint="At least 12 characters. A few unrelated words are fine."
                />
                <Field name="workspace" label="Workspace name" autocomplete="organization" hint="Your team or company. It can be changed later." />
                <button class="button primary wide" type="submit">
                    "Create workspace"
                </button>
            </form>
        </Door>
    }
    .erase()
}
