//! What the subjects stand on: a database of their own on the disk of the build, and a server over the stand-in platforms.

use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;

use pilotlight::sandbox::{self, Sandbox};
use pilotlight::server::clock::{Clock, ManualClock, Randomness};
use pilotlight::server::config::{Config, DatabaseConfig};
use pilotlight::server::state::AppState;
use pilotlight::server::store::{Db, open};

use crate::db;

/// 1 November 2026, 12:00 UTC.
pub const START: i64 = 1_793_534_400_000;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// The word in names and selections.
    pub fn key(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// Whether there is a server to measure on.
    pub fn is_there(self) -> bool {
        self == Self::Sqlite || std::env::var_os(db::POSTGRES).is_some()
    }
}

/// An empty place for a database, gone at the end.
pub struct Ground {
    pub dir: tempfile::TempDir,
    /// `None`: SQLite in the directory.
    pub url: Option<String>,
    _schema: Option<Box<dyn Any + Send>>,
}

impl Ground {
    /// A fresh one. Not in the temporary directory: that may be memory, whose writes cost nothing.
    pub async fn new(engine: Engine) -> Self {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
        let (url, schema) = match engine {
            Engine::Sqlite => (None, None),
            Engine::Postgres => {
                let (url, schema) = db::schema().await.expect("a server is named");
                (Some(url), Some(schema))
            }
        };
        Self { dir, url, _schema: schema }
    }

    /// Opens the database, migrated.
    pub async fn open(&self) -> Db {
        let config = DatabaseConfig { url: self.url.clone() };
        open::open(&config, self.dir.path(), START).await.expect("a database")
    }
}

/// A server that is asked for its work by hand, and the platforms it talks to over loopback.
pub struct House {
    pub state: AppState,
    pub clock: Arc<ManualClock>,
    pub twin: Sandbox,
    pub address: SocketAddr,
    _ground: Ground,
}

impl House {
    pub async fn new(engine: Engine, settings: &[(&str, String)]) -> Self {
        let ground = Ground::new(engine).await;
        let clock = Arc::new(ManualClock::new(START));
        let twin_clock = clock.clone();
        let twin = Sandbox::new(sandbox::Options {
            redirect_uris: Vec::new(),
            clock: Arc::new(move || twin_clock.now()),
            state_file: None,
            seed: 7,
        })
        .expect("a sandbox");
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(sandbox::serve(listener, twin.clone(), std::future::pending()));
        let mut variables = vec![
            ("PILOTLIGHT_DATA", ground.dir.path().to_string_lossy().into_owned()),
            ("PILOTLIGHT_UPSTREAM", format!("http://{address}")),
            ("PILOTLIGHT_PLATFORMS__X__CLIENT_ID", sandbox::X_CLIENT_ID.to_owned()),
            ("PILOTLIGHT_PLATFORMS__X__CLIENT_SECRET", sandbox::X_CLIENT_SECRET.to_owned()),
        ];
        variables.extend(ground.url.clone().map(|url| ("DATABASE_URL", url)));
        variables.extend(settings.iter().cloned());
        let config = Config::from_layers(None, variables).expect("valid settings");
        let state = pilotlight::server::build(config, clock.clone(), Randomness::seeded(11)).await.expect("a server");
        Self { state, clock, twin, address, _ground: ground }
    }
}
