//! Between a server and what it calls: a relay that knows when all is quiet, what was sent through it, and that can be cut.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pilotlight::server::digest::sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::eventually;

/// What begins a refresh token in the body of a refresh.
const TOKEN: &str = "refresh_token=";

/// A relay on a port of its own; ends when it is dropped.
pub struct Relay {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    target: SocketAddr,
    open: watch::Sender<usize>,
    cut: watch::Sender<bool>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    bytes: usize,
    refreshes: usize,
    /// Digests of the refresh tokens that were sent.
    tokens: HashSet<String>,
}

impl Relay {
    /// To a service on this machine.
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            target,
            open: watch::Sender::new(0),
            cut: watch::Sender::new(false),
            seen: Mutex::default(),
        });
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Self { address, shared, accepting }
    }

    /// Waits until no connection is left: then everything that a dead server sent has had its effect.
    pub async fn quiet(&self) {
        let mut open = self.shared.open.subscribe();
        let quiet = tokio::time::timeout(Duration::from_secs(10), open.wait_for(|open| *open == 0)).await;
        quiet.expect("the connections of a dead server end").expect("the relay lives");
    }

    /// Waits until nothing has come through for a while: for a server that stands still but is not dead.
    pub async fn still(&self) {
        let (mut before, mut rounds) = (usize::MAX, 0);
        let still = eventually(Duration::from_secs(10), async || {
            let now = self.shared.seen.lock().expect("not poisoned").bytes;
            rounds = if now == before { rounds + 1 } else { 0 };
            before = now;
            rounds >= 10
        });
        assert!(still.await, "a frozen server goes on sending");
    }

    /// Ends all connections and takes no new ones, or does so again.
    pub fn cut(&self, cut: bool) {
        self.shared.cut.send_replace(cut);
    }

    /// How many refreshes were sent through here.
    pub fn refreshes(&self) -> usize {
        self.shared.seen.lock().expect("not poisoned").refreshes
    }

    /// Whether a refresh token of this digest was sent through here.
    pub fn has_sent(&self, digest: &str) -> bool {
        self.shared.seen.lock().expect("not poisoned").tokens.contains(digest)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
        self.shared.cut.send_replace(true);
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((from, _)) = listener.accept().await {
        if !*shared.cut.borrow() {
            shared.open.send_modify(|open| *open += 1);
            tokio::spawn(carry(from, shared.clone()));
        }
    }
}

async fn carry(mut from: TcpStream, shared: Arc<Shared>) {
    let mut cut = shared.cut.subscribe();
    let carried = async {
        let mut to = TcpStream::connect(shared.target).await?;
        let (_, _) = (from.set_nodelay(true), to.set_nodelay(true));
        let (mut up, mut down) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
        let mut unanswered = false;
        loop {
            tokio::select! {
                read = from.read(&mut up) => {
                    let Ok(read @ 1..) = read else {
                        return if unanswered { answered(&mut to).await } else { Ok(()) };
                    };
                    unanswered = true;
                    shared.note(&up[..read]);
                    to.write_all(&up[..read]).await?;
                }
                read = to.read(&mut down) => {
                    let read = read?;
                    if read == 0 {
                        return Ok(());
                    }
                    unanswered = false;
                    from.write_all(&down[..read]).await?;
                }
            }
        }
    };
    let ended: std::io::Result<()> = tokio::select! {
        ended = carried => ended,
        _ = cut.wait_for(|cut| *cut) => Ok(()),
    };
    // A broken connection is what all this is about.
    drop(ended);
    shared.open.send_modify(|open| *open -= 1);
}

/// A vendor works on what it has got, whether anybody is still there for the answer or not.
async fn answered(to: &mut TcpStream) -> std::io::Result<()> {
    let _ = tokio::time::timeout(Duration::from_secs(3), to.read(&mut [0; 1_024])).await;
    Ok(())
}

impl Shared {
    /// Requests are small and come in one piece each.
    fn note(&self, bytes: &[u8]) {
        let mut seen = self.seen.lock().expect("not poisoned");
        seen.bytes += bytes.len();
        let text = String::from_utf8_lossy(bytes);
        for (at, _) in text.match_indices(TOKEN) {
            let token = text[at + TOKEN.len()..].split(['&', ' ', '\r', '\n']).next().unwrap_or_default();
            let token: String =
                url::form_urlencoded::parse(format!("t={token}").as_bytes()).map(|(_, t)| t.into_owned()).collect();
            seen.refreshes += 1;
            seen.tokens.insert(sha256(token.as_bytes()));
        }
    }
}
