//! The real server, as a process of its own.

use std::io::Write;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pilotlight::sandbox::{X_CLIENT_ID, X_CLIENT_SECRET};
use pilotlight::server::clock::{Clock, SystemClock};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::watch;

use super::rig::Rig;
use super::strike::Watch;

/// How long a server may take until it listens, usually; the machine may be busy with something else once.
pub const USUALLY_UP_WITHIN: Duration = Duration::from_secs(2);
/// How long in any case.
const UP_WITHIN: Duration = Duration::from_secs(10);
/// How long a clean stop may take.
const DOWN_WITHIN: Duration = Duration::from_secs(10);
/// How long a call may take, in seconds, where nothing else is said.
const TIMEOUT_S: u64 = 1;

/// A running server. It dies when this is dropped.
pub struct Server {
    child: Arc<Mutex<Child>>,
    pid: u32,
    said: watch::Receiver<Said>,
    /// From the start until it listened.
    pub up_after: Duration,
    pub started_at: i64,
    note: Option<PathBuf>,
}

/// Kills a server from anywhere.
#[derive(Clone)]
pub struct Killer(Arc<Mutex<Child>>);

/// What a server has said of itself.
#[derive(Clone, Debug, Default)]
struct Said {
    listens: bool,
    crash_point: Option<String>,
}

/// What differs from server to server.
#[derive(Default)]
pub struct Start<'a> {
    /// Where the vendors are; the sandbox itself if nothing else is said.
    pub upstream: Option<std::net::SocketAddr>,
    /// Another way to the same database.
    pub database: Option<&'a str>,
    /// Seconds by which its clock is wrong.
    pub skew: i64,
    /// How long a call may take, in seconds; a lease lasts twice as long.
    pub timeout_s: Option<u64>,
    /// At which of the points it stops dead, counted from 1.
    pub crash_at: Option<usize>,
    /// More settings, named as in the environment.
    pub more: &'a [(&'static str, String)],
    /// Gets what kills it, before it can do anything.
    pub watch: Option<&'a Watch>,
}

impl Server {
    /// Starts one on the rig's database and waits until it listens, or stands at its crash point.
    pub async fn start(rig: &Rig, start: Start<'_>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pilotlight"));
        settings(&mut command, rig, &start).await;
        command.arg("serve").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let started_at = SystemClock.now();
        let mut child = command.spawn().expect("the server starts");
        let pid = child.id().expect("a process");
        let (tell, said) = watch::channel(Said::default());
        let log = log(rig);
        tokio::spawn(listen(child.stdout.take().expect("a pipe"), tell.clone(), log.clone()));
        tokio::spawn(listen(child.stderr.take().expect("a pipe"), tell, log));
        let note = note(pid);
        let mut server =
            Self { child: Arc::new(Mutex::new(child)), pid, said, up_after: Duration::ZERO, started_at, note };
        if let Some(watch) = start.watch {
            watch.arm(server.killer());
        }
        let up = server.said.wait_for(|said| said.listens || said.crash_point.is_some());
        let up = tokio::time::timeout(UP_WITHIN, up).await.is_ok_and(|said| said.is_ok());
        assert!(up, "a server was not up within {UP_WITHIN:?}; see {}", rig.log.display());
        server.up_after = Duration::from_millis(u64::try_from(SystemClock.now() - started_at).unwrap_or(0));
        server
    }

    /// Waits for its crash point. `None` if it did not come to it in time.
    pub async fn crash_point(&mut self, within: Duration) -> Option<String> {
        let reached = tokio::time::timeout(within, self.said.wait_for(|said| said.crash_point.is_some())).await;
        reached.ok()?.ok()?.crash_point.clone()
    }

    pub fn killer(&self) -> Killer {
        Killer(self.child.clone())
    }

    /// SIGKILL, and waits until nothing is left of it.
    pub async fn kill(self) {
        self.killer().kill();
        let died = self.wait(DOWN_WITHIN).await;
        assert!(died.is_some(), "nothing survives SIGKILL");
    }

    /// SIGTERM; `Err` if it does not end by itself, in time and content.
    pub async fn stop(self) -> Result<(), String> {
        self.signal("TERM").await;
        match self.wait(DOWN_WITHIN).await {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("after SIGTERM the server ended with {status}")),
            None => Err(format!("after SIGTERM the server still ran for {DOWN_WITHIN:?}")),
        }
    }

    /// Stops its time.
    pub async fn freeze(&self) {
        self.signal("STOP").await;
    }

    /// Lets it go on.
    pub async fn thaw(&self) {
        self.signal("CONT").await;
    }

    pub fn runs(&self) -> bool {
        matches!(self.child.lock().expect("not poisoned").try_wait(), Ok(None))
    }

    /// The shell knows how to send signals everywhere.
    async fn signal(&self, name: &str) {
        let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.pid)).status().await;
        assert!(sent.expect("a shell").success(), "SIG{name} could not be sent");
    }

    async fn wait(&self, within: Duration) -> Option<ExitStatus> {
        let mut status = None;
        super::eventually(within, async || {
            status = self.child.lock().expect("not poisoned").try_wait().expect("a child of ours");
            status.is_some()
        })
        .await;
        status
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.killer().kill();
        if let Some(note) = &self.note {
            let _ = std::fs::remove_file(note);
        }
    }
}

impl Killer {
    /// SIGKILL, now.
    pub fn kill(&self) {
        // An error only says that it is dead already.
        let _ = self.0.lock().expect("not poisoned").start_kill();
    }
}

async fn settings(command: &mut Command, rig: &Rig, start: &Start<'_>) {
    let port = TcpListener::bind(("127.0.0.1", 0)).await.and_then(|one| one.local_addr()).expect("a free port").port();
    let timeout_s = start.timeout_s.unwrap_or(TIMEOUT_S);
    let upstream = start.upstream.unwrap_or(rig.twin_address);
    command.env_remove("DATABASE_URL");
    for (name, value) in [
        ("PILOTLIGHT_DATA", rig.test.dir.path().to_string_lossy().into_owned()),
        ("PILOTLIGHT_PORT", port.to_string()),
        ("PILOTLIGHT_UPSTREAM", format!("http://{upstream}")),
        ("PILOTLIGHT_OUTBOUND__TIMEOUT_SECONDS", timeout_s.to_string()),
        ("PILOTLIGHT_OUTBOUND__CONNECT_TIMEOUT_SECONDS", "1".into()),
        ("PILOTLIGHT_KEEPER__LEASE_SECONDS", (2 * timeout_s).to_string()),
        ("PILOTLIGHT_KEEPER__POLL_SECONDS", "1".into()),
        // Small claims: with a few hundred grants to share, nobody shall take a tenth of them at once.
        ("PILOTLIGHT_KEEPER__PLATFORM_PARALLEL", "4".into()),
        ("PILOTLIGHT_LOG__FILTER", "warn,pilotlight=info".into()),
        ("PILOTLIGHT_PLATFORMS__X__CLIENT_ID", X_CLIENT_ID.into()),
        ("PILOTLIGHT_PLATFORMS__X__CLIENT_SECRET", X_CLIENT_SECRET.into()),
    ] {
        command.env(name, value);
    }
    for (name, value) in start.more {
        command.env(name, value);
    }
    if let Some(url) = start.database.or(rig.test.config.url.as_deref()) {
        command.env("DATABASE_URL", url);
    }
    if let Some(number) = start.crash_at {
        command.env("FAILPOINTS", format!("crash={}*off->return", number.saturating_sub(1)));
    }
    if start.skew != 0 {
        command.env("LD_PRELOAD", faketime()).env("FAKETIME", format!("{:+}s", start.skew));
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }
}

/// What gives a process another time of day and leaves its timers alone.
fn faketime() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let found = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
    found.expect("skewed clocks need libfaketime (Debian package faketime)")
}

/// For whoever ends a run that was broken off (`.ci/lib/session.sh`).
fn note(pid: u32) -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os("TEST_RUN_DIR")?).join(format!("{pid}.pid"));
    std::fs::write(&path, "").ok()?;
    Some(path)
}

fn log(rig: &Rig) -> Arc<Mutex<std::fs::File>> {
    let file = std::fs::File::options().append(true).create(true).open(&rig.log);
    Arc::new(Mutex::new(file.expect("a log")))
}

async fn listen(pipe: impl AsyncRead + Unpin, tell: watch::Sender<Said>, log: Arc<Mutex<std::fs::File>>) {
    let mut lines = BufReader::new(pipe).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.starts_with("Pilotlight listens on") {
            tell.send_modify(|said| said.listens = true);
        } else if let Some(place) = line.strip_prefix("crash point: ") {
            tell.send_modify(|said| said.crash_point = Some(place.to_owned()));
        }
        let _ = writeln!(log.lock().expect("not poisoned"), "{line}");
    }
}
