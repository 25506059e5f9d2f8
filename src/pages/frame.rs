//! The layout around every page of a signed-in member.

use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;

use super::menu::ProfileMenu;
use super::palette::Palette;
use super::who::Who;
use crate::api::session::Me;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::notice::{Notice, Tone};
use crate::ui::whole::Erase;

/// Sidebar (a bar at the top on small screens), profile menu, and the page.
#[component]
pub fn Frame() -> impl IntoView {
    let who = Who::provide();
    view! {
        <div class="frame">
            <header class="side">
                <a class="wordmark" href=links::OVERVIEW>
                    <Icon name="flame" />
                    <span>"Pilotlight"</span>
                </a>
                <Palette />
                <Transition>{move || who.me().map(|me| navigation(&me))}</Transition>
                <Suspense>{move || who.me().map(|me| view! { <ProfileMenu me /> })}</Suspense>
            </header>
            <main id="main" tabindex="-1">
                <Suspense>
                    {move || {
                        who.me()
                            .and_then(|me| me.read_only)
                            .map(|why| view! { <Notice tone=Tone::Warn><strong>"Read-only. "</strong> {why}</Notice> })
                    }}
                </Suspense>
                <Outlet />
            </main>
        </div>
    }
    .erase()
}

/// The main places; on a phone they are tabs at the bottom.
fn navigation(me: &Me) -> AnyView {
    let path = use_location().pathname;
    let place = |link: &'static str, icon: &'static str, label: &'static str, count: u32| {
        // All pages of the settings are one place here.
        let room = if link == links::NOTIFICATIONS { links::SETTINGS } else { link };
        let here = move || path.with(|path| path.starts_with(room)).then_some("page");
        view! {
            <li>
                <a href=link aria-current=here>
                    <Icon name=icon />
                    <span>{label}</span>
                    {(count > 0).then(|| counted(count))}
                </a>
            </li>
        }
        .erase()
    };
    view! {
        <nav aria-label="Main">
            <ul>
                {place(links::LAUNCHPAD, "rocket", "Launchpad", 0)}
                {place(links::OVERVIEW, "gauge", "Overview", 0)}
                {place(links::CONNECTIONS, "link", "Connections", me.attention)}
                {place(links::ACTIVITY, "clock", "Activity", 0)}
                {place(links::NOTIFICATIONS, "sliders", "Settings", 0)}
            </ul>
        </nav>
        <p class="lost" role="status"></p>
    }
    .erase()
}

/// How many accounts need a hand, as a figure to see and as words to hear.
fn counted(count: u32) -> AnyView {
    let words = if count == 1 { ", 1 needs a reconnect".into() } else { format!(", {count} need a reconnect") };
    view! {
        <span class="nav-count" aria-hidden="true">
            {count}
        </span>
        <span class="sr">{words}</span>
    }
    .erase()
}
