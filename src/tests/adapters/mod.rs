//! Every adapter against its twin: consent, look, break, and what the adapter makes of it.

mod bluesky;
mod facebook;
mod google_business;
mod instagram;
mod instagram_via_facebook;
mod linkedin;
mod mastodon;
mod pinterest;
mod threads;
mod tiktok;
mod x;
mod youtube;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use secrecy::SecretString;

use pilotlight::domain::explain::Problem;
use pilotlight::sandbox::{self, Choice, Sandbox};
use pilotlight::server::platform::client::{Client, ClientOptions};
use pilotlight::server::platform::failure::Failure;
use pilotlight::server::platform::{Adapter, AppCredentials, Ask, Context, Probe, Returned, Subject, Tokens};

const REDIRECT: &str = "http://localhost:3000/oauth/callback/p";

pub struct Bench {
    pub sandbox: Sandbox,
    pub http: Client,
    pub now: Arc<AtomicI64>,
    pub app: Option<AppCredentials>,
    pub host: Option<String>,
    pub verifier: SecretString,
}

impl Bench {
    pub async fn new(app: Option<(&str, &str)>, host: Option<&str>) -> Self {
        let now = Arc::new(AtomicI64::new(1_795_262_400_000));
        let clock = now.clone();
        let sandbox = Sandbox::new(sandbox::Options {
            redirect_uris: vec![REDIRECT.into()],
            clock: Arc::new(move || clock.load(Ordering::SeqCst)),
            state_file: None,
            seed: 7,
        })
        .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = sandbox.router();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let http = Client::new(ClientOptions {
            upstream: Some(url),
            timeout: Duration::from_secs(5),
            ..ClientOptions::default()
        })
        .unwrap();
        let app = app.map(|(id, secret)| AppCredentials { client_id: id.into(), client_secret: secret.into() });
        Self { sandbox, http, now, app, host: host.map(Into::into), verifier: SecretString::from("v".repeat(50)) }
    }

    pub fn cx(&self) -> Context<'_> {
        Context {
            http: &self.http,
            app: self.app.as_ref(),
            host: self.host.as_deref(),
            redirect_uri: REDIRECT,
            now: self.now.load(Ordering::SeqCst),
            until: None,
        }
    }

    pub fn ask(&self, adapter: &dyn Adapter, choice: Choice) -> String {
        let url = adapter
            .authorize_url(&self.cx(), &Ask { state: "st", verifier: &self.verifier, again: false, hint: None })
            .unwrap();
        let back = self.sandbox.consent(&url, choice).unwrap();
        let back = url::Url::parse(&back).unwrap();
        back.query_pairs().find(|(name, _)| name == "code").unwrap_or_else(|| panic!("{back}")).1.into_owned()
    }

    pub async fn connect(&self, adapter: &dyn Adapter, choice: Choice) -> Tokens {
        let code = self.ask(adapter, choice);
        let tokens = adapter.exchange(&self.cx(), &Returned::new(&code, &self.verifier)).await.unwrap();
        let again = adapter.exchange(&self.cx(), &Returned::new(&code, &self.verifier)).await.unwrap_err();
        assert_eq!(again.problem, Some(Problem::CodeRefused), "{again}");
        tokens
    }

    pub async fn probe(
        &self,
        adapter: &dyn Adapter,
        tokens: &Tokens,
        id: &str,
        token: Option<&SecretString>,
    ) -> Result<Probe, Failure> {
        adapter
            .probe(&self.cx(), &Subject { tokens, identity_id: "", destination_id: id, destination_token: token })
            .await
    }

    pub fn done(&self) {
        assert_eq!(self.sandbox.unexpected(), Vec::<String>::new());
    }
}

/// Id and secret of the app that the sandbox has registered for a platform.
fn app(platform: &str) -> Option<(&'static str, &'static str)> {
    let found = sandbox::apps().find(|app| app.platform == platform).expect("the sandbox has an app for it");
    Some((found.id, found.secret))
}
