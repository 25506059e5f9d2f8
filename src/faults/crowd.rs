//! Several servers on one database, with clocks that are minutes apart: one is frozen for longer than its lease, one dies.

use std::time::Duration;

use pilotlight::sandbox::{Fault, FaultKind, RefreshModel};
use pilotlight::server::clock::{Clock, SystemClock};

use super::relay::Relay;
use super::rig::Rig;
use super::server::{Server, Start};
use super::stalls::Stalls;
use super::support::db::{self, TestDb};
use super::verdict::{self, Record, Vendor};
use super::{eventually, knob, look, seed};

/// X's own: within a round everybody is refreshed once.
const ACCESS_SECONDS: i64 = 7_200;
/// Rounds in which a server is frozen. Where exactly it stands then is a matter of luck.
const FREEZES: usize = 3;
/// How many are due in a round after the first, which is everybody's: what a freeze or a death does to ten thousand it
/// does to a thousand, in a tenth of the time.
const LATER_ROUNDS: usize = 1_000;
/// Longer than two busy cores make anybody wait who is not frozen. A lease lasts twice as long.
const TIMEOUT_S: u64 = 2;
const FROZEN: Duration = Duration::from_secs(3 * TIMEOUT_S);
/// What a refresh takes at the vendor's: long enough for nobody to be done before the others have begun.
const LATE_MS: u64 = 200;

/// With as many servers as there are clocks; `skews` are in seconds.
pub async fn run(test: TestDb, name: &str, skews: &[i64]) {
    let count = knob("CROWD", 400);
    let rig = Rig::new(test, name, RefreshModel::Strict, ACCESS_SECONDS, count).await;
    let began = SystemClock.now();
    rig.twin.fault(Fault::on("x", FaultKind::Delay(LATE_MS), None).at("/2/oauth2/token"));
    // Nobody may begin before all are there.
    db::execute(rig.db(), format!("update grants set due_at = {}", i64::MAX / 2)).await;
    let stalls = Stalls::watch();
    let mut house = House { rig, record: Record::default(), workers: Vec::new(), due: count };
    for skew in skews {
        house.take_on(*skew).await;
    }
    for round in 0..FREEZES {
        house.freeze_one(round).await;
    }
    house.kill_one().await;
    house.close().await;
    house.excuse(&stalls.seen());
    house.record.figures.seconds = (SystemClock.now() - began) / 1_000;
    verdict::give(&house.rig, Vendor::Strict, house.record).await;
}

/// A server and the relay that it alone calls through.
struct Worker {
    relay: Relay,
    server: Option<Server>,
}

struct House {
    rig: Rig,
    record: Record,
    workers: Vec<Worker>,
    /// How many are due in this round.
    due: usize,
}

impl House {
    async fn take_on(&mut self, skew: i64) {
        let relay = Relay::to(self.rig.twin_address).await;
        let start = Start { upstream: Some(relay.address), skew, timeout_s: Some(TIMEOUT_S), ..Start::default() };
        let server = Server::start(&self.rig, start).await;
        self.record.figures.starts.push(server.up_after.as_millis());
        self.workers.push(Worker { relay, server: Some(server) });
    }

    /// A round in which a server is stopped in the middle of its work and goes on when its leases have ended.
    async fn freeze_one(&mut self, round: usize) {
        let name = format!("round {round}, with one frozen");
        self.begin(if round == 0 { self.rig.crowd.len() } else { LATER_ROUNDS }).await;
        let target = self.workers.len() - 1 - round % self.workers.len();
        self.under_way(target).await;
        let worker = &self.workers[target];
        let server = worker.server.as_ref().expect("it runs");
        self.record.did("a server is frozen");
        server.freeze().await;
        worker.relay.still().await;
        let unanswered = self.unstored_of(worker).await;
        self.record.frozen.extend(unanswered.clone());
        self.record.window.extend(unanswered);
        tokio::time::sleep(FROZEN).await;
        self.record.did("it goes on");
        server.thaw().await;
        self.done(&name).await;
        if round == 0 {
            self.shared_out();
        }
    }

    /// Makes so many due, or all if there are fewer.
    async fn begin(&mut self, count: usize) {
        self.due = count.min(self.rig.crowd.len());
        seed::due_again(self.rig.db(), self.due).await;
    }

    /// Nobody was idle while the others worked.
    fn shared_out(&mut self) {
        let share = self.rig.crowd.len() / (20 * self.workers.len());
        let sent = self.workers.iter().map(|worker| worker.relay.refreshes());
        for (number, sent) in sent.enumerate().filter(|(_, sent)| *sent < share) {
            let what = format!("server {number} sent {sent} refreshes: less than its share ({share})");
            self.record.complaints.push(what);
        }
    }

    /// A round in which the first server dies in the middle of its work; the others do the rest.
    async fn kill_one(&mut self) {
        self.begin(LATER_ROUNDS).await;
        self.under_way(0).await;
        let server = self.workers[0].server.take().expect("it runs");
        self.record.did("a server is killed");
        server.kill().await;
        self.record.figures.kills += 1;
        self.workers[0].relay.quiet().await;
        let unanswered = self.unstored_of(&self.workers[0]).await;
        self.record.window.extend(unanswered);
        self.done("the round in which one dies").await;
    }

    async fn close(&mut self) {
        for worker in &mut self.workers {
            if let Some(server) = worker.server.take()
                && let Err(what) = server.stop().await
            {
                self.record.complaints.push(what);
            }
        }
    }

    /// Whoever was being refreshed while everything stood still was refreshed by a frozen server.
    fn excuse(&mut self, stalls: &[(i64, i64)]) {
        // A call that was under way then may have begun, and may end, as much before and after as a call may take.
        const AROUND_MS: i64 = 1_000 * TIMEOUT_S as i64;
        for (from, to) in stalls {
            self.record.deeds.push((*from, format!("everything stands still for {} ms", to - from)));
            for refresh in self.rig.twin.refreshes() {
                if (from - AROUND_MS..=to + AROUND_MS).contains(&refresh.at_ms) {
                    let person = verdict::person(&refresh.grant).to_owned();
                    self.record.frozen.insert(person.clone());
                    self.record.window.insert(person);
                }
            }
        }
    }

    /// Waits until this server is at work and a fifth of the round's grants was asked about; or the others have left it nothing.
    async fn under_way(&mut self, target: usize) {
        const DUE: &str = "select count(*) from grants where due_at <= 1 and lease_owner is null";
        let before: Vec<usize> = self.workers.iter().map(|worker| worker.relay.refreshes()).collect();
        let within = Duration::from_secs(30 + self.due as u64 / 20);
        let begun = eventually(within, async || {
            let sent = |number: usize| self.workers[number].relay.refreshes() - before[number];
            let all: usize = (0..self.workers.len()).map(sent).sum();
            (sent(target) > 0 && all >= self.due / 5) || look::count(self.rig.db(), DUE).await == 0
        });
        if !begun.await {
            self.record.complaints.push(format!("a round did not begin within {within:?}"));
        }
    }

    /// Waits until nobody is due, at work or in doubt.
    async fn done(&mut self, round: &str) {
        // Asked five times a second: a number, and the whole story only at the end.
        const LEFT: &str = "select (select count(*) from grants where due_at <= 1 or lease_owner is not null) \
            + (select count(*) from refresh_journal)";
        // What has failed twice waits for more than three minutes.
        let within = Duration::from_secs(300 + self.rig.crowd.len() as u64 / 20);
        let done = eventually(within, async || {
            tokio::time::sleep(Duration::from_millis(200)).await;
            look::count(self.rig.db(), LEFT).await == 0
        });
        if !done.await {
            let left = look::left(self.rig.db()).await;
            let (count, told) =
                (left.len(), left.iter().take(3).map(|one| self.told(one)).collect::<Vec<_>>().join("\n"));
            self.record
                .complaints
                .push(format!("{round} did not end within {within:?}: {count} grants are left\n{told}"));
        }
    }

    /// A grant that is left, and what the servers said of it.
    fn told(&self, left: &look::Left) -> String {
        let said = std::fs::read_to_string(&self.rig.log).unwrap_or_default();
        let said = said.lines().filter(|line| line.contains(&left.grant));
        std::iter::once(left.what.as_str()).chain(said).collect::<Vec<_>>().join("\n  ")
    }

    /// People whose stored token was sent by this server already: it has not stored an answer.
    async fn unstored_of(&self, worker: &Worker) -> Vec<String> {
        let rows = look::all(&self.rig).await;
        let sent = |one: &&seed::One| {
            rows[one.grant.as_str()].digest.as_ref().is_some_and(|digest| worker.relay.has_sent(digest))
        };
        self.rig.crowd.iter().filter(sent).map(|one| one.person.clone()).collect()
    }
}
