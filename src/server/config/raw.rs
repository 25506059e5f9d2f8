//! The settings as they are written, before anybody asks whether they make sense.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::SecretString;
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Raw {
    pub server: Server,
    pub database: Database,
    pub sessions: Sessions,
    pub vault: Vault,
    pub outbound: Outbound,
    pub keeper: Keeper,
    pub log: Log,
    pub metrics: Metrics,
    pub mail: Mail,
    pub sandbox: Sandbox,
    pub plans: Plans,
    pub platforms: BTreeMap<String, App>,
    pub custom: BTreeMap<String, Custom>,
    /// The section that belongs to leptos_config.
    package: Package,
}

/// What leptos_config reads from this file at run time, by the names it has there.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Package {
    metadata: Metadata,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Metadata {
    leptos: Site,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Site {
    output_name: String,
    site_root: String,
    site_pkg_dir: String,
    site_addr: String,
    #[serde(deserialize_with = "number")]
    reload_port: i64,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    pub listen: String,
    #[serde(deserialize_with = "some_number")]
    pub port: Option<i64>,
    pub public_url: Option<String>,
    pub data: String,
    #[serde(deserialize_with = "flag")]
    pub behind_proxy: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self { listen: "127.0.0.1:3000".into(), port: None, public_url: None, data: "data".into(), behind_proxy: false }
    }
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    pub url: Option<String>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    #[serde(deserialize_with = "number")]
    pub idle_days: i64,
    #[serde(deserialize_with = "number")]
    pub absolute_days: i64,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { idle_days: 14, absolute_days: 90 }
    }
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Vault {
    pub key: Option<SecretString>,
    pub old_key: Option<SecretString>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outbound {
    pub upstream: Option<String>,
    #[serde(deserialize_with = "list")]
    pub private_hosts: Vec<String>,
    #[serde(deserialize_with = "number")]
    pub timeout_seconds: i64,
    #[serde(deserialize_with = "number")]
    pub connect_timeout_seconds: i64,
}

impl Default for Outbound {
    fn default() -> Self {
        Self { upstream: None, private_hosts: Vec::new(), timeout_seconds: 20, connect_timeout_seconds: 5 }
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keeper {
    #[serde(deserialize_with = "number")]
    pub poll_seconds: i64,
    #[serde(deserialize_with = "number")]
    pub lease_seconds: i64,
    #[serde(deserialize_with = "number")]
    pub parallel: i64,
    #[serde(deserialize_with = "number")]
    pub platform_parallel: i64,
    #[serde(deserialize_with = "number")]
    pub platform_per_second: i64,
}

impl Default for Keeper {
    fn default() -> Self {
        Self { poll_seconds: 5, lease_seconds: 60, parallel: 32, platform_parallel: 16, platform_per_second: 50 }
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    pub filter: String,
    pub format: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info".into(), format: "text".into() }
    }
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    pub token: Option<SecretString>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    pub host: Option<String>,
    #[serde(deserialize_with = "some_number")]
    pub port: Option<i64>,
    pub security: String,
    pub user: Option<String>,
    pub password: Option<SecretString>,
    pub from: Option<String>,
    pub ca_file: Option<String>,
    #[serde(deserialize_with = "number")]
    pub timeout_seconds: i64,
    #[serde(deserialize_with = "number")]
    pub taking_in_seconds: i64,
}

impl Default for Mail {
    fn default() -> Self {
        let (host, port, user, password, from, ca_file) = (None, None, None, None, None, None);
        // A server that thinks for longer is rare; one that is cut off meanwhile may have taken the letter.
        let (timeout_seconds, taking_in_seconds) = (20, 240);
        let security = "starttls".into();
        Self { host, port, security, user, password, from, ca_file, timeout_seconds, taking_in_seconds }
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sandbox {
    #[serde(deserialize_with = "number")]
    pub port: i64,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self { port: 4400 }
    }
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Plans {
    #[serde(deserialize_with = "list")]
    pub open_platforms: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    pub client_id: String,
    pub client_secret: SecretString,
    #[serde(default, deserialize_with = "flag")]
    pub organisations: bool,
}

/// A platform that is described here and nowhere else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custom {
    pub name: String,
    pub authorize_url: String,
    pub token_url: String,
    pub revoke_url: Option<String>,
    pub client_id: String,
    pub client_secret: SecretString,
    #[serde(default = "basic")]
    pub client_auth: String,
    #[serde(default = "on", deserialize_with = "flag")]
    pub pkce: bool,
    #[serde(default, deserialize_with = "list")]
    pub scopes: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    pub optional_scopes: Vec<String>,
    #[serde(default = "space")]
    pub scope_separator: String,
    pub profile_url: String,
    pub profile_id: String,
    pub profile_name: Option<String>,
    pub profile_handle: Option<String>,
    pub profile_picture: Option<String>,
}

fn basic() -> String {
    "basic".into()
}

fn on() -> bool {
    true
}

fn space() -> String {
    " ".into()
}

/// A whole number; from the environment it comes as text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    deserializer.deserialize_any(NumberVisitor)
}

fn some_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    number(deserializer).map(Some)
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
        Ok(i64::try_from(number).unwrap_or(i64::MAX))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<i64, E> {
        text.trim().parse().map_err(|_| E::invalid_type(serde::de::Unexpected::Str(text), &self))
    }
}

/// `true` or `false`; from the environment it comes as text.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    struct FlagVisitor;

    impl Visitor<'_> for FlagVisitor {
        type Value = bool;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("true or false")
        }

        fn visit_bool<E: Error>(self, flag: bool) -> Result<bool, E> {
            Ok(flag)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
            text.trim().parse().map_err(|_| E::invalid_type(serde::de::Unexpected::Str(text), &self))
        }
    }
    deserializer.deserialize_any(FlagVisitor)
}

/// A list of texts; from the environment it comes as one text with commas.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct ListVisitor;

    impl<'de> Visitor<'de> for ListVisitor {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of texts")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Vec<String>, E> {
            Ok(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Into::into).collect())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<String>, A::Error> {
            let mut all = Vec::new();
            while let Some(one) = seq.next_element()? {
                all.push(one);
            }
            Ok(all)
        }
    }
    deserializer.deserialize_any(ListVisitor)
}
