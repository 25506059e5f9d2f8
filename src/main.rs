//! The command line.

use std::process::ExitCode;

use clap::Parser;
use pilotlight::demo;
use pilotlight::server::command::{self, Command, Line};
use pilotlight::server::config::Config;
use pilotlight::server::error::RunError;
use pilotlight::server::{crash, run, telemetry};

#[tokio::main]
async fn main() -> ExitCode {
    let _armed = crash::arm();
    start(Line::parse()).await.unwrap_or_else(|error| {
        eprintln!("pilotlight: {error}");
        ExitCode::FAILURE
    })
}

async fn start(line: Line) -> Result<ExitCode, RunError> {
    command::crypto();
    let config = Config::load(line.config.as_deref())?;
    telemetry::start(&config.log);
    match line.command.unwrap_or(Command::Serve) {
        Command::Serve => run(config).await?,
        Command::Demo { accounts } => demo::run(config, accounts).await?,
        Command::Sandbox => demo::sandbox(config).await?,
        Command::Doctor => return Ok(command::doctor(&config).await),
        Command::RotateKey => command::rotate_key(&config).await?,
        Command::Backup { file } => command::backup(&config, &file).await?,
    }
    Ok(ExitCode::SUCCESS)
}
