//! A wire between a server and its database that can be cut and mended.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How the wire is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wire {
    Whole,
    /// Connections end, new ones as soon as they begin.
    Cut,
    /// Connections stand and carry nothing.
    Frozen,
}

/// Takes connections on a port of its own and hands them on. Ends when it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    wire: watch::Sender<Wire>,
}

impl Proxy {
    /// To a service that listens there.
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (wire, state) = watch::channel(Wire::Whole);
        tokio::spawn(accept(listener, target, state));
        Self { address, wire }
    }

    /// To a PostgreSQL; with the address of the database by way of the wire.
    pub async fn to_database(url: &str) -> (Self, String) {
        let mut url = url::Url::parse(url).expect("an address");
        let place = (url.host_str().expect("a host").to_owned(), url.port().unwrap_or(5432));
        let target = tokio::net::lookup_host(place).await.expect("a name that resolves").next().expect("an address");
        let proxy = Self::to(target).await;
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(proxy.address.port())).expect("a port");
        (proxy, url.into())
    }

    /// Ends all connections and takes no new ones.
    pub fn cut(&self) {
        self.wire.send_replace(Wire::Cut);
    }

    /// Leaves all connections standing; nothing comes through any more, and nobody is told.
    pub fn freeze(&self) {
        self.wire.send_replace(Wire::Frozen);
    }

    /// Takes connections again.
    pub fn restore(&self) {
        self.wire.send_replace(Wire::Whole);
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, mut wire: watch::Receiver<Wire>) {
    loop {
        tokio::select! {
            taken = listener.accept() => {
                if let Ok((from, _)) = taken && *wire.borrow() != Wire::Cut {
                    tokio::spawn(carry(from, target, wire.clone()));
                }
            }
            changed = wire.changed() => if changed.is_err() { return },
        }
    }
}

async fn carry(from: TcpStream, target: SocketAddr, wire: watch::Receiver<Wire>) {
    let mut cut = wire.clone();
    tokio::select! {
        // An error says that the proxy is gone.
        _ = cut.wait_for(|wire| *wire == Wire::Cut) => {}
        // A broken connection is what all this is about.
        _ = both_ways(from, target, wire) => {}
    }
}

async fn both_ways(from: TcpStream, target: SocketAddr, wire: watch::Receiver<Wire>) -> std::io::Result<()> {
    let to = TcpStream::connect(target).await?;
    let (_, _) = (from.set_nodelay(true), to.set_nodelay(true));
    let ((from_read, from_write), (to_read, to_write)) = (from.into_split(), to.into_split());
    tokio::select! {
        ended = one_way(from_read, to_write, wire.clone()) => ended,
        ended = one_way(to_read, from_write, wire) => ended,
    }
}

async fn one_way(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut wire: watch::Receiver<Wire>,
) -> std::io::Result<()> {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut bytes).await?;
        if read == 0 {
            return Ok(());
        }
        // While it is frozen, what was read waits here.
        let _ = wire.wait_for(|wire| *wire != Wire::Frozen).await;
        to.write_all(&bytes[..read]).await?;
    }
}
