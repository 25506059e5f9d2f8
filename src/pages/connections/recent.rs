//! The newest posts of an account (SPEC D-5). The panel does not wait long for the platform.

use leptos::prelude::*;

use super::state::Desk;
use crate::api::panel::{Post, Recent};
use crate::domain::id::AccountId;
use crate::ui::empty::Skeleton;
use crate::ui::links;
use crate::ui::time::Ago;
use crate::ui::whole::Erase;

/// Text, time and link of each.
#[component]
pub fn RecentPosts(desk: Desk, id: AccountId) -> impl IntoView {
    let body = move || {
        desk.recent.get().flatten().map(|answer| match answer {
            Ok(recent) => told(links::account_in(&desk.filter.get(), &id), recent),
            Err(error) => view! { <p class="muted">{error.to_string()}</p> }.erase(),
        })
    };
    view! {
        <section class="recent" aria-label="Recent posts">
            <h3>"Recent posts"</h3>
            <Transition fallback=|| view! { <Skeleton count=2 /> }>{body}</Transition>
        </section>
    }
    .erase()
}

/// `here` is where the same panel is looked at again.
fn told(here: String, recent: Recent) -> AnyView {
    let Recent { now, posts, note, again } = recent;
    let look_again = move || {
        view! {
            " "
            <a href=here>
                "Look again"
            </a>
        }
    };
    view! {
        {note.map(|note| view! { <p class="muted">{note} {again.then(look_again)}</p> })}
        <ul>{posts.into_iter().map(|post| line(post, now)).collect::<Vec<_>>()}</ul>
    }
    .erase()
}

fn line(post: Post, now: i64) -> AnyView {
    let Post { text, at, link } = post;
    let words = if text.is_empty() { "A post without text".into() } else { text };
    let open = |href: String| {
        view! {
            " · "
            <a href=href rel="external noopener noreferrer" target="_blank">
                "Open"
            </a>
        }
    };
    view! {
        <li>
            <span dir="auto">{words}</span>
            <span class="muted">{at.map(|at| view! { <Ago at now /> })} {link.map(open)}</span>
        </li>
    }
    .erase()
}
