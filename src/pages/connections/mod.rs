//! `/connections`: every account's state at a glance, and one account's detail (SPEC 3 and 4).

mod board;
mod bulk;
mod buttons;
mod card;
mod check_all;
mod confirm;
mod debug;
mod dialog;
mod facts;
mod filters;
mod first;
mod health;
mod history;
mod news;
mod panel;
mod pull;
mod recent;
mod state;
mod tools;
mod uptime;

pub use health::{HealthBlock, forecast};

use leptos::prelude::*;
use leptos_meta::Title;

use self::board::Board;
use self::confirm::Confirm;
use self::panel::Panel;
use self::pull::Pull;
use self::state::Desk;
use self::tools::Tools;
use crate::pages::banners::Banners;
use crate::pages::who::Who;
use crate::ui::empty::Skeleton;
use crate::ui::whole::Erase;

/// The list, the panel beside it, and the questions in front of both. What is open stands in the address.
#[component]
pub fn ConnectionsPage() -> impl IntoView {
    let desk = Desk::provide();
    let who = Who::shared();
    view! {
        <Title text="Connections" />
        <div class="page connections">
            <Banners />
            <div class="page-head">
                <h1>"Connections"</h1>
                <Transition>
                    <Tools desk who />
                </Transition>
            </div>
            <div class="split">
                <Pull>
                    <div class="board">
                        <Transition fallback=|| view! { <Skeleton count=6 /> }>
                            <Board desk who />
                        </Transition>
                    </div>
                </Pull>
                <Transition>
                    <Panel desk who />
                </Transition>
            </div>
            <Transition>
                <Confirm desk who />
            </Transition>
        </div>
    }
    .erase()
}
