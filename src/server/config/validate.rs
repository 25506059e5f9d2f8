//! From what was written to what can be used.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use secrecy::ExposeSecret as _;
use url::{Host, Url};

use super::custom;
use super::layers::Layers;
use super::mail;
use super::raw::{self, Raw};
use super::{
    Config, ConfigError, DatabaseConfig, KeeperConfig, LogConfig, MetricsConfig, OutboundConfig, PlatformApp,
    SandboxConfig, ServerConfig, SessionsConfig, VaultConfig,
};
use crate::domain::platform::Platform;

pub fn config(raw: Raw, layers: &Layers) -> Result<Config, ConfigError> {
    // First: other settings may name these platforms.
    let (custom, apps) = custom::platforms(raw.custom, layers)?;
    let server = server(raw.server, layers)?;
    let outbound = outbound(raw.outbound, &server.public_url, layers)?;
    let config = Config {
        file: None,
        database: database(raw.database, layers)?,
        sessions: sessions(&raw.sessions, layers)?,
        vault: vault(raw.vault, layers)?,
        keeper: keeper(&raw.keeper, outbound.timeout_seconds, layers)?,
        log: log(raw.log, layers)?,
        metrics: metrics(raw.metrics, layers)?,
        mail: mail::mail(raw.mail, &server, layers)?,
        sandbox: SandboxConfig { port: port("sandbox.port", raw.sandbox.port, layers)? },
        open_platforms: open_platforms(&raw.plans.open_platforms, layers)?,
        platforms: platforms(raw.platforms, layers)?.into_iter().chain(apps).collect(),
        custom,
        server,
        outbound,
    };
    Ok(config)
}

fn server(raw: raw::Server, layers: &Layers) -> Result<ServerConfig, ConfigError> {
    let mut listen: SocketAddr = raw.listen.parse().map_err(|_| {
        layers.wrong("server.listen", Some(&raw.listen), "an IP address with a port, like 127.0.0.1:3000")
    })?;
    if let Some(number) = raw.port {
        listen.set_port(port("server.port", number, layers)?);
    }
    let public_url = match &raw.public_url {
        Some(text) => origin(text).ok_or_else(|| {
            let expected = "scheme, host and port people reach this server by, like https://social.example.org";
            layers.wrong("server.public_url", Some(text), expected)
        })?,
        None => format!("http://{}:{}", reachable(listen.ip()), listen.port()),
    };
    if raw.data.is_empty() {
        return Err(layers.wrong("server.data", Some(""), "the path of a directory"));
    }
    Ok(ServerConfig { listen, public_url, data: raw.data.into(), behind_proxy: raw.behind_proxy })
}

/// An address for people on this machine when we listen on `ip`.
fn reachable(ip: IpAddr) -> String {
    match ip {
        ip if ip.is_unspecified() => "localhost".into(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

/// A web address that is nothing but scheme, host and port; without the slash at its end.
fn origin(text: &str) -> Option<String> {
    let url = web_address(text)?;
    (url.path() == "/").then(|| url.origin().ascii_serialization())
}

fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.has_host();
    (plain && matches!(url.scheme(), "http" | "https")).then_some(url)
}

pub(super) fn is_loopback(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    })
}

fn database(raw: raw::Database, layers: &Layers) -> Result<DatabaseConfig, ConfigError> {
    let known = ["sqlite:", "postgres://", "postgresql://"];
    match &raw.url {
        Some(url) if !known.iter().any(|start| url.starts_with(start)) => {
            Err(layers.wrong("database.url", None, "an address that begins with sqlite: or postgres://"))
        }
        _ => Ok(DatabaseConfig { url: raw.url }),
    }
}

fn sessions(raw: &raw::Sessions, layers: &Layers) -> Result<SessionsConfig, ConfigError> {
    let idle_days = within("sessions.idle_days", raw.idle_days, 1, 3_650, layers)?;
    let absolute_days = within("sessions.absolute_days", raw.absolute_days, 1, 3_650, layers)?;
    if absolute_days < idle_days {
        let found = absolute_days.to_string();
        return Err(layers.wrong("sessions.absolute_days", Some(&found), "no less than sessions.idle_days"));
    }
    Ok(SessionsConfig { idle_days, absolute_days })
}

fn vault(raw: raw::Vault, layers: &Layers) -> Result<VaultConfig, ConfigError> {
    if raw.key.is_none() && raw.old_key.is_some() {
        return Err(layers.wrong("vault.old_key", None, "left out as long as vault.key (PILOTLIGHT_KEY) is not set"));
    }
    Ok(VaultConfig { key: raw.key, old_key: raw.old_key })
}

fn outbound(raw: raw::Outbound, public_url: &str, layers: &Layers) -> Result<OutboundConfig, ConfigError> {
    let upstream = raw.upstream.map(|text| {
        let url = web_address(&text).ok_or_else(|| {
            layers.wrong("outbound.upstream", Some(&text), "a web address, like http://127.0.0.1:4400")
        })?;
        Ok(url.as_str().trim_end_matches('/').to_owned())
    });
    if !raw.private_hosts.is_empty() && public_url.starts_with("https://") && !is_loopback(public_url) {
        let expected =
            "empty on a server that people reach by https: it lets members reach machines behind the firewall";
        return Err(layers.wrong("outbound.private_hosts", None, expected));
    }
    for host in &raw.private_hosts {
        if Url::parse(&format!("http://{host}/")).ok().is_none_or(|url| url.path() != "/" || !url.username().is_empty())
        {
            let expected = "a list of names with an optional port, like [\"localhost:2583\"]";
            return Err(layers.wrong("outbound.private_hosts", Some(host), expected));
        }
    }
    let timeout_seconds = within("outbound.timeout_seconds", raw.timeout_seconds, 1, 120, layers)?;
    let connect_timeout_seconds =
        within("outbound.connect_timeout_seconds", raw.connect_timeout_seconds, 1, 120, layers)?.min(timeout_seconds);
    Ok(OutboundConfig {
        upstream: upstream.transpose()?,
        private_hosts: raw.private_hosts.iter().map(|host| host.to_lowercase()).collect(),
        timeout_seconds,
        connect_timeout_seconds,
    })
}

fn keeper(raw: &raw::Keeper, timeout_seconds: u32, layers: &Layers) -> Result<KeeperConfig, ConfigError> {
    // A call that outlives its lease could spend a refresh token that somebody else is already spending.
    let least = i64::from(timeout_seconds) * 2;
    Ok(KeeperConfig {
        poll_seconds: within("keeper.poll_seconds", raw.poll_seconds, 1, 3_600, layers)?,
        lease_seconds: within("keeper.lease_seconds", raw.lease_seconds, least, 3_600, layers)?,
        parallel: within("keeper.parallel", raw.parallel, 1, 1_000, layers)?,
        platform_parallel: within("keeper.platform_parallel", raw.platform_parallel, 1, 1_000, layers)?,
        platform_per_second: within("keeper.platform_per_second", raw.platform_per_second, 1, 100_000, layers)?,
    })
}

fn log(raw: raw::Log, layers: &Layers) -> Result<LogConfig, ConfigError> {
    if tracing_subscriber::EnvFilter::try_new(&raw.filter).is_err() {
        return Err(layers.wrong("log.filter", Some(&raw.filter), "a filter like info or info,pilotlight=debug"));
    }
    let json = match raw.format.as_str() {
        "text" => false,
        "json" => true,
        other => return Err(layers.wrong("log.format", Some(other), "text or json")),
    };
    Ok(LogConfig { filter: raw.filter, json })
}

fn metrics(raw: raw::Metrics, layers: &Layers) -> Result<MetricsConfig, ConfigError> {
    // It travels in a header, and nobody counts who guesses it.
    let usable = |token: &str| token.len() >= 16 && token.bytes().all(|byte| byte.is_ascii_graphic());
    if raw.token.as_ref().is_some_and(|token| !usable(token.expose_secret())) {
        return Err(layers.wrong("metrics.token", None, "at least 16 letters, digits or signs without a space"));
    }
    Ok(MetricsConfig { token: raw.token })
}

fn open_platforms(keys: &[String], layers: &Layers) -> Result<Vec<Platform>, ConfigError> {
    keys.iter()
        .map(|key| {
            Platform::from_key(key).ok_or_else(|| layers.wrong("plans.open_platforms", Some(key), any_of(|_| true)))
        })
        .collect()
}

fn platforms(
    apps: BTreeMap<String, raw::App>,
    layers: &Layers,
) -> Result<BTreeMap<Platform, PlatformApp>, ConfigError> {
    let mut known = BTreeMap::new();
    for (name, app) in apps {
        let setting = format!("platforms.{name}");
        // Variables can't hold a hyphen.
        let platform = Platform::from_key(&name.replace('_', "-"))
            .filter(|platform| Platform::ALL.contains(platform) && platform.needs_operator_app());
        let Some(platform) = platform else {
            return Err(layers.wrong(&setting, None, any_of(Platform::needs_operator_app)));
        };
        if app.client_id.is_empty() {
            return Err(layers.wrong(&format!("{setting}.client_id"), Some(""), "the id of your app"));
        }
        if app.organisations && platform != Platform::Linkedin {
            return Err(layers.wrong(
                &format!("{setting}.organisations"),
                Some("true"),
                "left out: it is for linkedin",
            ));
        }
        let raw::App { client_id, client_secret, organisations } = app;
        known.insert(platform, PlatformApp { client_id, client_secret, organisations });
    }
    Ok(known)
}

fn any_of(which: impl Fn(Platform) -> bool) -> String {
    let keys: Vec<_> = Platform::ALL.into_iter().filter(|platform| which(*platform)).map(Platform::key).collect();
    format!("one of {}", keys.join(", "))
}

pub(super) fn port(setting: &str, number: i64, layers: &Layers) -> Result<u16, ConfigError> {
    u16::try_from(number).map_err(|_| layers.wrong(setting, Some(&number.to_string()), "a port from 0 to 65535"))
}

pub(super) fn within(setting: &str, number: i64, least: i64, most: i64, layers: &Layers) -> Result<u32, ConfigError> {
    let fits = u32::try_from(number).ok().filter(|_| (least..=most).contains(&number));
    fits.ok_or_else(|| layers.wrong(setting, Some(&number.to_string()), format!("a number from {least} to {most}")))
}
