//! What every stand-in vendor can do. Whatever differs between vendors is said here and nowhere else.

use super::SandboxError;
use super::call::{Answer, Call, Reply};
use super::cast::Person;
use super::consent::{Ask, Refusal};
use super::mint::Minted;
use super::state::{Code, End, Token, World};

/// The app that is registered at a vendor, as an operator would enter it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisteredApp {
    /// The platform it is for, as Pilotlight's settings name it: a vendor may serve several.
    pub platform: &'static str,
    pub id: &'static str,
    pub secret: &'static str,
}

/// A stand-in for one vendor: strict as the vendor is, written from the vendor's documents.
pub trait Twin: Sync {
    /// As controls and faults name it.
    fn key(&self) -> &'static str;

    /// As people name it.
    fn name(&self) -> &'static str;

    /// Whether it answers at this address.
    fn owns(&self, host: &str, path: &str) -> bool;

    /// The host that its people belong to where nobody says one.
    fn host(&self) -> &'static str;

    /// Whether it is many servers, each with people and consents of its own.
    fn has_many_hosts(&self) -> bool {
        false
    }

    /// Apps registered with it from the start.
    fn apps(&self) -> &'static [RegisteredApp] {
        &[]
    }

    /// Other secrets that exist from the start (app passwords, say): nobody may ever see them.
    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }

    /// Everybody whom its pages show. `host` matters where it has many.
    fn people(&self, host: &str) -> Vec<Person>;

    /// The `n`-th of its crowd, if it has one.
    fn crowd(&self, _host: &str, _n: u64) -> Option<Person> {
        None
    }

    /// Which of the crowd has this id.
    fn number_in_crowd(&self, _host: &str, _id: &str) -> Option<u64> {
        None
    }

    /// What a consent page shows beside a name.
    fn shown_handle(&self, person: &Person, _host: &str) -> String {
        format!("@{}", person.handle)
    }

    /// Whether people choose destinations on its consent page.
    fn offers_pages(&self) -> bool {
        false
    }

    /// Whether a request is for a consent page, and what it asks.
    fn asked(&self, _world: &World, _call: &Call) -> Option<Result<Ask, Refusal>> {
        None
    }

    /// What the redirect says when the person cancels.
    fn denied(&self) -> &'static [(&'static str, &'static str)] {
        &[("error", "access_denied")]
    }

    /// What the redirect says besides the code and the state.
    fn told(&self, _ask: &Ask, _code: &Code) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// An odd fragment at the end of its redirects, without the `#`.
    fn fragment(&self) -> Option<&'static str> {
        None
    }

    /// Makes a code for what was allowed, and may change what it stands for.
    fn code(&self, world: &mut World, _ask: &Ask, _code: &mut Code, _now: i64) -> String {
        world.dice.letters(43)
    }

    /// Answers everything but the consent page.
    fn answer(&self, world: &mut World, call: &Call) -> Answer;

    /// "Too many requests"; `seconds` is the wait that it names in its own way, if it names one.
    fn too_often(&self, world: &mut World, call: &Call, seconds: Option<u32>) -> Reply;

    /// The app's credentials are wrong; `None` where it does not look at them.
    fn app_refused(&self, _world: &mut World, _call: &Call) -> Option<Reply> {
        None
    }

    /// The token that a refresh request brings, perhaps an empty one; `None` if it is no refresh.
    fn refreshed_with<'a>(&self, _call: &'a Call) -> Option<&'a str> {
        None
    }

    /// Whether a refresh token that has been used is worth nothing any more.
    fn is_used_up(&self, _world: &World, _token: &Token, _now: i64) -> bool {
        false
    }

    /// The person changed their password.
    fn password_changed(&self, world: &mut World, grant: u64) {
        world.end(grant, End::PasswordChanged);
    }

    /// Whether tokens that have no end can be made to end on purpose.
    fn ends_endless_tokens(&self) -> bool {
        false
    }

    /// The person deletes the app password.
    fn password_deleted(&self, _world: &mut World, _person: &str) -> Result<(), SandboxError> {
        Err(SandboxError::Unknown(format!("app passwords at {}", self.name())))
    }

    /// A person's consent to everything with its tokens, as a finished connect leaves them.
    fn mint(&self, _world: &mut World, _host: &str, _person: Person, _now: i64) -> Result<Minted, SandboxError> {
        Err(SandboxError::Unknown(format!("consents without clicks at {}", self.name())))
    }
}
