//! Lays out what an adapter needs for its work: credentials, redirect address, time.

use futures::future::BoxFuture;

use super::ServiceError;
use crate::domain::platform::Platform;
use crate::server::platform::failure::{Class, Failure};
use crate::server::platform::{Adapter, AppCredentials, Context, adapter, adapter_with_organisations};
use crate::server::state::AppState;
use crate::server::store::host_apps::{self, HostApp};
use crate::server::vault::Place;

/// Where a platform sends people back to: exact, from the configured public address only.
pub fn redirect_uri(state: &AppState, platform: Platform) -> String {
    let home = &state.config.server.public_url;
    // Bluesky's servers send people back to this machine by its number only.
    let home = match home.strip_prefix("http://localhost") {
        Some(port) if platform == Platform::Bluesky && (port.is_empty() || port.starts_with(':')) => {
            format!("http://127.0.0.1{port}")
        }
        _ => home.clone(),
    };
    format!("{home}/oauth/callback/{}", platform.key())
}

/// The server that an app is registered with. What we are at Bluesky's is one for all servers.
fn registrar(platform: Platform, host: &str) -> &str {
    if platform == Platform::Bluesky { "" } else { host }
}

/// Everything for calls about one server of one platform.
pub struct Desk {
    pub adapter: &'static dyn Adapter,
    platform: Platform,
    host: String,
    app: Option<AppCredentials>,
    redirect_uri: String,
    now: i64,
}

impl Desk {
    /// The desk of a platform (and server), with the app credentials that are known so far.
    /// `Conflict` where there is no adapter.
    pub async fn new(state: &AppState, platform: Platform, host: &str) -> Result<Self, ServiceError> {
        let more = state.config.platforms.get(&platform).is_some_and(|app| app.organisations);
        let adapter = if more { adapter_with_organisations(platform) } else { adapter(platform) };
        let adapter = adapter
            .ok_or_else(|| ServiceError::Conflict(format!("{platform} can't be connected by this version yet.")))?;
        let redirect_uri = redirect_uri(state, platform);
        let app = match state.config.app(platform) {
            Some(app) => {
                Some(AppCredentials { client_id: app.client_id.clone(), client_secret: app.client_secret.clone() })
            }
            None if platform.needs_operator_app() || (host.is_empty() && platform != Platform::Bluesky) => None,
            None => known_app(state, platform, host, &redirect_uri).await?,
        };
        Ok(Self { adapter, platform, host: host.to_owned(), app, redirect_uri, now: state.clock.now() })
    }

    /// The same with the redirect address that an attempt was begun with.
    pub fn redirected_to(mut self, redirect_uri: &str) -> Self {
        self.redirect_uri = redirect_uri.to_owned();
        self
    }

    /// What the adapter gets.
    pub fn cx<'a>(&'a self, state: &'a AppState) -> Context<'a> {
        Context {
            http: &state.http,
            app: self.app.as_ref(),
            host: Some(self.host.as_str()).filter(|host| !host.is_empty()),
            redirect_uri: &self.redirect_uri,
            now: self.now,
            until: None,
        }
    }

    /// Registers an app with the server unless one is known already.
    pub async fn register(&mut self, state: &AppState) -> Result<Result<(), Failure>, ServiceError> {
        if self.app.is_some() {
            return Ok(Ok(()));
        }
        let app = match self.adapter.register_app(&self.cx(state)).await {
            Ok(app) => app,
            Err(failure) => return Ok(Err(failure)),
        };
        let host = registrar(self.platform, &self.host);
        let row = row_name(self.platform, host, &self.redirect_uri);
        let secret = state.vault.seal(secret_place(&row), &app.client_secret)?;
        let stored = HostApp { client_id: app.client_id.clone(), client_secret: secret };
        let mut tx = state.db.begin().await?;
        if self.platform == Platform::Bluesky {
            // Sessions are bound to it: it must never be replaced.
            host_apps::put_first(&mut tx, self.platform, host, &self.redirect_uri, &stored, self.now).await?;
        } else {
            host_apps::put(&mut tx, self.platform, host, &self.redirect_uri, &stored, self.now).await?;
        }
        tx.commit().await?;
        self.app = known_app(state, self.platform, host, &self.redirect_uri).await?;
        Ok(Ok(()))
    }

    /// Forgets the app registered with the server: it no longer knows it.
    pub async fn forget_registration(&self, state: &AppState) -> Result<(), ServiceError> {
        if !registrar(self.platform, &self.host).is_empty() && state.config.app(self.platform).is_none() {
            let mut tx = state.db.begin().await?;
            host_apps::delete(&mut tx, self.platform, &self.host, &self.redirect_uri).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The redirect address of this platform.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }
}

/// Asks up to three times while the platform says nothing. For the questions that follow a code exchange: the code is
/// spent by then, and several platforms have already ended the tokens before.
pub async fn patiently<'a, T>(ask: impl Fn() -> BoxFuture<'a, Result<T, Failure>>) -> Result<T, Failure> {
    const PAUSES_MS: [u64; 2] = [200, 800];
    for pause in PAUSES_MS {
        match ask().await {
            Err(failure) if failure.class == Class::Transient => {
                tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
            }
            answer => return answer,
        }
    }
    ask().await
}

fn row_name(platform: Platform, host: &str, redirect_uri: &str) -> String {
    format!("{}|{host}|{redirect_uri}", platform.key())
}

fn secret_place(row: &str) -> Place<'_> {
    Place { table: "host_apps", column: "client_secret", row, workspace: "" }
}

async fn known_app(
    state: &AppState,
    platform: Platform,
    host: &str,
    redirect_uri: &str,
) -> Result<Option<AppCredentials>, ServiceError> {
    let host = registrar(platform, host);
    let Some(app) = host_apps::get(&state.db, platform, host, redirect_uri).await? else { return Ok(None) };
    let row = row_name(platform, host, redirect_uri);
    let client_secret = state.vault.open(secret_place(&row), &app.client_secret)?;
    Ok(Some(AppCredentials { client_id: app.client_id, client_secret }))
}
