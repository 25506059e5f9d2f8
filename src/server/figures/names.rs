//! Every figure there is: its name and what it means.

/// What kind of figure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// One figure.
#[derive(Debug)]
pub struct Name {
    pub kind: Kind,
    pub key: &'static str,
    pub help: &'static str,
}

macro_rules! figures {
    ($($constant:ident: $kind:ident $key:literal $help:literal;)*) => {
        $(pub const $constant: Name = Name { kind: Kind::$kind, key: concat!("pilotlight_", $key), help: $help };)*

        /// All of them.
        pub const ALL: &[Name] = &[$($constant),*];
    };
}

figures! {
    // Counted by this process as it works.
    CLAIMED: Counter "claimed_total" "Due grants that this server took on.";
    REFRESHES: Counter "refreshes_total" "Refreshes that brought new tokens.";
    REFRESH_SECONDS: Histogram "refresh_seconds" "How long platforms took to answer a refresh, in seconds.";
    PROBES: Counter "probes_total" "Looks at an account that the platform answered well.";
    FAILURES: Counter "failures_total" "Calls to a platform that did not work, by what the refusal means.";
    UNEXPLAINED: Counter "unexplained_failures_total" "Refusals in words that no table knows; each kind deserves a look at the log.";
    FENCED: Counter "fenced_writes_total" "Answers that came after their lease was lost and were not written.";
    IN_FLIGHT: Gauge "in_flight" "Grants that this server is working on now.";
    BREAKER: Gauge "breaker_state" "Whether this server calls a platform: 0 yes, 1 it is trying again, 2 not for now.";
    BUILD: Gauge "build_info" "Always 1; the label tells the version.";
    UPTIME: Gauge "uptime_seconds" "Seconds since this server started.";
    // Read from the database at each look, and so the same on every server that shares it.
    DATABASE_UP: Gauge "database_up" "1 if the database answered just now. Without it the stored figures are NaN.";
    DUE: Gauge "grants_due" "Grants whose time has come and which nobody is working on.";
    OLDEST_DUE: Gauge "oldest_due_seconds" "For how many seconds the longest waiting of them has been due; 0 if there is none.";
    UNDER_WAY: Gauge "refreshes_under_way" "Refreshes that were sent and whose server still holds the lease.";
    IN_DOUBT: Gauge "grants_in_doubt" "Grants whose last refresh was sent and never cleanly answered.";
    ACCOUNTS: Gauge "accounts" "Connected accounts by health.";
    INCIDENTS: Gauge "incidents_open" "Incidents that are open.";
    WAITING: Gauge "messages_waiting" "Mails and messages to webhooks that were neither taken nor given up yet.";
    OLDEST_WAITING: Gauge "oldest_message_seconds" "For how many seconds the oldest of them has waited; a mail takes its minute. 0 if there is none.";
    DEAD: Gauge "messages_dead" "Mails and messages to webhooks that were given up. An admin can send them again.";
    FAULTS: Gauge "platform_faults" "Platforms and servers that refuse our own app.";
}
