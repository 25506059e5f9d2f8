//! The settings: layers, defaults, refusals.

use std::net::SocketAddr;

use pilotlight::domain::platform::Platform;
use pilotlight::server::config::{Config, ConfigError};
use secrecy::ExposeSecret;

fn from_file(text: &str) -> Result<Config, ConfigError> {
    Config::from_layers(Some(("Leptos.toml", text)), [("", ""); 0])
}

fn from_env(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_layers(None, variables.iter().copied())
}

fn complaint(result: Result<Config, ConfigError>) -> String {
    result.expect_err("it must be refused").to_string()
}

/// Leptos.toml with every commented setting in force.
fn documented() -> String {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Leptos.toml")).unwrap();
    let setting = |line: &str| {
        let name = line.split_once(" = ").map_or("", |(name, _)| name);
        (!name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')) || line.starts_with('[')
    };
    let live = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if setting(rest) => rest.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(live).collect::<Vec<_>>().join("\n")
}

#[test]
fn defaults_are_usable_as_they_are() {
    let config = from_env(&[]).unwrap();
    assert_eq!(config.server.listen, SocketAddr::from(([127, 0, 0, 1], 3000)));
    assert_eq!(config.server.public_url, "http://127.0.0.1:3000");
    assert_eq!(config.server.data.to_str(), Some("data"));
    assert!(config.database.url.is_none() && config.vault.key.is_none() && config.outbound.upstream.is_none());
    assert!(
        config.outbound.private_hosts.is_empty() && config.platforms.is_empty() && config.open_platforms.is_empty()
    );
    assert!(config.outbound.timeout_seconds * 2 <= config.keeper.lease_seconds, "DESIGN rule 4");
}

// Issue: "Every setting has a documented default"
#[test]
fn leptos_toml_as_it_is_changes_nothing_and_documents_every_default() {
    let shipped = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Leptos.toml")).unwrap();
    let defaults = format!("{:?}", from_env(&[]).unwrap());
    let nameless = Config { file: None, ..from_file(&shipped).unwrap() };
    assert_eq!(format!("{nameless:?}"), defaults);

    // With every line in force, only the examples (which say that they are no defaults) differ.
    let mut all = from_file(&documented()).unwrap();
    assert_eq!(
        all.platforms.keys().map(|platform| platform.key()).collect::<Vec<_>>(),
        ["facebook", "linkedin", "x", "custom-forum"]
    );
    assert_eq!(all.custom.len(), 1);
    assert!(all.database.url.is_some() && all.vault.key.is_some() && all.vault.old_key.is_some());
    assert!(all.metrics.token.is_some());
    assert_eq!(all.outbound.upstream.as_deref(), Some("http://127.0.0.1:4400"));
    all.platforms.clear();
    all.custom.clear();
    all.database.url = None;
    (all.vault.key, all.vault.old_key, all.outbound.upstream, all.metrics.token) = (None, None, None, None);
    assert!(all.mail.smtp.is_some());
    all.mail = from_env(&[]).unwrap().mail;
    all.file = None;
    assert_eq!(format!("{all:?}"), defaults);
}

#[test]
fn leptos_toml_names_every_setting_there_is() {
    let documented: toml::Table = documented().parse().unwrap();
    for (table, settings) in &documented {
        if table == "package" || table == "platforms" {
            continue;
        }
        // Of these there is one for each platform.
        let (table, settings) = match table.as_str() {
            "custom" => ("custom.forum", &settings["forum"]),
            table => (table, settings),
        };
        let complaint = complaint(from_file(&format!("[{table}]\nno_such_setting = 1")));
        let known = complaint.split_once("Expected one of: ").expect("it names the known ones").1.trim_end_matches('.');
        let mut known: Vec<_> = known.split(", ").collect();
        let mut named: Vec<_> = settings.as_table().unwrap().keys().map(String::as_str).collect();
        known.sort_unstable();
        named.sort_unstable();
        assert_eq!(named, known, "[{table}]");
    }
    let complaint = complaint(from_file("[no_such_table]\nx = 1"));
    for table in complaint.split_once("Expected one of: ").unwrap().1.trim_end_matches('.').split(", ") {
        assert!(documented.contains_key(table), "{table} is not documented");
    }
}

#[test]
fn the_environment_wins_over_the_file_and_long_names_over_short_ones() {
    let text = "[server]\nlisten = \"0.0.0.0:80\"\ndata = \"from-file\"\n[log]\nfilter = \"debug\"";
    let config = Config::from_layers(
        Some(("Leptos.toml", text)),
        [
            ("PILOTLIGHT_SERVER__DATA", "long"),
            ("PILOTLIGHT_DATA", "short"),
            ("PILOTLIGHT_PORT", "8080"),
            ("PILOTLIGHT_UPSTREAM", "http://127.0.0.1:4400/"),
            ("PILOTLIGHT_OUTBOUND__PRIVATE_HOSTS", "localhost:2583, Other.Test"),
            ("PILOTLIGHT_KEEPER__POLL_SECONDS", "1"),
            ("PILOTLIGHT_SERVER__BEHIND_PROXY", "true"),
            ("PILOTLIGHT_PLANS__OPEN_PLATFORMS", "mastodon,google-business"),
            ("PILOTLIGHT_PLATFORMS__FACEBOOK__CLIENT_ID", "0123456789012345678901234567890"),
            ("PILOTLIGHT_PLATFORMS__FACEBOOK__CLIENT_SECRET", "5"),
            ("PILOTLIGHT_PLATFORMS__GOOGLE_BUSINESS__CLIENT_ID", "g"),
            ("PILOTLIGHT_PLATFORMS__GOOGLE_BUSINESS__CLIENT_SECRET", "s"),
            ("PILOTLIGHT_CONFIG", "is-read-by-the-command-line"),
            ("PILOTLIGHT_PUBLIC_URL", ""),
            ("PILOTLIGHTER", "not ours"),
            ("HOME", "/root"),
        ],
    )
    .unwrap();
    assert_eq!(config.server.data.to_str(), Some("long"));
    assert_eq!(config.server.listen.to_string(), "0.0.0.0:8080");
    assert_eq!(config.server.public_url, "http://localhost:8080", "an empty variable is none");
    assert!(config.server.behind_proxy);
    assert_eq!(config.outbound.upstream.as_deref(), Some("http://127.0.0.1:4400"));
    assert_eq!(config.outbound.private_hosts, ["localhost:2583", "other.test"]);
    assert_eq!(config.keeper.poll_seconds, 1);
    assert_eq!(config.log.filter, "debug");
    assert_eq!(config.open_platforms, [Platform::Mastodon, Platform::GoogleBusiness]);
    let app = &config.platforms[&Platform::Facebook];
    assert_eq!(app.client_id, "0123456789012345678901234567890", "digits stay text");
    assert_eq!(app.client_secret.expose_secret(), "5");
    assert!(config.platforms.contains_key(&Platform::GoogleBusiness));
}

// Issue: "an unknown or wrong one stops the start with its name and what was expected"
#[test]
fn a_wrong_setting_is_named_with_its_origin_and_what_was_expected() {
    let cases = [
        ("[server]\nlissten = \"x\"", "server.lissten", "listen"),
        ("[srever]\nlisten = \"x\"", "srever", "server"),
        ("stray = 1", "stray", "server"),
        ("[package.metadata.leptos]\nsite-rot = \"x\"", "package.metadata.leptos.site-rot", "site-root"),
        ("[package.metadata.leptos]\nreload-port = \"a\"", "package.metadata.leptos.reload-port", "whole number"),
        ("[server]\nlisten = \"localhost\"", "server.listen", "IP address"),
        ("[server]\nlisten = 3000", "server.listen", "string"),
        ("[server]\nport = 70000", "server.port", "65535"),
        ("[server]\nbehind_proxy = \"maybe\"", "server.behind_proxy", "true or false"),
        ("[server]\npublic_url = \"social.example.org\"", "server.public_url", "scheme"),
        ("[server]\npublic_url = \"https://a.example/path\"", "server.public_url", "scheme"),
        ("[server]\npublic_url = \"https://u:p@a.example\"", "server.public_url", "scheme"),
        ("[server]\npublic_url = \"ftp://a.example\"", "server.public_url", "scheme"),
        ("[database]\nurl = \"mysql://a\"", "database.url", "postgres://"),
        ("[sessions]\nidle_days = 0", "sessions.idle_days", "1 to 3650"),
        ("[sessions]\nidle_days = 30\nabsolute_days = 20", "sessions.absolute_days", "idle_days"),
        ("[vault]\nold_key = \"x\"", "vault.old_key", "PILOTLIGHT_KEY"),
        ("[outbound]\nupstream = \"127.0.0.1:4400\"", "outbound.upstream", "web address"),
        ("[outbound]\nprivate_hosts = [\"http://x/\"]", "outbound.private_hosts", "names"),
        ("[outbound]\nprivate_hosts = 5", "outbound.private_hosts", "list"),
        ("[outbound]\ntimeout_seconds = 40", "keeper.lease_seconds", "80"),
        ("[outbound]\ntimeout_seconds = \"soon\"", "outbound.timeout_seconds", "whole number"),
        ("[metrics]\ntoken = \"too-short\"", "metrics.token", "16"),
        ("[metrics]\ntoken = \"sixteen and spaces\"", "metrics.token", "space"),
        ("[log]\nfilter = \"pilotlight=loud\"", "log.filter", "info"),
        ("[log]\nformat = \"xml\"", "log.format", "json"),
        ("[plans]\nopen_platforms = [\"myspace\"]", "plans.open_platforms", "mastodon"),
        ("[platforms.myspace]\nclient_id = \"a\"\nclient_secret = \"b\"", "platforms.myspace", "facebook"),
        ("[platforms.mastodon]\nclient_id = \"a\"\nclient_secret = \"b\"", "platforms.mastodon", "facebook"),
        ("[platforms.x]\nclient_id = \"a\"", "platforms.x.client_secret", "set"),
        ("[platforms.x]\nclient_id = \"\"\nclient_secret = \"b\"", "platforms.x.client_id", "id of your app"),
        ("[platforms.x]\nclient_id = \"a\"\nclient_secret = \"b\"\nkey = 1", "platforms.x.key", "client_id"),
    ];
    for (text, setting, expected) in cases {
        let words = complaint(from_file(text));
        assert!(words.contains(&format!("\"{setting}\"")), "{text}: {words}");
        assert!(words.contains(expected), "{text}: {words}");
    }
    for (name, value, setting) in [
        ("PILOTLIGHT_PROT", "1", "PILOTLIGHT_PROT"),
        ("PILOTLIGHT_SERVER__PROT", "1", "server.prot"),
        ("PILOTLIGHT_NOTHING__AT_ALL", "1", "nothing"),
        ("PILOTLIGHT_PORT", "eighty", "server.port"),
        ("PILOTLIGHT_SANDBOX_PORT", "-1", "sandbox.port"),
    ] {
        let words = complaint(from_env(&[(name, value)]));
        assert!(words.contains(setting) && words.contains("nvironment"), "{name}: {words}");
    }
    assert!(complaint(from_env(&[("PILOTLIGHT_PORT", "eighty")])).contains("PILOTLIGHT_PORT"));
}

// Issue: private hosts are refused when the public URL is https and not loopback
#[test]
fn private_hosts_are_for_development_only() {
    let with = |url: &str| {
        from_env(&[("PILOTLIGHT_PUBLIC_URL", url), ("PILOTLIGHT_OUTBOUND__PRIVATE_HOSTS", "localhost:2583")])
    };
    for development in [
        "http://social.test",
        "https://localhost:3000",
        "https://127.0.0.1",
        "https://[::1]:8443",
        "https://a.localhost",
    ] {
        assert!(with(development).is_ok(), "{development}");
    }
    for public in ["https://social.example.org", "https://localhost.example.org", "https://192.168.1.5"] {
        assert!(complaint(with(public)).contains("outbound.private_hosts"), "{public}");
    }
}

const FORUM: &str = r#"
[custom.forum]
name = "Forum"
authorize_url = "https://forum.example/a"
token_url = "https://forum.example/t"
client_id = "1"
client_secret = "s3cret"
profile_url = "https://forum.example/me"
profile_id = "/id"
"#;

#[test]
fn a_platform_that_nobody_foresaw_is_described_and_checked() {
    let config = from_file(FORUM).unwrap();
    let forum = &config.custom[0];
    assert_eq!((forum.platform.key(), forum.platform.name()), ("custom-forum", "Forum"));
    assert!(forum.pkce && forum.basic && forum.scopes.is_empty() && forum.revoke_url.is_none());
    assert_eq!(config.all_platforms().last(), Some(Platform::Custom(forum.platform)));
    assert!(config.platforms.contains_key(&Platform::Custom(forum.platform)));
    assert!(!format!("{config:?}").contains("s3cret"));
    let opened = from_file(&format!("{FORUM}\n[plans]\nopen_platforms = [\"custom-forum\"]")).unwrap();
    assert_eq!(opened.open_platforms, [Platform::Custom(forum.platform)]);
    for (from, to, setting) in [
        ("[custom.forum]", "[custom.\"Fo rum\"]", "custom.Fo rum"),
        ("\"Forum\"", "\"\"", "custom.forum.name"),
        ("https://forum.example/a", "forum.example/a", "custom.forum.authorize_url"),
        ("https://forum.example/t", "ftp://forum.example/t", "custom.forum.token_url"),
        ("https://forum.example/me", "https://me:s3cret@forum.example/", "custom.forum.profile_url"),
        ("\"/id\"", "\"id\"", "custom.forum.profile_id"),
        ("client_id = \"1\"", "client_id = \"\"", "custom.forum.client_id"),
        ("client_id = \"1\"", "client_id = \"1\"\nclient_auth = \"jwt\"", "custom.forum.client_auth"),
        ("client_id = \"1\"", "client_id = \"1\"\noptional_scopes = [\"x\"]", "custom.forum.optional_scopes"),
        ("client_id = \"1\"\n", "", "custom.forum.client_id"),
    ] {
        let words = complaint(from_file(&FORUM.replace(from, to)));
        assert!(words.contains(&format!("\"{setting}\"")) && !words.contains("s3cret"), "{setting}: {words}");
    }
    let words = complaint(from_file("[platforms.x]\nclient_id = \"1\"\nclient_secret = \"2\"\norganisations = true"));
    assert!(words.contains("platforms.x.organisations"), "{words}");
}

// DESIGN rule 2
#[test]
fn secrets_are_in_no_debug_text_and_in_no_complaint() {
    let config = from_env(&[
        ("DATABASE_URL", "postgres://ann:s3cret@db/name"),
        ("PILOTLIGHT_KEY", "s3cret"),
        ("PILOTLIGHT_KEY_OLD", "s3cret"),
        ("PILOTLIGHT_PLATFORMS__X__CLIENT_ID", "id"),
        ("PILOTLIGHT_PLATFORMS__X__CLIENT_SECRET", "s3cret"),
        ("PILOTLIGHT_METRICS__TOKEN", "s3cret-s3cret-s3cret"),
    ]);
    assert!(!format!("{:?}", config.unwrap()).contains("s3cret"));
    for text in [
        "[vault]\nkey = [\"s3cret\"]",
        "[database]\nurl = { s3cret = 1 }",
        "[database]\nurl = \"my://s3cret\"",
        "[vault]\nkey = \"s3cret",
        "[platforms.x]\nclient_id = \"a\"\nclient_secret = s3cret",
        "[vault]\nold_key = \"s3cret\"",
        "[metrics]\ntoken = \"s3cret\"",
        "[metrics]\ntoken = [\"s3cret\"]",
    ] {
        let error = from_file(text).expect_err("refused");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}

#[test]
fn a_file_that_is_not_toml_is_named_with_the_line() {
    let words = complaint(from_file("[server]\n\nlisten = \n"));
    assert!(words.contains("Leptos.toml") && words.contains("line 3"), "{words}");
    let missing = Config::load(Some(std::path::Path::new("/no/such/file.toml")));
    assert!(complaint(missing).contains("/no/such/file.toml"));
}
