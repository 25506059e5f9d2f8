//! Answers in another shape than the vendor's documents say: fields that nobody knows, numbers as texts, and fields that are
//! missing. Whatever a platform needs from them, nothing that works turns amber by it, and nothing is half connected.

use std::time::Duration;

use pilotlight::api::accounts::Card;
use pilotlight::domain::health::Health;
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Choice, Fault, FaultKind, Reshape};
use pilotlight::server::platform::adapter;

use super::Case;
use crate::support::TestApp;
use crate::support::browser::Browser;

/// What vendors call the one they speak of, and what they give.
const FIELDS: [&str; 7] = ["id", "sub", "open_id", "user_id", "did", "expires_in", "scope"];

impl Case {
    /// Connects and lives on under each shape.
    pub async fn reshaped(&self) {
        for shape in [Reshape::Novelties, Reshape::Texts] {
            let app = self.app().await;
            let mut browser = app.owner().await;
            app.twin.fault(Fault::on(self.vendor, FaultKind::Reshaped(shape.clone()), None));
            let card = self.connect(&app, &mut browser).await;
            self.days(&app, &mut browser, &card, &format!("{shape:?}")).await;
        }
        self.connecting_without("access_token").await;
        for field in FIELDS {
            self.connecting_without(field).await;
            self.living_without(field).await;
        }
        // Where a refresh uses its token up, an answer without the new one is the loss itself.
        let bound = self.platform == Platform::Bluesky;
        if adapter(self.platform).is_some_and(|adapter| adapter.refresh_repeatable(bound)) {
            self.living_without("access_token").await;
            self.living_without("refresh_token").await;
        }
    }

    /// A connect without the field brings a whole connection or none.
    async fn connecting_without(&self, field: &str) {
        let app = self.app().await;
        let mut browser = app.owner().await;
        app.twin.fault(self.missing(field));
        let mut to = browser.get(&self.start()).await.redirect().to_owned();
        // Some are asked before a person sees them, and fail there.
        if !to.contains("/connect/problem?code=") {
            let page = app.connect(&mut browser, &self.start(), Choice::person(self.person)).await;
            to = page.redirect().to_owned();
        }
        let refused = to.contains("/connect/problem?code=");
        assert!(refused || to.contains("done=connected") || to.contains("/connect/choose"), "without {field}: {to}");
        app.drain().await;
        let cards = app.cards(&mut browser).await;
        assert!(cards.iter().all(|card| !refused && card.health == Health::Healthy), "without {field}: half connected");
    }

    /// A connection that stands goes on standing without the field.
    async fn living_without(&self, field: &str) {
        let app = self.app().await;
        let mut browser = app.owner().await;
        let card = self.connect(&app, &mut browser).await;
        app.twin.fault(self.missing(field));
        self.days(&app, &mut browser, &card, &format!("without {field}")).await;
    }

    fn missing(&self, field: &str) -> Fault {
        Fault::on(self.vendor, FaultKind::Reshaped(Reshape::Without(field.into())), None)
    }

    /// Four days under the fault and one after it: never an alarm.
    async fn days(&self, app: &TestApp, browser: &mut Browser, card: &Card, what: &str) {
        for _ in 0..4 {
            app.advance(Duration::from_secs(86_400));
            app.keep().await;
            assert_eq!(app.card(browser, &card.id).await.health, Health::Healthy, "{}: {what}", self.platform);
        }
        app.twin.clear_faults();
        app.keep_all().await;
        let now = app.card(browser, &card.id).await;
        assert_eq!(now.health, Health::Healthy, "{}, after {what}: {:?}", self.platform, now.cause);
    }
}
