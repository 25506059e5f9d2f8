//! What needs somebody now, at the top of the main pages (SPEC ).

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::who::Who;
use crate::api::banners::banners;
use crate::domain::banner::{Banner, Named};
use crate::ui::icon::{Icon, PlatformIcon};
use crate::ui::links;
use crate::ui::whole::Erase;

/// More accounts than this are not asked for in one sitting, and an address has to hold them.
const AT_MOST: usize = 50;

/// One banner a platform, the most important first; nothing where nothing is the matter.
#[component]
pub fn Banners() -> impl IntoView {
    let answer = Resource::new(|| (), |()| banners());
    let who = Who::shared();
    let location = use_location();
    let here = Memo::new(move |_| here(&location.pathname.get(), &location.search.get()));
    let list = move || {
        // The page itself says what is wrong when the server does not answer.
        let banners = answer.get()?.ok().filter(|banners| !banners.is_empty())?;
        let manages = who.powers().manage;
        let drawn = banners.into_iter().map(|one| banner(&one, &here.get(), manages)).collect_view();
        Some(view! { <ul class="banners" aria-label="Connections that need you">{drawn}</ul> }.erase())
    };
    view! { <Transition>{list}</Transition> }.erase()
}

/// The address of the page, without what the last reconnect has added to it.
fn here(path: &str, search: &str) -> String {
    let added = ["done", "count", "total", "healed", "__err", "__path"];
    let stays = |pair: &&str| !pair.is_empty() && !added.contains(&pair.split('=').next().unwrap_or_default());
    let query: Vec<&str> = search.trim_start_matches('?').split('&').filter(stays).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

fn banner(banner: &Banner, here: &str, manages: bool) -> AnyView {
    let id = banner.key();
    let words = format!("{id}-words");
    let tone = if banner.broken { "warn" } else { "soon" };
    let reconnect = manages.then(|| {
        let class = if banner.broken { "button warn" } else { "button" };
        let href = links::reintegrate(banner.accounts.iter().map(|one| &one.account).take(AT_MOST), here);
        view! {
            <a class=class href=href rel="external" aria-describedby=words.clone()>
                "Re-integrate"
            </a>
        }
    });
    let dismiss = (!banner.broken).then(|| dismiss(banner, &words));
    view! {
        <li class="notice banner" id=id data-tone=tone>
            <PlatformIcon platform=banner.platform />
            <p id=words.clone()>{banner.head()} {names(banner)} {banner.stop()}</p>
            {reconnect}
            {dismiss}
        </li>
    }
    .erase()
}

fn names(banner: &Banner) -> AnyView {
    let (shown, more) = banner.shown();
    let name = |(at, one): (usize, &Named)| {
        view! {
            {(at > 0).then_some(", ")}
            <a href=links::account(&one.account)>
                <bdi>{one.name.clone()}</bdi>
            </a>
        }
    };
    let shown = shown.iter().enumerate().map(name).collect_view();
    let more = (more > 0).then(|| view! { " and " <a href=links::list(&banner.filter())>{more} " more"</a> });
    (shown, more).erase()
}

/// For a day, for this member; an amber banner stays until it is mended.
fn dismiss(banner: &Banner, words: &str) -> AnyView {
    let ids: Vec<&str> = banner.accounts.iter().map(|one| one.account.as_str()).collect();
    view! {
        <form method="post" action="/api/dismiss_banner">
            <input type="hidden" name="accounts" value=ids.join(",") />
            <button class="close" type="submit" title="Dismiss for a day" aria-label="Dismiss for a day" aria-describedby=words.to_owned()>
                <Icon name="close" />
            </button>
        </form>
    }
    .erase()
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC A-1: back to where the person was, without the news of last time
    #[test]
    fn where_one_is_does_not_grow() {
        assert_eq!(here("/overview", ""), "/overview");
        assert_eq!(here("/overview", "?done=queue&count=1&total=2"), "/overview");
        let filtered = here("/connections", "status=attention&q=a%26b&done=queue&count=1&total=2&account=7");
        assert_eq!(filtered, "/connections?status=attention&q=a%26b&account=7");
    }
}
