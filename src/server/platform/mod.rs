//! The platforms as the rest of the server sees them: one trait, one registry, one file a platform.
//!
//! An adapter is data ([`Facts`]) and small functions. It neither stores anything nor decides about health:
//! it asks the vendor and says what the answer means ([`Failure`]).

pub mod answer;
pub mod bluesky;
pub mod client;
pub mod custom;
mod dpop;
pub mod es256;
pub mod facebook;
pub mod failure;
pub mod google;
pub mod google_business;
pub mod guard;
pub mod instagram;
pub mod instagram_via_facebook;
mod kept;
pub mod linkedin;
pub mod mastodon;
mod nonces;
pub mod oauth;
mod picture;
pub mod pinterest;
pub mod read;
mod redact;
pub mod report;
pub mod request;
pub mod signal;
#[cfg(test)]
mod stub;
pub mod telegram;
pub mod threads;
pub mod tiktok;
mod timely;
pub mod x;
pub mod youtube;

use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::domain::explain::Problem;
use crate::domain::platform::Platform;
use crate::domain::refresh::{RefreshKind, Window, next_due};
use crate::server::clock::Deadline;
use answer::Answer;
use client::Client;
use failure::{Class, Failure};
use report::TokenReport;
use request::Request;

/// Constants of a platform.
pub struct Facts {
    pub platform: Platform,
    /// Scopes without which an account can't publish and be watched. Missing ones turn it amber (SPEC C-5).
    pub required_scopes: &'static [&'static str],
    /// Scopes that are asked for as well but may be declined.
    pub optional_scopes: &'static [&'static str],
    pub refresh: RefreshKind,
    /// The access token itself is traded for a longer one; elsewhere a refresh token is needed, and a grant without one
    /// only ages.
    pub refreshes_itself: bool,
    /// Regular time between two probes, in milliseconds (platforms.md 16.4).
    pub probe_every_ms: i64,
    /// A probe costs money or rotates something: only look when there is a reason to.
    pub probe_on_suspicion_only: bool,
    /// A refresh can be sent again without harm, and only it proves that the session still lives: the access token
    /// goes on working for a while after the session was ended.
    pub refresh_repeatable: bool,
    /// Where a person sees and repairs the connection on the platform itself.
    pub manage_url: &'static str,
}

impl Facts {
    /// When a token should be replaced that was issued and ends then; `None` if it can't be or never should.
    pub fn window(&self, issued_at: i64, ends_at: Option<i64>, has_refresh_token: bool) -> Option<Window> {
        let can = self.refreshes_itself || has_refresh_token;
        Window::of(self.refresh, issued_at, ends_at).filter(|_| can)
    }

    /// When to look again at a grant that works, with a token that was issued and ends then. `roll` spreads the looks.
    pub fn next_look(&self, now: i64, issued_at: i64, ends_at: Option<i64>, has_refresh_token: bool, roll: f64) -> i64 {
        if self.refresh == RefreshKind::BeforeUse && has_refresh_token {
            return next_due(now, self.probe_every_ms, None, None, roll);
        }
        next_due(now, self.probe_every_ms, self.window(issued_at, ends_at, has_refresh_token), ends_at, roll)
    }
}

/// Our app's registration with a platform.
#[derive(Clone, Debug)]
pub struct AppCredentials {
    pub client_id: String,
    pub client_secret: SecretString,
}

/// What an adapter may use while it works for one grant.
pub struct Context<'a> {
    pub http: &'a Client,
    /// The operator's app, or the one registered on the fly with `host`. Adapters that need none ignore it.
    pub app: Option<&'a AppCredentials>,
    /// The server the person named, for platforms that have many (Mastodon, Bluesky).
    pub host: Option<&'a str>,
    /// Where the platform sends the person back to. Byte for byte the one registered with it.
    pub redirect_uri: &'a str,
    /// Unix milliseconds.
    pub now: i64,
    /// What was not sent by then must not be sent at all: the right to send it has ended.
    pub until: Option<Deadline>,
}

impl Context<'_> {
    /// Makes a call and answers whatever the platform answered, of any status.
    pub async fn send(&self, request: Request) -> Result<Answer, Failure> {
        self.http.send(self.now, Request { until: self.until, ..request }).await
    }

    /// The app's credentials, or the failure that says who must set them.
    pub fn app(&self) -> Result<&AppCredentials, Failure> {
        self.app.ok_or_else(|| Failure::new(Class::App, "no app credentials are configured"))
    }

    /// The named server, or a failure.
    pub fn host(&self) -> Result<&str, Failure> {
        self.host.ok_or_else(|| Failure::new(Class::App, "no server was named"))
    }

    /// Makes a call and reads the JSON of a 2xx answer; `classify` says what the platform's errors mean.
    pub async fn ask(&self, request: Request, classify: fn(&Answer) -> Failure) -> Result<serde_json::Value, Failure> {
        self.send(request).await?.accepted(classify)
    }
}

/// What a new flow brings to the consent page.
pub struct Ask<'a> {
    /// Random text that comes back with the callback.
    pub state: &'a str,
    /// PKCE verifier of this flow; the adapter derives the challenge where the platform knows PKCE.
    pub verifier: &'a SecretString,
    /// The person reconnects: ask again for what they declined, and let them choose another login where possible.
    pub again: bool,
    /// Whom the platform should ask, where it wants to know: a handle, or the identity that is connected again.
    pub hint: Option<&'a str>,
}

/// Where a person is sent to consent, and what must be kept until they come back.
pub struct Begun {
    pub url: String,
    /// What the tokens of this consent will be bound to ([`Tokens::binding`]), as far as it is known already.
    pub binding: Option<SecretString>,
}

/// What came back from the consent page, recognised as the answer to a flow of ours.
pub struct Returned<'a> {
    pub code: &'a str,
    /// The PKCE verifier of the flow.
    pub verifier: &'a SecretString,
    /// As [`Begun`] said.
    pub binding: Option<&'a SecretString>,
    /// Who says that the code is theirs (`iss`, RFC 9207), where the platform tells.
    pub issuer: Option<&'a str>,
    /// What was granted, where the platform tells it in the redirect, as it wrote it.
    pub scopes: Option<&'a str>,
}

impl<'a> Returned<'a> {
    /// A code without more.
    pub fn new(code: &'a str, verifier: &'a SecretString) -> Self {
        Self { code, verifier, binding: None, issuer: None, scopes: None }
    }
}

/// The tokens of one consent.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: SecretString,
    /// `None` where the platform has none, or did not send one this time: then a stored one is kept.
    pub refresh: Option<SecretString>,
    /// When the access token ends, Unix milliseconds. Unknown stays unknown.
    pub access_ends_at: Option<i64>,
    /// When the refresh token ends, if the platform told.
    pub refresh_ends_at: Option<i64>,
    /// What was granted, as far as the platform told.
    pub scopes: Option<Vec<String>>,
    /// What the tokens are worth nothing without, in the adapter's own form: a key they are bound to, the chat a bot was
    /// named for. `None` keeps a stored one at a refresh.
    pub binding: Option<SecretString>,
}

/// Who consented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Stable on its platform (with the host in front where ids are only unique per server).
    pub id: String,
    pub name: String,
    pub handle: Option<String>,
    /// The server this identity really lives on, if it differs from the one that was named.
    pub host: Option<String>,
    /// Another id by which the platform speaks of the same person in its own messages.
    pub alias: Option<String>,
}

/// Something a grant can publish to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Destination {
    pub id: String,
    pub name: String,
    pub handle: Option<String>,
    pub picture_url: Option<String>,
    /// Its public page.
    pub link: Option<String>,
    /// A token of its own, where the platform gives one (Facebook pages).
    #[serde(with = "secret")]
    pub token: Option<SecretString>,
    /// Why it can't be published to, in plain words; `None` if it can.
    pub unusable: Option<String>,
}

/// A grant's account as the adapter needs it for a probe.
pub struct Subject<'a> {
    pub tokens: &'a Tokens,
    /// The identity that consented.
    pub identity_id: &'a str,
    pub destination_id: &'a str,
    pub destination_token: Option<&'a SecretString>,
}

/// A probe that was answered: the token works.
#[derive(Clone, Debug, Default)]
pub struct Probe {
    /// Granted scopes, where the platform tells them.
    pub scopes: Option<Vec<String>>,
    /// The end of the person's token, where the platform tells it.
    pub access_ends_at: Option<i64>,
    /// When the platform stops giving data without a new login (Meta).
    pub data_access_ends_at: Option<i64>,
    /// A fresher name and picture, where the probe brings them for nothing.
    pub profile: Option<Profile>,
    /// The id that the destination has now, if the platform gave it another one.
    pub moved: Option<String>,
}

/// What a card shows of a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    pub handle: Option<String>,
    pub picture_url: Option<String>,
}

/// What a post that is already out looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentPost {
    pub text: String,
    pub link: Option<String>,
    /// As the platform writes it (ISO 8601).
    pub created_at: String,
}

/// A platform's adapter.
#[async_trait]
pub trait Adapter: Send + Sync {
    /// Its constants.
    fn facts(&self) -> &'static Facts;

    /// Where an operator registers an app.
    fn console(&self) -> Option<&'static str> {
        None
    }

    /// Whether a refresh can be sent again ([`Facts::refresh_repeatable`]), for tokens that are bound to something or not.
    fn refresh_repeatable(&self, _bound: bool) -> bool {
        self.facts().refresh_repeatable
    }

    /// Asks the platform whether it knows our app, without any person: a code that nobody gave is refused in one way
    /// by those who know the app, and in another by those who don't.
    async fn check_app(&self, cx: &Context<'_>) -> Result<(), Failure> {
        let verifier = SecretString::from("pilotlight-asks-whether-this-app-is-known-here");
        match self.exchange(cx, &Returned::new("pilotlight-check", &verifier)).await {
            Err(failure) if !failure.is_death() && failure.problem != Some(Problem::CodeRefused) => Err(failure),
            _ => Ok(()),
        }
    }

    /// The messages that the platform sends by itself, each to an address of its own.
    fn signals(&self) -> &'static [signal::Kind] {
        &[]
    }

    /// Verifies and reads such a message.
    async fn signal(
        &self,
        _cx: &Context<'_>,
        _delivery: &signal::Delivery<'_>,
    ) -> Result<Vec<signal::Signal>, signal::Unheard> {
        Err(signal::Unheard::NoSuch)
    }

    /// The HTTP status by which the platform knows that its message was heard.
    fn heard_status(&self) -> u16 {
        200
    }

    /// Registers an app with the named server, where the platform works that way. `scopes` in the answer's app are the ones asked for.
    async fn register_app(&self, _cx: &Context<'_>) -> Result<AppCredentials, Failure> {
        Err(Failure::new(Class::App, "this platform has no registration on the fly"))
    }

    /// The address of the consent page.
    fn authorize_url(&self, _cx: &Context<'_>, _ask: &Ask<'_>) -> Result<String, Failure> {
        Err(Failure::new(Class::App, "this platform has no consent page"))
    }

    /// Begins a consent, for platforms that want to be asked before the person is sent to them.
    async fn begin(&self, cx: &Context<'_>, ask: &Ask<'_>) -> Result<Begun, Failure> {
        Ok(Begun { url: self.authorize_url(cx, ask)?, binding: None })
    }

    /// Trades the code of a callback for tokens (the long-lived ones where there are several kinds).
    async fn exchange(&self, _cx: &Context<'_>, _back: &Returned<'_>) -> Result<Tokens, Failure> {
        Err(Failure::new(Class::App, "this platform has no codes"))
    }

    /// Opens a session with what was typed: a handle and an app password, a chat and a bot token. Also answers the server it was opened on, through `Identity::host`.
    async fn sign_in(
        &self,
        _cx: &Context<'_>,
        _handle: &str,
        _password: &SecretString,
    ) -> Result<(Tokens, Identity), Failure> {
        Err(Failure::new(Class::App, "this platform has no app passwords"))
    }

    /// Who consented.
    async fn identity(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Identity, Failure>;

    /// Everything the grant can publish to, usable or not.
    async fn destinations(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<Vec<Destination>, Failure>;

    /// New tokens for old. Called under the grant's lease only.
    async fn refresh(&self, _cx: &Context<'_>, _tokens: &Tokens) -> Result<Tokens, Failure> {
        Err(Failure::new(Class::Revoked, "this platform has no refresh"))
    }

    /// Asks whether this account works now.
    async fn probe(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Probe, Failure>;

    /// The newest posts of an account.
    async fn recent_posts(&self, cx: &Context<'_>, subject: &Subject<'_>) -> Result<Vec<RecentPost>, Failure>;

    /// Whether the end of a connection (of the refresh token, where it has one) is put off without anybody's help.
    fn renews_by_itself(&self, has_refresh: bool) -> bool {
        !has_refresh && self.facts().refreshes_itself
    }

    /// Whether the platform lets posts be read at all.
    fn reads_posts(&self) -> bool {
        true
    }

    /// Whether the platform reports about tokens ([`Adapter::token_reports`]).
    fn reports_tokens(&self) -> bool {
        false
    }

    /// What the platform knows about the tokens behind an account, the account's own first.
    async fn token_reports(&self, _cx: &Context<'_>, _subject: &Subject<'_>) -> Result<Vec<TokenReport>, Failure> {
        Err(Failure::new(Class::App, "this platform does not report about tokens"))
    }

    /// Gives the consent back. Best effort: the caller forgets the tokens either way.
    async fn revoke(&self, cx: &Context<'_>, tokens: &Tokens) -> Result<(), Failure>;
}

/// The adapter of a platform, or `None` while there is none.
pub fn adapter(platform: Platform) -> Option<&'static dyn Adapter> {
    match platform {
        Platform::Custom(platform) => custom::adapter(platform),
        Platform::Facebook => Some(&facebook::Facebook),
        Platform::Instagram => Some(&instagram::Instagram),
        Platform::InstagramViaFacebook => Some(&instagram_via_facebook::InstagramViaFacebook),
        Platform::Linkedin => Some(&linkedin::LinkedIn { organisations: false }),
        Platform::X => Some(&x::X),
        Platform::Tiktok => Some(&tiktok::Tiktok),
        Platform::Youtube => Some(&youtube::Youtube),
        Platform::GoogleBusiness => Some(&google_business::GoogleBusiness),
        Platform::Pinterest => Some(&pinterest::Pinterest),
        Platform::Threads => Some(&threads::Threads),
        Platform::Mastodon => Some(&mastodon::Mastodon),
        Platform::Bluesky => Some(&bluesky::Bluesky),
        Platform::Telegram => Some(&telegram::Telegram),
        Platform::Whatsapp => None,
    }
}

/// The adapter of a platform for an operator's app that may ask for organisations as well, where that makes a difference.
pub fn adapter_with_organisations(platform: Platform) -> Option<&'static dyn Adapter> {
    match platform {
        Platform::Linkedin => Some(&linkedin::LinkedIn { organisations: true }),
        other => adapter(other),
    }
}

/// Required scopes that `granted` lacks. What a platform does not tell is not missing.
pub fn missing_scopes(facts: &Facts, granted: Option<&[String]>) -> Vec<String> {
    let Some(granted) = granted else { return Vec::new() };
    facts
        .required_scopes
        .iter()
        .filter(|need| !granted.iter().any(|have| have == *need))
        .map(|need| (*need).to_string())
        .collect()
}

/// Serialises an optional secret; only for values that are sealed right afterwards.
mod secret {
    use secrecy::{ExposeSecret, SecretString};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
    }
}
