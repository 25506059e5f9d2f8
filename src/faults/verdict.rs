//! What must be true after all that was done to the servers (DESIGN rules 4 to 6).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use pilotlight::sandbox::RefreshOutcome;
use pilotlight::server::clock::{Clock, SystemClock};

use super::figures::Figures;
use super::look::{self, Stored};
use super::rig::Rig;
use super::server::USUALLY_UP_WITHIN;

/// Everything that is known before the verdict.
#[derive(Default)]
pub struct Record {
    /// People whose refresh the vendor had processed when the server that sent it was struck, before it stored the answer.
    pub window: BTreeSet<String>,
    /// People whose refresh was under way when the server that sent it was frozen.
    pub frozen: BTreeSet<String>,
    /// What was done to the servers, and when (Unix milliseconds).
    pub deeds: Vec<(i64, String)>,
    /// What went wrong on the way.
    pub complaints: Vec<String>,
    pub figures: Figures,
}

impl Record {
    /// Notes what is done to a server now.
    pub fn did(&mut self, what: impl Into<String>) {
        self.deeds.push((SystemClock.now(), what.into()));
    }
}

/// Of so many complaints the whole story is told.
const STORIES: usize = 4;

/// Whether the vendor forgives a refresh whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    Kind,
    Strict,
}

/// Judges, prints the figures, and panics with everything that is not as it must be.
pub async fn give(rig: &Rig, vendor: Vendor, mut record: Record) {
    let mut complaints = std::mem::take(&mut record.complaints);
    let rows = look::all(rig).await;
    let mut concerned = BTreeSet::new();
    for one in &rig.crowd {
        let stored = &rows[one.grant.as_str()];
        let holds = rig.holds(one);
        let lost = !holds.lives;
        record.figures.lost += usize::from(lost);
        let in_window = vendor == Vendor::Strict && record.window.contains(&one.person);
        let complaint = if lost { dead(stored, in_window) } else { alive(stored, holds.refresh_sha256.as_deref()) };
        complaints.extend(complaint.map(|what| format!("{}: {what} ({stored:?})", one.person)));
        if complaint.is_some() {
            concerned.insert(one.person.clone());
        }
    }
    for (person, what) in traffic(rig, &mut record) {
        complaints.push(format!("{person}: {what}"));
        concerned.insert(person);
    }
    let journal = look::count(rig.db(), "select count(*) from refresh_journal").await;
    if journal != 0 {
        complaints.push(format!("{journal} rows of the journal are left"));
    }
    let usual = record.figures.usual_start_ms();
    if usual > USUALLY_UP_WITHIN.as_millis() {
        complaints.push(format!("a server is usually up after {usual} ms only"));
    }
    record.figures.window = record.window.len();
    record.figures.tell(&rig.name);
    let said = std::fs::read_to_string(&rig.log).unwrap_or_default();
    complaints.extend(said.lines().filter(|line| line.contains("panicked")).map(|line| format!("a server: {line}")));
    complaints.extend(concerned.iter().take(STORIES).map(|person| story(rig, person, &record)));
    assert!(
        complaints.is_empty(),
        "{}; the servers' log is {}\n{}",
        rig.name,
        rig.log.display(),
        summed_up(&complaints)
    );
}

/// A grant that the vendor has ended.
fn dead(stored: &Stored, in_window: bool) -> Option<&'static str> {
    if !in_window {
        return Some("lost, although no answer was lost");
    }
    match stored {
        Stored { amber: false, .. } => Some("lost silently"),
        Stored { cause, .. } if cause.as_deref() != Some("refresh-failed") => Some("lost, and the cause is wrong"),
        Stored { open_incidents, .. } if *open_incidents != 1 => Some("lost without exactly one open incident"),
        Stored { incident_cause, .. } if incident_cause.as_deref() != Some("refresh-failed") => {
            Some("lost, and the incident's cause is wrong")
        }
        _ => None,
    }
}

/// A grant that lives.
fn alive(stored: &Stored, newest: Option<&str>) -> Option<&'static str> {
    match stored {
        Stored { amber: true, .. } => Some("amber, although the connection works"),
        Stored { incidents: 1.., .. } => Some("there was an incident, although the connection works"),
        Stored { digest, .. } if digest.as_deref() != newest => Some("the stored refresh token is not the newest"),
        _ => None,
    }
}

/// What the vendor has seen that must not be, and of whom.
fn traffic(rig: &Rig, record: &mut Record) -> Vec<(String, String)> {
    let mut complaints = Vec::new();
    for overlap in rig.twin.overlaps() {
        let person = person(&overlap);
        if !record.frozen.contains(person) {
            complaints.push((person.to_owned(), "two refreshes at once".to_owned()));
        }
    }
    let mut replays: BTreeMap<String, usize> = BTreeMap::new();
    for refresh in rig.twin.refreshes() {
        match refresh.outcome {
            RefreshOutcome::Replayed => *replays.entry(person(&refresh.grant).to_owned()).or_default() += 1,
            RefreshOutcome::Renewed => record.figures.refreshes += 1,
            RefreshOutcome::Refused => {}
        }
    }
    record.figures.replays = replays.values().sum();
    for (person, times) in replays {
        if !record.window.contains(&person) && !record.frozen.contains(&person) {
            complaints.push((person, format!("a spent refresh token was sent {times} times outside the window")));
        }
    }
    complaints
}

/// What the vendor saw of one person while things were done to the servers, in milliseconds since the first of it.
fn story(rig: &Rig, name: &str, record: &Record) -> String {
    let seen = rig.twin.refreshes().into_iter().filter(|refresh| person(&refresh.grant) == name);
    let mut story: Vec<(i64, String)> = seen.map(|refresh| (refresh.at_ms, format!("{:?}", refresh.outcome))).collect();
    story.extend_from_slice(&record.deeds);
    story.sort();
    let began = story.first().map_or(0, |(at, _)| *at);
    let told: Vec<String> = story.iter().map(|(at, what)| format!("{} {what}", at - began)).collect();
    let struck = match (record.frozen.contains(name), record.window.contains(name)) {
        (true, _) => "under way at a frozen server",
        (false, true) => "in the window of a dead server",
        (false, false) => "not in the window",
    };
    format!("{name}, {struck}, in milliseconds: {}", told.join(", "))
}

/// `x:crowd-3` is `crowd-3`.
pub fn person(label: &str) -> &str {
    label.split_once(':').map_or(label, |(_, person)| person)
}

/// The first of many complaints say enough.
fn summed_up<T: Debug + AsRef<str>>(complaints: &[T]) -> String {
    const SHOWN: usize = 25;
    let mut text: Vec<String> = complaints.iter().rev().take(SHOWN).map(|one| format!("- {}", one.as_ref())).collect();
    if complaints.len() > SHOWN {
        text.push(format!("- and {} more", complaints.len() - SHOWN));
    }
    text.join("\n")
}
