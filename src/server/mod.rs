//! The server: from the configuration to a clean stop.

pub mod clock;
pub mod command;
pub mod config;
pub mod crash;
pub mod digest;
pub mod error;
pub mod figures;
pub mod http;
pub mod mail;
pub mod platform;
pub mod service;
pub mod state;
pub mod store;
pub mod telemetry;
pub mod vault;
pub mod worker;

use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use leptos::prelude::LeptosOptions;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use clock::{Clock, Randomness};
use config::Config;
use error::RunError;
use figures::Figures;
use mail::Mailer;
use platform::client::{Client, ClientOptions};
use service::keeper::Keeper;
use service::live::Live;
use state::AppState;
use vault::Vault;

/// How long a stop waits for work that was begun.
const STOP_WAIT: Duration = Duration::from_secs(30);

/// Opens database and vault and puts the parts together. Nothing runs yet.
pub async fn build(config: Config, clock: Arc<dyn Clock>, random: Randomness) -> Result<AppState, RunError> {
    // Before a row is read that names one of them.
    platform::custom::register_all(&config.custom);
    let now = clock.now();
    let db = store::open::open(&config.database, &config.server.data, now).await?;
    let vault = Vault::load(&config.vault, &config.server.data, &db, now, random.clone()).await?;
    Ok(AppState {
        limits: Arc::default(),
        http: Client::new(client_options(&config))?,
        web: Client::new(ClientOptions { upstream: None, ..client_options(&config) })?,
        mailer: Mailer::new(&config.mail).map_err(|error| RunError::Other(error.to_string()))?,
        leptos: leptos_options(&config)?,
        live: Live::new(&Randomness::system().token(), db.is_shared()),
        db,
        vault: Arc::new(vault),
        clock,
        random,
        keeper: Arc::new(Keeper::new(&config.keeper)),
        instance: Randomness::system().token().into(),
        config: Arc::new(config),
        checks: Arc::default(),
        recents: Arc::default(),
        reports: Arc::default(),
        figures: Figures::new(now),
        tasks: TaskTracker::new(),
        stop: CancellationToken::new(),
    })
}

fn client_options(config: &Config) -> ClientOptions {
    let outbound = &config.outbound;
    ClientOptions {
        upstream: outbound.upstream.clone(),
        private_hosts: outbound.private_hosts.clone(),
        connect_timeout: Duration::from_secs(u64::from(outbound.connect_timeout_seconds)),
        timeout: Duration::from_secs(u64::from(outbound.timeout_seconds)),
    }
}

/// Where the built style sheet, script and WebAssembly lie, by the settings file; `LEPTOS_SITE_ROOT` and the other
/// variables of leptos_config override it.
fn leptos_options(config: &Config) -> Result<LeptosOptions, RunError> {
    let from_file = config.file.as_deref().and_then(|file| leptos::config::get_configuration(Some(file)).ok());
    // A file without that section is fine: then there are only the variables.
    let read = from_file.map_or_else(|| leptos::config::get_configuration(None), Ok);
    let mut options = read.map_err(|error| RunError::Other(format!("the settings of Leptos: {error}")))?.leptos_options;
    options.site_addr = config.server.listen;
    Ok(options)
}

/// `pilotlight serve`: runs until it is told to stop.
pub async fn run(config: Config) -> Result<(), RunError> {
    let listener = listen(&config).await?;
    let state = build(config, Arc::new(clock::SystemClock), Randomness::system()).await?;
    announce(&state).await?;
    serve(state, listener, stop_signal()).await
}

/// Takes the port before anything else is touched: a second start must not migrate under the first one's feet.
pub async fn listen(config: &Config) -> Result<TcpListener, RunError> {
    let address = config.server.listen;
    TcpListener::bind(address).await.map_err(|source| RunError::Listen { address: address.to_string(), source })
}

async fn announce(state: &AppState) -> Result<(), RunError> {
    if let Some(why) = state.vault.is_read_only() {
        tracing::error!("{why}");
    }
    if let Some(address) = service::members::setup_address(state).await? {
        println!("\nPilotlight has no owner yet. Open this address once to create the owner:\n\n    {address}\n");
    }
    println!("Pilotlight listens on {} ({})", state.config.server.public_url, state.config.server.listen);
    Ok(())
}

/// Serves requests and runs the workers until `stop` is ready; then finishes what was begun.
pub async fn serve(
    state: AppState,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), RunError> {
    worker::start(&state);
    let router = http::router::router(state.clone());
    // Streamed pages stall for 40 ms without this.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let stopping = state.stop.clone();
    let signal = async move {
        stop.await;
        stopping.cancel();
    };
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(signal).await;
    state.stop.cancel();
    state.tasks.close();
    if tokio::time::timeout(STOP_WAIT, state.tasks.wait()).await.is_err() {
        tracing::warn!("stopped although some work was not finished in time");
    }
    worker::relay::finish(&state).await;
    state.db.close().await;
    served.map_err(|error| RunError::Other(format!("the web server stopped: {error}")))
}

/// Ready when the operator wants the program to end.
pub async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}
