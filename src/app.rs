//! The application as the browser knows it: one root, and every page's address in one table.
//!
//! `/`, `/oauth/*`, `/auth/*`, `/live`, `/api/*` and `/pictures/*` are answered by the server itself.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::pages::activity::ActivityPage;
use crate::pages::compose::Compose;
use crate::pages::connect::bluesky::ConnectBluesky;
use crate::pages::connect::choose::Choose;
use crate::pages::connect::mastodon::ConnectMastodon;
use crate::pages::connect::offers::ConnectPage;
use crate::pages::connect::problem::ProblemPage;
use crate::pages::connect::telegram::ConnectTelegram;
use crate::pages::connections::ConnectionsPage;
use crate::pages::frame::Frame;
use crate::pages::launchpad::LaunchpadPage;
use crate::pages::not_found::NotFound;
use crate::pages::overview::OverviewPage;
use crate::pages::palette::Jump;
use crate::pages::set_up::SetUp;
use crate::pages::settings::calendar::CalendarSettings;
use crate::pages::settings::notifications::NotificationSettings;
use crate::pages::settings::platforms::PlatformSettings;
use crate::pages::settings::webhooks::WebhookSettings;
use crate::pages::sign_in::SignIn;
use crate::pages::support::Support;
use crate::ui::toast::ToastRegions;

/// The root of every page. Pages are sent in one piece (`SsrMode::Async`), so that they are complete without any script.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=|page: String| format!("{page} - Pilotlight") text="Pilotlight" />
        <a class="skip" href="#main" rel="external">
            "Skip to content"
        </a>
        <Router>
            <Routes fallback=NotFound>
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("launchpad") view=LaunchpadPage ssr=SsrMode::Async />
                    <Route path=path!("overview") view=OverviewPage ssr=SsrMode::Async />
                    <Route path=path!("connections") view=ConnectionsPage ssr=SsrMode::Async />
                    <Route path=path!("activity") view=ActivityPage ssr=SsrMode::Async />
                    <Route path=path!("connect") view=ConnectPage ssr=SsrMode::Async />
                    <Route path=path!("connect/mastodon") view=ConnectMastodon ssr=SsrMode::Async />
                    <Route path=path!("connect/bluesky") view=ConnectBluesky ssr=SsrMode::Async />
                    <Route path=path!("connect/telegram") view=ConnectTelegram ssr=SsrMode::Async />
                    <Route path=path!("connect/choose") view=Choose ssr=SsrMode::Async />
                    <Route path=path!("connect/problem") view=ProblemPage ssr=SsrMode::Async />
                    <Route path=path!("compose") view=Compose ssr=SsrMode::Async />
                    <Route path=path!("settings/calendar") view=CalendarSettings ssr=SsrMode::Async />
                    <Route path=path!("settings/notifications") view=NotificationSettings ssr=SsrMode::Async />
                    <Route path=path!("settings/webhooks") view=WebhookSettings ssr=SsrMode::Async />
                    <Route path=path!("settings/platforms") view=PlatformSettings ssr=SsrMode::Async />
                    <Route path=path!("jump") view=Jump ssr=SsrMode::Async />
                    <Route path=path!("support") view=Support ssr=SsrMode::Async />
                </ParentRoute>
                <Route path=path!("sign-in") view=SignIn ssr=SsrMode::Async />
                <Route path=path!("set-up") view=SetUp ssr=SsrMode::Async />
            </Routes>
        </Router>
        <ToastRegions />
    }
}
