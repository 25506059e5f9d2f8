//! A stand-in for the vendors (SPEC S-1, S-2): `https://graph.facebook.com/v25.0/me` is served at
//! `/graph.facebook.com/v25.0/me`, and so for every host, with each vendor's own paths, shapes, strictness and errors.
//!
//! Nothing here knows the server that is tested against it, and nothing leaves this process. The twins are plain functions
//! over [`state::World`]; `http` brings them requests, `control` breaks things on purpose.

mod bluesky;
mod call;
pub mod cast;
mod consent;
mod consent_page;
mod control;
mod control_page;
mod control_view;
mod crowd;
mod facebook;
mod fault;
mod google;
mod held;
mod html;
mod http;
mod index;
mod instagram;
mod linkedin;
mod mastodon;
mod mint;
mod models;
mod overview;
mod picture;
mod pinterest;
mod posts;
mod refusal;
mod reshape;
mod serve;
mod signals;
mod standard;
mod state;
mod telegram;
mod threads;
mod tiktok;
mod tokens;
pub mod town;
mod transport;
mod twin;
mod vendor;
mod watch;
mod x;

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::Method;
use serde::Serialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

pub use consent::Choice;
pub use control::Control;
pub use facebook::{APP_ID as FACEBOOK_APP_ID, APP_SECRET as FACEBOOK_APP_SECRET};
pub use fault::{Fault, FaultKind};
pub use google::{CLIENT_ID as GOOGLE_CLIENT_ID, CLIENT_SECRET as GOOGLE_CLIENT_SECRET};
pub use held::Held;
pub use linkedin::{SELF_SERVE_ID as LINKEDIN_SELF_SERVE_ID, SELF_SERVE_SECRET as LINKEDIN_SELF_SERVE_SECRET};
pub use mint::{Minted, MintedDestination};
pub use models::RefreshModel;
pub use reshape::Reshape;
pub use serve::serve;
pub use standard::{BASIC as STANDARD_BASIC, PLAIN as STANDARD_PLAIN};
pub use state::End;
pub use tiktok::{CLIENT_KEY as TIKTOK_CLIENT_KEY, CLIENT_SECRET as TIKTOK_CLIENT_SECRET};
pub use twin::RegisteredApp;
pub use watch::{Moment, Observer, Refresh, RefreshOutcome};
pub use x::{CLIENT_ID as X_CLIENT_ID, CLIENT_SECRET as X_CLIENT_SECRET};

use call::Call;
use fault::Faults;
use state::{State, World};
use tokens::Dice;
use vendor::{Place, Vendor};
use watch::Watch;

/// Tells the time: Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Requests that are remembered.
const MAX_LOG: usize = 20_000;

/// How a sandbox is set up.
pub struct Options {
    /// Where the registered apps may send people back to, compared byte by byte.
    pub redirect_uris: Vec<String>,
    pub clock: Clock,
    /// Keeps tokens between starts; none: memory only.
    pub state_file: Option<PathBuf>,
    /// Of the dice: the same seed makes the same tokens.
    pub seed: u64,
}

/// Why the sandbox could not do something.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("the sandbox's state {} can't be read: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the sandbox's state {} is not one of this program ({why}); delete it to start afresh", path.display())]
    Form { path: PathBuf, why: String },
    #[error("the sandbox's state {} can't be written: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("the sandbox can't be reached any more: {0}")]
    Serve(std::io::Error),
    #[error("the sandbox does not know: {0}")]
    Unknown(String),
    #[error("{0} is no consent page of the sandbox")]
    NoConsentPage(String),
    #[error("the vendor refuses to ask for consent: {0}")]
    Refused(String),
}

/// A request that the sandbox got. Neither query nor body: there are secrets in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    pub at_ms: i64,
    pub method: String,
    pub host: String,
    pub path: String,
    /// 0: no answer was given.
    pub status: u16,
    /// Whose consent it was about, such as `facebook:mara`, where that is known.
    pub grant: Option<String>,
}

/// The stand-in vendors. Clones are the same sandbox.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    clock: Clock,
    state_file: Option<PathBuf>,
    world: Mutex<World>,
    faults: Mutex<Faults>,
    log: Mutex<Log>,
    watch: Watch,
    /// Ends what hangs on purpose.
    stop: CancellationToken,
}

#[derive(Default)]
struct Log {
    requests: VecDeque<Request>,
    unexpected: Vec<String>,
}

/// The apps that are registered with the vendors, for the settings of a server that uses the sandbox.
pub fn apps() -> impl Iterator<Item = RegisteredApp> {
    Vendor::ALL.into_iter().flat_map(|vendor| vendor.twin().apps()).copied()
}

impl Sandbox {
    /// Sets up a sandbox, with what the state file remembers.
    ///
    /// # Errors
    /// The state file can't be read or understood.
    pub fn new(options: Options) -> Result<Self, SandboxError> {
        let state = State::load(options.state_file.as_deref())?;
        let dice = Dice::new(options.seed, state.made);
        let world = World::new(state, dice, options.redirect_uris);
        let faults = Faults { ordered: Vec::new(), dice: Dice::new(options.seed, u64::MAX) };
        Ok(Self(Arc::new(Inner {
            clock: options.clock,
            state_file: options.state_file,
            world: Mutex::new(world),
            faults: Mutex::new(faults),
            log: Mutex::default(),
            watch: Watch::default(),
            stop: CancellationToken::new(),
        })))
    }

    /// Everything over HTTP: the vendors by their hosts, the control page at `/`.
    pub fn router(&self) -> axum::Router {
        http::router(self.clone())
    }

    /// Breaks something, as the buttons of the control page do.
    ///
    /// # Errors
    /// Vendor, person, page, scope or consent is unknown.
    pub fn control(&self, control: Control) -> Result<(), SandboxError> {
        let now = self.now();
        self.change(|world| control::apply(world, &control, now))
    }

    /// What a person's clicks on a consent page lead to: the address that the browser goes to next, without its fragment.
    /// `authorize_url` is the vendor's own or the rewritten one.
    ///
    /// # Errors
    /// There is no such page, it refuses to ask, or it does not offer what was chosen.
    pub fn consent(&self, authorize_url: &str, choice: Choice) -> Result<String, SandboxError> {
        let nowhere = || SandboxError::NoConsentPage(authorize_url.split('?').next().unwrap_or_default().to_owned());
        let url = Url::parse(authorize_url).map_err(|_| nowhere())?;
        let query = url.query().unwrap_or_default();
        let named = format!(
            "{}{}",
            url.host_str().unwrap_or_default(),
            url.port().map(|port| format!(":{port}")).unwrap_or_default()
        );
        let now = self.now();
        let own = Call::new(Method::GET, &named, url.path(), query, now);
        let (host, path) = http::split(url.path());
        let inner = Call::new(Method::GET, &host, &path, query, now);
        self.change(|world| {
            for call in [own, inner] {
                let Place::Vendor(vendor) = vendor::place(&call.host, &call.path) else { continue };
                if consent::asked(world, vendor, &call).is_some() {
                    return consent::choose(world, vendor, &call, &choice);
                }
            }
            Err(nowhere())
        })
    }

    /// Lets Bluesky's authorization server read an app's document and its public keys, as if it had fetched them.
    ///
    /// # Errors
    /// The document names no app; the state can't be written.
    pub fn read_bluesky_client(&self, metadata: Value, keys: Value) -> Result<(), SandboxError> {
        let id = metadata.get("client_id").and_then(Value::as_str).map(str::to_owned);
        let id = id.ok_or_else(|| SandboxError::Unknown("an app without a client id".into()))?;
        self.change(|world| {
            world.state.bluesky.clients.insert(id, bluesky::Document { metadata, keys });
            world.changed = true;
            Ok(())
        })
    }

    /// Orders a fault.
    pub fn fault(&self, fault: Fault) {
        lock(&self.0.faults).ordered.push(fault);
    }

    /// Back to normal.
    pub fn clear_faults(&self) {
        lock(&self.0.faults).ordered.clear();
    }

    /// How many of the ordered faults are still to come or still go on.
    pub fn faults_left(&self) -> usize {
        lock(&self.0.faults).ordered.len()
    }

    /// The requests so far, the oldest first.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.0.log).requests.iter().cloned().collect()
    }

    /// Requests for hosts and paths that no stand-in knows.
    pub fn unexpected(&self) -> Vec<String> {
        lock(&self.0.log).unexpected.clone()
    }

    /// Every secret that was ever made or known here: tokens, codes, client secrets, passwords.
    pub fn minted(&self) -> Vec<String> {
        let world = lock(&self.0.world);
        let fixed = Vendor::ALL.into_iter().flat_map(|vendor| {
            let apps = vendor.twin().apps().iter().map(|app| app.secret.to_owned());
            apps.chain(vendor.twin().secrets())
        });
        let made = world.state.tokens.keys().chain(world.state.codes.keys()).cloned();
        let apps = world.state.apps.values().map(|app| app.secret.clone());
        let people: BTreeSet<&str> = world.state.grants.values().map(|grant| grant.person.as_str()).collect();
        let crowd = people.into_iter().filter_map(crowd::app_password);
        // One app may serve two platforms of a vendor.
        let all: BTreeSet<String> = fixed.chain(made).chain(apps).chain(crowd).collect();
        all.into_iter().collect()
    }

    fn now(&self) -> i64 {
        (self.0.clock)()
    }

    /// Works on the state and writes it if it changed.
    fn change<T>(&self, work: impl FnOnce(&mut World) -> Result<T, SandboxError>) -> Result<T, SandboxError> {
        let mut world = lock(&self.0.world);
        let done = work(&mut world);
        if std::mem::take(&mut world.changed)
            && let Some(path) = &self.0.state_file
        {
            world.state.save(path)?;
        }
        done
    }

    /// A vendor's answer to a request.
    fn answered(&self, call: &Call) -> Result<call::Reply, SandboxError> {
        self.change(|world| {
            let vendor = match vendor::place(&call.host, &call.path) {
                Place::Pictures => return Ok(picture::answer(call)),
                Place::Vendor(vendor) => vendor,
            };
            if let Some(asked) = consent::asked(world, vendor, call) {
                return Ok(consent::answer(world, call, asked));
            }
            Ok(vendor.twin().answer(world, call).unwrap_or_else(|refusal| refusal))
        })
    }

    fn note(&self, mut request: Request, unexpected: bool) {
        request.path = telegram::shown_path(&request.host, request.path);
        let mut log = lock(&self.0.log);
        if unexpected {
            log.unexpected.push(format!("{} {}{}", request.method, request.host, request.path));
        }
        if log.requests.len() == MAX_LOG {
            log.requests.pop_front();
        }
        log.requests.push_back(request);
    }
}

/// A panic elsewhere is no reason to stop the play.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
