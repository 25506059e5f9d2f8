//! What the real program costs while a million grants are watched and none is due.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use pilotlight::server::clock::{Clock, Moment, SystemClock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::fill::{self, MONTH_MS};
use crate::ground::{Engine, Ground};
use crate::process::cpu_seconds;
use crate::report::Report;

const ALL: usize = 1_000_000;
const WATCHED: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(60);
/// Of one core.
const MOST_PERCENT: f64 = 1.0;

/// A program that ends with its guard.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub async fn run(engine: Engine, report: &mut Report) {
    let ground = Ground::new(engine).await;
    let db = ground.open().await;
    fill::grants(&db, ALL, SystemClock.now() + MONTH_MS).await;
    db.close().await;
    let port = free_port().await;
    let running = start(&ground, port);
    answers(port).await;
    // What a start costs is not what idling costs.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let pid = running.0.id();
    let (began, before) = (Moment::now(), cpu_seconds(pid));
    tokio::time::sleep(WATCHED).await;
    let percent = 100.0 * (cpu_seconds(pid) - before) / began.elapsed().as_secs_f64();
    let seconds = WATCHED.as_secs();
    report.promise(
        &format!("idle {}", engine.key()),
        format!("{percent:.2} % of a core over {seconds} s, {ALL} grants, none due (under {MOST_PERCENT} %)"),
        percent < MOST_PERCENT,
    );
}

async fn free_port() -> u16 {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    listener.local_addr().expect("an address").port()
}

fn start(ground: &Ground, port: u16) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pilotlight"));
    command
        .arg("serve")
        .current_dir(ground.dir.path())
        .env("PILOTLIGHT_DATA", ground.dir.path())
        .env("PILOTLIGHT_SERVER__LISTEN", format!("127.0.0.1:{port}"))
        .env_remove("DATABASE_URL")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    if let Some(url) = &ground.url {
        command.env("DATABASE_URL", url);
    }
    Running(command.spawn().expect("the program starts"))
}

/// The port is taken before the database is open: only an answer tells that it idles.
async fn answers(port: u16) {
    let began = Moment::now();
    while ask(port).await.is_err() {
        assert!(began.elapsed() < PATIENCE, "the program does not answer");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn ask(port: u16) -> std::io::Result<()> {
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
    stream
        .write_all(format!("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n").as_bytes())
        .await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(std::io::Error::other(answer)) }
}
