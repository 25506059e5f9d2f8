//! The profile menu: who is signed in, where, the theme, and the way out.

use leptos::prelude::*;

use crate::api::session::Me;
use crate::domain::text::initials;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::whole::Erase;

const ID: &str = "profile-menu";

/// A native popover: it opens, closes and gives the focus back without any script of ours.
#[component]
pub fn ProfileMenu(me: Me) -> impl IntoView {
    view! {
        <div class="profile">
            <button class="profile-button" type="button" popovertarget=ID aria-label=format!("Profile menu of {}", me.name)>
                <span class="initials" data-hue="5" aria-hidden="true">
                    {initials(&me.name)}
                </span>
                <span class="profile-names">
                    <span class="profile-name" dir="auto">
                        {me.name.clone()}
                    </span>
                    <span class="muted" dir="auto">
                        {me.workspace.clone()}
                    </span>
                </span>
                <Icon name="chevron" />
            </button>
            <div id=ID class="menu" popover="auto">
                <p class="menu-head">
                    <strong dir="auto">{me.name}</strong>
                    <span class="muted">{me.email}</span>
                    <span class="muted">
                        <bdi>{me.workspace}</bdi>
                        " · "
                        {role_name(me.role)}
                    </span>
                </p>
                <a class="menu-item" href=links::CONNECTIONS>
                    <Icon name="link" />
                    "Social accounts"
                </a>
                <ThemeSwitch />
                <form method="post" action="/auth/sign-out">
                    <button class="menu-item" type="submit">
                        <Icon name="exit" />
                        "Sign out"
                    </button>
                </form>
            </div>
        </div>
    }
    .erase()
}

fn role_name(role: crate::domain::role::Role) -> &'static str {
    use crate::domain::role::Role;
    match role {
        Role::Viewer => "Viewer",
        Role::Editor => "Editor",
        Role::Admin => "Admin",
        Role::Owner => "Owner",
    }
}

/// Light, dark, or as the system says. Kept in this browser; hidden where there is no script to keep it.
#[component]
fn ThemeSwitch() -> impl IntoView {
    let option = move |key: &'static str, label: &'static str, icon: &'static str| {
        view! {
            <label>
                <input
                    type="radio"
                    name="theme"
                    value=key
                />
                <Icon name=icon />
                {label}
            </label>
        }
    };
    view! {
        <fieldset class="themes">
            <legend>"Theme"</legend>
            {option("system", "System", "screen")}
            {option("light", "Light", "sun")}
            {option("dark", "Dark", "moon")}
        </fieldset>
    }
    .erase()
}
