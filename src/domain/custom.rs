//! Platforms that nobody foresaw: the operator describes them in the settings, and this is what is left of the
//! description where only key and name matter. Each is remembered once for the life of the process, so that a handle is
//! as cheap as a built-in platform.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// What keys of custom platforms begin with: none of ours ever does.
pub const PREFIX: &str = "custom-";

/// Longest key (with its prefix) and name, in bytes.
const MAX_KEY: usize = 40;
const MAX_NAME: usize = 80;

/// A handle to a custom platform. Two are the same if their keys are.
#[derive(Clone, Copy)]
pub struct Custom(&'static Known);

struct Known {
    key: String,
    name: String,
    /// What one account there is called.
    noun: String,
}

#[derive(Default)]
struct Registry {
    known: Vec<&'static Known>,
    /// Names in texts from elsewhere are not believed: this process has the settings.
    authority: bool,
}

static REGISTRY: LazyLock<Mutex<Registry>> = LazyLock::new(Mutex::default);

fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Registry {
    fn find(&self, key: &str) -> Option<&'static Known> {
        self.known.iter().find(|known| known.key == key).copied()
    }

    /// The one of this key, made if there is none. A later name takes the place of an earlier one.
    fn put(&mut self, key: &str, name: &str) -> Custom {
        let same = |known: &&&'static Known| known.key == key && known.name == name;
        if let Some(known) = self.known.iter().find(same) {
            return Custom(known);
        }
        let known = Known { key: key.to_owned(), name: name.to_owned(), noun: format!("{name} account") };
        let known: &'static Known = Box::leak(Box::new(known));
        self.known.retain(|other| other.key != key);
        self.known.push(known);
        Custom(known)
    }
}

/// Whether a text can be a key, prefix included.
pub fn is_key(text: &str) -> bool {
    let fits = |rest: &str| {
        !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !rest.starts_with('-')
            && !rest.ends_with('-')
    };
    text.len() <= MAX_KEY && text.strip_prefix(PREFIX).is_some_and(fits)
}

/// Whether a text can be a name.
pub fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.trim() == text && text.len() <= MAX_NAME && !text.chars().any(char::is_control)
}

impl Custom {
    /// Remembers a platform of the settings. `key` has its prefix. `None` if key or name can't be used.
    pub fn register(key: &str, name: &str) -> Option<Self> {
        let mut registry = registry();
        registry.authority = true;
        (is_key(key) && is_name(name)).then(|| registry.put(key, name))
    }

    /// From now on only what is registered here is known.
    pub fn decide_here() {
        registry().authority = true;
    }

    /// The one of a key, if it is known.
    pub fn find(key: &str) -> Option<Self> {
        registry().find(key).map(Self)
    }

    /// One that the database still has and the settings don't. Its key has to serve as its name.
    pub fn gone(key: &str) -> Option<Self> {
        let name = key.strip_prefix(PREFIX)?;
        let mut registry = registry();
        is_key(key).then(|| registry.find(key).map_or_else(|| registry.put(key, name), Self))
    }

    /// What [`text`](Self::text) says. Where the settings are known, the name in it counts for nothing.
    pub fn from_text(text: &str) -> Option<Self> {
        let (key, name) = text.split_once(' ')?;
        let mut registry = registry();
        if registry.authority {
            return registry.find(key).map(Self);
        }
        (is_key(key) && is_name(name)).then(|| registry.put(key, name))
    }

    /// Key and name in one text.
    pub fn text(self) -> String {
        format!("{} {}", self.0.key, self.0.name)
    }

    pub fn key(self) -> &'static str {
        &self.0.key
    }

    pub fn name(self) -> &'static str {
        &self.0.name
    }

    /// What one account there is called.
    pub fn noun(self) -> &'static str {
        &self.0.noun
    }
}

impl std::fmt::Debug for Custom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.key)
    }
}

impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl Eq for Custom {}

impl Hash for Custom {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
    }
}

impl PartialOrd for Custom {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Custom {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.key.cmp(&other.0.key)
    }
}

#[cfg(test)]
mod tests {
    use super::super::platform::Platform;
    use super::*;

    #[test]
    fn a_registered_platform_is_known_by_its_key_and_keeps_its_own_name() {
        let one = Platform::Custom(Custom::register("custom-one", "One & Only").unwrap());
        assert_eq!((one.key(), one.name(), one.noun()), ("custom-one", "One & Only", "One & Only account"));
        assert_eq!(Platform::from_key("custom-one"), Some(one));
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(text, "\"custom-one One & Only\"");
        assert_eq!(serde_json::from_str::<Platform>(&text).unwrap(), one);
        let lie: Platform = serde_json::from_str("\"custom-one Somebody Else\"").unwrap();
        assert_eq!(lie.name(), "One & Only", "the settings decide");
        assert!(
            serde_json::from_str::<Platform>("\"custom-never Never\"").is_err(),
            "nobody fills our memory from outside"
        );
        assert_eq!(Platform::from_key("custom-never"), None);
        let again = Platform::Custom(Custom::register("custom-one", "Renamed").unwrap());
        assert_eq!((again, again.name()), (one, "Renamed"));
        assert_eq!(Platform::from_key("custom-one").unwrap().name(), "Renamed");
        assert_eq!(Platform::stored("custom-forgotten").unwrap().name(), "forgotten");
        assert_eq!(Platform::stored("elsewhere"), None);
    }

    #[test]
    fn keys_and_names_are_plain() {
        for key in ["custom-", "custom-A", "custom-a b", "custom--a", "custom-a-", "facebook", "custom-a\n"] {
            assert!(Custom::register(key, "Name").is_none(), "{key}");
        }
        for name in ["", " ", " x", "a\nb"] {
            assert!(Custom::register("custom-x", name).is_none(), "{name:?}");
        }
    }
}
