//! The crowd: people of all vendors with living consents, and the ways in which these end.

use std::collections::HashMap;

use pilotlight::domain::health::Cause;
use pilotlight::domain::id::AccountId;
use pilotlight::domain::platform::Platform;
use pilotlight::domain::refresh::{RefreshKind, Window};
use pilotlight::sandbox::{Control, Sandbox};
use pilotlight::server::platform::adapter;
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;

use super::{DAY_MS, STEP_MS, VENDORS};
use crate::support::TestApp;
use crate::support::crowd::{self, Seed};

/// One of the crowd.
pub struct Person {
    /// What the sandbox calls them.
    pub key: String,
    pub vendor: Platform,
    pub account: AccountId,
    /// Facebook: the page.
    pub destination: String,
}

/// Everybody.
pub struct Crowd {
    pub people: Vec<Person>,
    by_account: HashMap<String, usize>,
    /// How long an access token of a vendor lives, in milliseconds.
    lives: HashMap<Platform, Option<i64>>,
}

/// A way in which a connection ends.
#[derive(Clone, Copy, Debug)]
pub enum How {
    Revoked,
    PasswordChanged,
    AppPasswordDeleted,
    ScopeUnticked(&'static str),
    PageUnticked,
    RoleLost,
    Deactivated,
    Suspended,
}

impl How {
    /// What the account must say. X and Mastodon tell nobody why a token ended; a Bluesky server neither.
    pub fn cause(self, vendor: Platform) -> Cause {
        match self {
            Self::PasswordChanged if vendor == Platform::Facebook => Cause::PasswordChanged,
            Self::Revoked | Self::PasswordChanged | Self::AppPasswordDeleted => Cause::Revoked,
            Self::ScopeUnticked(_) | Self::PageUnticked => Cause::PermissionsMissing,
            Self::RoleLost => Cause::RoleLost,
            Self::Deactivated | Self::Suspended => Cause::ActionNeeded,
        }
    }

    /// All that a vendor knows and that an app can notice.
    fn all(vendor: Platform) -> &'static [Self] {
        match vendor {
            Platform::X => &[Self::Revoked, Self::PasswordChanged],
            Platform::Bluesky => &[Self::AppPasswordDeleted, Self::PasswordChanged, Self::Deactivated, Self::Suspended],
            Platform::Facebook => &[
                Self::Revoked,
                Self::PasswordChanged,
                Self::ScopeUnticked("pages_manage_posts"),
                Self::RoleLost,
                Self::PageUnticked,
            ],
            Platform::Mastodon => &[Self::Revoked, Self::PasswordChanged, Self::Suspended],
            _ => &[],
        }
    }
}

/// Who ends how, and when.
pub struct Fate {
    pub person: usize,
    pub how: How,
    /// Milliseconds since the day began.
    pub after_ms: i64,
}

impl Crowd {
    /// Plants so many people, dealt to the vendors in turn. Their consents are of all ages, as they are in a system that has
    /// run for months; a fifth of Facebook's is near the end of its two months.
    pub async fn plant(app: &TestApp, size: usize, dice: &mut StdRng) -> Self {
        let state = &app.state;
        let began = state.clock.now();
        let owner = crowd::owner(state).await;
        let mut crowd = Self { people: Vec::with_capacity(size), by_account: HashMap::new(), lives: HashMap::new() };
        let mut tx = state.db.begin().await.expect("a transaction");
        for number in 0..size {
            let vendor = VENDORS[number % VENDORS.len()];
            let age = age(vendor, dice);
            app.clock.set(began - age);
            let key = format!("crowd-{number}");
            let mut seed = Seed::mint(&app.twin, vendor, &key, began - age);
            let ends_at = seed.tokens.access_ends_at;
            seed.due_at = first_look(vendor, seed.issued_at, ends_at, began, dice);
            crowd.lives.insert(vendor, ends_at.map(|end| end - seed.issued_at));
            let (_, account) = crowd::plant(&mut tx, state, &owner, &seed).await;
            crowd.by_account.insert(account.as_str().to_owned(), number);
            crowd.people.push(Person { key, vendor, account, destination: seed.destination });
        }
        tx.commit().await.expect("a commit");
        app.clock.set(began);
        crowd
    }

    /// Whose account it is.
    pub fn of(&self, account: &str) -> &Person {
        &self.people[self.by_account[account]]
    }

    /// Whether the vendor still honours the consent.
    pub fn holds(&self, twin: &Sandbox, person: &Person) -> bool {
        twin.holds(person.vendor.key(), &person.key).is_some_and(|held| held.lives)
    }

    /// How long an access token lives at this vendor, in milliseconds; `None`: for ever.
    pub fn life(&self, vendor: Platform) -> Option<i64> {
        self.lives.get(&vendor).copied().flatten()
    }

    /// Who ends in the course of a day: as many of each vendor, in each of its ways in turn, the first one last in the list.
    pub fn fates(&self, count: usize, dice: &mut StdRng) -> Vec<Fate> {
        let mut order: Vec<usize> = (0..self.people.len()).collect();
        order.shuffle(dice);
        let mut fates = Vec::new();
        for vendor in VENDORS {
            let of_vendor = order.iter().copied().filter(|person| self.people[*person].vendor == vendor);
            let ways = How::all(vendor).iter().copied().cycle();
            for (person, how) in of_vendor.take(count / VENDORS.len()).zip(ways) {
                fates.push(Fate { person, how, after_ms: dice.random_range(STEP_MS..DAY_MS - STEP_MS) });
            }
        }
        fates.sort_by_key(|fate| std::cmp::Reverse(fate.after_ms));
        fates
    }

    /// Ends a connection. `false` if there was none any more.
    pub fn die(&self, twin: &Sandbox, fate: &Fate) -> bool {
        let one = &self.people[fate.person];
        if !self.holds(twin, one) {
            return false;
        }
        let (vendor, person) = (one.vendor.key().to_owned(), one.key.clone());
        let page = one.destination.clone();
        let control = match fate.how {
            How::Revoked => Control::RevokeGrant { vendor, person },
            How::PasswordChanged => Control::ChangePassword { vendor, person },
            How::AppPasswordDeleted => Control::DeleteAppPassword { vendor, person },
            How::ScopeUnticked(scope) => Control::Untick { vendor, person, scope: scope.into() },
            How::PageUnticked => Control::UntickPage { vendor, person, page },
            How::RoleLost => Control::LoseRole { vendor, person, page },
            How::Deactivated => Control::DeactivateAccount { vendor, person },
            How::Suspended => Control::Suspend { vendor, person },
        };
        twin.control(control).expect("the sandbox knows everybody");
        true
    }
}

/// How old a consent is when the day begins, in milliseconds.
fn age(vendor: Platform, dice: &mut StdRng) -> i64 {
    let minutes = match vendor {
        Platform::X | Platform::Bluesky => 0..102,
        Platform::Facebook if dice.random_bool(0.2) => 51 * 1_440..56 * 1_440,
        Platform::Facebook => 0..51 * 1_440,
        _ => 0..300 * 1_440,
    };
    dice.random_range(minutes) * 60_000
}

/// When a connection is looked at first: it was probed at some moment of the last interval, and its token will be replaced
/// when its time has come.
fn first_look(vendor: Platform, issued_at: i64, ends_at: Option<i64>, began: i64, dice: &mut StdRng) -> i64 {
    let facts = adapter(vendor).expect("an adapter").facts();
    let probe = began + dice.random_range(0..facts.probe_every_ms);
    let window = Window::of(facts.refresh, issued_at, ends_at).filter(|_| facts.refresh != RefreshKind::None);
    window.map_or(probe, |window| probe.min(window.pick(dice.random())).max(began))
}
