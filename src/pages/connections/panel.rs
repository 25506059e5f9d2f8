//! One account's detail (SPEC H-5, section 4). It is there on a cold load and without script; with it, Escape closes it, and on a
//! phone a finger that pulls it down (`tab::panel`).

use leptos::prelude::*;

use super::buttons::Buttons;
use super::facts::Facts;
use super::health::HealthBlock;
use super::history::History;
use super::recent::RecentPosts;
use super::state::Desk;
use crate::api::ApiError;
use crate::api::accounts::Detail;
use crate::pages::who::{Powers, Who};
use crate::ui::avatar::Avatar;
use crate::ui::empty::Skeleton;
use crate::ui::icon::Icon;
use crate::ui::links;
use crate::ui::whole::Erase;

/// The id of the panel in the page.
const ID: &str = "panel";

/// The panel, while the address names an account.
#[component]
pub fn Panel(desk: Desk, who: Who) -> impl IntoView {
    let open = Memo::new(move |_| desk.selected.with(Option::is_some));
    move || {
        open.get().then(|| {
            let back = links::list(&desk.kept());
            view! { <OpenPanel desk who back /> }
        })
    }
}

/// `back` is where its cross leads.
#[component]
fn OpenPanel(desk: Desk, who: Who, back: String) -> impl IntoView {
    // While another account's detail is on its way, the one at hand is not it.
    let shown = Memo::new(move |_| {
        let id = desk.selected.get();
        desk.detail.with(|detail| match detail {
            Some(Some(Ok(detail))) if Some(&detail.card.id) == id.as_ref() => Some(Ok(detail.clone())),
            Some(Some(Err(error))) => Some(Err(error.clone())),
            _ => None,
        })
    });
    let powers = Memo::new(move |_| who.powers());
    view! {
        <aside
            id=ID
            class="panel"
            tabindex="-1"
            aria-labelledby="panel-title"
            aria-busy=move || shown.with(Option::is_none).to_string()
        >
            <a class="close" href=back aria-label="Close details">
                <Icon name="close" />
            </a>
            {move || match shown.get() {
                None => view! { <h2 id="panel-title" class="sr">"Account"</h2> <Skeleton count=3 /> }.erase(),
                Some(Err(error)) => view! { <Absent error /> }.erase(),
                Some(Ok(detail)) => inside(desk, detail, powers.get()),
            }}
        </aside>
    }
    .erase()
}

#[component]
fn Absent(error: ApiError) -> impl IntoView {
    let words = match error {
        ApiError::NotFound => "This account does not exist, or not in this workspace.".to_string(),
        other => other.to_string(),
    };
    view! {
        <h2 id="panel-title">"Account"</h2>
        <p role="alert">{words}</p>
        <p>
            <a class="button" href=links::CONNECTIONS>
                "Show all accounts"
            </a>
        </p>
    }
    .erase()
}

fn inside(desk: Desk, detail: Detail, powers: Powers) -> AnyView {
    let card = detail.card.clone();
    view! {
        <div class="panel-head">
            <Avatar name=card.name.clone() picture=card.picture.clone() platform=card.platform large=true />
            <div>
                <h2 id="panel-title">
                    <bdi>{card.name.clone()}</bdi>
                </h2>
                <p class="handle">
                    {card.handle.clone().map(|handle| view! { <bdi>{handle}</bdi> " · " })} {card.platform.noun()}
                </p>
            </div>
        </div>
        <HealthBlock detail=detail.clone() />
        <Buttons desk card powers />
        <Facts desk detail=detail.clone() />
        <RecentPosts desk id=detail.card.id.clone() />
        <History entries=detail.history uptime=detail.uptime now=detail.now />
    }
    .erase()
}
