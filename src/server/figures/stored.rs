//! The figures that are read from the database at each look.

use super::names::{
    ACCOUNTS, DATABASE_UP, DEAD, DUE, FAULTS, IN_DOUBT, INCIDENTS, OLDEST_DUE, OLDEST_WAITING, UNDER_WAY, WAITING,
};
use super::{Figures, platforms};
use crate::domain::health::Health;
use crate::domain::platform::Platform;
use crate::server::store::outbox::Channel;

/// What the database told.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    pub due: Vec<DueGrants>,
    pub under_way: i64,
    pub in_doubt: i64,
    pub accounts: Vec<Accounts>,
    pub open_incidents: i64,
    pub faults: i64,
    pub messages: Vec<Messages>,
}

/// Grants of a platform that wait for somebody.
#[derive(Clone, Copy, Debug)]
pub struct DueGrants {
    pub platform: Platform,
    pub count: i64,
    /// For how long the oldest has been due, in milliseconds; 0 if there is none.
    pub oldest_ms: i64,
}

/// What is to be told by one channel.
#[derive(Clone, Copy, Debug)]
pub struct Messages {
    pub channel: Channel,
    pub waiting: i64,
    /// For how long the oldest has waited, in milliseconds; 0 if there is none.
    pub oldest_ms: i64,
    pub dead: i64,
}

/// Connected accounts of a platform in one state of health.
#[derive(Clone, Copy, Debug)]
pub struct Accounts {
    pub platform: Platform,
    pub health: Health,
    pub count: i64,
}

impl Figures {
    /// Shows what the database told; `None` if it did not answer, and then no older figure stays in its place.
    pub fn stored(&self, told: Option<&Stored>) {
        self.gauge(&DATABASE_UP, &[]).set(f64::from(u8::from(told.is_some())));
        for (name, value) in [
            (&UNDER_WAY, told.map(|stored| stored.under_way)),
            (&IN_DOUBT, told.map(|stored| stored.in_doubt)),
            (&INCIDENTS, told.map(|stored| stored.open_incidents)),
            (&FAULTS, told.map(|stored| stored.faults)),
        ] {
            self.gauge(name, &[]).set(number(value));
        }
        for channel in Channel::ALL {
            let of = |stored: &Stored| stored.messages.iter().find(|one| one.channel == channel).copied();
            let label = [("channel", channel.key())];
            let figure = |read: fn(&Messages) -> i64| number(told.map(|stored| of(stored).as_ref().map_or(0, read)));
            self.gauge(&WAITING, &label).set(figure(|one| one.waiting));
            self.gauge(&OLDEST_WAITING, &label).set(figure(|one| one.oldest_ms.max(0)) / 1_000.0);
            self.gauge(&DEAD, &label).set(figure(|one| one.dead));
        }
        // A platform that has no rows any more is told as 0, not with what it had before.
        for platform in platforms() {
            let due = |stored: &Stored| stored.due.iter().find(|due| due.platform == platform).copied();
            let label = [("platform", platform.key())];
            let count = told.map(|stored| due(stored).map_or(0, |due| due.count));
            self.gauge(&DUE, &label).set(number(count));
            let oldest = told.map(|stored| due(stored).map_or(0, |due| due.oldest_ms.max(0)));
            self.gauge(&OLDEST_DUE, &label).set(number(oldest) / 1_000.0);
            for health in [Health::Healthy, Health::NeedsReconnect] {
                let of = |one: &&Accounts| one.platform == platform && one.health == health;
                let count = told.map(|stored| stored.accounts.iter().find(of).map_or(0, |one| one.count));
                let label = [("platform", platform.key()), ("health", health.key())];
                self.gauge(&ACCOUNTS, &label).set(number(count));
            }
        }
    }
}

fn number(value: Option<i64>) -> f64 {
    value.map_or(f64::NAN, |value| value as f64)
}
