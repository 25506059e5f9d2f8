//! A database that goes away for some seconds and comes back: nothing is lost, and nobody restarts anything.

use std::net::SocketAddr;
use std::time::Duration;

use pilotlight::sandbox::{Fault, FaultKind, RefreshModel};
use pilotlight::server::clock::{Clock, SystemClock};

use super::kills::ACCESS_SECONDS;
use super::relay::Relay;
use super::rig::Rig;
use super::server::{LEASE, Server, Start};
use super::support::db::TestDb;
use super::verdict::{self, Record, Vendor};
use super::{eventually, look};

const CROWD: usize = 40;
const CUTS: usize = 4;

pub async fn run(test: TestDb) {
    let url = test.config.url.clone().expect("an address");
    let rig = Rig::new(test, "a database that goes away", RefreshModel::Strict, ACCESS_SECONDS, CROWD).await;
    let began = SystemClock.now();
    // Answers are on their way whenever the cut comes.
    rig.twin.fault(Fault::on("x", FaultKind::Delay(30), None).at("/2/oauth2/token"));
    let (relay, url) = by_relay(&url).await;
    let mut record = Record::default();
    let server = Server::start(&rig, Start { database: Some(&url), ..Start::default() }).await;
    record.figures.starts.push(server.up_after.as_millis());
    for cut in 0..CUTS {
        let since = SystemClock.now();
        refreshed(&rig, &mut record, since, &format!("before cut {cut}")).await;
        relay.cut(true);
        // Longer than a lease, now and then.
        tokio::time::sleep(if cut % 2 == 0 { LEASE / 4 } else { LEASE * 2 }).await;
        relay.cut(false);
        record.figures.kills += 1;
    }
    let since = SystemClock.now();
    refreshed(&rig, &mut record, since, "after the last cut").await;
    if !server.runs() {
        record.complaints.push("the server ended with its database".into());
    }
    if let Err(what) = server.stop().await {
        record.complaints.push(what);
    }
    record.figures.seconds = (SystemClock.now() - began) / 1_000;
    verdict::give(&rig, Vendor::Strict, record).await;
}

/// The same database by way of a relay.
async fn by_relay(url: &str) -> (Relay, String) {
    let mut url = url::Url::parse(url).expect("an address");
    let place = (url.host_str().expect("a host").to_owned(), url.port().unwrap_or(5432));
    let target: Vec<SocketAddr> = tokio::net::lookup_host(place).await.expect("a name that resolves").collect();
    let relay = Relay::to(target[0]).await;
    url.set_host(Some("127.0.0.1")).expect("a host");
    url.set_port(Some(relay.address.port())).expect("a port");
    (relay, url.into())
}

/// Waits until everybody was refreshed after a moment.
async fn refreshed(rig: &Rig, record: &mut Record, since: i64, when: &str) {
    let all = eventually(Duration::from_secs(30), async || {
        tokio::time::sleep(Duration::from_millis(50)).await;
        look::all(rig).await.values().all(|row| row.amber || row.refreshed_at > since)
    });
    if !all.await {
        record.complaints.push(format!("{when}: not everybody was refreshed or reported within 30 s"));
    }
}
