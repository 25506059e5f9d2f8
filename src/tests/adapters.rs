//! Every adapter against its twin: consent, look, break, and what the adapter makes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use secrecy::SecretString;

use pilotlight::domain::explain::Problem;
use pilotlight::sandbox::{self, Choice, Control, Sandbox};
use pilotlight::server::platform::client::{Client, ClientOptions};
use pilotlight::server::platform::failure::{Class, Failure};
use pilotlight::server::platform::{
    Adapter, AppCredentials, Ask, Context, Probe, Returned, Subject, Tokens, bluesky, facebook, mastodon,
    missing_scopes, x,
};

const REDIRECT: &str = "http://localhost:3000/oauth/callback/p";

struct Bench {
    sandbox: Sandbox,
    http: Client,
    now: Arc<AtomicI64>,
    app: Option<AppCredentials>,
    host: Option<String>,
    verifier: SecretString,
}

impl Bench {
    async fn new(app: Option<(&str, &str)>, host: Option<&str>) -> Self {
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

    fn cx(&self) -> Context<'_> {
        Context {
            http: &self.http,
            app: self.app.as_ref(),
            host: self.host.as_deref(),
            redirect_uri: REDIRECT,
            now: self.now.load(Ordering::SeqCst),
            until: None,
        }
    }

    fn ask(&self, adapter: &dyn Adapter, choice: Choice) -> String {
        let url =
            adapter.authorize_url(&self.cx(), &Ask { state: "st", verifier: &self.verifier, again: false }).unwrap();
        let back = self.sandbox.consent(&url, choice).unwrap();
        let back = url::Url::parse(&back).unwrap();
        back.query_pairs().find(|(name, _)| name == "code").unwrap_or_else(|| panic!("{back}")).1.into_owned()
    }

    async fn connect(&self, adapter: &dyn Adapter, choice: Choice) -> Tokens {
        let code = self.ask(adapter, choice);
        let tokens = adapter.exchange(&self.cx(), &Returned::new(&code, &self.verifier)).await.unwrap();
        let again = adapter.exchange(&self.cx(), &Returned::new(&code, &self.verifier)).await.unwrap_err();
        assert_eq!(again.problem, Some(Problem::CodeRefused), "{again}");
        tokens
    }

    async fn probe(
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

    fn done(&self) {
        assert_eq!(self.sandbox.unexpected(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn facebook_twin() {
    let both = Some((sandbox::FACEBOOK_APP_ID, sandbox::FACEBOOK_APP_SECRET));
    let fresh = async || {
        let bench = Bench::new(both, None).await;
        let tokens = bench.connect(&facebook::Facebook, Choice::person("mara")).await;
        let pages = facebook::Facebook.destinations(&bench.cx(), &tokens).await.unwrap();
        (bench, tokens, pages)
    };
    let (bench, tokens, pages) = fresh().await;
    assert!(tokens.access_ends_at.is_some());
    assert_eq!(missing_scopes(facebook::Facebook.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
    assert_eq!(pages.len(), 4);
    assert_eq!(pages.iter().filter(|page| page.unusable.is_some()).count(), 1);
    let page = &pages[0];
    bench.probe(&facebook::Facebook, &tokens, &page.id, page.token.as_ref()).await.unwrap();
    facebook::Facebook.identity(&bench.cx(), &tokens).await.unwrap();
    let subject =
        Subject { tokens: &tokens, identity_id: "", destination_id: &page.id, destination_token: page.token.as_ref() };
    assert!(!facebook::Facebook.recent_posts(&bench.cx(), &subject).await.unwrap().is_empty());
    let renewed = facebook::Facebook.refresh(&bench.cx(), &tokens).await.unwrap();
    facebook::Facebook.revoke(&bench.cx(), &renewed).await.unwrap();
    assert_eq!(
        bench.probe(&facebook::Facebook, &tokens, &page.id, page.token.as_ref()).await.unwrap_err().class,
        Class::Revoked
    );
    bench.done();

    let person = || ("facebook".to_owned(), "mara".to_owned());
    let breaks = |page: &str| {
        let ((vendor, person), page) = (person(), page.to_owned());
        vec![
            (Control::RevokeGrant { vendor: vendor.clone(), person: person.clone() }, Class::Revoked),
            (Control::ChangePassword { vendor: vendor.clone(), person: person.clone() }, Class::Password),
            (Control::ExpireAccess { vendor: vendor.clone(), person: person.clone() }, Class::Expired),
            (Control::UntickPage { vendor: vendor.clone(), person: person.clone(), page: page.clone() }, Class::Scope),
            (Control::LoseRole { vendor: vendor.clone(), person: person.clone(), page }, Class::Role),
            (Control::Suspend { vendor: vendor.clone(), person: person.clone() }, Class::Action),
            (Control::DeactivateAccount { vendor, person }, Class::Action),
        ]
    };
    for (control, class) in breaks("100200300400501") {
        let (bench, tokens, pages) = fresh().await;
        let page = &pages[0];
        bench.sandbox.control(control.clone()).unwrap();
        let failure = bench.probe(&facebook::Facebook, &tokens, &page.id, page.token.as_ref()).await.unwrap_err();
        assert_eq!(failure.class, class, "{control:?} {failure}");
        bench.done();
    }
    let (bench, tokens, pages) = fresh().await;
    let (vendor, person) = person();
    bench.sandbox.control(Control::Untick { vendor, person, scope: "pages_manage_posts".into() }).unwrap();
    let probe = bench.probe(&facebook::Facebook, &tokens, &pages[0].id, pages[0].token.as_ref()).await.unwrap();
    assert_eq!(missing_scopes(facebook::Facebook.facts(), probe.scopes.as_deref()), ["pages_manage_posts"]);
}

#[tokio::test]
async fn x_twin() {
    let bench = Bench::new(Some((sandbox::X_CLIENT_ID, sandbox::X_CLIENT_SECRET)), None).await;
    let person = sandbox::cast::X[0];
    let tokens = bench.connect(&x::X, Choice::person(person)).await;
    assert_eq!(missing_scopes(x::X.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
    let me = &x::X.destinations(&bench.cx(), &tokens).await.unwrap()[0];
    bench.probe(&x::X, &tokens, &me.id, None).await.unwrap();
    let subject = Subject { tokens: &tokens, identity_id: "", destination_id: &me.id, destination_token: None };
    assert!(!x::X.recent_posts(&bench.cx(), &subject).await.unwrap().is_empty());
    let pair = x::X.refresh(&bench.cx(), &tokens).await.unwrap();
    let control =
        |control: fn(String, String) -> Control| bench.sandbox.control(control("x".into(), person.into())).unwrap();
    control(|vendor, person| Control::Suspend { vendor, person });
    assert_eq!(bench.probe(&x::X, &pair, &me.id, None).await.unwrap_err().class, Class::Action);
    control(|vendor, person| Control::Restore { vendor, person });
    control(|vendor, person| Control::DeactivateAccount { vendor, person });
    assert_eq!(bench.probe(&x::X, &pair, &me.id, None).await.unwrap_err().class, Class::Action);
    control(|vendor, person| Control::Restore { vendor, person });
    control(|vendor, person| Control::ExpireAccess { vendor, person });
    assert_eq!(bench.probe(&x::X, &pair, &me.id, None).await.unwrap_err().class, Class::Expired);
    assert_eq!(x::X.refresh(&bench.cx(), &tokens).await.unwrap_err().class, Class::Revoked, "replay");
    assert_eq!(x::X.refresh(&bench.cx(), &pair).await.unwrap_err().class, Class::Revoked, "family");
    let tokens = bench.connect(&x::X, Choice::person(person)).await;
    x::X.revoke(&bench.cx(), &tokens).await.unwrap();
    let wrong = Bench {
        app: Some(AppCredentials { client_id: sandbox::X_CLIENT_ID.into(), client_secret: "wrong".into() }),
        ..bench
    };
    assert_eq!(x::X.refresh(&wrong.cx(), &tokens).await.unwrap_err().class, Class::App);
    wrong.done();
}

#[tokio::test]
async fn mastodon_twin() {
    for host in ["mastodon.example", "old.example.org", "social.example"] {
        let mut bench = Bench::new(None, Some(host)).await;
        bench.app = Some(mastodon::Mastodon.register_app(&bench.cx()).await.unwrap());
        let tokens = bench.connect(&mastodon::Mastodon, Choice::person("baker")).await;
        assert_eq!(missing_scopes(mastodon::Mastodon.facts(), tokens.scopes.as_deref()), Vec::<String>::new());
        let me = &mastodon::Mastodon.destinations(&bench.cx(), &tokens).await.unwrap()[0];
        assert_eq!(mastodon::Mastodon.identity(&bench.cx(), &tokens).await.unwrap().id, me.id);
        bench.http.fetch_picture(me.picture_url.as_ref().unwrap(), 1 << 20).await.unwrap();
        bench.probe(&mastodon::Mastodon, &tokens, &me.id, None).await.unwrap();
        let subject = Subject { tokens: &tokens, identity_id: "", destination_id: &me.id, destination_token: None };
        assert!(!mastodon::Mastodon.recent_posts(&bench.cx(), &subject).await.unwrap().is_empty());
        bench.sandbox.control(Control::Suspend { vendor: "mastodon".into(), person: "baker".into() }).unwrap();
        assert_eq!(bench.probe(&mastodon::Mastodon, &tokens, &me.id, None).await.unwrap_err().class, Class::Action);
        bench.sandbox.control(Control::Restore { vendor: "mastodon".into(), person: "baker".into() }).unwrap();
        mastodon::Mastodon.revoke(&bench.cx(), &tokens).await.unwrap();
        assert_eq!(bench.probe(&mastodon::Mastodon, &tokens, &me.id, None).await.unwrap_err().class, Class::Revoked);
        bench.done();
    }
}

#[tokio::test]
async fn bluesky_twin() {
    let (handle, password) = sandbox::cast::BLUESKY[0];
    for host in [None, Some("pds.bsky.example"), Some("bsky.social")] {
        let mut bench = Bench::new(None, host).await;
        let password = SecretString::from(password);
        let (tokens, who) = bluesky::Bluesky.sign_in(&bench.cx(), handle, &password).await.unwrap();
        assert_eq!(who.host.as_deref(), Some("pds.bsky.example"));
        bench.host = who.host.clone();
        let me = &bluesky::Bluesky.destinations(&bench.cx(), &tokens).await.unwrap()[0];
        assert_eq!(me.id, who.id);
        bench.http.fetch_picture(me.picture_url.as_ref().unwrap(), 1 << 20).await.unwrap();
        bench.probe(&bluesky::Bluesky, &tokens, &me.id, None).await.unwrap();
        let subject = Subject { tokens: &tokens, identity_id: "", destination_id: &me.id, destination_token: None };
        assert!(!bluesky::Bluesky.recent_posts(&bench.cx(), &subject).await.unwrap().is_empty());
        let pair = bluesky::Bluesky.refresh(&bench.cx(), &tokens).await.unwrap();
        let control = |control: fn(String, String) -> Control| {
            bench.sandbox.control(control("bluesky".into(), handle.into())).unwrap()
        };
        control(|vendor, person| Control::DeactivateAccount { vendor, person });
        assert_eq!(bench.probe(&bluesky::Bluesky, &pair, &me.id, None).await.unwrap_err().class, Class::Action);
        control(|vendor, person| Control::Restore { vendor, person });
        control(|vendor, person| Control::ExpireAccess { vendor, person });
        assert_eq!(bench.probe(&bluesky::Bluesky, &pair, &me.id, None).await.unwrap_err().class, Class::Expired);
        control(|vendor, person| Control::DeleteAppPassword { vendor, person });
        assert_eq!(bluesky::Bluesky.refresh(&bench.cx(), &pair).await.unwrap_err().class, Class::Revoked);
        let wrong = bluesky::Bluesky.sign_in(&bench.cx(), handle, &password).await.unwrap_err();
        assert_eq!(wrong.problem, Some(Problem::WrongPassword));
        bench.done();
    }
}
