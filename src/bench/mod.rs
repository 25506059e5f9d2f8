//! The promises about speed (`make bench`), each as a ratio against a floor that is measured in the same run.
//!
//! `cargo bench --bench keeper -- refresh sqlite` runs those whose name holds every word. Ends with 1 if a promise is broken.

#[path = "../tests/support/crowd.rs"]
mod crowd;
#[allow(dead_code, unused_imports, unused_macros, reason = "the tests need more of it")]
#[path = "../tests/support/db.rs"]
mod db;
mod due;
mod fill;
mod ground;
mod idle;
mod pages;
mod process;
mod refresh;
mod report;

use std::process::ExitCode;

use ground::Engine;
use report::Report;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let mut report = Report::default();
    runtime.expect("a runtime").block_on(run(&words, &mut report));
    report.close()
}

async fn run(words: &[String], report: &mut Report) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    for subject in ["refresh", "due", "idle", "pages"] {
        for engine in Engine::ALL {
            let name = format!("{subject} {}", engine.key());
            if !words.iter().all(|word| name.contains(word.as_str())) {
                continue;
            }
            if !engine.is_there() {
                report.broken(&name, &format!("{} is not set", db::POSTGRES));
                continue;
            }
            eprintln!("{name} ...");
            match subject {
                "refresh" => refresh::run(engine, report).await,
                "due" => due::run(engine, report).await,
                "pages" => pages::run(engine, report).await,
                _ => idle::run(engine, report).await,
            }
        }
    }
}
