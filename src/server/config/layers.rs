//! Where settings come from, and how a complaint about one is worded.

use std::ffi::OsString;
use std::path::Path;

use figment::error::Kind;
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::raw::Raw;
use super::{ConfigError, FILE};

const PREFIX: &str = "PILOTLIGHT_";

/// Short names for what is set most often, and the settings they stand for.
const SHORT: [(&str, &str); 8] = [
    ("DATABASE_URL", "database.url"),
    ("PILOTLIGHT_DATA", "server.data"),
    ("PILOTLIGHT_PORT", "server.port"),
    ("PILOTLIGHT_PUBLIC_URL", "server.public_url"),
    ("PILOTLIGHT_UPSTREAM", "outbound.upstream"),
    ("PILOTLIGHT_KEY", "vault.key"),
    ("PILOTLIGHT_KEY_OLD", "vault.old_key"),
    ("PILOTLIGHT_SANDBOX_PORT", "sandbox.port"),
];

/// Read by the command line: which settings file to use.
const FILE_VARIABLE: &str = "PILOTLIGHT_CONFIG";

/// All layers on top of each other.
pub struct Layers(Figment);

/// Name and text of the settings file, if there is one.
pub fn read(file: Option<&Path>) -> Result<Option<(String, String)>, ConfigError> {
    let path = file.unwrap_or(Path::new(FILE));
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some((path.display().to_string(), text))),
        Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Read { file: path.display().to_string(), source }),
    }
}

pub fn merge<N: Into<OsString>, V: Into<OsString>>(
    file: Option<(&str, &str)>,
    variables: impl IntoIterator<Item = (N, V)>,
) -> Result<Layers, ConfigError> {
    let mut figment = Figment::new();
    if let Some((name, text)) = file {
        figment = figment.merge(Layer { origin: name.to_owned(), dict: parse(name, text)? });
    }
    let mut variables: Vec<_> = variables.into_iter().filter_map(variable).collect::<Result<_, _>>()?;
    // Short names first: a long one beside it wins, whatever the order of the environment.
    variables.sort_by_key(|(name, ..)| (name.contains("__"), name.clone()));
    for (name, setting, value) in variables {
        let origin = format!("Environment variable {name}");
        figment = figment.merge(Layer { origin, dict: nested(&setting, value) });
    }
    Ok(Layers(figment))
}

/// The setting that a variable stands for; `None` for variables that are not ours.
fn variable<N: Into<OsString>, V: Into<OsString>>(
    (name, value): (N, V),
) -> Option<Result<(String, String, String), ConfigError>> {
    let name = name.into().into_string().ok()?;
    let short = SHORT.iter().find(|(short, _)| *short == name).map(|(_, setting)| (*setting).to_owned());
    if short.is_none() && (!name.starts_with(PREFIX) || name == FILE_VARIABLE) {
        return None;
    }
    let long = name.strip_prefix(PREFIX).filter(|rest| rest.contains("__"));
    let Some(setting) = short.or(long.map(|rest| rest.to_lowercase().replace("__", "."))) else {
        let known = SHORT.map(|(short, _)| short).join(", ");
        return Some(Err(ConfigError::Unknown {
            setting: name,
            origin: "Environment".into(),
            expected: format!("Expected PILOTLIGHT_<TABLE>__<SETTING> or one of {known}."),
        }));
    };
    // An empty variable is how many tools write "not set".
    let value = value.into().into_string().unwrap_or_else(|raw| raw.to_string_lossy().into_owned());
    (!value.is_empty()).then_some(Ok((name, setting, value)))
}

fn parse(name: &str, text: &str) -> Result<Dict, ConfigError> {
    // The parser's own display quotes the line, and the line may hold a secret.
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError::Syntax {
        file: name.to_owned(),
        line: error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1),
        message: error.message().to_owned(),
    })?;
    let value = Value::serialize(table).ok().and_then(Value::into_dict);
    Ok(value.expect("a TOML table has text keys and is a dictionary"))
}

fn nested(setting: &str, value: String) -> Dict {
    let mut parts = setting.rsplit('.');
    let last = parts.next().unwrap_or(setting).to_owned();
    let innermost = Dict::from([(last, Value::from(value))]);
    parts.fold(innermost, |inner, part| Dict::from([(part.to_owned(), Value::from(inner))]))
}

struct Layer {
    origin: String,
    dict: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.dict.clone()))
    }
}

impl Layers {
    /// The settings as written, on top of the defaults.
    pub fn extract(&self) -> Result<Raw, ConfigError> {
        self.0.extract().map_err(explain)
    }

    /// A complaint about a setting that has the right shape but can't be used.
    pub fn wrong(&self, setting: &str, found: Option<&str>, expected: impl Into<String>) -> ConfigError {
        let origin = self.0.find_metadata(setting).map_or("Defaults".into(), |metadata| metadata.name.to_string());
        ConfigError::Wrong { setting: setting.into(), origin, expected: expected.into(), found: quote(found) }
    }
}

fn quote(found: Option<&str>) -> String {
    found.map_or_else(String::new, |found| format!(", not \"{found}\""))
}

/// A message with the setting's name and origin, and never with a value that could be secret.
fn explain(error: figment::Error) -> ConfigError {
    let origin = error.metadata.as_ref().map_or("Settings".into(), |metadata| metadata.name.to_string());
    let path = error.path.join(".");
    let show = |found: &dyn std::fmt::Display| match is_secret(&path) {
        true => String::new(),
        false => format!(", not {found}"),
    };
    match error.kind {
        Kind::UnknownField(ref name, known) => {
            let known: Vec<_> = known.iter().filter(|name| **name != "package").copied().collect();
            let setting = if path.is_empty() || path.ends_with(name.as_str()) {
                error.path.join(".")
            } else {
                format!("{path}.{name}")
            };
            let setting = if setting.is_empty() { name.clone() } else { setting };
            ConfigError::Unknown { setting, origin, expected: format!("Expected one of: {}.", known.join(", ")) }
        }
        Kind::InvalidType(ref found, ref expected) | Kind::InvalidValue(ref found, ref expected) => {
            ConfigError::Wrong { found: show(found), setting: path, origin, expected: expected.clone() }
        }
        Kind::MissingField(name) => ConfigError::Wrong {
            setting: if path.is_empty() { name.into_owned() } else { format!("{path}.{name}") },
            origin,
            expected: "set".into(),
            found: ", but is missing".into(),
        },
        _ => ConfigError::Wrong { setting: path, origin, expected: "of another kind".into(), found: String::new() },
    }
}

fn is_secret(path: &str) -> bool {
    ["secret", "key", "token", "url", "password"]
        .iter()
        .any(|word| path.rsplit('.').next().is_some_and(|last| last.contains(word)))
}
