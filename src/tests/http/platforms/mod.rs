//! Every platform from end to end: connect, green, broken in each way its vendor knows, amber with the right cause and words,
//! reconnected, green; and everything that must not break it (SPEC C-3, C-6, C-9, D-2, T-4).
//!
//! Each platform has a file with its row of this table; how to walk it is the same for all.

mod bluesky;
mod custom;
mod facebook;
mod google_business;
mod instagram;
mod instagram_via_facebook;
mod linkedin;
mod mastodon;
mod pinterest;
mod reshaped;
mod telegram;
mod threads;
mod tiktok;
mod x;
mod youtube;

use std::time::Duration;

use pilotlight::api::accounts::Card;
use pilotlight::domain::explain;
use pilotlight::domain::health::{Cause, Health};
use pilotlight::domain::platform::Platform;
use pilotlight::sandbox::{Choice, Control, Fault, FaultKind};
use pilotlight::server::platform::adapter;
use pilotlight::server::store::incidents;

use crate::support::browser::{Browser, Page};
use crate::support::{TestApp, dump};

/// Something that happens at the vendor, given its key and the person's.
pub type Break = fn(vendor: String, person: String) -> Control;

/// How a platform is walked.
#[derive(Clone, Copy)]
pub struct Case {
    pub platform: Platform,
    /// The sandbox's key of the vendor.
    pub vendor: &'static str,
    /// The sandbox's key of the person.
    pub person: &'static str,
    /// Another person there.
    pub other: &'static str,
    /// The server to name, for platforms that have many, or the handle that leads to it.
    pub host: Option<&'static str>,
    /// The destination to tick, where a person chooses.
    pub destination: Option<&'static str>,
    /// What breaks it, and the cause that is to be told.
    pub breaks: &'static [(Break, Cause)],
}

impl Case {
    /// An app that the platform knows.
    async fn app(&self) -> TestApp {
        if self.platform == Platform::Bluesky { TestApp::known_to_bluesky().await } else { TestApp::new().await }
    }

    /// Where a connect begins: where the server is found by a handle, that is what a person names.
    fn start(&self) -> String {
        let name = if self.platform == Platform::Bluesky { "handle" } else { "host" };
        let named = self.host.map(|host| format!("&{name}={host}")).unwrap_or_default();
        format!("/oauth/start?platform={}{named}", self.platform.key())
    }

    /// Connects, by way of the consent page.
    pub async fn connect(&self, app: &TestApp, browser: &mut Browser) -> Card {
        let start = self.start();
        let page = app.connect(browser, &start, Choice::person(self.person)).await;
        self.landed(app, browser, &page).await
    }

    async fn landed(&self, app: &TestApp, browser: &mut Browser, page: &Page) -> Card {
        if let Some(destination) = self.destination {
            let grant = page.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned();
            let page = browser.post("/oauth/choose", &[("grant", &grant), ("destination", destination)]).await;
            assert!(page.redirect().contains("done=connected"), "{}", page.redirect());
        } else {
            assert!(page.redirect().contains("done=connected"), "{}", page.redirect());
        }
        app.drain().await;
        app.cards(browser).await.pop().expect("a card")
    }

    async fn reconnect(&self, app: &TestApp, browser: &mut Browser, card: &Card) {
        let start = format!("/oauth/start?platform={}&account={}", self.platform.key(), card.id);
        let page = app.connect(browser, &start, Choice::person(self.person)).await;
        assert!(page.redirect().contains("done=reconnected"), "{}", page.redirect());
    }

    /// Everything that a platform is put through.
    pub async fn walk(&self) {
        self.unharmed().await;
        self.unticked().await;
        self.reshaped().await;
        self.breaks().await;
    }

    /// What changes nothing: a consent that was denied, another person's, and everything that a vendor says about itself.
    async fn unharmed(&self) {
        let app = self.app().await;
        let mut browser = app.owner().await;
        let start = self.start();
        let denied = Choice { deny: true, ..Choice::person(self.person) };
        let page = app.connect(&mut browser, &start, denied).await;
        assert!(page.redirect().contains("code=declined"), "{}", page.redirect());
        assert_eq!(app.cards(&mut browser).await.len(), 0);

        let card = self.connect(&app, &mut browser).await;
        let before = dump(&app.state.db, &["accounts", "grants", "incidents"]).await;
        let start = format!("/oauth/start?platform={}&account={}", self.platform.key(), card.id);
        let page = app.connect(&mut browser, &start, Choice::person(self.other)).await;
        assert!(page.redirect().contains("code=wrong-account"), "{}", page.redirect());
        assert_eq!(dump(&app.state.db, &["accounts", "grants", "incidents"]).await, before, "not a row was changed");

        for kind in [
            FaultKind::RateLimited { seconds: None },
            FaultKind::RateLimited { seconds: Some(90) },
            FaultKind::AppRefused,
            FaultKind::Status(500),
            // A version of the API that is served no more.
            FaultKind::Status(410),
            FaultKind::Status(426),
            FaultKind::Html,
            FaultKind::Empty,
            FaultKind::WrongJson,
        ] {
            app.twin.fault(Fault::on(self.vendor, kind.clone(), None));
            for _ in 0..4 {
                app.advance(Duration::from_secs(86_400));
                app.keep().await;
            }
            app.twin.clear_faults();
            assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy, "{kind:?} is no alarm");
        }
        app.keep_all().await;
        assert_eq!(app.card(&mut browser, &card.id).await.health, Health::Healthy, "and nothing was lost");
    }

    /// A permission that the person did not give is missed from the first moment, not when a post fails.
    async fn unticked(&self) {
        let required = adapter(self.platform).map(|adapter| adapter.facts().required_scopes).unwrap_or_default();
        for scope in required {
            let app = self.app().await;
            let mut browser = app.owner().await;
            let choice = Choice { untick_scopes: vec![(*scope).to_owned()], ..Choice::person(self.person) };
            let page = app.connect(&mut browser, &self.start(), choice).await;
            let to = page.redirect().to_owned();
            if let Some((grant, destination)) = to.strip_prefix("/connect/choose?grant=").zip(self.destination) {
                browser.post("/oauth/choose", &[("grant", grant), ("destination", destination)]).await;
            }
            app.drain().await;
            app.keep().await;
            let cards = app.cards(&mut browser).await;
            // Some consent pages are all or nothing; then it was given.
            let given = app.twin.has_given(self.vendor, self.person, scope);
            match &cards[..] {
                [card] if card.health == Health::Healthy => assert!(given, "{scope} is not missed"),
                [card] => assert_eq!(card.cause, Some(Cause::PermissionsMissing), "without {scope}"),
                _ => assert!(to.contains("/connect/problem?code="), "without {scope}: {to}"),
            }
        }
    }

    /// Each break from the start.
    async fn breaks(&self) {
        for (how, cause) in self.breaks {
            let app = self.app().await;
            let mut browser = app.owner().await;
            let card = self.connect(&app, &mut browser).await;
            app.keep_all().await;
            let green = app.card(&mut browser, &card.id).await;
            assert_eq!((green.health, green.cause), (Health::Healthy, None), "{} is green at first", self.platform);
            let control = how(self.vendor.into(), self.person.into());
            app.twin.control(control.clone()).expect("the sandbox can do that");
            self.told(&app, &mut browser, &card, *cause, &control).await;
            self.lied_to(&app, &mut browser, &card).await;
            let mended = Control::Restore { vendor: self.vendor.into(), person: self.person.into() };
            app.twin.control(mended).expect("the sandbox can mend it");
            self.reconnect(&app, &mut browser, &card).await;
            app.keep_all().await;
            let green = app.card(&mut browser, &card.id).await;
            assert_eq!((green.health, green.cause), (Health::Healthy, None), "green again after {control:?}");
            let outages = incidents::of_account(&app.state.db, &card.id).await.expect("incidents");
            assert_eq!(outages.len(), 1, "one incident for {control:?}");
            assert!(outages[0].1.is_some(), "it is closed");
        }
    }

    /// An answer that is about something else heals nothing.
    async fn lied_to(&self, app: &TestApp, browser: &mut Browser, card: &Card) {
        app.twin.fault(Fault::on(self.vendor, FaultKind::WrongJson, None));
        app.keep_all().await;
        app.twin.clear_faults();
        assert_eq!(app.card(browser, &card.id).await.health, Health::NeedsReconnect, "healed by a wrong answer");
    }

    /// The keeper finds out by itself, and the page says it in the words of this cause.
    async fn told(&self, app: &TestApp, browser: &mut Browser, card: &Card, cause: Cause, control: &Control) {
        app.keep_all().await;
        let amber = app.card(browser, &card.id).await;
        assert_eq!((amber.health, amber.cause), (Health::NeedsReconnect, Some(cause)), "{control:?}");
        let page = browser.get(&format!("/connections?account={}", card.id)).await;
        let words = explain::cause(cause, self.platform).sentence;
        assert!(page.text().contains(&*words), "the page does not say {words:?}");
    }
}
