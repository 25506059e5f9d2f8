//! What is really so, compared with what the accounts say.

use std::collections::BTreeMap;

use pilotlight::domain::health::Cause;
use pilotlight::domain::platform::Platform;
use pilotlight::domain::refresh::{RefreshKind, Window};
use pilotlight::server::platform::adapter;
use pilotlight::server::store::Db;

use super::crowd::{Crowd, How, Person};
use super::figures::{Row, Verdict};
use super::sky::{Sky, longest_wait};
use super::{STEP_MS, VENDORS};
use crate::support::TestApp;

/// Why a connection ended.
#[derive(Clone, Copy, Debug)]
pub enum End {
    Made(How),
    /// The answer with its new tokens was lost on the way.
    AnswerLost,
}

impl End {
    /// Whether this is what the account may say. After a refresh that was never answered, one that is
    /// refused counts as failed: the keeper takes it for the loss of the tokens.
    fn may_be(self, cause: &str, vendor: Platform) -> bool {
        let lost = cause == Cause::RefreshFailed.key();
        match self {
            Self::Made(how) => cause == how.cause(vendor).key() || (lost && is_refreshed_in_the_day(vendor)),
            Self::AnswerLost => lost,
        }
    }
}

fn is_refreshed_in_the_day(vendor: Platform) -> bool {
    adapter(vendor).expect("an adapter").facts().refresh == RefreshKind::OnNeed
}

/// The end of a connection, and when it was reported. Unix milliseconds.
pub struct Death {
    pub vendor: Platform,
    pub how: End,
    pub at: i64,
    pub amber: Option<i64>,
}

/// The book of deaths and alarms.
pub struct Truth {
    /// When the day began, Unix milliseconds.
    pub began: i64,
    /// By the account's id.
    deaths: BTreeMap<String, Death>,
    /// By the account's id, as are those below.
    false_alarms: BTreeMap<String, String>,
    /// Deaths that nobody reported in time.
    missed: BTreeMap<String, String>,
    wrong_causes: BTreeMap<String, String>,
    steps: usize,
}

#[derive(sqlx::FromRow)]
struct Amber {
    id: String,
    cause: String,
    amber_since: i64,
}

impl Truth {
    pub fn new(app: &TestApp) -> Self {
        let began = app.state.clock.now();
        Self {
            began,
            deaths: BTreeMap::new(),
            false_alarms: BTreeMap::new(),
            missed: BTreeMap::new(),
            wrong_causes: BTreeMap::new(),
            steps: 0,
        }
    }

    /// A connection ended.
    pub fn died(&mut self, person: &Person, how: End, at: i64) {
        let death = Death { vendor: person.vendor, how, at, amber: None };
        self.deaths.insert(person.account.as_str().to_owned(), death);
    }

    /// Holds what the accounts say against what is so.
    pub async fn compare(&mut self, app: &TestApp, crowd: &Crowd, sky: &Sky) {
        let now = app.state.clock.now();
        let ambers = ambers(&app.state.db).await;
        let mut amber = BTreeMap::new();
        for one in ambers {
            amber.insert(one.id.clone(), one.amber_since);
            let person = crowd.of(&one.id);
            if !self.deaths.contains_key(&one.id) {
                if crowd.holds(&app.twin, person) {
                    let at = (now - self.began) / 60_000;
                    let line = format!(
                        "{} at {} is amber ({}) in minute {at}, and lives",
                        person.key, person.vendor, one.cause
                    );
                    self.false_alarms.entry(one.id).or_insert(line);
                    continue;
                }
                self.died(person, End::AnswerLost, one.amber_since);
            }
            let Some(death) = self.deaths.get_mut(&one.id) else { continue };
            death.amber = Some(one.amber_since);
            if !death.how.may_be(&one.cause, person.vendor) {
                let line = format!("{} at {} ({:?}) is said to be {}", person.key, person.vendor, death.how, one.cause);
                self.wrong_causes.entry(one.id).or_insert(line);
            }
        }
        self.steps += 1;
        if self.steps.is_multiple_of(12) {
            self.find_the_lost(app, crowd, now);
        }
        for (id, death) in &self.deaths {
            let late =
                sky.reachable(death.vendor, death.at - self.began, now - self.began) > allowance(crowd, death.vendor);
            if late && !amber.contains_key(id) {
                let person = crowd.of(id);
                let line = || format!("{} at {} ({:?}) died unnoticed", person.key, person.vendor, death.how);
                self.missed.entry(id.clone()).or_insert_with(line);
            }
        }
    }

    /// Connections that ended without anybody's doing: an answer was lost on the way, and its tokens with it.
    fn find_the_lost(&mut self, app: &TestApp, crowd: &Crowd, now: i64) {
        for person in &crowd.people {
            if !self.deaths.contains_key(person.account.as_str()) && !crowd.holds(&app.twin, person) {
                self.died(person, End::AnswerLost, now);
            }
        }
    }

    /// Whether every death was reported, or had the time to be.
    pub fn is_settled(&self, crowd: &Crowd, sky: &Sky, now: i64) -> bool {
        self.deaths.values().all(|death| {
            let reachable = sky.reachable(death.vendor, death.at - self.began, now - self.began);
            death.amber.is_some() || reachable > allowance(crowd, death.vendor)
        })
    }

    /// What came of it all.
    pub async fn verdict(mut self, app: &TestApp, crowd: &Crowd, sky: &Sky) -> Verdict {
        let now = app.state.clock.now();
        self.find_the_lost(app, crowd, now);
        self.compare(app, crowd, sky).await;
        let rows = VENDORS.map(|vendor| self.row(vendor, crowd, sky)).into();
        let incidents = incidents(&app.state.db).await;
        let mut wrong_incidents = Vec::new();
        for person in &crowd.people {
            let id = person.account.as_str();
            let wanted = i64::from(self.deaths.get(id).is_some_and(|death| death.amber.is_some()));
            let found = incidents.get(id).copied().unwrap_or_default();
            if found != (wanted, wanted) {
                wrong_incidents.push(format!(
                    "{} at {} has {found:?} incidents (all, open), not {wanted}",
                    person.key, person.vendor
                ));
            }
        }
        Verdict {
            crowd: crowd.people.len(),
            hours: (now - self.began) / 3_600_000,
            rows,
            false_alarms: self.false_alarms.into_values().collect(),
            missed: self.missed.into_values().collect(),
            wrong_causes: self.wrong_causes.into_values().collect(),
            wrong_incidents,
        }
    }

    fn row(&self, vendor: Platform, crowd: &Crowd, sky: &Sky) -> Row {
        let deaths: Vec<&Death> = self.deaths.values().filter(|death| death.vendor == vendor).collect();
        let (lost, killed): (Vec<&Death>, Vec<&Death>) =
            deaths.into_iter().partition(|death| matches!(death.how, End::AnswerLost));
        let mut waits: Vec<i64> = killed
            .iter()
            .filter_map(|death| Some(sky.reachable(vendor, death.at - self.began, death.amber? - self.began)))
            .collect();
        waits.sort_unstable();
        let longest = killed.iter().filter_map(|death| Some(death.amber? - death.at)).max().unwrap_or(0);
        let (bursts, closed_ms) = sky.seen(vendor);
        Row {
            vendor,
            crowd: crowd.people.iter().filter(|person| person.vendor == vendor).count(),
            killed: killed.len(),
            lost: lost.len(),
            waits,
            longest,
            promised: promised(crowd, vendor),
            bursts,
            closed_ms,
        }
    }
}

/// The longest that a death goes unnoticed while the platform answers, in milliseconds: until the next refresh or the next
/// probe, whichever comes sooner.
fn promised(crowd: &Crowd, vendor: Platform) -> i64 {
    let facts = adapter(vendor).expect("an adapter").facts();
    let refresh = Window::of(facts.refresh, 0, crowd.life(vendor)).map(|window| window.until);
    refresh.map_or(facts.probe_every_ms, |refresh| refresh.min(facts.probe_every_ms))
}

/// After so long nobody may have missed it: the interval, the longest wait after a failure, and a step of the clock.
fn allowance(crowd: &Crowd, vendor: Platform) -> i64 {
    promised(crowd, vendor) + longest_wait() + STEP_MS
}

async fn ambers(db: &Db) -> Vec<Amber> {
    const SQL: &str = "select id, cause, amber_since from accounts where health <> 'healthy'";
    let Db::Sqlite(pool, ..) = db else { panic!("the weather blows over SQLite") };
    sqlx::query_as(SQL).fetch_all(pool).await.expect("accounts")
}

/// Incidents of each account: all, and the open ones.
async fn incidents(db: &Db) -> BTreeMap<String, (i64, i64)> {
    const SQL: &str = "select account_id, count(*), sum(closed_at is null) from incidents group by account_id";
    let Db::Sqlite(pool, ..) = db else { panic!("the weather blows over SQLite") };
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(SQL).fetch_all(pool).await.expect("incidents");
    rows.into_iter().map(|(id, all, open)| (id, (all, open))).collect()
}
