//! A line of figures for each test: on standard output, and in the file that `FAULTS_FIGURES` names.

use std::io::Write;

pub const COLUMNS: [&str; 10] = [
    "test",
    "kills",
    "points hit",
    "refreshes",
    "in the window",
    "lost",
    "replays",
    "usual start",
    "slowest start",
    "seconds",
];

/// What one test did and found.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub kills: usize,
    pub points: usize,
    pub refreshes: usize,
    pub window: usize,
    pub lost: usize,
    pub replays: usize,
    /// How long each start took, in milliseconds.
    pub starts: Vec<u128>,
    pub seconds: i64,
}

impl Figures {
    /// The median.
    pub fn usual_start_ms(&self) -> u128 {
        let mut starts = self.starts.clone();
        starts.sort_unstable();
        starts.get(starts.len() / 2).copied().unwrap_or(0)
    }

    /// Prints them.
    pub fn tell(&self, name: &str) {
        let numbers = [
            self.kills.to_string(),
            self.points.to_string(),
            self.refreshes.to_string(),
            self.window.to_string(),
            self.lost.to_string(),
            self.replays.to_string(),
            format!("{} ms", self.usual_start_ms()),
            format!("{} ms", self.starts.iter().max().unwrap_or(&0)),
            self.seconds.to_string(),
        ];
        let words: Vec<String> =
            COLUMNS.iter().skip(1).zip(&numbers).map(|(what, number)| format!("{what} {number}")).collect();
        println!("{name}: {}", words.join(", "));
        let Some(file) = std::env::var_os("FAULTS_FIGURES") else { return };
        let file = std::fs::File::options().append(true).create(true).open(file);
        let written = file.and_then(|mut file| writeln!(file, "{name}\t{}", numbers.join("\t")));
        written.expect("the file of figures can be written");
    }
}
