//! What every test here stands on: a database with a crowd in it, the sandbox, and the vault to look into the rows.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use pilotlight::sandbox::{self, Control, Held, Options, RefreshModel, Sandbox};
use pilotlight::server::clock::{Clock, Randomness, SystemClock};
use pilotlight::server::config::VaultConfig;
use pilotlight::server::store::Db;
use pilotlight::server::vault::Vault;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::sync::DropGuard;

use super::seed::{self, One, Owner};
use super::support::db::TestDb;

pub struct Rig {
    /// As the figures name it.
    pub name: String,
    pub test: TestDb,
    pub vault: Vault,
    pub twin: Sandbox,
    pub twin_address: SocketAddr,
    pub crowd: Vec<One>,
    owner: Owner,
    /// What the servers say.
    pub log: PathBuf,
    _twin: DropGuard,
}

impl Rig {
    /// With `count` people on X whose access tokens live `access_seconds`, all of them due now.
    pub async fn new(test: TestDb, name: &str, model: RefreshModel, access_seconds: i64, count: usize) -> Self {
        let kind = if matches!(test.db, Db::Sqlite(..)) { "SQLite" } else { "PostgreSQL" };
        let name = format!("{name}, {kind}");
        let twin = Sandbox::new(Options {
            redirect_uris: Vec::new(),
            clock: Arc::new(|| SystemClock.now()),
            state_file: None,
            seed: 7,
        });
        let twin = twin.expect("a sandbox");
        twin.control(Control::SetRefresh { vendor: "x".into(), model, access_seconds }).expect("a refresh model");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let twin_address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(sandbox::serve(listener, twin.clone(), async move { stopped.cancelled().await }));

        let vault = VaultConfig { key: None, old_key: None };
        let vault = Vault::load(&vault, test.dir.path(), &test.db, SystemClock.now(), Randomness::system()).await;
        let vault = vault.expect("a vault");
        let owner = seed::owner(&test.db).await;
        let crowd = seed::crowd(&test.db, &vault, &twin, &owner, 0..count).await;
        let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("faults");
        std::fs::create_dir_all(&log).expect("a folder for logs");
        let log = log.join(format!("{}.log", name.replace([',', ' '], "-")));
        let _ = std::fs::remove_file(&log);
        Self { name, test, vault, twin, twin_address, crowd, owner, log, _twin: stop.drop_guard() }
    }

    /// Lets new people join until so many live, besides those who may be lost. The dead stay: the verdict asks about them.
    pub async fn top_up(&mut self, living: usize, may_be_lost: impl Fn(&One) -> bool) {
        let alive = self.crowd.iter().filter(|one| self.holds(one).lives && !may_be_lost(one)).count();
        let from = self.crowd.len();
        let numbers = from..from + living.saturating_sub(alive);
        let fresh = seed::crowd(&self.test.db, &self.vault, &self.twin, &self.owner, numbers).await;
        self.crowd.extend(fresh);
    }

    /// What the vendor knows of somebody.
    pub fn holds(&self, one: &One) -> Held {
        self.twin.holds("x", &one.person).expect("the sandbox knows the crowd")
    }

    pub fn db(&self) -> &Db {
        &self.test.db
    }
}
