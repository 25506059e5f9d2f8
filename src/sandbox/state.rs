//! What the stand-ins remember: apps, consents, codes, tokens, and what was broken on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::SandboxError;
use super::bluesky::Memory;
use super::cast::{self, Person};
use super::index::Index;
use super::models::Habits;
use super::tokens::Dice;
use super::vendor::Vendor;

/// Version of the state file's form.
const VERSION: u32 = 1;

/// Everything that survives a restart.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct State {
    version: u32,
    /// How many secrets were made.
    pub made: u64,
    pub grants: BTreeMap<u64, Grant>,
    /// By the token itself.
    pub tokens: BTreeMap<String, Token>,
    /// By the code itself.
    pub codes: BTreeMap<String, Code>,
    /// Mastodon apps by client id.
    pub apps: BTreeMap<String, App>,
    /// People whose account is not as it should be, by `vendor:person`.
    pub standings: BTreeMap<String, Standing>,
    /// Facebook people who lost their role on a page.
    pub lost_roles: BTreeSet<(String, String)>,
    /// Pages that no Instagram account is linked to any more.
    #[serde(default)]
    pub unlinked: BTreeSet<String>,
    /// Instagram people whose account is no professional one any more.
    #[serde(default)]
    pub personal: BTreeSet<String>,
    /// Bluesky handles whose app password was deleted.
    pub deleted_passwords: BTreeSet<String>,
    /// Telegram: groups that have become supergroups, by their old ids.
    #[serde(default)]
    pub upgraded: BTreeSet<String>,
    /// The newest tokens of each consent.
    #[serde(default)]
    pub latest: BTreeMap<u64, Latest>,
    /// How X treats refresh tokens.
    #[serde(default)]
    pub habits: Habits,
    /// What Bluesky's authorization server remembers.
    #[serde(default)]
    pub bluesky: Memory,
}

/// The newest tokens of a consent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Latest {
    pub access: Option<String>,
    pub refresh: Option<String>,
    /// When they were last renewed, in Unix milliseconds.
    pub renewed: Option<i64>,
}

/// What one consent gave.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Grant {
    pub id: u64,
    pub vendor: Vendor,
    /// The server, for Mastodon and Bluesky.
    pub host: String,
    /// Client id.
    pub app: String,
    /// Key of the person.
    pub person: String,
    pub scopes: Vec<String>,
    pub declined: Vec<String>,
    /// Facebook: the ticked pages.
    pub pages: Vec<String>,
    /// Unix milliseconds.
    pub since: i64,
    pub ended: Option<End>,
}

/// Why a token or a consent is worth nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Expired,
    Revoked,
    PasswordChanged,
    /// X: a later consent took its place, or an old refresh token was used again.
    Replaced,
    /// The app gave it back.
    GivenBack,
}

/// A token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Token {
    pub grant: u64,
    pub kind: Kind,
    /// Unix milliseconds.
    pub issued: i64,
    pub ends: Option<i64>,
    pub ended: Option<End>,
    /// When a refresh token was used.
    pub spent: Option<i64>,
    /// The refresh token that took its place.
    pub next: Option<String>,
    /// The refresh token that this one will outlive by its first use.
    #[serde(default)]
    pub prior: Option<String>,
}

/// What a token is good for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Facebook: hours.
    ShortUser,
    /// Facebook: two months.
    LongUser,
    /// Facebook: of this page.
    Page(String),
    Access,
    Refresh,
    /// Mastodon: an app without a person.
    App,
}

/// An authorization code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Code {
    pub vendor: Vendor,
    pub host: String,
    pub app: String,
    pub person: String,
    pub redirect_uri: String,
    pub scopes: Vec<String>,
    pub declined: Vec<String>,
    pub pages: Vec<String>,
    pub challenge: Option<String>,
    /// Unix milliseconds.
    pub issued: i64,
    pub used: bool,
}

/// A Mastodon app.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct App {
    pub host: String,
    pub secret: String,
    pub name: String,
    pub redirect_uris: Vec<String>,
    pub scopes: Vec<String>,
}

/// What is the matter with a person's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Deactivated,
    Suspended,
}

impl State {
    /// Reads a state file; an absent one is an empty state.
    pub fn load(path: Option<&Path>) -> Result<Self, SandboxError> {
        let fresh = Self { version: VERSION, ..Self::default() };
        let Some(path) = path else { return Ok(fresh) };
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(fresh),
            Err(error) => return Err(SandboxError::Read { path: path.into(), source: error }),
        };
        let state: Self = serde_json::from_slice(&text)
            .map_err(|error| SandboxError::Form { path: path.into(), why: error.to_string() })?;
        if state.version != VERSION {
            let why = format!("it has version {}, this program knows {VERSION}", state.version);
            return Err(SandboxError::Form { path: path.into(), why });
        }
        Ok(state)
    }

    /// Writes the state file: whoever reads it sees the old or the new one, never half of it.
    pub fn save(&self, path: &Path) -> Result<(), SandboxError> {
        let fail = |source| SandboxError::Write { path: path.into(), source };
        let text = serde_json::to_vec(self).map_err(|error| fail(error.into()))?;
        let aside = path.with_extension("json.new");
        std::fs::write(&aside, text).map_err(fail)?;
        std::fs::rename(&aside, path).map_err(fail)
    }
}

/// State and dice: what the twins work on.
pub struct World {
    pub state: State,
    pub dice: Dice,
    /// Where the registered apps may send people back to.
    pub redirect_uris: Vec<String>,
    /// Whether the state must be written.
    pub changed: bool,
    index: Index,
}

/// A token that is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dead {
    Unknown,
    Ended(End),
}

impl World {
    pub fn new(state: State, dice: Dice, redirect_uris: Vec<String>) -> Self {
        let index = Index::of(&state);
        Self { state, dice, redirect_uris, changed: false, index }
    }

    /// A consent.
    pub fn add_grant(&mut self, grant: Grant) -> u64 {
        let id = self.state.grants.keys().next_back().map_or(1, |last| last + 1);
        let grant = Grant { id, ..grant };
        self.index.add_grant(&grant);
        self.state.grants.insert(id, grant);
        self.changed = true;
        id
    }

    /// A Mastodon app.
    pub fn add_app(&mut self, id: String, app: App) {
        self.index.add_app(&app.host, &id);
        self.state.apps.insert(id, app);
        self.state.made += 2;
        self.changed = true;
    }

    pub fn add_token(&mut self, secret: &str, grant: u64, kind: Kind, issued: i64, life_ms: Option<i64>) {
        let token = Token {
            grant,
            kind,
            issued,
            ends: life_ms.map(|life| issued + life),
            ended: None,
            spent: None,
            next: None,
            prior: None,
        };
        let latest = self.state.latest.entry(grant).or_default();
        match token.kind {
            Kind::Refresh => latest.refresh = Some(secret.to_owned()),
            Kind::Access | Kind::LongUser => latest.access = Some(secret.to_owned()),
            Kind::ShortUser | Kind::Page(_) | Kind::App => {}
        }
        self.index.add_token(grant, secret);
        self.state.tokens.insert(secret.to_owned(), token);
        self.state.made += 1;
        self.changed = true;
    }

    pub fn add_code(&mut self, secret: &str, code: Code) {
        self.state.codes.insert(secret.to_owned(), code);
        self.state.made += 1;
        self.changed = true;
    }

    /// A token that works, and its consent.
    pub fn live(&self, secret: &str, now: i64) -> Result<(Token, Grant), Dead> {
        let token = self.state.tokens.get(secret).ok_or(Dead::Unknown)?;
        let grant = self.state.grants.get(&token.grant).ok_or(Dead::Unknown)?;
        if let Some(end) = token.ended {
            return Err(Dead::Ended(end));
        }
        if token.ends.is_some_and(|ends| ends <= now) {
            return Err(Dead::Ended(End::Expired));
        }
        Ok((token.clone(), grant.clone()))
    }

    /// Ends a consent and all its tokens.
    pub fn end(&mut self, grant: u64, why: End) {
        if let Some(grant) = self.state.grants.get_mut(&grant) {
            grant.ended.get_or_insert(why);
        }
        self.each_token(grant, |token| {
            token.ended.get_or_insert(why);
        });
    }

    /// Works on all tokens of a consent.
    pub fn each_token(&mut self, grant: u64, mut work: impl FnMut(&mut Token)) {
        for secret in self.index.tokens(grant) {
            if let Some(token) = self.state.tokens.get_mut(secret) {
                work(token);
            }
        }
        self.changed = true;
    }

    /// All tokens of a consent with their secrets, the oldest first.
    pub fn tokens_of(&self, grant: u64) -> impl Iterator<Item = (&str, &Token)> {
        let all = self.index.tokens(grant).iter();
        all.filter_map(|secret| Some((secret.as_str(), self.state.tokens.get(secret)?)))
    }

    /// Notes that new tokens were given for old ones.
    pub fn renewed(&mut self, grant: u64, now: i64) {
        self.state.latest.entry(grant).or_default().renewed = Some(now);
        self.changed = true;
    }

    /// The consent that a token is of.
    pub fn owner(&self, secret: &str) -> Option<&Grant> {
        self.state.grants.get(&self.state.tokens.get(secret)?.grant)
    }

    /// All consents of a person, the oldest first.
    pub fn consents(&self, vendor: Vendor, person: &str) -> impl DoubleEndedIterator<Item = &Grant> {
        self.index.grants(vendor, person).iter().filter_map(|id| self.state.grants.get(id))
    }

    /// Client id of an app on a Mastodon server.
    pub fn app_on(&self, host: &str) -> Option<String> {
        self.index.app(host).map(str::to_owned)
    }

    /// The living consents that a vendor's app has of a person.
    pub fn grants_of(&self, vendor: Vendor, host: &str, app: &str, person: &str) -> Vec<u64> {
        let same = |grant: &&Grant| grant.host == host && grant.app == app && grant.ended.is_none();
        self.consents(vendor, person).filter(same).map(|grant| grant.id).collect()
    }

    pub fn person(&self, grant: &Grant) -> Option<Person> {
        cast::find(grant.vendor, &grant.host, &grant.person)
    }

    /// What is the matter with a person's account, if anything. On Mastodon a key without a server means all servers.
    pub fn standing(&self, vendor: Vendor, host: &str, person: &str) -> Option<Standing> {
        let keys = [standing_key(vendor, person), standing_key(vendor, &format!("{person}@{host}"))];
        keys.iter().find_map(|key| self.state.standings.get(key).copied())
    }

    /// Whether a person still has a role on a Facebook page.
    pub fn has_role(&self, person: &str, page: &str) -> bool {
        !self.state.lost_roles.contains(&(person.to_owned(), page.to_owned()))
    }
}

/// Where a person's standing is kept.
pub fn standing_key(vendor: Vendor, person: &str) -> String {
    format!("{}:{person}", vendor.key())
}

impl Grant {
    pub fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|one| one == scope)
    }

    /// As the request log names it.
    pub fn label(&self) -> String {
        let twin = self.vendor.twin();
        let host = if twin.has_many_hosts() { format!("@{}", self.host) } else { String::new() };
        format!("{}:{}{host}", twin.key(), self.person)
    }
}
