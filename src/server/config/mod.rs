//! The operator's settings: defaults compiled in, then `Leptos.toml`, then the environment.
//!
//! A setting nobody knows, or one with a value nobody can use, stops the start: a typing error in a security setting
//! must not be found by an attacker first. `Leptos.toml` in the root of the project documents every setting.

mod custom;
mod layers;
mod mail;
mod raw;
mod validate;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use crate::domain::grant::DAY_MS;
use crate::domain::platform::{Custom, Platform};

/// The file that is read when none is named, if it is there.
pub const FILE: &str = "Leptos.toml";

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Name of the settings file, if there is one.
    pub file: Option<String>,
    pub server: ServerConfig,
    pub database: DatabaseConfig,
    pub sessions: SessionsConfig,
    pub vault: VaultConfig,
    pub outbound: OutboundConfig,
    pub keeper: KeeperConfig,
    pub log: LogConfig,
    pub metrics: MetricsConfig,
    pub mail: MailConfig,
    pub sandbox: SandboxConfig,
    /// Platforms that every plan includes, beyond the plans' own.
    pub open_platforms: Vec<Platform>,
    /// Our apps at the platforms that need one.
    pub platforms: BTreeMap<Platform, PlatformApp>,
    /// Platforms that only these settings know; their apps are among `platforms`.
    pub custom: Vec<CustomPlatform>,
}

/// Where people reach us, and where our files are.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    pub listen: SocketAddr,
    /// Scheme, host and port as people type them, without a slash at the end. Redirect addresses are made from it.
    pub public_url: String,
    pub data: PathBuf,
    /// The last entry of `X-Forwarded-For` is the client's address (only behind a proxy that sets it).
    pub behind_proxy: bool,
}

impl ServerConfig {
    /// An account's page, for mails, messages and calendars.
    pub fn account_link(&self, account: &str) -> String {
        format!("{}/connections?account={account}", self.public_url)
    }

    /// Whether people reach us by https.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Whether people reach us over a network without https: passwords and sessions can be read on the way.
    pub fn is_exposed(&self) -> bool {
        !self.is_https() && !validate::is_loopback(&self.public_url)
    }
}

/// Which database.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// `None`: SQLite in `pilotlight.db` under the data directory.
    pub url: Option<String>,
}

impl std::fmt::Debug for DatabaseConfig {
    // The address of a PostgreSQL server usually carries its password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseConfig").field("url", &self.url.as_ref().map(|_| "[REDACTED]")).finish()
    }
}

/// How long a browser stays signed in.
#[derive(Clone, Copy, Debug)]
pub struct SessionsConfig {
    /// Days without a request after which a session ends.
    pub idle_days: u32,
    /// Days after which a session ends in any case.
    pub absolute_days: u32,
}

impl SessionsConfig {
    /// Sessions whose last request was before this have ended, Unix milliseconds.
    pub fn idle_since(&self, now: i64) -> i64 {
        now - i64::from(self.idle_days) * DAY_MS
    }
}

/// The vault's key, where it is not in the key file.
#[derive(Clone, Debug)]
pub struct VaultConfig {
    /// 32 bytes as base64url. `None`: the file `key` under the data directory.
    pub key: Option<SecretString>,
    /// The key before `key`, while a rotation is under way.
    pub old_key: Option<SecretString>,
}

/// Calls to other servers.
#[derive(Clone, Debug)]
pub struct OutboundConfig {
    /// Takes the place of every platform (the sandbox), without a slash at the end.
    pub upstream: Option<String>,
    /// Names with port that may be called although they are not public. For development.
    pub private_hosts: Vec<String>,
    pub timeout_seconds: u32,
    pub connect_timeout_seconds: u32,
}

/// The keeper's pace.
#[derive(Clone, Copy, Debug)]
pub struct KeeperConfig {
    /// Seconds between two looks for grants that are due.
    pub poll_seconds: u32,
    /// Seconds for which one worker has a grant to itself; at least twice the time-out of a call.
    pub lease_seconds: u32,
    /// Looks at once, of all platforms.
    pub parallel: u32,
    /// Looks at once, of one platform.
    pub platform_parallel: u32,
    /// Looks that begin in a second, of one platform.
    pub platform_per_second: u32,
}

/// What is logged, and how it looks.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// Directives of tracing-subscriber's `EnvFilter`.
    pub filter: String,
    pub json: bool,
}

/// Who may read the operator's figures.
#[derive(Clone, Debug)]
pub struct MetricsConfig {
    /// What a reader must show. `None`: they are for this machine only, and for nobody behind a proxy.
    pub token: Option<SecretString>,
}

/// The way out for mail.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// `None`: letters are written as files.
    pub smtp: Option<SmtpConfig>,
    /// Name and address that letters are from.
    pub from: String,
    /// How we introduce ourselves to mail servers: the host of the public address.
    pub hello: String,
    /// Where letters are written without a mail server.
    pub dir: PathBuf,
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// User and password.
    pub login: Option<(String, SecretString)>,
    /// A certificate (PEM) to trust beside the public ones.
    pub ca_file: Option<PathBuf>,
    /// How long a step of the conversation may take.
    pub step: Duration,
    /// How long the server may think about a whole letter.
    pub taking_in: Duration,
}

/// How the way to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Encrypted after a word of the server; without that word nothing is sent.
    Starttls,
    /// Encrypted from the first byte.
    Tls,
    /// Not at all.
    None,
}

/// The stand-in platforms.
#[derive(Clone, Copy, Debug)]
pub struct SandboxConfig {
    pub port: u16,
}

/// Our app at a platform.
#[derive(Clone, Debug)]
pub struct PlatformApp {
    pub client_id: String,
    pub client_secret: SecretString,
    /// The platform has approved the app for organisations (LinkedIn).
    pub organisations: bool,
}

/// A platform that only the settings know. What the texts mean is told in `Leptos.toml`.
#[derive(Clone, Debug)]
pub struct CustomPlatform {
    pub platform: Custom,
    pub authorize_url: String,
    pub token_url: String,
    pub revoke_url: Option<String>,
    pub scopes: Vec<String>,
    pub optional_scopes: Vec<String>,
    pub scope_separator: String,
    pub pkce: bool,
    /// The app proves itself by Basic; otherwise in the form.
    pub basic: bool,
    pub profile_url: String,
    pub profile_id: String,
    pub profile_name: Option<String>,
    pub profile_handle: Option<String>,
    pub profile_picture: Option<String>,
}

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("The settings file {file} can't be read: {source}")]
    Read { file: String, source: std::io::Error },
    #[error("The settings file {file} is not valid TOML (line {line}): {message}")]
    Syntax { file: String, line: usize, message: String },
    #[error("{origin}: there is no setting \"{setting}\". {expected}")]
    Unknown { setting: String, origin: String, expected: String },
    #[error("{origin}: the setting \"{setting}\" must be {expected}{found}.")]
    Wrong { setting: String, origin: String, expected: String, found: String },
}

impl Config {
    /// Our app at a platform. Instagram through Facebook is the Facebook app's, unless it has one of its own.
    pub fn app(&self, platform: Platform) -> Option<&PlatformApp> {
        let shared = (platform == Platform::InstagramViaFacebook).then_some(Platform::Facebook);
        self.platforms.get(&platform).or_else(|| self.platforms.get(&shared?))
    }

    /// Reads all layers. `file` must exist if it is named; without a name [`FILE`] is read if it is there.
    ///
    /// # Errors
    /// The first setting that is unknown or wrong, with its name, its origin and what was expected.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let text = layers::read(file)?;
        Self::from_layers(text.as_ref().map(|(name, text)| (name.as_str(), text.as_str())), std::env::vars_os())
    }

    /// The same from a file's name and text and from variables.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_layers<N, V>(
        file: Option<(&str, &str)>,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, ConfigError>
    where
        N: Into<std::ffi::OsString>,
        V: Into<std::ffi::OsString>,
    {
        let layers = layers::merge(file, variables)?;
        let config = validate::config(layers.extract()?, &layers)?;
        Ok(Self { file: file.map(|(name, _)| name.to_owned()), ..config })
    }

    /// Every platform that this server knows, those of the settings last.
    pub fn all_platforms(&self) -> impl Iterator<Item = Platform> + '_ {
        Platform::ALL.into_iter().chain(self.custom.iter().map(|custom| Platform::Custom(custom.platform)))
    }
}
