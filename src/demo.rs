//! `pilotlight demo` (SPEC S-3): app, sandbox and a workspace that shows every state, without a developer account anywhere.
//!
//! The accounts are connected by the same code that serves a person's clicks; only the clicks on the consent pages are ours.

mod crowd;
mod hands;
mod plans;
mod seed;
mod story;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use secrecy::SecretString;
use tokio::net::TcpListener;

use crate::domain::platform::Platform;
use crate::sandbox::{self, Sandbox};
use crate::server::clock::{Clock, Randomness, SystemClock};
use crate::server::config::{Config, PlatformApp};
use crate::server::error::RunError;
use crate::server::{build, listen, serve, stop_signal};

/// Sign-in of the demo's owner.
pub const EMAIL: &str = "owner@demo.example";
/// The e-mail address of somebody who may only look, with the same password.
pub const VIEWER: &str = "viewer@demo.example";
/// Its password. Public, therefore the demo listens on loopback only.
pub const PASSWORD: &str = "pilotlight-demo";

/// A clock that can be set back, so that the demo has a past.
struct ShiftedClock(AtomicI64);

impl Clock for ShiftedClock {
    fn now(&self) -> i64 {
        SystemClock.now() + self.0.load(Ordering::Relaxed)
    }
}

/// Runs the demo until it is told to stop. `accounts`: how many its workspace has at first; as many as its story, if not said.
pub async fn run(mut config: Config, accounts: Option<u32>) -> Result<(), RunError> {
    if !config.server.listen.ip().is_loopback() {
        return Err(RunError::Other("the demo's password is public: it only runs on loopback (server.listen)".into()));
    }
    own_place(&mut config)?;
    let listener = listen(&config).await?;
    let (twin_listener, twin_address) = twin_listener(&config).await?;
    config.outbound.upstream = Some(format!("http://{twin_address}"));
    for app in sandbox::apps() {
        let Some(platform) = Platform::from_key(app.platform) else { continue };
        let app = PlatformApp {
            client_id: app.id.into(),
            client_secret: SecretString::from(app.secret),
            organisations: platform == Platform::Linkedin,
        };
        config.platforms.insert(platform, app);
    }

    let clock = Arc::new(ShiftedClock(AtomicI64::new(0)));
    let twin_clock = clock.clone();
    let options = options(&config, Arc::new(move || twin_clock.now()));
    let state = build(config, clock.clone(), Randomness::system()).await?;
    let twin = Sandbox::new(options).map_err(|error| RunError::Other(error.to_string()))?;
    let stop = state.stop.clone();
    let twin_server = tokio::spawn(sandbox::serve(twin_listener, twin.clone(), async move { stop.cancelled().await }));

    let set = |shift_ms: i64| clock.0.store(shift_ms, Ordering::Relaxed);
    seed::seed(&state, &twin, &set, accounts).await?;
    std::fs::write(seeded(&state.config), "").map_err(|error| RunError::Other(error.to_string()))?;

    println!("\nPilotlight demo\n");
    println!("    open      {}", state.config.server.public_url);
    println!("    sign in   {EMAIL} (or {VIEWER}, who may only look)");
    println!("    password  {PASSWORD}");
    println!("    sandbox   http://{twin_address}  (break connections there and watch)");
    println!("\nEverything is kept in {}. Ctrl-C stops.\n", state.config.server.data.display());
    let served = serve(state, listener, stop_signal()).await;
    match twin_server.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the sandbox stopped"),
        Err(error) => tracing::warn!(%error, "the sandbox stopped"),
    }
    served
}

/// The demo never touches a real installation: its database, key and sandbox lie in a directory of their own.
/// One whose seeding was interrupted is begun anew.
fn own_place(config: &mut Config) -> Result<(), RunError> {
    config.database.url = None;
    config.vault.key = None;
    config.vault.old_key = None;
    config.server.data = config.server.data.join("demo");
    config.mail.dir = config.server.data.join("mail");
    if config.server.data.exists() && !seeded(config).exists() {
        std::fs::remove_dir_all(&config.server.data)
            .map_err(|error| RunError::Other(format!("{} can't be cleared: {error}", config.server.data.display())))?;
    }
    Ok(())
}

fn seeded(config: &Config) -> std::path::PathBuf {
    config.server.data.join("seeded")
}

/// `pilotlight sandbox`: the stand-in platforms alone, for a server that runs elsewhere on this machine.
pub async fn sandbox(config: Config) -> Result<(), RunError> {
    let (listener, address) = twin_listener(&config).await?;
    std::fs::create_dir_all(&config.server.data).map_err(|error| RunError::Other(error.to_string()))?;
    let twin = Sandbox::new(options(&config, Arc::new(|| SystemClock.now())))
        .map_err(|error| RunError::Other(error.to_string()))?;
    println!("The sandbox listens on http://{address}. Start the server with\n");
    println!("    PILOTLIGHT_UPSTREAM=http://{address}");
    for app in sandbox::apps() {
        let name = app.platform.replace('-', "_").to_uppercase();
        println!("    PILOTLIGHT_PLATFORMS__{name}__CLIENT_ID={}", app.id);
        println!("    PILOTLIGHT_PLATFORMS__{name}__CLIENT_SECRET={}", app.secret);
    }
    println!();
    sandbox::serve(listener, twin, stop_signal()).await.map_err(|error| RunError::Other(error.to_string()))
}

async fn twin_listener(config: &Config) -> Result<(TcpListener, std::net::SocketAddr), RunError> {
    let port = config.sandbox.port;
    let taken = |source| RunError::Listen { address: format!("127.0.0.1:{port} (sandbox.port)"), source };
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    Ok((listener, address))
}

fn options(config: &Config, clock: sandbox::Clock) -> sandbox::Options {
    sandbox::Options {
        redirect_uris: sandbox::apps()
            .map(|app| format!("{}/oauth/callback/{}", config.server.public_url, app.platform))
            .collect(),
        clock,
        state_file: Some(config.server.data.join("sandbox.json")),
        seed: u64::from_le_bytes(Randomness::system().bytes::<8>()),
    }
}
