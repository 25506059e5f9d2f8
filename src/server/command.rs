//! What the command line knows, and those of its commands that come to an end by themselves.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use super::clock::{Clock as _, Randomness, SystemClock};
use super::config::Config;
use super::error::RunError;
use super::service::doctor::examine;
use super::service::rotate::{SETTLE, rotate};
use super::store::{backup as copy, open};

/// Connects a team's social-media accounts and keeps the connections working.
#[derive(Debug, Parser)]
#[command(name = "pilotlight", version)]
pub struct Line {
    /// The settings file; Leptos.toml if it is there.
    #[arg(long, global = true, env = "PILOTLIGHT_CONFIG")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the server (the default).
    Serve,
    /// Runs the server with stand-in platforms and a workspace to try things out in.
    Demo {
        /// How many accounts the workspace has at its first start: none, a few, thousands. Fewer than the demo's own are a crowd.
        #[arg(long, value_name = "N")]
        accounts: Option<u32>,
    },
    /// Runs the stand-in platforms alone.
    Sandbox,
    /// Looks settings, files, key and database over, changes nothing, and says what to do; exit code 1 if there is anything.
    Doctor,
    /// Seals everything again under a new key, while the server runs.
    RotateKey,
    /// Copies the SQLite database to a new file, while the server runs.
    Backup { file: PathBuf },
}

/// One provider of cryptography for everything in this process that speaks TLS. Comes before anything else.
pub fn crypto() {
    // An error only says that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// `pilotlight rotate-key`.
///
/// # Errors
/// In words for the operator; running the command again goes on where it stood.
pub async fn rotate_key(config: &Config) -> Result<(), RunError> {
    println!("Rotating the vault's key; running servers get {} seconds to notice.", SETTLE.as_secs());
    let done = rotate(config, &SystemClock, &Randomness::system(), SETTLE).await;
    let done = done.map_err(|error| RunError::Other(error.to_string()))?;
    if done.resumed {
        println!("This finished a rotation that was begun before.");
    }
    println!("Sealed {} values again. The old key opens nothing any more.", done.values);
    if config.vault.key.is_some() {
        println!("Now remove PILOTLIGHT_KEY_OLD and restart every server.");
    }
    Ok(())
}

/// `pilotlight doctor`. Fails when somebody should do something about what it names.
pub async fn doctor(config: &Config) -> ExitCode {
    let report = examine(config, &SystemClock).await;
    println!("{report}");
    if report.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// `pilotlight backup <file>`.
///
/// # Errors
/// In words for the operator; nothing is overwritten.
pub async fn backup(config: &Config, file: &Path) -> Result<(), RunError> {
    let db = open::open(&config.database, &config.server.data, SystemClock.now()).await?;
    let copied = copy::into(&db, file).await;
    db.close().await;
    copied.map_err(|error| RunError::Other(format!("The backup failed: {error}.")))?;
    println!("The database was copied to {}. Keep the vault's key in another place.", file.display());
    Ok(())
}
