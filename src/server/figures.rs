//! The figures an operator watches (`GET /metrics`): one set a server, so that several servers in one process, as in
//! tests, don't count into each other's.
//!
//! Labels are words from the program's own text (`&'static str`): no id, name or secret can become one.

mod names;
mod stored;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use super::platform::failure::Class;
use crate::domain::platform::Platform;
use names::{
    BREAKER, BUILD, CLAIMED, FAILURES, FENCED, IN_FLIGHT, Kind, Name, PROBES, REFRESH_SECONDS, REFRESHES, UNEXPLAINED,
    UPTIME,
};
pub use stored::{Accounts, DueGrants, Messages, Stored};

/// Seconds of a refresh: from a quick answer to the longest time-out that can be set.
const BUCKETS: [f64; 11] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 120.0];

/// After how many measured times they are put into their buckets, whether or not anybody looks.
const UPKEEP: u64 = 1_024;

const META: Metadata<'static> = Metadata::new("pilotlight", Level::INFO, None);

/// Whether calls to a platform are let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// They are.
    Closed,
    /// One is, to see whether the platform is back.
    HalfOpen,
    /// None is.
    Open,
}

/// The figures of one server. Cheap to clone; clones count into the same set.
#[derive(Clone, Debug)]
pub struct Figures(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    measured: AtomicU64,
    /// Unix milliseconds.
    started: i64,
}

/// Counts as work under way until it is dropped.
#[must_use = "it counts until it is dropped"]
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// The platforms that have figures: those that can be connected.
fn platforms() -> impl Iterator<Item = Platform> {
    Platform::ALL.into_iter().filter(|platform| platform.entry().is_some())
}

impl Figures {
    /// All at nought, of a server that starts at `now` (Unix milliseconds).
    pub fn new(now: i64) -> Self {
        let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS).expect("there are buckets").build_recorder();
        let handle = recorder.handle();
        let figures = Self(Arc::new(Inner { recorder, handle, measured: AtomicU64::new(0), started: now }));
        figures.describe();
        figures.begin_at_nought();
        figures
    }

    /// Work on a grant of this platform has begun.
    pub fn in_flight(&self, platform: Platform) -> InFlight {
        let gauge = self.gauge(&IN_FLIGHT, &[("platform", platform.key())]);
        gauge.increment(1.0);
        InFlight(gauge)
    }

    /// A refresh brought new tokens.
    pub fn refreshed(&self, platform: Platform) {
        self.counter(&REFRESHES, &[("platform", platform.key())]).increment(1);
    }

    /// An account was looked at and works.
    pub fn probed(&self, platform: Platform) {
        self.counter(&PROBES, &[("platform", platform.key())]).increment(1);
    }

    /// A call did not work.
    pub fn failed(&self, platform: Platform, class: Class) {
        self.counter(&FAILURES, &[("platform", platform.key()), ("class", class.key())]).increment(1);
    }

    /// A refusal came in words that no table knows.
    pub fn unexplained(&self, platform: Platform) {
        self.counter(&UNEXPLAINED, &[("platform", platform.key())]).increment(1);
    }

    /// Whether calls to the platform are let through has changed.
    pub fn breaker(&self, platform: Platform, state: BreakerState) {
        let value = match state {
            BreakerState::Closed => 0.0,
            BreakerState::HalfOpen => 1.0,
            BreakerState::Open => 2.0,
        };
        self.gauge(&BREAKER, &[("platform", platform.key())]).set(value);
    }

    /// That many due grants were taken on.
    pub fn claimed(&self, platform: Platform, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.counter(&CLAIMED, &[("platform", platform.key())]).increment(count);
    }

    /// A refresh was answered, well or not, after that many seconds.
    pub fn refresh_took(&self, platform: Platform, seconds: f64) {
        self.histogram(&REFRESH_SECONDS, &[("platform", platform.key())]).record(seconds);
        // Measured times pile up one by one until somebody looks; nobody may ever look.
        if self.0.measured.fetch_add(1, Ordering::Relaxed) % UPKEEP == UPKEEP - 1 {
            self.0.handle.run_upkeep();
        }
    }

    /// A write that came after its lease was lost was refused.
    pub fn fenced(&self) {
        self.counter(&FENCED, &[]).increment(1);
    }

    /// All figures at `now` (Unix milliseconds) in Prometheus' text format.
    pub fn render(&self, now: i64) -> String {
        self.gauge(&UPTIME, &[]).set((now - self.0.started).max(0) as f64 / 1_000.0);
        self.0.handle.render()
    }

    fn describe(&self) {
        for Name { kind, key, help } in names::ALL {
            let recorder = &self.0.recorder;
            match kind {
                Kind::Counter => recorder.describe_counter((*key).into(), None, (*help).into()),
                Kind::Gauge => recorder.describe_gauge((*key).into(), None, (*help).into()),
                Kind::Histogram => recorder.describe_histogram((*key).into(), None, (*help).into()),
            }
        }
    }

    /// A figure that appears with its first event hides that event: rates are differences.
    fn begin_at_nought(&self) {
        self.gauge(&BUILD, &[("version", env!("CARGO_PKG_VERSION"))]).set(1.0);
        self.counter(&FENCED, &[]).absolute(0);
        for platform in platforms() {
            let label = [("platform", platform.key())];
            for name in [&CLAIMED, &REFRESHES, &PROBES, &UNEXPLAINED] {
                self.counter(name, &label).absolute(0);
            }
            for class in Class::ALL {
                self.counter(&FAILURES, &[label[0], ("class", class.key())]).absolute(0);
            }
            self.gauge(&IN_FLIGHT, &label).set(0.0);
            self.breaker(platform, BreakerState::Closed);
            // To ask for it is to have it.
            drop(self.histogram(&REFRESH_SECONDS, &label));
        }
    }

    fn counter(&self, name: &Name, labels: &[(&'static str, &'static str)]) -> Counter {
        self.0.recorder.register_counter(&key(name, labels), &META)
    }

    fn gauge(&self, name: &Name, labels: &[(&'static str, &'static str)]) -> Gauge {
        self.0.recorder.register_gauge(&key(name, labels), &META)
    }

    fn histogram(&self, name: &Name, labels: &[(&'static str, &'static str)]) -> Histogram {
        self.0.recorder.register_histogram(&key(name, labels), &META)
    }
}

fn key(name: &Name, labels: &[(&'static str, &'static str)]) -> Key {
    let labels: Vec<Label> = labels.iter().map(|(key, value)| Label::from_static_parts(key, value)).collect();
    Key::from_parts(name.key, labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(figures: &Figures, line: &str) -> bool {
        figures.render(0).lines().any(|one| one == line)
    }

    #[test]
    fn each_event_counts_once_and_in_its_own_server_only() {
        let (one, other) = (Figures::new(0), Figures::new(0));
        let same = one.clone();
        one.refreshed(Platform::X);
        same.refreshed(Platform::X);
        one.probed(Platform::Bluesky);
        one.failed(Platform::X, Class::Rate);
        one.unexplained(Platform::X);
        one.claimed(Platform::Mastodon, 7);
        one.fenced();
        one.breaker(Platform::Facebook, BreakerState::Open);
        one.breaker(Platform::X, BreakerState::HalfOpen);
        one.refresh_took(Platform::X, 0.2);
        one.refresh_took(Platform::X, 3.0);
        for line in [
            "pilotlight_refreshes_total{platform=\"x\"} 2",
            "pilotlight_probes_total{platform=\"bluesky\"} 1",
            "pilotlight_failures_total{platform=\"x\",class=\"rate\"} 1",
            "pilotlight_unexplained_failures_total{platform=\"x\"} 1",
            "pilotlight_claimed_total{platform=\"mastodon\"} 7",
            "pilotlight_fenced_writes_total 1",
            "pilotlight_breaker_state{platform=\"facebook\"} 2",
            "pilotlight_breaker_state{platform=\"x\"} 1",
            "pilotlight_refresh_seconds_bucket{platform=\"x\",le=\"0.25\"} 1",
            "pilotlight_refresh_seconds_bucket{platform=\"x\",le=\"5\"} 2",
            "pilotlight_refresh_seconds_count{platform=\"x\"} 2",
        ] {
            assert!(has(&one, line), "{line} is missing in\n{}", one.render(0));
            assert!(!has(&other, line), "{line} is in another server");
        }
        for line in [
            "pilotlight_refreshes_total{platform=\"x\"} 0",
            "pilotlight_failures_total{platform=\"bluesky\",class=\"unknown\"} 0",
            "pilotlight_refresh_seconds_count{platform=\"x\"} 0",
        ] {
            assert!(has(&other, line), "{line} is there before anything happened");
        }
    }

    #[test]
    fn work_under_way_counts_until_it_is_dropped() {
        let figures = Figures::new(0);
        let (first, second) = (figures.in_flight(Platform::X), figures.in_flight(Platform::X));
        assert!(has(&figures, "pilotlight_in_flight{platform=\"x\"} 2"));
        drop(first);
        assert!(has(&figures, "pilotlight_in_flight{platform=\"x\"} 1"));
        drop(second);
        assert!(has(&figures, "pilotlight_in_flight{platform=\"x\"} 0"));
    }

    #[test]
    fn every_figure_is_there_and_explained() {
        let figures = Figures::new(5_000);
        figures.stored(Some(&Stored::default()));
        let text = figures.render(7_500);
        for Name { key, help, .. } in names::ALL {
            assert!(text.contains(&format!("# HELP {key} {help}\n# TYPE {key} ")), "{key} in\n{text}");
            assert!(text.lines().any(|line| line.starts_with(key)), "{key} has no value");
        }
        assert_eq!(text.matches("# TYPE ").count(), names::ALL.len(), "no figure is without an explanation");
        assert!(text.contains("pilotlight_uptime_seconds 2.5\n"), "{text}");
    }

    #[test]
    fn a_silent_database_leaves_no_old_figure_behind() {
        let figures = Figures::new(0);
        let due = vec![DueGrants { platform: Platform::X, count: 3, oldest_ms: 61_500 }];
        figures.stored(Some(&Stored { due, open_incidents: 4, ..Stored::default() }));
        assert!(has(&figures, "pilotlight_grants_due{platform=\"x\"} 3"));
        assert!(has(&figures, "pilotlight_oldest_due_seconds{platform=\"x\"} 61.5"));
        assert!(has(&figures, "pilotlight_oldest_due_seconds{platform=\"bluesky\"} 0"));
        assert!(has(&figures, "pilotlight_incidents_open 4") && has(&figures, "pilotlight_database_up 1"));
        figures.stored(None);
        assert!(has(&figures, "pilotlight_grants_due{platform=\"x\"} NaN"));
        assert!(has(&figures, "pilotlight_incidents_open NaN") && has(&figures, "pilotlight_database_up 0"));
        figures.stored(Some(&Stored::default()));
        assert!(has(&figures, "pilotlight_grants_due{platform=\"x\"} 0"));
    }

    #[test]
    fn measured_times_that_were_put_into_buckets_in_between_are_not_lost() {
        let figures = Figures::new(0);
        for _ in 0..UPKEEP * 2 + 1 {
            figures.refresh_took(Platform::X, 1.0);
        }
        let line = format!("pilotlight_refresh_seconds_count{{platform=\"x\"}} {}", UPKEEP * 2 + 1);
        assert!(has(&figures, &line));
    }
}
