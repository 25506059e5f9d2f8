//! The log: on standard error, one line an event.
//!
//! No line carries a query string, a header or a body: codes, states and tokens travel in them.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::config::LogConfig;

/// Starts logging for the whole process. Only the first call counts.
pub fn start(config: &LogConfig) {
    let filter = EnvFilter::try_new(&config.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    let started = if config.json { builder.json().try_init() } else { builder.try_init() };
    if started.is_err() {
        tracing::debug!("the log was started before");
    }
}
