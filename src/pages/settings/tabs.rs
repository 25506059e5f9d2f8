//! The places under Settings.

use leptos::prelude::*;

use crate::domain::role::Action;
use crate::pages::who::Who;
use crate::ui::links;
use crate::ui::whole::Erase;

/// A page under Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Notifications,
    Webhooks,
    Calendar,
    Platforms,
}

impl Place {
    const ALL: [Self; 4] = [Self::Notifications, Self::Webhooks, Self::Calendar, Self::Platforms];

    fn link(self) -> (&'static str, &'static str) {
        match self {
            Self::Notifications => (links::NOTIFICATIONS, "Notifications"),
            Self::Webhooks => (links::WEBHOOKS, "Webhooks"),
            Self::Calendar => (links::CALENDAR, "Calendar"),
            Self::Platforms => (links::PLATFORMS, "Platforms"),
        }
    }

    /// Whether every member has something to say there.
    fn is_open(self) -> bool {
        self == Self::Notifications
    }
}

/// One line of links; for members who may open one of them only, nothing.
#[component]
pub fn SettingsTabs(here: Place) -> impl IntoView {
    let who = Who::shared();
    let line = move || {
        let me = who.me()?;
        let manages = me.role.may(Action::ManageAlerts);
        let places: Vec<Place> = Place::ALL.into_iter().filter(|place| manages || place.is_open()).collect();
        let link = move |place: Place| {
            let (href, label) = place.link();
            let current = (place == here).then_some("page");
            view! {
                <li>
                    <a href=href aria-current=current>
                        {label}
                    </a>
                </li>
            }
        };
        (places.len() > 1).then(|| {
            view! {
                <nav class="tabs" aria-label="Settings">
                    <ul>{places.into_iter().map(link).collect_view()}</ul>
                </nav>
            }
        })
    };
    view! { <Suspense>{line}</Suspense> }.erase()
}
