//! SPEC S-1: faults over a real connection.

use super::super::{Fault, FaultKind, serve};
use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// A sandbox behind a socket.
struct Live {
    play: Play,
    address: std::net::SocketAddr,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Live {
    async fn new() -> Self {
        let play = Play::new();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let (sandbox, stopped) = (play.sandbox.clone(), stop.clone());
        let task = tokio::spawn(async move {
            serve(listener, sandbox, async move { stopped.cancelled().await }).await.expect("served to the end");
        });
        Self { play, address, stop, task }
    }

    /// Everything that comes back on one connection.
    async fn ask(&self, path: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        let request = format!("GET /{path} HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut got = Vec::new();
        // A connection that was cut may end with an error; what came before counts.
        let _ = stream.read_to_end(&mut got).await;
        got
    }
}

const PATH: &str = "mastodon.example/api/v2/instance";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn each_fault_is_what_it_says() {
    let live = Live::new().await;
    let order = |kind| live.play.sandbox.fault(Fault::on("mastodon", kind, Some(1)));
    order(FaultKind::Status(503));
    assert!(text(&live.ask(PATH).await).starts_with("HTTP/1.1 503 "));
    order(FaultKind::Html);
    assert!(text(&live.ask(PATH).await).contains("text/html"));
    order(FaultKind::Empty);
    let empty = text(&live.ask(PATH).await);
    assert!(empty.starts_with("HTTP/1.1 200 ") && empty.ends_with("\r\n\r\n"), "{empty}");
    order(FaultKind::WrongJson);
    assert!(text(&live.ask(PATH).await).contains("altogether"));
    order(FaultKind::Huge(3_000_000));
    let huge = live.ask(PATH).await;
    assert!(
        text(&huge[..300]).contains("{\"data\":\"") && (3_000_000..3_100_000).contains(&huge.len()),
        "{}",
        huge.len()
    );
    order(FaultKind::Delay(30));
    assert!(text(&live.ask(PATH).await).starts_with("HTTP/1.1 200 "));
    order(FaultKind::DropConnection);
    assert!(live.ask(PATH).await.is_empty(), "not one byte");
    assert_eq!(live.play.sandbox.faults_left(), 0);
    assert!(text(&live.ask(PATH).await).starts_with("HTTP/1.1 200 "), "back to normal");
    let statuses: Vec<_> = live.play.sandbox.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [503, 200, 200, 200, 200, 200, 0, 200]);
}

#[tokio::test]
async fn a_lost_answer_had_its_effect() {
    let live = Live::new().await;
    live.play.sandbox.fault(Fault::on("mastodon", FaultKind::LoseAnswer, Some(1)));
    assert!(live.ask(PATH).await.is_empty());
    assert_eq!(live.play.sandbox.requests()[0].status, 200);
}

#[tokio::test]
async fn a_refresh_is_under_way_until_it_is_answered_or_its_connection_is_gone() {
    let live = Live::new().await;
    let token = live.play.sandbox.mint("x", "crowd-1", None).expect("a consent").refresh.expect("one");
    let app = basic(super::super::X_CLIENT_ID, super::super::X_CLIENT_SECRET);
    let body = format!("grant_type=refresh_token&refresh_token={token}");
    let request = format!(
        "POST /api.x.com/2/oauth2/token HTTP/1.1\r\nhost: sandbox\r\nauthorization: {app}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let send = async || {
        let mut stream = TcpStream::connect(live.address).await.expect("a connection");
        stream.write_all(request.as_bytes()).await.expect("sent");
        stream
    };
    let under_way = async |count: usize| {
        while live.play.sandbox.under_way() != count {
            tokio::task::yield_now().await;
        }
    };
    live.play.sandbox.fault(Fault::on("x", FaultKind::Hang, Some(1)));
    let first = send().await;
    under_way(1).await;
    drop(first);
    under_way(0).await;
    let mut got = Vec::new();
    send().await.read_to_end(&mut got).await.expect("an answer");
    assert!(text(&got).starts_with("HTTP/1.1 200 "), "{}", text(&got));
    assert!(live.play.sandbox.overlaps().is_empty());
    assert_eq!(live.play.sandbox.refreshes().len(), 2);
}

#[tokio::test]
async fn silence_ends_with_the_sandbox() {
    let live = Live::new().await;
    live.play.sandbox.fault(Fault::on("mastodon.example", FaultKind::Hang, None));
    let stop = live.stop.clone();
    let sandbox = live.play.sandbox.clone();
    let stopper = async {
        while sandbox.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    let (got, ()) = tokio::join!(live.ask(PATH), stopper);
    assert!(got.is_empty(), "{}", text(&got));
    live.task.await.expect("no panic");
}
