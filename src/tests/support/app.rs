//! The whole server with a sandbox behind it: a clock that stands still, dice that repeat, a database of its own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use pilotlight::api::accounts::{Card, Connections};
use pilotlight::domain::id::AccountId;
use pilotlight::domain::plan::Plan;
use pilotlight::domain::role::Role;
use pilotlight::sandbox::{self, Choice, Sandbox};
use pilotlight::server::clock::{Clock, ManualClock, Randomness};
use pilotlight::server::config::Config;
use pilotlight::server::http::router::router;
use pilotlight::server::http::session::{self, Member};
use pilotlight::server::mail::Mailer;
use pilotlight::server::platform::bluesky::client;
use pilotlight::server::service::{keeper, members};
use pilotlight::server::state::AppState;
use pilotlight::server::store::{Tx, people};
use tokio_util::sync::CancellationToken;

use super::browser::{Browser, Page};
use super::people as people_of;

/// 1 November 2026, 12:00 UTC.
pub const START: i64 = 1_793_534_400_000;
pub const EMAIL: &str = "ada@agency.example";
pub const PASSWORD: &str = "correct horse battery staple";

/// A running app.
pub struct TestApp {
    pub state: AppState,
    pub router: Router,
    pub twin: Sandbox,
    pub clock: Arc<ManualClock>,
    pub dir: tempfile::TempDir,
    /// Every answer that any browser of this test got.
    pub seen: Arc<Mutex<Vec<u8>>>,
    twin_stop: CancellationToken,
    /// Keeps a PostgreSQL schema until the test ends.
    _database: Box<dyn std::any::Any + Send>,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.state.stop.cancel();
        self.twin_stop.cancel();
        if !std::thread::panicking() {
            assert_eq!(self.twin.unexpected(), Vec::<String>::new(), "the sandbox got requests it does not know");
        }
    }
}

impl TestApp {
    /// On SQLite.
    pub async fn new() -> Self {
        Self::with(None, Box::new(()), &[]).await
    }

    /// Without any app of the operator's.
    pub async fn without_apps() -> Self {
        let mut app = Self::new().await;
        let mut config = (*app.state.config).clone();
        config.platforms.clear();
        app.state.config = Arc::new(config);
        app.router = router(app.state.clone());
        app
    }

    /// Reached by https, with its own document read by Bluesky's servers. The first attempt makes our key, and fails while
    /// nobody has read the document.
    pub async fn known_to_bluesky() -> Self {
        let app = Self::with(None, Box::new(()), &[("PILOTLIGHT_PUBLIC_URL", "https://pilot.example")]).await;
        let mut browser = app.owner().await;
        let page = browser.get("/oauth/start?platform=bluesky&handle=harbour.bsky.example").await;
        assert!(page.redirect().contains("code=not-configured"), "{}", page.redirect());
        let mut stranger = app.browser();
        let metadata = stranger.get(client::METADATA_PATH).await;
        let keys = stranger.get(client::JWKS_PATH).await;
        let json = |page: &Page| serde_json::from_str(&page.text()).expect("JSON");
        app.twin.read_bluesky_client(json(&metadata), json(&keys)).expect("the sandbox reads it");
        app
    }

    /// With settings, named as in the environment.
    pub async fn with(
        database: Option<String>,
        guard: Box<dyn std::any::Any + Send>,
        settings: &[(&str, &str)],
    ) -> Self {
        Self::with_file("", database, guard, settings).await
    }

    /// With the text of a settings file.
    pub async fn with_file(
        text: &str,
        database: Option<String>,
        guard: Box<dyn std::any::Any + Send>,
        settings: &[(&str, &str)],
    ) -> Self {
        super::crypto();
        let dir = tempfile::tempdir().expect("a temporary directory");
        let clock = Arc::new(ManualClock::new(START));
        let twin_clock = clock.clone();
        let twin = Sandbox::new(sandbox::Options {
            redirect_uris: sandbox::apps()
                .map(|app| app.platform)
                .chain(["custom-bakers", "custom-plain-bakers"])
                .map(|platform| format!("http://localhost:3000/oauth/callback/{platform}"))
                .collect(),
            clock: Arc::new(move || twin_clock.now()),
            state_file: None,
            seed: 7,
        })
        .expect("a sandbox");
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let twin_stop = CancellationToken::new();
        let stop = twin_stop.clone();
        tokio::spawn(sandbox::serve(listener, twin.clone(), async move { stop.cancelled().await }));

        let config = config(text, address, dir.path(), database.as_deref(), settings);
        let mut state =
            pilotlight::server::build(config, clock.clone(), Randomness::seeded(11)).await.expect("a server");
        state.mailer = Mailer::memory();
        let router = router(state.clone());
        let app = Self { state, router, twin, clock, dir, seen: Arc::default(), twin_stop, _database: guard };
        app.add_user(EMAIL, "Ada Lovelace", "Agency", Role::Owner).await;
        app
    }

    /// A second server on the same database (reached by another address if one is given), vault key and sandbox. Its own
    /// `stop` ends it.
    pub async fn beside(&self, database: Option<String>) -> AppState {
        let mut config = (*self.state.config).clone();
        config.database.url = database.or(config.database.url);
        pilotlight::server::build(config, self.clock.clone(), Randomness::seeded(12)).await.expect("a second server")
    }

    /// Adds a person; the workspace of that name is made for its first member.
    pub async fn add_user(&self, email: &str, name: &str, workspace: &str, role: Role) {
        members::add_user(&self.state, &members::NewUser { email, name, password: PASSWORD, workspace, role })
            .await
            .expect("a user");
    }

    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone(), self.seen.clone())
    }

    /// A browser in which a person is signed in.
    pub async fn signed_in_as(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        let page = browser.post("/auth/sign-in", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!(page.redirect(), "/connections");
        browser
    }

    /// A browser of the owner.
    pub async fn owner(&self) -> Browser {
        self.signed_in_as(EMAIL).await
    }

    /// Time passes.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Waits for everything that goes on in the background.
    pub async fn drain(&self) {
        self.state.tasks.close();
        self.state.tasks.wait().await;
        self.state.tasks.reopen();
    }

    /// The keeper looks at all that is due.
    pub async fn keep(&self) {
        while keeper::run_due(&self.state).await.expect("the keeper runs") > 0 {}
    }

    /// Makes every grant due and lets the keeper look.
    pub async fn keep_all(&self) {
        self.advance(Duration::from_secs(8 * 86_400));
        self.keep().await;
    }

    /// Sets the plan of the owner's workspace.
    pub async fn plan(&self, browser: &mut Browser, plan: Plan) {
        let member = self.member(browser).await;
        let mut tx: Tx = self.state.db.begin().await.expect("a transaction");
        people::set_plan(&mut tx, &member.workspace, plan).await.expect("a plan");
        tx.commit().await.expect("a commit");
    }

    /// The member behind a browser's cookie.
    pub async fn member(&self, browser: &Browser) -> Member {
        let cookie = browser.cookie("pilotlight").expect("signed in");
        let mut headers = axum::http::HeaderMap::new();
        headers.insert("cookie", format!("pilotlight={cookie}").parse().expect("a header"));
        session::authenticate(&self.state, &headers).await.expect("the store answers").expect("a session")
    }

    /// Goes to a platform's consent page and presses Allow (or what `choice` says). Answers the callback's path.
    pub async fn consent(&self, browser: &mut Browser, start: &str, choice: Choice) -> String {
        let page = browser.get(start).await;
        let back = self.twin.consent(page.redirect(), choice).expect("the consent page works");
        let home = &self.state.config.server.public_url;
        // Some platforms send people back to this machine by its number only.
        let back = back.strip_prefix(home).or_else(|| back.strip_prefix("http://127.0.0.1:3000"));
        back.expect("back to us").to_owned()
    }

    /// The whole way from the start to where the callback leads.
    pub async fn connect(&self, browser: &mut Browser, start: &str, choice: Choice) -> Page {
        let callback = self.consent(browser, start, choice).await;
        browser.site = "cross-site";
        let page = browser.get(&callback).await;
        browser.site = "same-origin";
        page
    }

    /// Connects a Mastodon account and answers its card.
    pub async fn mastodon(&self, browser: &mut Browser) -> Card {
        let page =
            self.connect(browser, "/oauth/start?platform=mastodon&host=mastodon.example", Choice::default()).await;
        assert!(page.redirect().contains("done=connected"), "{}", page.redirect());
        self.drain().await;
        self.cards(browser).await.into_iter().find(|card| page.redirect().contains(card.id.as_str())).expect("a card")
    }

    /// Connects the first page of a Facebook person and answers its card.
    pub async fn facebook_page(&self, browser: &mut Browser) -> Card {
        let page =
            self.connect(browser, "/oauth/start?platform=facebook", Choice::person(people_of::FACEBOOK_MANY)).await;
        let grant = page.redirect().strip_prefix("/connect/choose?grant=").expect("the picker").to_owned();
        browser.post("/oauth/choose", &[("grant", &grant), ("destination", people_of::FACEBOOK_PAGE)]).await;
        self.drain().await;
        self.cards(browser).await.pop().expect("a card")
    }

    /// Every card of the browser's workspace.
    pub async fn cards(&self, browser: &mut Browser) -> Vec<Card> {
        browser.ask::<Connections>("connections", &[]).await.cards
    }

    /// One card.
    pub async fn card(&self, browser: &mut Browser, id: &AccountId) -> Card {
        self.cards(browser).await.into_iter().find(|card| card.id == *id).expect("the card is there")
    }
}

fn config(
    text: &str,
    twin: SocketAddr,
    data: &std::path::Path,
    database: Option<&str>,
    settings: &[(&str, &str)],
) -> Config {
    let upstream = format!("http://{twin}");
    let data = data.to_string_lossy().into_owned();
    let mut variables: Vec<(String, String)> = [
        ("PILOTLIGHT_DATA", data.as_str()),
        ("PILOTLIGHT_PUBLIC_URL", "http://localhost:3000"),
        ("PILOTLIGHT_UPSTREAM", upstream.as_str()),
        // Tests let weeks pass.
        ("PILOTLIGHT_SESSIONS__IDLE_DAYS", "1000"),
        ("PILOTLIGHT_SESSIONS__ABSOLUTE_DAYS", "1000"),
        ("PILOTLIGHT_OUTBOUND__TIMEOUT_SECONDS", "2"),
        ("PILOTLIGHT_OUTBOUND__CONNECT_TIMEOUT_SECONDS", "2"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    for app in sandbox::apps() {
        let table = format!("PILOTLIGHT_PLATFORMS__{}", app.platform.replace('-', "_").to_uppercase());
        variables.push((format!("{table}__CLIENT_ID"), app.id.to_owned()));
        variables.push((format!("{table}__CLIENT_SECRET"), app.secret.to_owned()));
    }
    // The sandbox's app is an approved one.
    variables.push(("PILOTLIGHT_PLATFORMS__LINKEDIN__ORGANISATIONS".to_owned(), "true".to_owned()));
    variables.extend(database.map(|url| ("DATABASE_URL".to_owned(), url.to_owned())));
    variables.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Config::from_layers(Some(("Leptos.toml", text)).filter(|_| !text.is_empty()), variables).expect("valid settings")
}
