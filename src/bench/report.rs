//! The table of figures, and whether every promise was kept.

use std::process::ExitCode;

/// What was measured so far.
#[derive(Default)]
pub struct Report(Vec<Line>);

struct Line {
    name: String,
    figures: String,
    kept: bool,
}

impl Report {
    /// Adds a promise with its figures.
    pub fn promise(&mut self, name: &str, figures: String, kept: bool) {
        eprintln!("    {figures}");
        self.0.push(Line { name: name.into(), figures, kept });
    }

    /// A promise that could not be measured counts as broken.
    pub fn broken(&mut self, name: &str, why: &str) {
        self.promise(name, format!("not measured: {why}"), false);
    }

    /// Prints the table. Success if something was measured and every promise was kept.
    pub fn close(&self) -> ExitCode {
        println!();
        for Line { name, figures, kept } in &self.0 {
            println!("{name:<22} {:<7} {figures}", if *kept { "kept" } else { "BROKEN" });
        }
        let broken = self.0.iter().filter(|line| !line.kept).count();
        println!("\n{} promises kept, {broken} broken", self.0.len() - broken);
        if broken == 0 && !self.0.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// The middle one of some figures.
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
