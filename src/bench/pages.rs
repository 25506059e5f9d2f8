//! Connections pages a second: the real one, which looks up the session and asks the database, against the same view rendered
//! from memory, over the same kind of server, socket and compression.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt as _;
use pilotlight::api::known::Known;
use pilotlight::domain::filter::Filter;
use pilotlight::domain::platform::Platform;
use pilotlight::server::clock::{Clock, Moment};
use pilotlight::server::digest::sha256;
use pilotlight::server::http::{router, session};
use pilotlight::server::service::{listing, members};
use pilotlight::server::store::sessions::{self, NewSession};
use reqwest::Client;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::crowd::{self, Seed};
use crate::ground::{Engine, House};
use crate::report::{Report, median};

const ACCOUNTS: usize = 50;
const PLATFORMS: [Platform; 4] = [Platform::X, Platform::Facebook, Platform::Mastodon, Platform::Bluesky];
/// What the browser of the bench says to be signed in.
const SESSION: &str = "the-session-of-the-bench";
/// Connections that ask, each for the next page as soon as one is there.
const PARALLEL: usize = 8;
/// Rounds of each kind in turn, after one that warms everything.
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);
const LEAST: f64 = 0.5;

pub async fn run(engine: Engine, report: &mut Report) {
    let house = House::new(engine, &[]).await;
    let known = furnish(&house).await;
    let state = &house.state;
    let real = serve(router::router(state.clone())).await;
    let memory = serve(router::from_memory(state, known)).await;
    let client = Client::builder().build().expect("a client");
    same(&client, real, memory).await;
    let (mut asked, mut known, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let floor = rate(&client, memory).await;
        let pages = rate(&client, real).await;
        if round > 0 {
            asked.push(pages);
            known.push(floor);
            ratios.push(pages / floor);
        }
    }
    state.db.close().await;
    let (asked, known, ratio) = (median(&asked), median(&known), median(&ratios));
    report.promise(
        &format!("pages {}", engine.key()),
        format!(
            "{asked:.0} pages of {ACCOUNTS} accounts a second, from memory {known:.0}: {ratio:.2} of it (at least {LEAST:.2}); \
             {PARALLEL} connections, packed, the client in the same process"
        ),
        ratio >= LEAST,
    );
}

/// Accounts, a signed-in member, and what their page shows.
async fn furnish(house: &House) -> Known {
    let (state, now) = (&house.state, house.clock.now());
    let owner = crowd::owner(state).await;
    let mut tx = state.db.begin().await.expect("a transaction");
    for number in 0..ACCOUNTS {
        let platform = PLATFORMS[number % PLATFORMS.len()];
        let seed = Seed::mint(&house.twin, platform, &format!("crowd-{number}"), now);
        crowd::plant(&mut tx, state, &owner, &seed).await;
    }
    let hash = sha256(SESSION.as_bytes());
    let session =
        NewSession { hash: &hash, user: &owner.user, workspace: &owner.workspace, now, ends_at: now + 86_400_000 };
    sessions::insert(&mut tx, &session).await.expect("a session");
    tx.commit().await.expect("a commit");
    let member = session::find(state, SESSION).await.expect("the store answers").expect("the session");
    let connections = listing::connections(state, &member, &Filter::default(), None).await.expect("a list");
    Known { me: members::me(state, &member).await.expect("the member"), connections }
}

/// As the server itself does it.
async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("TCP_NODELAY"));
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

/// A faster page that shows less would prove nothing.
async fn same(client: &Client, real: SocketAddr, memory: SocketAddr) {
    let (real, memory) = (plain(client, real).await, plain(client, memory).await);
    assert_eq!(real.matches("<li id=\"account-").count(), ACCOUNTS, "{real}");
    assert_eq!(without_nonces(&real), without_nonces(&memory), "both show the same");
}

async fn plain(client: &Client, address: SocketAddr) -> String {
    ask(client, address, "identity").await.text().await.expect("a page")
}

fn without_nonces(page: &str) -> String {
    let mut parts = page.split("nonce=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('"').map_or(part, |(_, rest)| rest))
}

async fn ask(client: &Client, address: SocketAddr, packed: &str) -> reqwest::Response {
    let call = client.get(format!("http://{address}/connections"));
    let call = call.header("cookie", format!("{}={SESSION}", session::COOKIE)).header("accept-encoding", packed);
    let answer = call.header("accept", "text/html").send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer
}

/// Pages a second.
async fn rate(client: &Client, address: SocketAddr) -> f64 {
    let began = Moment::now();
    let mut askers = JoinSet::new();
    for _ in 0..PARALLEL {
        let client = client.clone();
        askers.spawn(async move {
            let mut pages = 0_usize;
            while began.elapsed() < ROUND {
                ask(&client, address, "br").await.bytes().await.expect("a page");
                pages += 1;
            }
            pages
        });
    }
    let pages: usize = askers.join_all().await.into_iter().sum();
    pages as f64 / began.elapsed().as_secs_f64()
}
